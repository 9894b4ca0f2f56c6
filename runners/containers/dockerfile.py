"""Read an author's Dockerfile, refuse what reaches beyond its build, and write down the rest."""

import io
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType

from dockerfile_parse import DockerfileParser

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault

MAX_BYTES = 100_000
# The first line is an ordinary comment: after one, no builder looks for a parser directive.
FIRST_LINE = "# The repository's Dockerfile as it was checked and built.\n"
KEPT = frozenset(
    {"ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL"}
    | {"MAINTAINER", "SHELL", "STOPSIGNAL", "USER", "WORKDIR"}
)
# They change nothing for whoever runs one command in the image, but could get around its walls.
DROPPED = frozenset({"HEALTHCHECK", "ONBUILD", "VOLUME"})

_DIRECTIVE = re.compile(r"^\s*#\s*(?P<name>(?i:syntax|escape|check))\s*=\s*(?P<value>.*?)\s*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_HEREDOC = re.compile(r"(?:^|\s)\d*<<-?\s*[^<\s]")
_QUOTED = re.compile(r"[\"'\\]")
_FLAG = re.compile(r"--(?P<name>[a-z-]+)(?:=(?P<value>\S*))?\s+")
_VARIABLE = re.compile(
    r"\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}$]*))?\})"
)
_IMAGE = re.compile(
    r"(?P<repository>[a-z0-9][a-z0-9._-]*(?::\d+(?=/))?(?:/[a-z0-9][a-z0-9._-]*)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@sha256:[0-9a-f]{64})?"
)
_REMOTE = re.compile(r"[:@$]|^github\.com/")


NO_EQUIVALENTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name in capitals, what follows it on one line, and where it stands."""

    name: str
    value: str
    first_line: int
    last_line: int


@dataclass
class _Stages:
    """What has been seen so far: the build's stages and the arguments before the first."""

    names: list[str] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    def holds(self, name: str) -> bool:
        """Whether an earlier stage is called `name`."""
        return bool(name) and name.lower() in self.names[:-1]


def instructions(text: str) -> tuple[Instruction, ...]:
    """The instructions and comments of a Dockerfile, in order. Lines count from 0."""
    parser = DockerfileParser(fileobj=io.BytesIO(text.encode()), env_replace=False)
    return tuple(
        Instruction(each["instruction"], each["value"].strip(), each["startline"], each["endline"])
        for each in parser.structure
    )


def check_author_dockerfile(
    text: str,
    *,
    allowed_bases: Sequence[str],
    equivalents: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The Dockerfile as it may be built, each instruction on one line.

    `allowed_bases` are patterns such as `python:*`, without a tag for `latest` alone; `equivalents`
    maps a base image's name to one that the engine holds instead. Raises RepositoryFault, with the
    line, for what is not allowed.
    What is written here is what was checked: no reading of the original by a builder matters.
    """
    stages = _Stages()
    lines = [FIRST_LINE]
    for step in instructions(_plain(text)):
        try:
            lines += _checked(step, stages, allowed_bases, equivalents)
        except _NotAllowed as fault:
            raise _fault(fault, step) from fault
    if not stages.names:
        raise RepositoryFault(
            Cause.BUILD,
            "The Dockerfile has no FROM instruction, so there is no image to start from.",
            hint="Begin it with a line such as FROM python:3.11-slim.",
        )
    return "".join(lines)


class _NotAllowed(Exception):
    """What is wrong with one instruction, and what to do instead."""

    def __init__(self, sentence: str, hint: str, cause: Cause = Cause.UNSUPPORTED) -> None:
        super().__init__(sentence)
        self.sentence, self.hint, self.cause = sentence, hint, cause


def _fault(fault: _NotAllowed, step: Instruction) -> RepositoryFault:
    line = f"{step.name} {step.value}"[:300]
    sentence = f"{fault.sentence} (Dockerfile, {step.name})"
    return RepositoryFault(fault.cause, sentence, hint=fault.hint, lines=(line,))


def _plain(text: str) -> str:
    """The text without directives, blank lines and foreign line ends.

    Builders skip blank lines, even in the middle of an instruction, where our parser would not.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if len(text.encode()) > MAX_BYTES or _CONTROL.search(text):
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            f"The Dockerfile is larger than {MAX_BYTES:,} bytes or is no plain text.",
            hint="Keep it to plain lines of text.",
        )
    kept = [line for line in text.split("\n") if line.strip() and not _is_directive(line)]
    return "\n".join(kept).rstrip("\\ \t\n") + "\n"


def _is_directive(line: str) -> bool:
    found = _DIRECTIVE.match(line)
    if found and found["name"].lower() == "escape" and found["value"] != "\\":
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            "The Dockerfile changes the escape character, which is meant for Windows images.",
            hint="Remove its first line and end continued lines with a backslash.",
            lines=(line.strip(),),
        )
    return found is not None


