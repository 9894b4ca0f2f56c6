"""A verified image as a component of Kubeflow Pipelines: the pipeline specification of KFP 2.

One container: it takes the inputs, runs the command as the portal did, and hands over the outputs.
Nothing of a repository becomes a placeholder or a shell word of this portal's.
"""

import keyword
import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

SCHEMA_VERSION = "2.1.0"
_ARTIFACT = {"artifactType": {"schemaTitle": "system.Artifact", "schemaVersion": "0.0.1"}}
# What others read in a container's command before sh does: placeholders of KFP and Argo, variables
# of Kubernetes, and the marks by which KFP takes a command for a Python function. Text that shlex
# has quoted is the same to sh with an empty pair of quotes in it.
_READ_BY_OTHERS = re.compile(r"\{(?=\{)|\$(?=\()|import(?= kfp)")
_NAME_MOST = 60


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A file that the command reads, from the working folder. `inside`: the image has it."""

    path: str
    inside: bool


@dataclass(frozen=True, kw_only=True)
class Component:
    """What a component runs, and what comes in and out.

    `image` is named by digest. `start` is the working folder, from the image's own; all paths are
    seen from there. `description` is for readers.
    """

    name: str
    description: str
    image: str
    command: tuple[str, ...]
    start: str
    environment: Mapping[str, str]
    inputs: tuple[Taken, ...]
    outputs: tuple[str, ...]


def component_yaml(component: Component) -> str:
    """The component as `kfp.components.load_component_from_text` reads it."""
    name = _name(component.name)
    taken, made = _definitions(component)
    sides = {"inputDefinitions": {"artifacts": taken}, "outputDefinitions": {"artifacts": made}}
    sides = {side: held for side, held in sides.items() if held["artifacts"]}
    whole = {
        "components": {f"comp-{name}": {"executorLabel": f"exec-{name}", **sides}},
        "deploymentSpec": {"executors": {f"exec-{name}": {"container": _container(component)}}},
        "pipelineInfo": {"name": name, "description": " ".join(component.description.split())},
        "root": {"dag": _dag(name, taken, made), **sides},
        "schemaVersion": SCHEMA_VERSION,
    }
    return yaml.dump(whole, Dumper=_Plain, allow_unicode=True, sort_keys=False)


class _Plain(yaml.SafeDumper):
    """Without anchors, which programs in other languages read at their own risk."""

    def ignore_aliases(self, data: object) -> bool:
        """Say everything as often as it is meant."""
        del data
        return True


def file_names(paths: Iterable[str]) -> tuple[str, ...]:
    """What the files are called as arguments in Python: each a name of its own, in their order."""
    names: list[str] = []
    for path in paths:
        plain = re.sub(r"[^a-z0-9]+", "_", path.lower()).strip("_")[:_NAME_MOST]
        is_name = plain.isidentifier() and not keyword.iskeyword(plain)
        name = first = plain if is_name else f"file_{plain}".rstrip("_")
        number = 1
        while name in names:
            number += 1
            name = f"{first}_{number}"
        names.append(name)
    return tuple(names)


def _names(component: Component) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What its inputs and its outputs are called; no name is both."""
    names = file_names([*(one.path for one in component.inputs), *component.outputs])
    count = len(component.inputs)
    return names[:count], names[count:]


def _name(text: str) -> str:
    """A name that KFP keeps as it is, for it is part of the names of what runs."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower())[:_NAME_MOST].strip("-")
    return plain if plain[:1].isalpha() else f"model-{plain}".rstrip("-")


def _definitions(component: Component) -> tuple[dict[str, Any], dict[str, Any]]:
    into, out = _names(component)
    taken = {
        name: {**_ARTIFACT, **({"isOptional": True} if one.inside else {})}
        for name, one in zip(into, component.inputs, strict=True)
    }
    return taken, dict.fromkeys(out, _ARTIFACT)


def _dag(name: str, taken: Iterable[str], made: Iterable[str]) -> dict[str, Any]:
    """The one step of which a pipeline of this component alone consists."""
    given = {one: {"componentInputArtifact": one} for one in taken}
    chosen = {
        one: {"artifactSelectors": [{"outputArtifactKey": one, "producerSubtask": name}]}
        for one in made
    }
    task: dict[str, Any] = {"componentRef": {"name": f"comp-{name}"}, "taskInfo": {"name": name}}
    return {
        **({"outputs": {"artifacts": chosen}} if chosen else {}),
        "tasks": {name: task | ({"inputs": {"artifacts": given}} if given else {})},
    }


def _container(component: Component) -> dict[str, Any]:
    into, out = _names(component)
    inputs = [_given(name, one) for name, one in zip(into, component.inputs, strict=True)]
    outputs = [f"{{{{$.outputs.artifacts['{name}'].path}}}}" for name in out]
    return {
        "image": component.image,
        "command": ["sh", "-ec", _script(component), "sh"],
        "args": inputs + outputs,
    }


def _given(name: str, one: Taken) -> str:
    """The argument of an input: where KFP has it, or an empty one of what nobody gave."""
    place = f"{{{{$.inputs.artifacts['{name}'].path}}}}"
    if not one.inside:
        return place
    return f'{{"IfPresent": {{"InputName": "{name}", "Then": ["{place}"], "Else": [""]}}}}'


def _script(component: Component) -> str:
    """What sh does. Its arguments are where KFP has the inputs, then where it wants the outputs."""
    # Set here: of a component that it has loaded, kfp 2.17 compiles no other environment.
    lines = [
        f"export {name}={_unread(shlex.quote(value))}"
        for name, value in component.environment.items()
    ]
    if component.start != ".":
        lines.append(f"cd {_here(component.start)}")
    for number, one in enumerate(component.inputs, start=1):
        folder = _here(posixpath.dirname(one.path))
        put = f'mkdir -p {folder}; cp "${{{number}}}" {_here(one.path)}'
        lines.append(f'if [ -n "${{{number}}}" ]; then {put}; fi')
    # An output counts only if the command wrote it, here as there.
    if component.outputs:
        lines.append(f"rm -rf {' '.join(map(_here, component.outputs))}")
    lines.append(_unread(shlex.join(component.command)))
    for number, path in enumerate(component.outputs, start=len(component.inputs) + 1):
        there = f'"${{{number}}}"'
        lines.append(f'mkdir -p "${{{number}%/*}}"; cp {_here(path)} {there}')
    return "\n".join(lines)


def _here(path: str) -> str:
    """A path from the working folder, which no program takes for an option."""
    return _unread(shlex.quote(f"./{path}"))


def _unread(quoted: str) -> str:
    return _READ_BY_OTHERS.sub(r"\g<0>''", quoted)
