"""What one file says of how a model is run, before anything of it is checked."""

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from registry.spec.manifest import Output, Proposal
from runners.manifest import plain
from runners.tree import Tree

LONGEST_COMMAND = 4000
MOST_FILES = 50
# What dash, which is sh in the base images, does not know.
_BASH = re.compile(r"(?:^|[\s;&|(])source\s|\[\[|<\(|<<<|pipefail|\$'")
_UNJOINABLE = re.compile(r"\n|#|&\s*$")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, kw_only=True)
class Said:
    """A command, the files that it reads and writes, and why something of it was left out.

    `run` is a shell line, empty where there is none. Paths count from the repository's root.
    `for_any_run`: the outputs are those of the repository's workflow, whichever file declares it.
    """

    run: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    missing: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    for_any_run: bool = False


NOTHING = Said()


def line(value: object) -> str:
    """A command out of a file, as a shell takes it: empty unless it is text of a decent length."""
    text = plain.clean(value).strip() if isinstance(value, str) else ""
    return text if len(text) <= LONGEST_COMMAND else ""


def joined(commands: Sequence[str]) -> str:
    """Commands as one shell line that ends at the first that fails."""
    if any(_UNJOINABLE.search(command) for command in commands) and len(commands) > 1:
        return "\n".join(("set -e", *commands))
    return " && ".join(commands)


def in_bash(command: str) -> str:
    """The command for `sh`, where its file promised it bash."""
    return f"bash -c {shlex.quote(command)}" if _BASH.search(command) else command


def paths(values: object) -> tuple[str, ...]:
    """The paths in a list of a file, normal and each once."""
    texts = (plain.text(value, 500) for value in plain.several(values))
    normal = (str(PurePosixPath(text)) for text in texts if text)
    return tuple(dict.fromkeys(normal))[:MOST_FILES]


def is_file_name(path: str) -> bool:
    """Whether a path that does not exist yet is likely a file's and not a folder's."""
    return bool(PurePosixPath(path).suffix)


def absent(tree: Tree, names: Iterable[str]) -> list[str]:
    """Those of the paths at which the repository has neither file nor folder."""
    known = {entry.path for entry in tree.entries}
    known |= {str(folder) for path in known for folder in PurePosixPath(path).parents}
    return [name for name in names if name not in known]


def is_elsewhere(value: str) -> bool:
    """Whether a value names a place outside of the repository: a web address, a whole path."""
    return value.startswith(("/", "~")) or bool(_URL.match(value))