def _checked(
    step: Instruction, stages: _Stages, allowed: Sequence[str], equivalents: Mapping[str, str]
) -> Iterator[str]:
    """The instruction's line as it may be built; none when it is dropped."""
    if step.name in DROPPED:
        return
    if step.value.endswith("\\"):  # would swallow the next line, which was checked by itself
        raise _NotAllowed("It ends with a backslash.", "Remove it.", Cause.BUILD)
    if step.name == "FROM":
        yield _from(step.value, stages, allowed, equivalents)
    elif step.name in {"RUN", "COPY", "ADD"}:
        yield _moves_or_runs(step, stages)
    elif step.name == "COMMENT":
        yield f"# {step.value}\n"
    elif step.name in KEPT:
        yield _kept(step, stages)
    else:
        raise _NotAllowed(
            f"“{step.name}” is no instruction of a Dockerfile.", "Is it misspelt?", Cause.BUILD
        )


def _kept(step: Instruction, stages: _Stages) -> str:
    if not stages.names:
        if step.name != "ARG":
            raise _NotAllowed("It stands before the first FROM.", "Move it below.", Cause.BUILD)
        stages.arguments |= _assignments(step.value, stages.arguments)
    return f"{step.name} {step.value}\n"


def _assignments(value: str, known: Mapping[str, str]) -> dict[str, str]:
    """The defaults that an ARG gives, with those of earlier ones put in."""
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise _NotAllowed("Its quotes do not close.", "Close them.", Cause.BUILD) from error
    given = dict(word.split("=", 1) for word in words if "=" in word)
    return {
        name: _VARIABLE.sub(lambda found: known.get(found["bare"] or found["name"], found[0]), text)
        for name, text in given.items()
    }


def _from(
    value: str, stages: _Stages, allowed: Sequence[str], equivalents: Mapping[str, str]
) -> str:
    """`FROM image [AS name]`, the image being an earlier stage or allowed."""
    _, rest = _flags(value, {"platform"})
    words = rest.split()
    named = len(words) == 3 and words[1].lower() == "as"  # noqa: PLR2004 — image, AS, name
    if not named and len(words) != 1:
        raise _NotAllowed("It should read: FROM image AS name.", "Correct the line.", Cause.BUILD)
    stages.names.append(words[2].lower() if named else "")
    image = _resolved(words[0], stages.arguments)
    base = image if stages.holds(image) else _allowed_base(image, allowed, equivalents)
    return f"FROM {base} AS {words[2]}\n" if named else f"FROM {base}\n"


def _resolved(text: str, arguments: Mapping[str, str]) -> str:
    """`text` with the values of the ARGs that stand before the first FROM."""

    def value(found: re.Match[str]) -> str:
        known = arguments.get(found["bare"] or found["name"]) or found["default"]
        if not known:
            raise _NotAllowed(
                f"“{text}” takes a value from outside of the Dockerfile.",
                "Give the ARG before FROM a default value, or name the image itself.",
            )
        return str(known)

    return _VARIABLE.sub(value, text)


def _allowed_base(image: str, allowed: Sequence[str], equivalents: Mapping[str, str]) -> str:
    """The name to build on. Raises for an image outside of the allow list."""
    bare = image.removeprefix("docker.io/").removeprefix("library/")
    found = _IMAGE.fullmatch(bare)
    name = f"{found['repository']}:{found['tag'] or 'latest'}" if found else ""
    if not any(_matches(name, pattern) for pattern in allowed):
        raise _NotAllowed(
            f"The image “{image}” is not one that this portal builds on.",
            f"Start from one of: {', '.join(allowed)}.",
        )
    return equivalents.get(name, bare)


