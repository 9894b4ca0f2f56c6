"""From a log to a cause a physicist understands: a table of signatures, tried in order."""

import re
from dataclasses import dataclass

from registry.spec.evidence import Failure
from registry.spec.ladder import Cause

# A signature is looked for in this much of the end of a log: what failed stands last.
TAIL_CHARACTERS = 200_000
SHOWN_LINES = 12


# A build that calls a compiler or a build tool that is not there. The repair ladder reads it too.
NO_COMPILER = (
    r"(?:unable to execute '[\w+-]+'|command '[\w+-]+' failed: No such file"
    r"|No such file or directory: '[\w-]*(?:gcc|g\+\+|cc|gfortran|cmake|make)'"
    r"|(?:gcc|g\+\+|gfortran|cmake|make|cc|c\+\+): (?:(?:command )?not found|No such file))"
)


@dataclass(frozen=True)
class Signature:
    """A line that gives a cause away. `sentence` may name the pattern's groups."""

    pattern: re.Pattern[str]
    cause: Cause
    sentence: str
    hint: str


def _signature(pattern: str, cause: Cause, sentence: str, hint: str) -> Signature:
    return Signature(re.compile(pattern, re.MULTILINE), cause, sentence, hint)


BUILD_SIGNATURES: tuple[Signature, ...] = (
    _signature(
        r"(?:Temporary failure (?:in name resolution|resolving)|client error \(Connect\)"
        r"|NewConnectionError|error trying to connect|Could not connect to .*:80"
        r"|certificate verify failed|invalid peer certificate)",
        Cause.INFRASTRUCTURE,
        "The portal could not reach the package index or the image registry.",
        "Nothing is wrong with the repository. The portal will try again.",
    ),
    _signature(
        r"No space left on device",
        Cause.RESOURCES,
        "The build ran out of disk space.",
        "Install fewer or smaller packages, for instance CPU builds instead of CUDA ones.",
    ),
    _signature(
        r"Because (?:there (?:is|are) no versions? of )?(?P<what>\S+) "
        r"(?:was not found|and you require)",
        Cause.RESOLVE,
        "The package “{what}” that the repository asks for cannot be had in that version.",
        "Check the spelling and the version in your requirements; loosen a version that is gone.",
    ),
    _signature(
        r"(?:No solution found when resolving dependencies|ResolutionImpossible"
        r"|No matching distribution found for (?P<what>\S+)"
        r"|Could not find a version that satisfies the requirement)",
        Cause.RESOLVE,
        "No set of packages satisfies what the repository asks for.",
        "Two requirements contradict each other, or a version no longer exists for this Python.",
    ),
    _signature(
        NO_COMPILER,
        Cause.BUILD,
        "The build needs a compiler or a build tool that the image does not have.",
        'Name it in reprise.toml, for instance system_packages = ["gcc", "gfortran"].',
    ),
    _signature(
        r"(?:fatal error: (?P<header>\S+\.h(?:pp)?): No such file)",
        Cause.BUILD,
        "The build needs the C header “{header}”, which the image does not have.",
        "Name the Debian package that carries it under system_packages in reprise.toml.",
    ),
    _signature(
        r"E: Unable to locate package (?P<what>\S+)",
        Cause.BUILD,
        "The system package “{what}” does not exist in this image's Debian release.",
        "Check the name under system_packages (or in your Dockerfile).",
    ),
    _signature(
        r"ModuleNotFoundError: No module named '(?P<what>[^']+)'",
        Cause.BUILD,
        "Installing the project failed because its set-up code imports “{what}”.",
        "Name it under [build-system] requires in pyproject.toml.",
    ),
)

