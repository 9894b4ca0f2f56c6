"""R: packages and scripts, with Debian's builds of what they load."""

import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from runners.environment.needs.language import main_language
from runners.environment.needs.need import Needs
from runners.environment.needs.survey import folder, is_own, is_plain, own_files, texts
from runners.manifest.plain import content, text
from runners.tree import Tree

SUITE = "bookworm"  # of which debian_r.txt is the list
_SCRIPTS = frozenset({".r", ".rmd", ".qmd", ".rnw"})
_BUILT_IN = frozenset({
    "base", "compiler", "datasets", "grdevices", "graphics", "grid", "methods", "parallel", "r",
    "splines", "stats", "stats4", "tcltk", "tools", "translations", "utils",
})  # fmt: skip
_NAME = r"([A-Za-z][A-Za-z0-9.]{1,60})"
_COMMENT = re.compile(r"#[^\n]*")
_CALL = re.compile(
    rf"\b(?:library|require|requireNamespace|loadNamespace)\s*\(\s*[\"']?{_NAME}[\"']?\s*"
    r"(?!,\s*character)[,)]"
)
_QUALIFIED = re.compile(rf"(?<![\w.@$]){_NAME}:::?[A-Za-z.]")
_P_LOAD = re.compile(r"\bp_load\(([^()]{1,2000})\)")
_FIELD = re.compile(r"^([A-Za-z@/]+):[ \t]*((?:.*)(?:\n[ \t]+.*)*)", re.MULTILINE)
_IMPORTED = ("Depends", "Imports", "LinkingTo")
# What CRAN does not have ends the build: install.packages itself only warns.
_INSTALL = (
    "wanted <- c({names}); install.packages(wanted); "
    "absent <- setdiff(wanted, rownames(installed.packages())); "
    'if (length(absent)) stop("R packages not to be had: ", paste(absent, collapse = ", "))'
)


def r_sources(tree: Tree) -> Needs | None:
    """R itself, what is loaded from Debian where it has it, else from CRAN; and the package.

    Where R stands beside a larger Python program, it is left aside: the model is the other.
    """
    described = _descriptions(tree)
    scripts = own_files(tree, _SCRIPTS)
    if not described and not scripts:
        return None
    if not described and main_language(tree) != "R":
        return Needs(notes=(f"R scripts are left aside, such as {text(scripts[0].path)}",))
    own = {fields.get("Package", "").strip().lower() for fields in described.values()}
    required = _without(own, _required(tree, described))
    elsewhere = tuple(name for name in required if not debian_name(name))
    return Needs(
        system_packages=(
            "r-base-core",
            *(("r-base-dev",) if elsewhere or _compiles(tree) else ()),
            *(("pandoc",) if any(s.path.lower().endswith("md") for s in scripts) else ()),
            *_in_debian((*required, *_without(own, _suggested(described)))),
        ),
        steps=(
            *((_from_cran(elsewhere),) if elsewhere else ()),
            *(f"R CMD INSTALL {shlex.quote(place)}" for place in described),
        ),
        notes=tuple(_notes(tree, elsewhere)),
        base_suite=SUITE,
    )


def debian_name(package: str) -> str | None:
    """Debian's name of an R package; None where bookworm does not have it."""
    names = (f"{prefix}-{package.lower()}" for prefix in ("r-cran", "r-bioc"))
    return next((name for name in names if name in _debian()), None)


@cache
def _debian() -> frozenset[str]:
    lines = Path(__file__).with_name("debian_r.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _descriptions(tree: Tree) -> Mapping[str, Mapping[str, str]]:
    """The R packages of the tree: folder → fields of its DESCRIPTION, the root's alone if there."""
    found = {}
    for entry in tree.entries:
        if (
            entry.path.rsplit("/", 1)[-1] == "DESCRIPTION"
            and is_own(entry.path)
            and is_plain(entry.path)
        ):
            fields = dict(_FIELD.findall(content(tree, entry.path)))
            if {"Package", "Version"} <= set(fields):
                found[folder(entry.path)] = fields
    return {".": found["."]} if "." in found else found if len(found) == 1 else {}


def _required(tree: Tree, described: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for fields in described.values():
        for field in _IMPORTED:
            yield from _named(fields.get(field, ""))
    if not described:
        for path, code in texts(tree, own_files(tree, _SCRIPTS)):
            yield from _loaded(code)
            if path.lower().endswith("md"):
                yield from ("knitr", "rmarkdown")


def _suggested(described: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What a package's tests may want; it is taken where Debian has it, and not missed."""
    for fields in described.values():
        yield from _named(fields.get("Suggests", ""))


def _named(field: str) -> Iterator[str]:
    names = (item.partition("(")[0].strip() for item in field.split(","))
    yield from (name for name in names if re.fullmatch(_NAME, name))


def _loaded(script: str) -> Iterator[str]:
    """The packages that a script loads, as far as it names them."""
    code = _COMMENT.sub("", script)
    yield from _CALL.findall(code)
    yield from _QUALIFIED.findall(code)
    for names in _P_LOAD.findall(code):
        yield from (name for name in re.split(r"[\s,\"']+", names) if re.fullmatch(_NAME, name))


def _without(own: set[str], names: Iterator[str]) -> tuple[str, ...]:
    """Each name once, less R's own packages and the tree's."""
    return tuple(dict.fromkeys(n for n in names if n.lower() not in own | _BUILT_IN))


def _in_debian(names: tuple[str, ...]) -> Iterator[str]:
    yield from dict.fromkeys(found for name in names if (found := debian_name(name)))


def _compiles(tree: Tree) -> bool:
    """Whether a package brings C, C++ or Fortran of its own."""
    sources = own_files(tree, frozenset({".c", ".cpp", ".f", ".f90"}))
    return any(folder(entry.path).endswith("src") for entry in sources)


def _from_cran(names: tuple[str, ...]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"Rscript -e {shlex.quote(_INSTALL.format(names=quoted))}"


def _notes(tree: Tree, elsewhere: tuple[str, ...]) -> Iterator[str]:
    yield f"R and its packages are those of Debian {SUITE}"
    if elsewhere:
        yield f"from CRAN, since Debian does not have them: {', '.join(elsewhere)}"
    if "renv.lock" in tree:
        yield "renv.lock is not obeyed: it asks for versions that Debian does not have"
