"""What a repository declares of its environment: every way that it does so, the best first."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from runners.environment.declared.binder import binder, system_items
from runners.environment.declared.conda_locks import conda_lock, pixi_lock
from runners.environment.declared.environment_yml import (
    conda_environment,
    inner_environment,
    pixi_manifest,
)
from runners.environment.declared.items import Item, Kind, sentences, texts
from runners.environment.declared.locks import pdm_lock, poetry_lock, pylock, uv_lock
from runners.environment.declared.packages import requirement_items
from runners.environment.declared.pipfile import pipfile, pipfile_lock
from runners.environment.declared.project import Project, asks_itself, inner_project, project_of
from runners.environment.declared.readings import Reading, name_of
from runners.environment.declared.requirement_files import (
    inner_requirements,
    loose_requirements,
    requirement_files,
)
from runners.environment.declared.wanted_by_tests import is_aside, wanted_by_tests
from runners.environment.distributions import distribution_of
from runners.environment.imports import imports_of
from runners.tree import Tree


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What one way of declaring an environment says.

    Lines are as a pip requirements file has them, one requirement each: of PEP 508, hashes after
    it (`numpy==1.21 --hash=sha256:…`), `name @ git+https://…`, a bare address, or a part of the
    repository (`./wheels/a.whl`, `-e ./folder`).
    """

    origin: str
    """The file that says it, such as "binder/requirements.txt"; else "imports" or "python"."""
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    """Ranges for packages that others may ask for, as `pip install -c` takes them."""
    project: bool = False
    """The repository itself is to be installed too."""
    extras: tuple[str, ...] = ()
    """The extras of the repository itself that are asked for, as in `-e .[plot]`."""
    project_requirements: tuple[str, ...] = ()
    """What pip reads in the project's own metadata; here for whoever must relax it."""
    system_packages: tuple[str, ...] = ()
    """Debian names."""
    python: str | None = None
    """The one Python, such as "3.8", when these files pin it."""
    test_requirements: tuple[str, ...] = ()
    """What only the tests want; nothing that is among the requirements by another version."""
    notes: tuple[str, ...] = ()
    """What was mapped or left out in reading, one sentence each."""


Reader = Callable[[Tree], Reading | None]

READERS: tuple[Reader, ...] = (
    binder,
    uv_lock,
    poetry_lock,
    pipfile_lock,
    pixi_lock,
    conda_lock,
    pdm_lock,
    pylock,
    conda_environment,
    pixi_manifest,
    requirement_files,
    loose_requirements,
    pipfile,
)
"""Who is asked, the more exact before the less: docs/verdicts.md. Then the project, and imports."""
INNER_READERS: tuple[Reader, ...] = (inner_environment, inner_requirements, inner_project)
"""Who is asked about folders when the root is no project."""


@dataclass(frozen=True, kw_only=True)
class _Shared:
    """What holds beside every declaration of a tree."""

    project: Project
    asks_itself: bool
    system: tuple[Item, ...]
    for_tests: tuple[Item, ...]


def declarations(tree: Tree) -> tuple[Declaration, ...]:
    """All ways in which `tree` declares its environment, the one to believe first.

    The last is what the sources import (origin "imports", or "python" when that is nothing), so
    there is always one. Nothing in the tree makes it raise.
    """
    project = project_of(tree)
    shared = _Shared(
        project=project,
        asks_itself=asks_itself(tree, project),
        system=tuple(system_items(tree)),
        for_tests=tuple(wanted_by_tests(tree, project)),
    )
    return tuple(_declaration(reading, shared) for reading in _readings(tree, project))


def _readings(tree: Tree, project: Project) -> Iterator[Reading]:
    for read in READERS if project.reading else READERS + INNER_READERS:
        reading = read(tree)
        if reading and reading.says_something:
            yield reading
    if project.reading:
        yield project.reading
    yield _imported(tree)


def _imported(tree: Tree) -> Reading:
    imports = imports_of(tree)
    used = (*imports.model, *imports.beside)
    model, tests = (tuple(_distributions(names)) for names in (used, imports.tests))
    return Reading(origin="imports" if model else "python", items=model, for_tests=tests)


def _distributions(modules: Iterable[str]) -> Iterator[Item]:
    for name in filter(None, map(distribution_of, modules)):
        items = tuple(requirement_items(name))
        yield from (item for item in items if item.kind is Kind.REQUIREMENT)


def _declaration(reading: Reading, shared: _Shared) -> Declaration:
    items = tuple(_without_own((*reading.items, *shared.system), shared.project))
    project = shared.project
    own = texts(project.reading.items, Kind.REQUIREMENT) if project.reading else ()
    repeated = reading is project.reading and shared.asks_itself
    requirements = () if repeated else texts(items, Kind.REQUIREMENT)
    known = {name_of(line) for line in (*requirements, *own)} - {""}
    tests = tuple(_without_own((*reading.for_tests, *shared.for_tests), project))
    wanted = [line for line in texts(tests, Kind.REQUIREMENT) if line not in requirements]
    return Declaration(
        origin=reading.origin,
        requirements=requirements,
        constraints=texts(items, Kind.CONSTRAINT),
        project=project.installable,
        extras=texts(items, Kind.EXTRA),
        project_requirements=own if shared.asks_itself else (),
        system_packages=_system(items, tests),
        python=next(iter(texts(items, Kind.PYTHON)), None),
        test_requirements=tuple(_one_each(wanted, known)),
        notes=(*project.broken, *sentences(items)),
    )


def _system(items: Iterable[Item], tests: Iterable[Item]) -> tuple[str, ...]:
    """The Debian packages; git too where an address is to be fetched with it."""
    fetched = any("git+" in line for line in texts((*items, *tests), Kind.REQUIREMENT))
    return tuple(dict.fromkeys((*texts(items, Kind.SYSTEM), *(["git"] if fetched else []))))


def _without_own(items: Iterable[Item], project: Project) -> Iterator[Item]:
    """The items, less the repository itself: `pip freeze` names what it was run in."""
    for item in items:
        if item.kind is Kind.REQUIREMENT and project.name and name_of(item.text) == project.name:
            yield Item(Kind.OWN, item.text)
        else:
            yield item


def _one_each(lines: Iterable[str], known: set[str]) -> Iterator[str]:
    """The lines for what is not known yet, and not only for those who write; the first of each.

    A lock file may have several versions of one distribution, each with its own marker.
    """
    seen: set[tuple[str, str]] = set()
    for line in lines:
        name, marker = name_of(line), line.partition(";")[2]
        if name in known or (name, marker) in seen or is_aside(line):
            continue
        if name:
            seen.add((name, marker))
        yield line
