"""reana.yaml: an analysis as REANA runs it. Serial workflows are commands one after another."""

import re
from collections.abc import Iterator, Mapping
from string import Template
from typing import Any

from registry.spec.manifest import Output, Proposal
from runners.manifest import plain
from runners.manifest.commands.said import (
    MOST_FILES,
    NOTHING,
    Said,
    absent,
    in_bash,
    is_file_name,
    joined,
    line,
    paths,
)
from runners.tree import Tree

NAMES = ("reana.yaml", "reana.yml")
# Images that hold Python and what `pip` or `conda` bring; all others hold programs of their own.
_PYTHON_IMAGE = re.compile(
    r"(?:(?:docker\.io|quay\.io)/)?"
    r"(?:(?:library/)?python(?::(?:3[\w.-]*|latest|slim))?"
    r"|(?:jupyter/[\w-]+|continuumio/(?:mini|ana)conda3|reanahub/reana-env-jupyter)(?::[\w.-]+)?)"
)


def read_reana(tree: Tree) -> Said:
    """The commands of a serial workflow with their parameters, and the outputs it names."""
    name = next((name for name in NAMES if name in tree), None)
    document = plain.load_yaml(plain.content(tree, name)) if name else {}
    workflow = plain.mapping(document.get("workflow"))
    if not name or not workflow:
        return NOTHING
    steps = plain.several(plain.mapping(workflow.get("specification")).get("steps"))
    if workflow.get("type") != "serial" or not steps:
        kind = plain.text(workflow.get("type"), 30) or "other"
        return _left_out(name, f"it is a {kind} workflow kept in other files, which is not read")
    return _serial(tree, name, document, list(map(plain.mapping, steps)))


def _serial(
    tree: Tree, name: str, document: Mapping[str, Any], steps: list[Mapping[str, Any]]
) -> Said:
    inputs = plain.mapping(document.get("inputs"))
    commands = list(_commands(steps, plain.mapping(inputs.get("parameters"))))
    if not commands or "" in commands:
        return _left_out(name, "one of its steps has no command that can be read")
    run = line(in_bash(joined(commands)))
    made = paths(plain.mapping(document.get("outputs")).get("files"))
    files = tuple(path for path in made if is_file_name(path))
    reason = _obstacle(tree, paths(inputs.get("files")), steps)
    if reason:
        proposal = Proposal(command=run, outputs=files, why=f"{name} declares it, but {reason}.")
        return _left_out(name, reason, proposal)
    return Said(
        run=run,
        inputs=tuple(path for path in paths(inputs.get("files")) if path in tree),
        outputs=tuple(Output(path=path) for path in files),
    )


def _commands(steps: list[Mapping[str, Any]], parameters: Mapping[str, Any]) -> Iterator[str]:
    """Every command of every step; empty for what is none."""
    values = {key: plain.text(value) for key, value in parameters.items()}
    for step in steps[:MOST_FILES]:
        for command in plain.several(step.get("commands"))[:MOST_FILES]:
            yield line(Template(line(command)).safe_substitute(values))


def _obstacle(tree: Tree, inputs: tuple[str, ...], steps: list[Mapping[str, Any]]) -> str:
    """Why the commands cannot be taken as they stand, in words; empty where they can."""
    missing = absent(tree, inputs)
    if missing:
        return f"it reads {missing[0]}, which is not in the repository"
    images = (plain.text(step.get("environment")) for step in steps)
    foreign = next((image for image in images if not _PYTHON_IMAGE.fullmatch(image)), None)
    if foreign is None:
        return ""
    return f"its commands are for the image {foreign or 'of the site'}, which is not used here"


def _left_out(name: str, reason: str, *proposals: Proposal) -> Said:
    sentence = (
        f"The command in {name} was not taken over: {reason}. If it runs with the packages that "
        "this repository declares, name it as run in reprise.toml."
    )
    return Said(missing=(sentence,), proposals=proposals)
