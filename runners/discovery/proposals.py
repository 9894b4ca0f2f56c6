"""Commands that may compute a model's results: proposed to the author, never run unasked."""

import ast
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from registry.spec.manifest import Proposal
from runners.discovery.files import Files
from runners.discovery.functions import acts
from runners.discovery.hints import makefile, recipes
from runners.discovery.notebooks import notebooks
from runners.discovery.outputs import outputs_of
from runners.manifest import find_readme
from runners.tree import Tree

MOST, DEEPEST, FEW = 5, 2, 6
MAX_LINES, MAX_LINE = 3_000, 200
# Programs that start a source, which is then named by a word that ends so.
_SUFFIXES = {
    "python": (".py",), "python3": (".py",), "bash": (".sh",), "sh": (".sh",),
    "Rscript": (".R", ".r"), "julia": (".jl",), "nrniv": (".hoc",), "nrngui": (".hoc",),
    "octave": (".m",),
}  # fmt: skip
_INLINE = re.compile(r"`([^`\n]{3,200})`")
# What a reader is to fill in, or what belongs to another machine.
_UNFILLED = re.compile(r"[<>\[\]{}$|;&`*?]|\.\.\.|…|path/to|/path|your[_-]|https?:|~")
_PREPARING = re.compile(
    r"(?:^|[/_. -])(?:setup|install|tests?|conftest|download|docs?)(?:[/_. -]|$)"
)
_NAMES = (
    re.compile(r"(?:run_?all|reproduce\w*|make_?figures?|run_?experiments?)\.py$"),
    re.compile(r"(?:main|run)\.py$"),
    re.compile(r"(?:run|simulate|simulation|predict|inference|demo|example|plot_?fig|fig)\w*\.py$"),
)
_SHELL = re.compile(r"(?:run|run_?all|reproduce|main|make_?figures?|demo|example)\.sh$")
_HOC = ("mosinit.hoc", "main.hoc", "init.hoc", "run.hoc")
_TARGETS = ("reproduce", "figures", "results", "run", "all")
_PROGRAM = re.compile(r"[ \t]-o[ \t]+(\$@|[\w./-]{1,60})(?=\s|$)")
_INPUT = re.compile(
    r"(?:input|params?|parameters)(?:\.(?:txt|dat|in))?|[\w-]{1,60}\.(?:inp?|par|nml)"
)
_SHOWS_RESULTS = re.compile(r"`([\w./-]{1,80}\.(?:csv|json|npy|npz|h5|hdf5|txt|dat|png|pdf|svg))`")


@dataclass(frozen=True)
class Source:
    """A repository's files and the text of its README."""

    files: Files
    readme: str

    @cached_property
    def promised(self) -> tuple[str, ...]:
        """Files that the README names and the repository does not hold: results, perhaps."""
        named = dict.fromkeys(_SHOWS_RESULTS.findall(self.readme))
        return tuple(name for name in named if name not in self.files and name[0] not in "/.")[:4]


def proposals(tree: Tree) -> tuple[Proposal, ...]:
    """At most five, the most telling first; of equals, those first whose outputs are known."""
    files = Files(tree)
    readme = find_readme(tree)
    source = Source(files, files.text(readme) if readme else "")
    found: dict[str, Proposal] = {}
    for rule in RULES:
        for proposal in sorted(rule(source), key=lambda one: not one.outputs):
            found.setdefault(proposal.command, proposal)
    return tuple(found.values())[:MOST]


def _from_readme(source: Source) -> Iterator[Proposal]:
    """Lines of the README that start a file of the repository and leave nothing to fill in."""
    text, folder = source.readme, "."
    for line in [*text.splitlines()[:MAX_LINES], *_INLINE.findall(text)]:
        words = _words(line)
        if words[:1] == ["cd"] and len(words) == 2:  # noqa: PLR2004 — cd and a folder
            place = posixpath.normpath(posixpath.join(folder, words[1]))
            folder = place if place in source.files.folders else "."
        elif line.lstrip().startswith("```"):
            folder = "."
        elif started := _started(source.files, words, folder):
            yield Proposal(
                command=_in_folder(folder, shlex.join(words)),
                outputs=_placed(source, folder, started),
                why=f"The README says to run it: “{' '.join(words)[:120]}”.",
            )


