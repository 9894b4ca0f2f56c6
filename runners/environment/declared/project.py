"""The repository as a package of its own: whether it can be installed, and what it asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from runners.environment.declared.files import paths_of, text_of
from runners.environment.declared.items import Item, Kind
from runners.environment.declared.pyproject import builds, pyproject, reads_itself
from runners.environment.declared.readings import Reading
from runners.environment.declared.requirements import line_items
from runners.environment.declared.setup_py import Metadata, setup_cfg, setup_py
from runners.tree import Tree

_MAX_DEPTH = 2
_FILES = ("pyproject.toml", "setup.py")


@dataclass(frozen=True, kw_only=True)
class Project:
    """What the repository's own files say of it as a package.

    `told` are the metadata files in the order that pip believes them. `installable` says whether
    pip can install it, `reading` what it asks for.
    """

    installable: bool
    told: tuple[Metadata, ...]
    reading: Reading | None

    @property
    def name(self) -> str:
        """The canonical name of the distribution, empty where it is not told."""
        named = next((metadata.name for metadata in self.told if metadata.name), "")
        return canonicalize_name(named)

    @property
    def broken(self) -> tuple[str, ...]:
        """A sentence for each of the files that cannot be read."""
        return tuple(f"{m.origin} cannot be read: {m.broken}." for m in self.told if m.broken)


def project_of(tree: Tree) -> Project:
    """The project at the root of `tree`."""
    readers = (pyproject, setup_cfg, setup_py)
    told = tuple(metadata for read in readers if (metadata := read(tree)))
    installable = _installable(tree, told)
    lines = dict.fromkeys(line for metadata in told for line in metadata.requires)
    items = tuple(item for line in lines for item in line_items(tree, line))
    origin = next((metadata.origin for metadata in told if metadata.requires), "")
    origin = origin or next((name for name in (*_FILES, "setup.cfg") if name in tree), "")
    known = installable or bool(items)
    reading = Reading(origin=origin, items=items) if known else None
    return Project(installable=installable, told=told, reading=reading)


def _installable(tree: Tree, told: tuple[Metadata, ...]) -> bool:
    """As pip sees it: a pyproject.toml that cannot be read stops it, whatever else is there."""
    if any(metadata.broken and metadata.origin == "pyproject.toml" for metadata in told):
        return False
    described = "[metadata]" in text_of(tree, "setup.cfg")
    return "setup.py" in tree or builds(tree) or described


def asks_itself(tree: Tree, project: Project) -> bool:
    """Whether pip reads the requirements of the project when it installs it."""
    return project.installable and ("setup.py" in tree or reads_itself(tree) or "setup.cfg" in tree)


def inner_project(tree: Tree) -> Reading | None:
    """The one project that stands in a folder of its own, when the root is none."""
    paths = [path for path in paths_of(tree) if path.rpartition("/")[2] in _FILES]
    inside = [path for path in paths if 0 < path.count("/") <= _MAX_DEPTH]
    folders = dict.fromkeys(path.rpartition("/")[0] for path in inside if _describes(tree, path))
    if len(folders) != 1:
        return None
    (folder,) = folders
    origin = next(path for path in inside if path.startswith(f"{folder}/"))
    return Reading(origin=origin, items=tuple(_editable(tree, folder)))


def _describes(tree: Tree, path: str) -> bool:
    text = text_of(tree, path)
    if path.endswith(".py"):
        return "setup(" in text
    return "[project]" in text or "[build-system]" in text


def _editable(tree: Tree, folder: str) -> Iterator[Item]:
    for item in line_items(tree, f"-e ./{folder}"):
        if item.kind is Kind.REQUIREMENT:
            yield item
