"""Have the inputs that the repository does not hold: by their address, or uploaded."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from registry.spec.ladder import Cause, StepState
from registry.spec.manifest import Input
from runners.faults import LogSink, RepositoryFault
from runners.hashing import sha256_of
from runners.journal import StepLog
from runners.source.address import Address, normalise_file
from runners.source.download import Download, as_data, too_large
from runners.steps.case import Case, InputFile, Tools

_PIECE_BYTES = 1 << 20


def fetch_inputs(case: Case, tools: Tools, log: StepLog) -> Case:
    """Declared inputs → files, each with the sha256 that was declared.

    What is in the repository was checked when the manifest was read, and is in every image.
    """
    manifest = case.manifest
    paths = {manifest.from_root(each.path): each for each in manifest.inputs}
    wanted = {path: each for path, each in paths.items() if path not in case.source.tree}
    if not wanted:
        log.end(StepState.SKIPPED, "No input is missing from the repository.")
        return case
    inputs = inputs_had(wanted, tools, log, input_file=case.request.input_file)
    return replace(case, inputs=inputs)


def inputs_had(
    wanted: Mapping[str, Input], tools: Tools, log: LogSink, *, input_file: InputFile
) -> dict[str, Path]:
    """Inputs by their paths → files in the scratch folder, each with the sha256 declared.

    Raises RepositoryFault for one that cannot be had, PlatformFault.
    """
    folder = tools.scratch / "inputs"
    folder.mkdir()
    room = min(tools.bounds.source.bytes, tools.bounds.run.workdir_bytes)
    deadline = time.monotonic() + tools.bounds.source.seconds
    fetch = _Fetch(tools, log, input_file, deadline=deadline)
    inputs: dict[str, Path] = {}
    for number, (path, each) in enumerate(wanted.items()):
        tools.check()
        inputs[path] = folder / f"{number:03}"
        fetch.one(each, inputs[path], room=room)
        room -= inputs[path].stat().st_size
    return inputs


@dataclass(frozen=True)
class _Fetch:
    tools: Tools
    log: LogSink
    input_file: InputFile
    deadline: float

    def one(self, wanted: Input, target: Path, *, room: int) -> None:
        """Have one input at `target`. Raises RepositoryFault, PlatformFault."""
        if wanted.url:
            self._download(wanted, wanted.url, target, room=room)
        else:
            self._uploaded(wanted, target, room=room)
        found = sha256_of(target)
        if found != wanted.sha256:
            raise RepositoryFault(
                Cause.DATA,
                f"The input {wanted.path} is not the declared file: its sha256 is {found}.",
                hint="If it is the right file, correct sha256; else give the right address.",
            )
        self.log(f"{wanted.path}: {target.stat().st_size:,} bytes, sha256 {found}\n")

    def _download(self, wanted: Input, url: str, target: Path, *, room: int) -> None:
        address = self._address(url)
        self.log(f"{wanted.path}: fetching {address.text}\n")
        Download(
            address, target, most_bytes=room, deadline=self.deadline, check=self.tools.check
        ).run()

    def _address(self, url: str) -> Address:
        try:
            return normalise_file(url, allow=self.tools.bounds.source.allow)
        except RepositoryFault as fault:
            raise as_data(fault) from fault

    def _uploaded(self, wanted: Input, target: Path, *, room: int) -> None:
        uploaded = self.input_file(wanted.sha256 or "")
        if uploaded is None:
            raise RepositoryFault(
                Cause.DATA,
                f"The input {wanted.path} is not in the repository, and no file with its sha256 "
                "was uploaded.",
                hint=(
                    "Commit it, declare its `url`, or upload it on the entry's edit page "
                    "(`manage.py verify` takes --input FILE)."
                ),
            )
        with uploaded, target.open("xb") as file:
            if _copied(uploaded, file, room) > room:
                raise too_large(wanted.path, room)


def _copied(source: IO[bytes], target: IO[bytes], room: int) -> int:
    """The bytes copied; the copy ends soon after `room`."""
    size = 0
    while size <= room and (piece := source.read(_PIECE_BYTES)):
        size += target.write(piece)
    return size