RUN_SIGNATURES: tuple[Signature, ...] = (
    _signature(
        r"(?:ModuleNotFoundError: No module named|No module named) '?(?P<what>[\w.]+)'?",
        Cause.IMPORT,
        "The code imports “{what}”, which is not installed.",
        "Add the package that provides it to requirements.txt or pyproject.toml.",
    ),
    _signature(
        r"ImportError: (?P<what>[^\n]{1,160})",
        Cause.IMPORT,
        "Something could not be imported: {what}.",
        "Usually a package is newer than the code: pin the version that you used.",
    ),
    _signature(
        r"error while loading shared libraries: (?P<what>\S+?):",
        Cause.IMPORT,
        "The system library {what} is missing.",
        "Name the Debian package that carries it under system_packages in reprise.toml.",
    ),
    _signature(
        r"(?:Temporary failure in name resolution|Name or service not known|Network is unreachable"
        r"|Failed to establish a new connection|urlopen error|gaierror)",
        Cause.DATA,
        "The code tried to reach the network, which is off while a model runs.",
        "Put the data that it loads into the repository and name it under `inputs`.",
    ),
    _signature(
        r"(?:FileNotFoundError: .*?No such file or directory: ['\"](?P<what>[^'\"\n]{1,200})['\"])",
        Cause.DATA,
        "The file “{what}” that the code reads is not in the repository.",
        "Commit it, or have the code create it; check that the path is relative.",
    ),
    _signature(
        r"(?:MemoryError|Cannot allocate memory|std::bad_alloc)",
        Cause.RESOURCES,
        "The code asked for more memory than it was given.",
        "Use a smaller case for the check, or ask for more under `resources` in reprise.toml.",
    ),
    _signature(
        r"(?:No space left on device|Disk quota exceeded)",
        Cause.RESOURCES,
        "The code wrote more data than it was given room for.",
        "Write less, or use a smaller case for the check.",
    ),
    _signature(
        r"(?:can't start new thread|Resource temporarily unavailable|BlockingIOError)",
        Cause.RESOURCES,
        "The code started more processes or threads than it was given.",
        "Set the number of threads under `determinism` in reprise.toml.",
    ),
    _signature(
        r"make: (?P<what>[\w+-]+): (?:No such file or directory|Permission denied)",
        Cause.BUILD,
        "The program “{what}” that make calls is not in the image.",
        'Name it in reprise.toml, for instance system_packages = ["g++", "make"].',
    ),
    _signature(
        r"Read-only file system: ?['\"]?(?P<what>[^'\"\n]{0,200})",
        Cause.UNSUPPORTED,
        "The code writes outside its working folder ({what}), which is read-only here.",
        "Write into the working folder or into /tmp.",
    ),
)

# What a program prints when it failed but ends with exit code 0 all the same.
_CONTRADICTIONS = re.compile(
    r"^(?:.*\b[Ff]inal result: *[Ff]ail\w*.*|Ran 0 tests\b.*|FAILED\b.*|=+ .*\b\d+ failed\b.*"
    r"|Traceback \(most recent call last\):.*|Segmentation fault.*)$",
    re.MULTILINE,
)


def diagnose(log: str, signatures: tuple[Signature, ...], *, otherwise: Failure) -> Failure:
    """The failure that the end of `log` shows by the first signature found, else `otherwise`."""
    tail = log[-TAIL_CHARACTERS:]
    for signature in signatures:
        match = signature.pattern.search(tail)
        if match:
            names = {key: value or "" for key, value in match.groupdict().items()}
            return Failure(
                cause=signature.cause,
                sentence=signature.sentence.format(**names),
                hint=signature.hint,
                lines=lines_around(tail, match.start()),
            )
    return otherwise


def contradiction(log: str) -> str | None:
    """The line in which a program that exited 0 says that it failed; None when there is none."""
    match = _CONTRADICTIONS.search(log[-TAIL_CHARACTERS:])
    return match.group().strip()[:300] if match else None


def lines_around(text: str, position: int) -> tuple[str, ...]:
    """The lines of `text` from a little before `position`: what a person would quote."""
    start = text.rfind("\n", 0, max(0, position - 300)) + 1
    lines = [line.rstrip()[:300] for line in text[start : position + 1500].splitlines()]
    return tuple(line for line in lines if line.strip())[:SHOWN_LINES]


def last_lines(log: str) -> tuple[str, ...]:
    """The end of a log, as a person would quote it."""
    lines = [line.rstrip()[:300] for line in log[-8000:].splitlines() if line.strip()]
    return tuple(lines[-SHOWN_LINES:])