def _words(line: str) -> list[str]:
    bare = line.strip().strip("`").removeprefix("$ ").removeprefix("> ").removeprefix("% ").strip()
    if not bare or len(bare) > MAX_LINE or _UNFILLED.search(bare):
        return []
    try:
        return shlex.split(bare, comments=True)
    except ValueError:
        return []


def _started(files: Files, words: list[str], folder: str) -> str | None:
    """The file of the repository that a line starts; None when it starts none."""
    if not words:
        return None
    own = words[0].startswith("./") and words[0].endswith((".sh", ".py"))
    suffixes = _SUFFIXES.get(words[0], (".sh", ".py") if own else ())
    named = [word for word in (words if own else words[1:]) if word.endswith(suffixes or ("\0",))]
    path = posixpath.normpath(posixpath.join(folder, named[0])) if named else ""
    return path if path in files and not _PREPARING.search(path) else None


def _shell_scripts(source: Source) -> Iterator[Proposal]:
    for path in _near(source.files, _SHELL.match):
        folder, name = posixpath.split(path)
        yield Proposal(
            command=_in_folder(folder or ".", f"bash {shlex.quote(name)}"),
            outputs=_placed(source, folder or ".", path),
            why=f"{path} is named as what runs everything.",
        )


def _make_targets(source: Source) -> Iterator[Proposal]:
    """A target that is named after results."""
    name = makefile(source.files)
    known = recipes(source.files, name) if name else {}
    for target in _TARGETS[:-1]:
        if known.get(target, "").strip():
            yield Proposal(
                command=f"make {target}",
                outputs=source.promised,
                why=f"{name} has a target “{target}”.",
            )


def _python_scripts(source: Source) -> Iterator[Proposal]:
    """Scripts that are named as what is run, and want no argument."""
    files = source.files
    for pattern in _NAMES:
        for path in _near(files, pattern.match):
            module = files.module(path)
            if module is None or _PREPARING.search(path) or not acts(module) or _wants(module):
                continue
            folder = posixpath.dirname(path) or "."
            if f"{folder}/__init__.py" in files:
                continue  # part of a package, whose imports fail when it is run as a script
            yield Proposal(
                command=_in_folder(folder, f"python {shlex.quote(posixpath.basename(path))}"),
                outputs=_placed(source, folder, path),
                why=f"{path} is a script that needs no argument"
                + (", and writes what is named here." if outputs_of(files, path) else "."),
            )


