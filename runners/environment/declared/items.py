"""What the readers find, piece by piece, and the sentences for what they changed or left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_NAMED = 5


class Kind(StrEnum):
    """What one piece is: something declared, or (those with a sentence) a remark."""

    REQUIREMENT = "requirement"
    CONSTRAINT = "constraint"
    EXTRA = "extra"
    SYSTEM = "system package"
    PYTHON = "Python"
    CONDA = "conda"
    RENAMED = "renamed"
    DEBIAN = "from Debian"
    CONDA_ONLY = "conda only"
    CARRIED = "carried along"
    R = "R"
    BUILT_IN = "built in"
    WINDOWS = "Windows"
    MAC = "macOS"
    OPERATING_SYSTEM = "operating system"
    TOOLS = "tools"
    GPU = "graphics card"
    CUDA = "CUDA"
    LABEL = "local label"
    ELSEWHERE = "elsewhere"
    ADDRESS = "address"
    MISSING = "missing"
    INDEX = "index"
    PRE = "pre-releases"
    VERSION = "version"
    INVALID = "invalid"
    NOT_READ = "not read"
    TOO_LONG = "too long"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Item:
    """One piece: a requirement line, a Debian package, or the subject of a remark."""

    kind: Kind
    text: str


SENTENCES: dict[Kind, str] = {
    Kind.CONDA: "Conda packages were taken from the Python package index instead.",
    Kind.RENAMED: "Taken by their names in the Python package index: {}.",
    Kind.DEBIAN: "Taken from Debian instead of conda: {}.",
    Kind.CONDA_ONLY: "Left out, as only conda has them: {}.",
    Kind.CARRIED: "Left out, as other packages bring them or conda adds them by itself: {}.",
    Kind.R: "Left out, as they are for R: {}.",
    Kind.BUILT_IN: "Left out, as Python has them built in: {}.",
    Kind.WINDOWS: "Left out, as they are for Windows only: {}.",
    Kind.MAC: "Left out, as they are for macOS only: {}.",
    Kind.OPERATING_SYSTEM: "Left out, as they belong to the author's operating system: {}.",
    Kind.TOOLS: "Left out, as they manage packages and the model does not use them: {}.",
    Kind.GPU: "Taken for a processor, as there may be no graphics card: {}.",
    Kind.CUDA: "Left out, as they serve a graphics card: {}.",
    Kind.LABEL: "Taken without the label of a special build: {}.",
    Kind.ELSEWHERE: "Taken from the package index, as a path on the author's machine is named: {}.",
    Kind.ADDRESS: "Left out, as such an address cannot be fetched: {}.",
    Kind.MISSING: "Left out, as the repository does not hold it: {}.",
    Kind.INDEX: "Other package indexes were not used: {}.",
    Kind.PRE: "Pre-releases are taken only where a version asks for one.",
    Kind.VERSION: "Taken without their version, which cannot be read: {}.",
    Kind.INVALID: "Left out, as these lines name no package: {}.",
    Kind.NOT_READ: "Not followed: {}.",
    Kind.TOO_LONG: "Read only in part, as there is too much in it: {}.",
    Kind.OWN: "Left out, as it is this repository itself: {}.",
}


def texts(items: Iterable[Item], kind: Kind) -> tuple[str, ...]:
    """The texts of one kind, each once, in their order."""
    return tuple(dict.fromkeys(item.text for item in items if item.kind is kind))


def sentences(items: Iterable[Item]) -> tuple[str, ...]:
    """The remarks among `items`: a sentence for each kind, naming a few of its subjects."""
    kept = tuple(items)
    found = ((sentence, texts(kept, kind)) for kind, sentence in SENTENCES.items())
    return tuple(sentence.format(_listed(names)) for sentence, names in found if names)


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(name[:80] for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
