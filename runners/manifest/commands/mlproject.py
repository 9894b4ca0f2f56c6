"""MLproject: the entry points of an MLflow project. `main` is what `mlflow run .` starts."""

import shlex
from collections.abc import Mapping
from string import Formatter
from typing import Any

from runners.manifest import plain
from runners.manifest.commands.said import NOTHING, Said, in_bash, is_elsewhere, line
from runners.tree import Tree


class _Unfilled(Exception):
    """A command that needs what its file does not give."""


def read_mlproject(tree: Tree) -> Said:
    """The command of the entry point `main`, each parameter with its default."""
    name = next((e.path for e in tree.entries if e.path.lower() == "mlproject"), None)
    document = plain.load_yaml(plain.content(tree, name)) if name else {}
    points = plain.mapping(document.get("entry_points"))
    main = plain.mapping(points.get("main"))
    if not points:
        return NOTHING
    try:
        return Said(run=in_bash(_command(document, main)))
    except _Unfilled as reason:
        return Said(missing=(_sentence(str(reason)),))


def _command(document: Mapping[str, Any], main: Mapping[str, Any]) -> str:
    """The command with its parameters filled in. Raises _Unfilled."""
    if "docker_env" in document:
        raise _Unfilled("it is for a container image of its own, which is not used here")
    command = line(main.get("command"))
    if not command:
        raise _Unfilled("no entry point main with a command is declared")
    parameters = plain.mapping(main.get("parameters"))
    return line("".join(_parts(command, parameters)))


def _parts(command: str, parameters: Mapping[str, Any]) -> list[str]:
    try:
        pieces = list(Formatter().parse(command))
    except ValueError as error:
        raise _Unfilled("its braces do not match") from error
    return [
        literal + ("" if key is None else shlex.quote(_default(key, parameters)))
        for literal, key, _form, _conversion in pieces
    ]


def _default(key: str, parameters: Mapping[str, Any]) -> str:
    default = plain.text(plain.mapping(parameters.get(key)).get("default"))
    if not default:
        raise _Unfilled(f"its parameter {key[:60]} has no default")
    if is_elsewhere(default):
        raise _Unfilled(f"its parameter {key[:60]} is {default}, which is not in the repository")
    return default


def _sentence(reason: str) -> str:
    return (
        f"The command in MLproject was not taken over: {reason}. Name the whole command as run in "
        "reprise.toml."
    )
