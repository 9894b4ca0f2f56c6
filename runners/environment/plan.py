"""The ordered candidates for a repository's environment. Pure: a tree in, Dockerfiles out."""

import itertools
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from registry.spec.ladder import Cause
from registry.spec.manifest import Manifest
from runners.environment.bases import DEFAULT_PYTHON, nearest
from runners.environment.dockerfiles import Recipe, render
from runners.environment.python import python_admitted, python_pinned
from runners.environment.repair import Trouble, repair
from runners.faults import RepositoryFault
from runners.tree import Tree

# A line that names a file or a folder of the repository, so the files must be there first.
_LOCAL_LINE = re.compile(
    r"^\s*(?:-[rce]\b|--(?:requirement|constraint|editable|find-links)|[./])", re.MULTILINE
)


_PIP_INSTALL = re.compile(r"^\s*RUN\s+(?:.*?&&\s*)?(?:python3?\s+-m\s+)?pip3?\s+install\s+(.+)$")
_VALUED_OPTIONS = {"-r", "-c", "-f", "-i", "-e", "-t", "--index-url", "--extra-index-url"}
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[\w,-]+\])?(?:[=<>!~]=?[\w.*,<>=!~]+)?")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One environment to try. `changed` says, in words, what differs from what was declared.

    `recipe` is what the Dockerfile was written from; None for the author's own.
    """

    strategy: str
    python: str | None
    base_image: str
    dockerfile: str
    changed: tuple[str, ...] = ()
    extra_files: tuple[tuple[str, bytes], ...] = ()
    recipe: Recipe | None = None

    def repaired(self, trouble: Trouble) -> "Candidate | None":
        """The candidate with the ladder's answer to `trouble`; None when there is none.

        An author's own Dockerfile is tried as it is.
        """
        answer = repair(self.recipe, trouble) if self.recipe else None
        if answer is None:
            return None
        return replace(
            self,
            recipe=answer.recipe,
            dockerfile=render(answer.recipe),
            changed=(*self.changed, answer.change),
        )


def plan_environment(
    tree: Tree,
    manifest: Manifest,
    *,
    bases: Mapping[str, str],
    check_dockerfile: Callable[[str], str],
    cache_key: str,
) -> tuple[Candidate, ...]:
    """Candidates in the order to try them.

    1. The repository's own Dockerfile, when it has one that the portal may build.
    2. A Dockerfile written from the declared Python packages, or for plain Python if none are.

    `bases` maps the Pythons at hand ("3.11") to images. Raises RepositoryFault when there are
    none, or the only Dockerfile is refused and nothing else declares an environment.
    """
    if not bases:
        raise RepositoryFault(
            Cause.UNSUPPORTED,
            "This portal has no base image to build on.",
            hint="Its operator can make one with `make base-images`.",
        )
    declared = _declared(tree, manifest, bases=bases, cache_key=cache_key)
    if "Dockerfile" not in tree:
        return (declared,)
    try:
        text = check_dockerfile(tree.text("Dockerfile"))
    except RepositoryFault as fault:
        named = pip_packages(tree.text("Dockerfile"))
        if declared.strategy == "python" and not named:
            raise
        reason = f"the repository's Dockerfile was set aside: {fault.failure.sentence}"
        return (_with_packages(declared, named, reason),)
    own = Candidate(
        strategy="dockerfile", python=None, base_image=_first_base(text), dockerfile=text
    )
    if declared.strategy == "python":
        return (own,)
    return (own, _changed(declared, "the repository's Dockerfile did not build"))


def _declared(
    tree: Tree, manifest: Manifest, *, bases: Mapping[str, str], cache_key: str
) -> Candidate:
    python, changed = _choose_python(tree, manifest, sorted(bases, key=_minor))
    requirements = "requirements.txt" if "requirements.txt" in tree else None
    installable, extra = _installable(tree)
    recipe = Recipe(
        base_image=bases[python],
        system_packages=manifest.system_packages,
        requirements=requirements,
        requirements_first=bool(requirements)
        and not _LOCAL_LINE.search(tree.text("requirements.txt")),
        install_project=installable,
        cache_key=cache_key,
        as_of=manifest.as_of,
    )
    return Candidate(
        strategy=requirements or ("project" if installable else "python"),
        python=python,
        base_image=bases[python],
        dockerfile=render(recipe),
        changed=changed,
        extra_files=extra,
        recipe=recipe,
    )


def _choose_python(
    tree: Tree, manifest: Manifest, available: list[str]
) -> tuple[str, tuple[str, ...]]:
    """The Python to use out of `available` (ascending), and what that changes, if anything."""
    pinned = python_pinned(tree, manifest)
    if pinned:
        chosen = nearest(pinned, available)
        note = f"Python {pinned} is asked for; {chosen} is the nearest that this portal has"
        return chosen, () if chosen == pinned else (note,)
    admitted = python_admitted(tree)
    fitting = [python for python in available if admitted.contains(f"{python}.99")]
    if fitting:
        return (DEFAULT_PYTHON if DEFAULT_PYTHON in fitting else fitting[-1]), ()
    chosen = nearest(DEFAULT_PYTHON, available)
    return chosen, (f"Python {admitted} is asked for; {chosen} is what this portal has",)


def _installable(tree: Tree) -> tuple[bool, tuple[tuple[str, bytes], ...]]:
    """Whether the project itself can be installed, and the file that must be added for it."""
    if "setup.py" in tree or _builds(tree):
        return True, ()
    if "setup.cfg" in tree and "[metadata]" in tree.text("setup.cfg"):
        return True, (("setup.py", b"from setuptools import setup\n\nsetup()\n"),)
    return False, ()


def _builds(tree: Tree) -> bool:
    """Whether pyproject.toml describes a package, and not only the settings of tools."""
    if "pyproject.toml" not in tree:
        return False
    try:
        document = tomllib.loads(tree.text("pyproject.toml"))
    except tomllib.TOMLDecodeError as error:
        raise RepositoryFault(
            Cause.BUILD,
            f"pyproject.toml cannot be read: {error}.",
            hint="Correct the line that the message names.",
        ) from error
    return "project" in document or "build-system" in document


def _first_base(dockerfile: str) -> str:
    match = re.search(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", dockerfile, re.MULTILINE | re.IGNORECASE)
    return match.group(1) if match else ""


def pip_packages(dockerfile: str) -> tuple[str, ...]:
    """The packages that a Dockerfile's `pip install` lines name, less options and files."""
    lines = dockerfile.replace("\\\n", " ").splitlines()
    installs = (match.group(1) for line in lines if (match := _PIP_INSTALL.match(line)))
    return tuple(dict.fromkeys(package for install in installs for package in _named(install)))


def _named(install: str) -> Iterator[str]:
    """The packages among the words of one `pip install`; an option's value is none."""
    try:
        words = shlex.split(install.partition("&&")[0])
    except ValueError:
        return  # an open quote: the shell would refuse it too
    for before, word in itertools.pairwise(["", *words]):
        if before not in _VALUED_OPTIONS and _PACKAGE.fullmatch(word):
            yield word


def _with_packages(candidate: Candidate, packages: tuple[str, ...], reason: str) -> Candidate:
    """What is declared, and the packages that a Dockerfile names which cannot be used itself."""
    if not packages or candidate.recipe is None or candidate.recipe.requirements:
        return _changed(candidate, reason)
    recipe = replace(candidate.recipe, packages=packages)
    changed = replace(candidate, strategy="dockerfile packages", recipe=recipe)
    return _changed(replace(changed, dockerfile=render(recipe)), reason)


def _changed(candidate: Candidate, reason: str) -> Candidate:
    return replace(candidate, changed=(*candidate.changed, reason))


def _minor(python: str) -> int:
    return int(python.split(".")[1])
