"""What the install commands of scripts, CI files and Dockerfiles name."""

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

_DEBIAN_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{1,80}")
_EXPRESSION = re.compile(r"\$\{\{[^}]{0,200}\}\}")
_RANGE = re.compile(r"[=<>~!]")
# Where a shell line goes on with something else than the words of the command.
_END = re.compile(r"[();<>|&]+|#.*")
_NOT_PLAIN = frozenset("${}`()")
_MAX_LENGTH, _MAX_COMMANDS_A_LINE, _MAX_COMMANDS = 5_000, 5, 300


@dataclass(frozen=True, kw_only=True)
class _Installer:
    """A command that installs: how it begins, and which options have a value.

    The values of those `kept` are kept, beside their option.
    """

    begins: re.Pattern[str]
    kept: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()


_PIP = _Installer(
    begins=re.compile(r"\bpip3?(?:\.\d+)? install +"),
    kept=frozenset({"-r", "-c", "-e", "--requirement", "--constraint", "--editable"}),
    dropped=frozenset({"-f", "-i", "-t", "-C", "-p", "--index-url", "--extra-index-url", "--root",
                       "--find-links", "--target", "--prefix", "--progress-bar", "--timeout",
                       "--trusted-host", "--index-strategy", "--python", "--src",
                       "--log", "--retries", "--cache-dir", "--no-binary", "--only-binary",
                       "--upgrade-strategy", "--group", "--extra", "--package",
                       "--config-settings", "--override", "--torch-backend", "--exclude-newer",
                       "--build-constraint", "--prerelease", "--resolution"}),
)  # fmt: skip
_CONDA = _Installer(
    begins=re.compile(r"\b(?:conda|mamba|micromamba) install +"),
    dropped=frozenset({"-c", "-n", "-p", "--channel", "--name", "--prefix", "--file",
                       "--solver"}),
)  # fmt: skip
_APT = _Installer(
    begins=re.compile(r"\bapt(?:-get)? (?:-\S{1,40} ){0,5}install +"),
    dropped=frozenset({"-t", "-o", "--target-release"}),
)


def requirement_lines(text: str) -> Iterator[str]:
    """What `pip install` asks for in `text`, as lines of a requirements file.

    Options are left out but for `-r file`, `-c file` and `-e folder`.
    """
    return _arguments(text, _PIP)


def conda_specs(text: str) -> Iterator[str]:
    """The package specifications that `conda install` is given in `text`."""
    return _arguments(text, _CONDA)


def debian_packages(text: str) -> tuple[str, ...]:
    """The packages that `apt-get install` asks for in `text`, each once."""
    words = _arguments(text, _APT)
    return tuple(dict.fromkeys(word for word in words if _DEBIAN_NAME.fullmatch(word)))


def lines_of_words(words: Iterable[str]) -> Iterator[str]:
    """The lines of a requirements file for the words that follow `pip install`."""
    return _plain(words, _PIP)


def _arguments(text: str, installer: _Installer) -> Iterator[str]:
    for words in islice(_commands(text, installer.begins), _MAX_COMMANDS):
        yield from _plain(words, installer)


def _plain(words: Iterable[str], installer: _Installer) -> Iterator[str]:
    """The words without options, and without those that only a shell could tell."""
    rest = iter(words)
    for word in rest:
        if word in installer.dropped:
            next(rest, "")
        elif word in installer.kept:
            yield f"{word} {next(rest, '')}"
        elif not word.startswith(("-", "\\")):
            # numpy==$NUMPY: what only the shell knows is left out.
            plain = word if not _NOT_PLAIN & set(word) else _RANGE.split(word, maxsplit=1)[0]
            yield from [plain] if plain and not _NOT_PLAIN & set(plain) else []


def _commands(text: str, begins: re.Pattern[str]) -> Iterator[list[str]]:
    """The words after each command that `begins` finds, up to the end of the command."""
    for line in _EXPRESSION.sub("$", text.replace("\\\n", " ")).split("\n"):
        plain = " ".join(line[:_MAX_LENGTH].split())
        if not plain.startswith("#"):
            for match in islice(begins.finditer(plain), _MAX_COMMANDS_A_LINE):
                yield _words(plain[match.end() :])


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        for word in lexer:
            if _END.fullmatch(word):
                break
            words.append(word)
    except ValueError:  # a quote that is not closed, as it was opened before the command
        return text.replace('"', " ").replace("'", " ").split()
    return words
