"""Notebooks that can be run in order, and those that cannot, each with the reason."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as package_files
from typing import Any

from runners.discovery.files import Files
from runners.manifest import plain

MAX_NOTEBOOKS = 10
MAX_BYTES = 20_000_000
MAX_READ = 40
RUNNER = ".reprise-notebooks.py"
PACKAGES = ("nbclient", "ipykernel")
_UNFINISHED = re.compile(
    r"(?:^|[^a-z])(?:draft|untitled|checkpoint|scratch|copy|old|wip)", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Notebooks:
    """Paths of the notebooks to run, how many have stored outputs, and why others are left out."""

    paths: tuple[str, ...]
    with_outputs: int
    left_out: tuple[str, ...]


def notebooks(files: Files) -> Notebooks:
    """The notebooks of a repository, those nearest the top first."""
    found = sorted(
        (path for path in files.paths if path.endswith(".ipynb")),
        key=lambda path: (path.count("/"), path),
    )
    named = [path for path in found if not _UNFINISHED.search(posixpath.basename(path))]
    read = {path: files.json(path, limit=MAX_BYTES) for path in named[:MAX_READ]}
    refused = {path: reason for path, document in read.items() if (reason := _refusal(document))}
    runnable = [path for path in read if path not in refused]
    left_out = [f"{path} is not run: {reason}." for path, reason in refused.items()]
    if len(runnable) + len(named) - len(read) > MAX_NOTEBOOKS:
        left_out.append(f"Only the first {MAX_NOTEBOOKS} of {len(named)} notebooks are run.")
    taken = tuple(runnable[:MAX_NOTEBOOKS])
    stored = sum(any(cell.get("outputs") for cell in _code(read[path])) for path in taken)
    return Notebooks(paths=taken, with_outputs=stored, left_out=tuple(left_out))


def runner_source() -> bytes:
    """The program that runs notebooks in the container and reports their cells."""
    return (package_files("runners.discovery") / "in_container" / "notebooks.py").read_bytes()


def _refusal(document: Mapping[str, Any]) -> str:
    """Why a notebook is not run; empty when it is."""
    if not document:
        return f"it is no notebook, or larger than {MAX_BYTES // 10**6} MB"
    if not any(_source(cell).strip() for cell in _code(document)):
        return "it has no code"
    metadata = plain.mapping(document.get("metadata"))
    kernel = plain.mapping(metadata.get("kernelspec"))
    language = plain.mapping(metadata.get("language_info"))
    name = plain.text(language.get("name") or kernel.get("language"), 40)
    display = plain.text(kernel.get("display_name") or kernel.get("name"), 60)
    if (name or "python").lower() not in {"python", "ipython"}:
        return f"it is written in {name}, and only Python notebooks are run"
    if re.match(r"(?:ir|r|julia|matlab|octave|sage|bash|wolfram)\b", display.lower()):
        return f"it wants the kernel “{display}”, and only Python notebooks are run"
    version = plain.text(language.get("version"), 20)
    if version.startswith("2") or re.match(r"python ?2", display.lower()):
        return "it is written in Python 2, which is not run"
    return ""


def _code(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The code cells, in the present form or in that of before 2014 (worksheets)."""
    sheets = [plain.mapping(sheet) for sheet in plain.several(document.get("worksheets"))]
    lists = [document.get("cells"), *(sheet.get("cells") for sheet in sheets)]
    cells = [plain.mapping(cell) for some in lists if isinstance(some, list) for cell in some]
    return [cell for cell in cells if cell.get("cell_type") == "code"]


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))