def _matches(name: str, pattern: str) -> bool:
    """Whether `name`, with its tag, fits. A star never reaches across a slash or a colon."""
    repository, _, tag = name.rpartition(":")
    wanted, _, tags = pattern.partition(":")
    return repository == wanted and fnmatchcase(tag, tags or "latest")


def _moves_or_runs(step: Instruction, stages: _Stages) -> str:
    if not stages.names:
        raise _NotAllowed("It stands before the first FROM.", "Move it below.", Cause.BUILD)
    if _HEREDOC.search(step.value):
        raise _NotAllowed(
            "It contains a heredoc (<<), which this portal's engine does not read.",
            "Put the text into a file of the repository, or join the commands with &&.",
        )
    check = {"RUN": _run, "COPY": _copy, "ADD": _add}[step.name]
    return f"{step.name} {check(step.value, stages)}\n"


def _run(value: str, stages: _Stages) -> str:
    flags, command = _flags(value, {"mount"})
    kept = [f"--mount={mount}" for _, mount in flags if _mount_stays(mount, stages)]
    return " ".join([*kept, command])


def _mount_stays(mount: str, stages: _Stages) -> bool:
    """Whether a mount is kept. Caches are dropped: entries could poison each other through one."""
    options = dict(part.partition("=")[::2] for part in mount.lower().split(","))
    kind = options.get("type", "bind")
    if "$" in mount:
        raise _NotAllowed("Its mount contains a variable.", "Write the value itself.")
    if kind not in {"bind", "cache", "tmpfs"}:
        raise _NotAllowed(
            f"It mounts a “{kind}”, and builds here have no secrets and no keys.",
            "Build from what is in the repository and in public package indexes.",
        )
    if "from" in options:
        _require_stage(options["from"], stages)
    return kind != "cache"


def _copy(value: str, stages: _Stages) -> str:
    flags, paths = _flags(value, {"from", "chown", "chmod", "link"})
    for name, given in flags:
        # COPY alone knows a stage by its number: FROM and mounts would take it for an image's name.
        if name == "from" and not (given.isdecimal() and int(given) < len(stages.names) - 1):
            _require_stage(given, stages)
    kept = [f"--{name}={given}" for name, given in flags if name != "link"]
    return " ".join([*kept, paths])


def _add(value: str, stages: _Stages) -> str:  # noqa: ARG001 — called as _run and _copy are
    flags, paths = _flags(value, {"chown", "chmod", "link"})
    if any(_REMOTE.search(source) for source in _sources(paths)):
        raise _NotAllowed(
            "It adds something from another address.",
            "Put the file into the repository and COPY it, or fetch it with RUN.",
        )
    kept = [f"--{name}={given}" for name, given in flags if name != "link"]
    return " ".join([*kept, paths])


def _sources(paths: str) -> list[str]:
    """The sources of an ADD, in either of its two forms."""
    if not paths.startswith("["):
        return paths.split()[:-1]
    try:
        return [str(each) for each in json.loads(paths)][:-1]
    except (ValueError, TypeError) as error:
        raise _NotAllowed("Its list is not valid JSON.", "Correct it.", Cause.BUILD) from error


def _require_stage(name: str, stages: _Stages) -> None:
    if not stages.holds(name):
        raise _NotAllowed(
            f"It takes files out of “{name}”, which is no earlier stage of this Dockerfile.",
            "Take files only from the repository or from a stage above (FROM … AS name).",
        )


def _flags(value: str, known: set[str]) -> tuple[list[tuple[str, str]], str]:
    """The leading --flags and the rest. Raises for a flag that is not known."""
    flags = []
    while value.startswith("--"):
        found = _FLAG.match(value)
        if found is None or found["name"] not in known:
            raise _NotAllowed(
                f"Its option “{value.split(maxsplit=1)[0]}” is not supported.", "Leave it out."
            )
        if _QUOTED.search(found[0]):
            raise _NotAllowed("An option contains quotes or a backslash.", "Write it without.")
        flags.append((found["name"], found["value"] or ""))
        value = value[found.end() :]
    return flags, value
