"""One remote repository, asked and fetched from by a guarded git."""

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from registry.spec.ladder import Cause
from runners.faults import Check, RepositoryFault
from runners.source import complaints, guard, refs
from runners.source.address import LOCAL, Address
from runners.source.tree import too_large

# 300,000 refs; those of the largest known repositories fit.
_ADVERTISEMENT_BYTES = 32 * 2**20
_ANSWER_BYTES = 1 << 16
# Libraries take a quarter of it. Git keeps all refs, and, unpacking, two versions of a file.
_ASKING_MEMORY_BYTES = 2**30
_FETCHING_MEMORY_BYTES = 4 * 2**30
# What git writes beside the pack: its index, locks, settings.
_SPARE_BYTES = 2**20
_EVERYTHING = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_WANTED = "refs/reprise/wanted"
_READ_LOCAL = "git -c safe.directory=* -c uploadpack.allowFilter=true upload-pack"
_NOT_OFFERED = ("not our ref", "unadvertised object", "no such remote ref", "bad object")


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A remote repository that is fetched into the bare `repository`, which holds nothing else.

    `deadline` is on time.monotonic()'s clock. Everything raises RepositoryFault, PlatformFault,
    or what `check` raises.
    """

    address: Address
    pins: str | None
    repository: Path
    most_bytes: int
    deadline: float
    check: Check

    def prepare(self) -> None:
        """Make the bare repository, without any template: it has no hooks."""
        if self.address.scheme == LOCAL and not Path(self.address.remote).is_dir():
            # Git would take a file for a bundle of objects.
            raise complaints.no_repository(self.address)
        self.repository.parent.mkdir(parents=True)
        options = ("--bare", "--template=", "--initial-branch=main", "--object-format=sha1")
        self._git("init", "--quiet", *options)

    def advertised(self) -> refs.Advertised:
        """What the remote has, from one small question."""
        arguments = ("ls-remote", "--symref", "--end-of-options", "origin")
        return refs.advertised(self._git(*arguments, most_output=_ADVERTISEMENT_BYTES))

    def fetch(self, oid: str, ref: str, offered: refs.Advertised) -> str:
        """Fetch the object that `ref` means, and give the commit that it is or names.

        Depth 1: a verdict is about one tree, whose commit carries its own date. The history of a
        repository may be a thousand times as large, and may hold what its author took out.
        """
        finished = self._fetch("--depth=1", f"+{oid}:{_WANTED}")
        if finished.code and any(said in finished.complaint for said in _NOT_OFFERED):
            return self._fetch_all(ref, offered)
        self._accept(finished)
        return self._commit(_WANTED, ref, offered)

    def find(self, number: str, offered: refs.Advertised) -> str:
        """The full number of the commit whose number begins with `number`.

        A remote knows whole numbers only, so the history is fetched, without files and folders.
        """
        self._accept(self._fetch("--filter=tree:0", *_EVERYTHING))
        return self._commit(number, number, offered)

    def line(self, older: str, newer: str) -> tuple[str, ...]:
        """The commits after `older` up to `newer` by their first parents, oldest first.

        () where `older` is not in the history of `newer`. Files and folders are not fetched.
        """
        self._accept(self._fetch("--filter=tree:0", *_EVERYTHING))
        if self._run(("merge-base", "--is-ancestor", older, newer)).code:
            return ()
        order = ("rev-list", "--first-parent", "--reverse", "--end-of-options")
        listed = self._git(*order, f"{older}..{newer}", most_output=_ADVERTISEMENT_BYTES)
        return tuple(listed.decode("ascii").split())

    def publish(self, commit: str) -> None:
        """Let `main` stand for the commit, so that the mirror can be cloned and keeps it."""
        self._git("update-ref", "refs/heads/main", commit)

    def _fetch_all(self, ref: str, offered: refs.Advertised) -> str:
        """Fetch every branch and tag whole, from servers that give only what they advertise."""
        self._accept(self._fetch("--no-filter", *_EVERYTHING))
        commit = self._commit(ref, ref, offered)
        self._keep_alone(commit)
        return commit

    def _keep_alone(self, commit: str) -> None:
        """Leave nothing here but this commit, as if it had been fetched with depth 1.

        The mirror is given out, and the rest may hold what its author took out.
        """
        shutil.rmtree(self.repository / "refs")
        (self.repository / "packed-refs").unlink(missing_ok=True)
        (self.repository / "refs").mkdir()
        (self.repository / "shallow").write_text(f"{commit}\n")
        self._git("update-ref", _WANTED, commit)
        self._git("repack", "--quiet", "-a", "-d", most_memory=_FETCHING_MEMORY_BYTES)

    def _commit(self, name: str, ref: str, offered: refs.Advertised) -> str:
        finished = self._run(
            ("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
        )
        if finished.code:
            raise refs.missing(ref, offered)
        return finished.output.decode("ascii").strip()

    def _fetch(self, how_much: str, *refspecs: str) -> guard.Finished:
        options = (
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance",
            "--no-write-fetch-head", "--refmap=",
        )  # fmt: skip
        return self._run(
            (*options, how_much, "--end-of-options", "origin", *refspecs),
            most_memory=_FETCHING_MEMORY_BYTES,
        )

    def _settings(self) -> dict[str, str]:
        """The remote as git's settings, so that no word of an address is on a command line."""
        origin = {"remote.origin.url": self.address.remote}
        if self.address.scheme == LOCAL:
            # The site allows local folders, so also those of other users of this machine. Git
            # passes no settings on to the program that reads one: it is named with them.
            origin["remote.origin.uploadpack"] = _READ_LOCAL
        return origin

    def _git(
        self,
        *arguments: str,
        most_output: int = _ANSWER_BYTES,
        most_memory: int = _ASKING_MEMORY_BYTES,
    ) -> bytes:
        finished = self._run(arguments, most_output=most_output, most_memory=most_memory)
        self._accept(finished)
        return finished.output

    def _run(
        self,
        arguments: tuple[str, ...],
        *,
        most_output: int = _ANSWER_BYTES,
        most_memory: int = _ASKING_MEMORY_BYTES,
    ) -> guard.Finished:
        allowance = guard.Allowance(
            seconds=max(self.deadline - time.monotonic(), 0.0),
            memory_bytes=most_memory,
            file_bytes=self.most_bytes + _SPARE_BYTES,
            output_bytes=most_output,
        )
        try:
            return guard.run(
                arguments,
                repository=self.repository,
                variables=guard.environment(
                    protocol=self.address.scheme, pins=self.pins, settings=self._settings()
                ),
                allowance=allowance,
                check=self.check,
                watch=self._watch_size,
            )
        except guard.OutOfTime as error:
            raise complaints.too_slow(self.address) from error
        except guard.TooMuch as error:
            raise RepositoryFault(
                Cause.FETCH,
                "This repository has too many branches and tags.",
                hint="Remove those that nobody needs, or publish the model in a smaller one.",
            ) from error

    def _accept(self, finished: guard.Finished) -> None:
        if finished.code:
            raise complaints.fault(finished.complaint, self.address, most_bytes=self.most_bytes)

    def _watch_size(self) -> None:
        """Raise RepositoryFault when what was fetched has grown beyond the bound."""
        if _size(self.repository) > self.most_bytes + _SPARE_BYTES:
            raise too_large(self.most_bytes)


def _size(folder: Path) -> int:
    """Bytes of all files in the folder; those that git removes meanwhile count for nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(place, name).stat().st_size
    return total


def holds_one_commit(repository: Path) -> bool:
    """Whether a repository has been fetched into as Remote does now: one commit, no history."""
    return (repository / _WANTED).is_file()