def _wants(module: ast.Module) -> bool:
    """Whether a script cannot do without arguments: a positional one, or a required option."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr == "argv":
            return True
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
            first = (
                node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            )
            keywords = {word.arg: word.value for word in node.keywords}
            required = isinstance(keywords.get("required"), ast.Constant)
            if required or not (str(first).startswith("-") or {"nargs", "default"} & set(keywords)):
                return True
    return False


def _programs(source: Source) -> Iterator[Proposal]:
    """A makefile that makes one program, and hoc files that NEURON starts with."""
    files = source.files
    sources = [path for path in files.paths if path.endswith((".c", ".cc", ".cpp", ".f90", ".f"))]
    for path in _near(files, {"makefile", "Makefile", "GNUmakefile"}.__contains__):
        folder = posixpath.dirname(path)
        program = _one_program(files, path)
        near = [one for one in sources if posixpath.dirname(one).startswith(folder)]
        if program and near:
            inputs = [one for one in files.paths if _is_input(one, folder)]
            line = f"make && ./{program}{f' {posixpath.basename(inputs[0])}' if inputs else ''}"
            written = [name for one in near[:40] for name in outputs_of(files, one)]
            yield Proposal(
                command=_in_folder(folder or ".", line),
                outputs=tuple(_under(folder, name) for name in dict.fromkeys(written))[:8],
                why=f"{path} makes one program, {program}. Check which input it wants.",
            )


def _is_input(path: str, folder: str) -> bool:
    return posixpath.dirname(path) == folder and bool(_INPUT.fullmatch(posixpath.basename(path)))


def _one_program(files: Files, path: str) -> str | None:
    """The one program that a makefile links."""
    named = {
        target if name == "$@" else name
        for target, recipe in recipes(files, path).items()
        for name in _PROGRAM.findall(recipe)
    }
    linked = [name for name in named if not name.endswith((".o", ".so", ".a"))]
    return linked[0].removeprefix("./") if len(linked) == 1 else None


def _neuron(source: Source) -> Iterator[Proposal]:
    for name in _HOC:
        for path in _near(source.files, {name}.__contains__):
            folder = posixpath.dirname(path) or "."
            yield Proposal(
                command=_in_folder(folder, f"nrniv -nogui {name} -c 'quit()'"),
                outputs=_placed(source, folder, path),
                why=f"NEURON starts with {path}. Have it write its results to a file.",
            )


def _lone_scripts(source: Source) -> Iterator[Proposal]:
    """Scripts at the top of a repository that holds little else, whatever their names."""
    files = source.files
    top = [path for path in files.python if "/" not in path and not _PREPARING.search(path)]
    for path in top if len(top) <= FEW else ():
        module = files.module(path)
        # What the README runs with something to fill in would not do without it.
        named = path in source.readme
        if module is not None and acts(module) and not named and not _wants(module):
            yield Proposal(
                command=f"python {shlex.quote(path)}",
                outputs=_placed(source, ".", path),
                why=f"{path} stands at the top beside few others, and does something when it is "
                "run.",
            )


def _console_scripts(source: Source) -> Iterator[Proposal]:
    """Programs that the package installs."""
    document = source.files.toml("pyproject.toml")
    poetry = _table(_table(document.get("tool")).get("poetry"))
    scripts = {
        **_table(_table(document.get("project")).get("scripts")),
        **_table(poetry.get("scripts")),
    }
    for name in list(scripts)[:3]:
        if re.fullmatch(r"[\w.-]{1,60}", str(name)):
            yield Proposal(
                command=str(name),
                outputs=source.promised,
                why="pyproject.toml installs it as a program. It may want arguments.",
            )


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _notebooks(source: Source) -> Iterator[Proposal]:
    for path in notebooks(source.files).paths[:3]:
        yield Proposal(
            command=f"jupyter nbconvert --to notebook --execute --inplace {shlex.quote(path)}",
            outputs=(path,),
            why=f"{path} is a notebook in Python. Have it write its results to a file.",
        )


Rule = Callable[[Source], Iterator[Proposal]]
RULES: tuple[Rule, ...] = (
    _from_readme, _shell_scripts, _make_targets, _python_scripts, _programs, _neuron,
    _console_scripts, _lone_scripts, _notebooks,
)  # fmt: skip


def _near(files: Files, fits: Callable[[str], object]) -> list[str]:
    """Files of a fitting name, at most two folders below the top; the six that are nearest."""
    shallow = (path for path in files.paths if path.count("/") <= DEEPEST)
    found = [path for path in shallow if fits(posixpath.basename(path))]
    return sorted(found, key=lambda path: (path.count("/"), path))[:6]


def _placed(source: Source, folder: str, path: str) -> tuple[str, ...]:
    """What the file at `path` writes when it is started in `folder`, seen from the top."""
    written = tuple(_under(folder, name) for name in outputs_of(source.files, path))
    return written or source.promised


def _under(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))


def _in_folder(folder: str, line: str) -> str:
    return line if folder == "." else f"cd {shlex.quote(folder)} && {line}"
