"""Which languages a repository is written in, and which of them no image here can run."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from runners.environment.needs.survey import own_files, suffix, texts
from runners.manifest.plain import text
from runners.tree import Entry, Tree

_LANGUAGES: Mapping[str, str] = {
    ending: language
    for language, endings in {
        "Python": ".py .pyx .ipynb",
        "R": ".r .rmd .qmd .rnw",
        "Julia": ".jl",
        "C": ".c .h",
        "C++": ".cc .cpp .cxx .c++ .hpp .cu",
        "Fortran": ".f .for .f77 .f90 .f95 .f03 .f08",
        "NEURON": ".hoc",
        "XPPAUT": ".ode",
        "Perl": ".pl",
        "Rust": ".rs",
        "Go": ".go",
        "Matlab": ".m .mlx .mlapp",
        "Simulink": ".slx",
        "Simulink or Vensim": ".mdl",
        "Mathematica": ".nb .wl .wls",
        "Maple": ".mw .mpl",
        "COMSOL": ".mph",
        "IDL": ".pro",
        "Stata": ".do .ado",
        "SAS": ".sas",
        "C#": ".cs",
        "Visual Basic": ".vb .vba .bas",
        "Java": ".java",
        "Scala": ".scala",
        "Kotlin": ".kt",
        "NetLogo": ".nlogo .nlogox",
        "LabVIEW": ".vi",
        "Modelica": ".mo",
        "GAMS": ".gms",
        "Haskell": ".hs",
        "Swift": ".swift",
        "JavaScript": ".js .ts .mjs",
    }.items()
    for ending in endings.split()
}
RUN_HERE = frozenset({
    "Python", "R", "Julia", "C", "C++", "Fortran", "NEURON", "XPPAUT", "Perl", "Rust", "Go",
})  # fmt: skip
# What is said of the others, after what was seen; each is half a sentence.
_LICENSED = "needs a licence and cannot be run here"
_NOT_HERE = "is not among the languages that can be run here"
_REASONS: Mapping[str, str] = {
    "Matlab": f'{_LICENSED}; GNU Octave may run it: declare system_packages = ["octave"] and '
    'run = "octave --no-gui {first}"',
    "Simulink": _LICENSED,
    "Simulink or Vensim": _LICENSED,
    "Mathematica": _LICENSED,
    "Maple": _LICENSED,
    "COMSOL": _LICENSED,
    "IDL": _LICENSED,
    "Stata": _LICENSED,
    "SAS": _LICENSED,
    "LabVIEW": _LICENSED,
    "GAMS": _LICENSED,
    "Java": "is not built here, where packages of Maven and Gradle are not to be had; plain "
    'sources can be run: declare system_packages = ["default-jdk-headless"] and a run command',
    "JavaScript": "is not built here; a script without packages can be run: declare "
    'system_packages = ["nodejs"] and run = "node {first}"',
    "Haskell": 'is not built by itself; declare system_packages = ["ghc"] and a run command',
    "C#": f"{_NOT_HERE}: Debian has no .NET",
    "NetLogo": f"{_NOT_HERE}: Debian does not have it",
}
_OBJECTIVE_C = re.compile(r"^\s*(?:#import|@interface|@implementation)", re.MULTILINE)
_HEAD, _SAMPLE = 4_000, 20


@dataclass(frozen=True, kw_only=True)
class Share:
    """One language of a tree: how many bytes, how many files, and the first of them."""

    language: str
    bytes: int
    files: int
    first: str


def languages(tree: Tree) -> tuple[Share, ...]:
    """The languages of the authors' own sources, the one with most bytes first."""
    bytes_of, files_of, first = Counter[str](), Counter[str](), dict[str, str]()
    matlab = _language_of_m(tree, own_files(tree, frozenset({".m"})))
    for entry in own_files(tree, frozenset(_LANGUAGES)):
        language = _name_of(entry, matlab)
        bytes_of[language] += entry.size
        files_of[language] += 1
        first[language] = min(first.get(language, entry.path), entry.path, key=_prominence)
    return tuple(
        Share(language=name, bytes=size, files=files_of[name], first=first[name])
        for name, size in bytes_of.most_common()
    )


def unsupported_language(tree: Tree) -> str | None:
    """One sentence when nothing of the tree can be run here; None when something may be.

    It is for a tree whose author declared no command: with one, Octave or a JDK may be at hand.
    """
    found = languages(tree)
    if not found or any(share.language in RUN_HERE for share in found):
        return None
    main, first = found[0], text(found[0].first)
    reason = _REASONS.get(main.language, _NOT_HERE).format(first=first)
    number = "one file" if main.files == 1 else f"{main.files} files"
    return f"The sources are {main.language} ({number}, such as {first}), which {reason}."


def _name_of(entry: Entry, matlab: str) -> str:
    return matlab if suffix(entry.path) == ".m" else _LANGUAGES[suffix(entry.path)]


def _language_of_m(tree: Tree, files: tuple[Entry, ...]) -> str:
    """What `.m` means in this tree, for three languages share it: by the first few files."""
    heads = [code[:_HEAD] for _, code in texts(tree, files[:_SAMPLE])]
    if any(map(_OBJECTIVE_C.search, heads)):
        return "Objective-C"
    wolfram = sum(head.lstrip().startswith("(*") or ":=" in head for head in heads)
    return "Mathematica" if 2 * wolfram > len(heads) else "Matlab"


def _prominence(path: str) -> tuple[int, bool, str]:
    """Files near the root first, then those named for what one starts."""
    name = path.rsplit("/", 1)[-1].lower()
    return path.count("/"), not name.startswith(("main", "run", "demo", "start")), path


def main_language(tree: Tree) -> str | None:
    """The language with most bytes of the authors' own sources."""
    return next((share.language for share in languages(tree)), None)
