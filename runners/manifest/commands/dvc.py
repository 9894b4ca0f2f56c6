"""dvc.yaml: the stages of a DVC pipeline, run as plain commands in the order they depend on."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from posixpath import join, normpath
from typing import Any

from registry.spec.manifest import Output
from runners.manifest import plain
from runners.manifest.commands.said import (
    MOST_FILES,
    NOTHING,
    Said,
    absent,
    is_elsewhere,
    is_file_name,
    joined,
    line,
)
from runners.tree import Tree

NAME = "dvc.yaml"
_PLACE = re.compile(r"\$\{\s*([\w.-]{1,100})\s*\}")


class _Unreadable(Exception):
    """A pipeline that cannot be run as plain commands."""


@dataclass(frozen=True, kw_only=True)
class _Stage:
    name: str
    command: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    figures: tuple[str, ...]
    """Metrics and plots: what the authors read off."""


def read_dvc(tree: Tree) -> Said:
    """The commands of all stages; as outputs the metrics and plots, else what comes out last."""
    given = plain.mapping(plain.load_yaml(plain.content(tree, NAME)).get("stages"))
    if not given:
        return NOTHING
    try:
        stages = [_stage(tree, name, plain.mapping(one)) for name, one in _bounded(given)]
        _check_data(tree, stages)
        run = line(joined([stage.command for stage in _ordered(stages)]))
    except _Unreadable as reason:
        return Said(missing=(_sentence(str(reason)),))
    files = _figures(stages) or _last(stages)
    return Said(run=run, outputs=tuple(Output(path=path) for path in files if is_file_name(path)))


def _bounded(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if len(given) > MOST_FILES:
        raise _Unreadable(f"it has more than {MOST_FILES} stages")
    return ((plain.text(name, 60), one) for name, one in given.items())


def _stage(tree: Tree, name: str, given: Mapping[str, Any]) -> _Stage:
    """One stage with its variables filled in. Raises _Unreadable."""
    if "foreach" in given or "matrix" in given:
        raise _Unreadable(f"its stage {name} is repeated for several values")
    folder = plain.text(given.get("wdir")) or "."
    commands = [_filled(tree, line(one)) for one in plain.several(given.get("cmd"))]
    if not commands or "" in commands:
        raise _Unreadable(f"its stage {name} has no command that can be read")
    command = joined(commands)
    figures = (*_paths(tree, folder, given, "metrics"), *_paths(tree, folder, given, "plots"))
    return _Stage(
        name=name,
        command=command if folder == "." else f"(cd {shlex.quote(folder)} && {command})",
        reads=_paths(tree, folder, given, "deps"),
        writes=(*_paths(tree, folder, given, "outs"), *figures),
        figures=figures,
    )


def _paths(tree: Tree, folder: str, given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The paths of a list whose items are paths, or mappings from a path to its options."""
    items = plain.several(given.get(key))[:MOST_FILES]
    names = (next(iter(one), "") if isinstance(one, Mapping) else one for one in items)
    texts = (_filled(tree, plain.text(name)) for name in names)
    return tuple(text if is_elsewhere(text) else normpath(join(folder, text)) for text in texts)


def _filled(tree: Tree, text: str) -> str:
    """The text with every ${name} from params.yaml. Raises _Unreadable for one not there."""
    if "${" not in text:
        return text
    values = plain.load_yaml(plain.content(tree, "params.yaml"))
    filled = _PLACE.sub(lambda match: _value(values, match[1]), text)
    if "${" in filled:
        raise _Unreadable(f"{_start(filled)} cannot be filled in")
    return filled


def _start(text: str) -> str:
    return text[text.index("${") :][:60]


def _value(values: Mapping[str, Any], dotted: str) -> str:
    found: object = values
    for part in dotted.split("."):
        found = plain.mapping(found).get(part)
    value = plain.text(found)
    if not value:
        raise _Unreadable(f"its variable {dotted} is not in params.yaml")
    return value


def _check_data(tree: Tree, stages: list[_Stage]) -> None:
    """Raise _Unreadable where a stage reads what neither git nor another stage holds."""
    made = [path for stage in stages for path in stage.writes]
    for stage in stages:
        wanted = [path for path in stage.reads if not any(_touch(path, one) for one in made)]
        missing = absent(tree, wanted)
        if missing:
            raise _Unreadable(
                f"its stage {stage.name} reads {missing[0]}, which is not in the repository"
            )


def _touch(one: str, other: str) -> bool:
    """Whether two paths are the same, or one lies in the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _ordered(stages: list[_Stage]) -> list[_Stage]:
    """The stages, each after those whose files it reads. Raises _Unreadable."""
    before = {
        number: [
            other
            for other, earlier in enumerate(stages)
            if other != number and _feeds(earlier, stage)
        ]
        for number, stage in enumerate(stages)
    }
    try:
        return [stages[number] for number in TopologicalSorter(before).static_order()]
    except CycleError as error:
        raise _Unreadable("its stages depend on each other in a circle") from error


def _feeds(earlier: _Stage, later: _Stage) -> bool:
    return any(_touch(path, made) for path in later.reads for made in earlier.writes)


def _figures(stages: list[_Stage]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for stage in stages for path in stage.figures))[:MOST_FILES]


def _last(stages: list[_Stage]) -> tuple[str, ...]:
    """What no stage reads any more."""
    read = [path for stage in stages for path in stage.reads]
    made = (path for stage in stages for path in stage.writes)
    return tuple(p for p in dict.fromkeys(made) if not any(_touch(p, one) for one in read))


def _sentence(reason: str) -> str:
    return (
        f"The pipeline in {NAME} was not taken over: {reason}. Commit what it needs, or name a "
        "command that runs without it as run in reprise.toml."
    )
