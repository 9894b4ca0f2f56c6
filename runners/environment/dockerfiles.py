"""The Dockerfile that a person can read, keep, and rebuild elsewhere."""

import re
import shlex
from dataclasses import dataclass

from packaging.utils import canonicalize_name

UV_VERSION = "0.13.9"
WORKDIR = "/model"
SETUP = b"from setuptools import setup\n\nsetup()\n"
# How setuptools-scm (hatch-vcs asks it) and pbr are told what they ask git for.
VERSION_TOLD = "SETUPTOOLS_SCM_PRETEND_VERSION=0.0.0 PBR_VERSION=0.0.0"
REQUIREMENTS = "reprise-requirements.txt"
CONSTRAINTS = "reprise-constraints.txt"
CACHE = "/root/.cache/uv"
SHARED_CACHE = "reprise-wheels"
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
# setuptools 64 is the first that can leave a project in its folder (PEP 660); from 69 on it lost
# what the set-ups of those years use.
EDITABLE_SINCE = "2022-08-11"
OLD_SETUPTOOLS = ("setuptools>=64,<69",)
BUILD_CONSTRAINTS = "reprise-build-constraints.txt"
# What a setup.py of the old kind expects to find before anything of its own is installed.
LEGACY_BUILD_PACKAGES = ("setuptools<81", "wheel", "numpy", "cython")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What goes into a Python environment.

    `requirements` and `constraints` are lines of a requirements file, written to files of ours
    beside the source. `packages` are installed beside them, the project with its `extras`; with
    `setup_missing` a setup.py is added that leaves all to setup.cfg, and with `version_from_git` it
    is told a version, since the image holds no history. Without `build_isolation`, a
    project is built with what is installed already.
    `as_of` is the day ("2021-03-05") after which no package may have been published, save those
    `undated`; `week` ("2026-W47") is the one whose newest packages were taken otherwise: a later
    week builds anew, so that rot is seen.
    `steps` are shell lines run in the working folder when all else is there. `search_path` names
    folders from the root in which Python looks for modules.
    `cache_key` parts the build caches of repositories from each other: a build script could plant
    a package in a shared one. See docs/decisions/0003-build-caches-are-kept-apart.md.
    """

    base_image: str
    python: str
    cache_key: str
    system_packages: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    install_project: bool = False
    extras: tuple[str, ...] = ()
    build_isolation: bool = True
    setup_missing: bool = False
    version_from_git: bool = False
    as_of: str | None = None
    undated: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    search_path: tuple[str, ...] = ()
    week: str = ""

    @property
    def requirements_first(self) -> bool:
        """Whether no requirement is a path: then a changed source installs nothing again."""
        return not any(_is_local(line) for line in self.requirements)

    @property
    def wants_younger_setuptools(self) -> bool:
        """Whether the setuptools of the day cannot install a project that stays in its folder."""
        return bool(self.as_of and self.as_of < EDITABLE_SINCE)

    @property
    def files(self) -> dict[str, bytes]:
        """What must stand beside the repository's files for the Dockerfile to build."""
        files = {
            REQUIREMENTS: self.requirements,
            CONSTRAINTS: self.constraints,
            BUILD_CONSTRAINTS: OLD_SETUPTOOLS if self.wants_younger_setuptools else (),
        }
        setup = {"setup.py": SETUP} if self.setup_missing else {}
        return {name: _lines(lines) for name, lines in files.items() if lines} | setup


def name_of(line: str) -> str:
    """The normalised name of the distribution that a line asks for; the line where it has none."""
    match = _NAME.match(line)
    return canonicalize_name(match.group()) if match else line


def _lines(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _is_local(line: str) -> bool:
    return line.startswith((".", "/", "-")) or "@ file:" in line


def render(recipe: Recipe) -> str:
    """The Dockerfile for `recipe`, layers ordered from what changes least to what changes most."""
    lines = [
        "# Written by Reprise. Build it beside the repository's files: docker build .",
        f"FROM {recipe.base_image}",
        *([f"LABEL org.reprise.packages={recipe.week}"] if recipe.week else []),
        *_system(recipe.system_packages),
        # By the environment: the pip of Python 3.8 to 3.10 does not know the option.
        "RUN PIP_ROOT_USER_ACTION=ignore \\",
        f"    python3 -m pip install --no-cache-dir uv=={UV_VERSION} \\",
        "    && uv venv --seed /opt/environment",
        "ENV VIRTUAL_ENV=/opt/environment PATH=/opt/environment/bin:$PATH UV_LINK_MODE=copy",
        # Each verification asks pip whether the packages agree: half of its time is compiling it.
        "RUN python -m compileall -q /opt/environment || true",
        f"WORKDIR {WORKDIR}",
        *_packages(recipe),
    ]
    if recipe.install_project:
        told = f"{VERSION_TOLD} " if recipe.version_from_git else ""
        lines += [_install(recipe, shlex.join(("-e", _project(recipe))), told)]
    lines += [f"RUN {step}" for step in recipe.steps]
    if recipe.search_path:
        places = (f"{WORKDIR}/{folder}".removesuffix("/.") for folder in recipe.search_path)
        lines += [f"ENV PYTHONPATH={shlex.quote(':'.join(places))}"]
    return "\n".join(lines) + "\n"


def _project(recipe: Recipe) -> str:
    return f".[{','.join(recipe.extras)}]" if recipe.extras else "."


def _packages(recipe: Recipe) -> list[str]:
    """Install the packages and copy the source, in the order that rebuilds least."""
    early = () if recipe.build_isolation else LEGACY_BUILD_PACKAGES
    wanted = shlex.join(recipe.packages)
    if recipe.requirements:
        wanted = f"{wanted} -r {REQUIREMENTS}".lstrip()
    alone = [*_shared(recipe, wanted), _install(recipe, wanted)] if wanted else []
    return [
        *([f"COPY {' '.join(recipe.files)} ./"] if recipe.files else []),
        *([_install(recipe, shlex.join(early))] if early else []),
        *(alone if recipe.requirements_first else []),
        "COPY . .",
        *([] if recipe.requirements_first else [_install(recipe, wanted)]),
    ]


def _shared(recipe: Recipe, what: str) -> list[str]:
    """Ready-made wheels out of the cache that all repositories share, where they are enough.

    Nothing that any author wrote runs in this step, nor before it: unpacking a wheel runs nothing
    of it, and building from source is off. So nobody can plant anything in that cache. What is not
    to be had as wheels is left to the next step, with the cache of this repository alone.
    """
    if not recipe.build_isolation:
        return []
    mount = f"--mount=type=cache,id={SHARED_CACHE},target={CACHE}"
    return [f"RUN {mount} \\\n    {_command(recipe, f'--no-build {what}')} 2>/dev/null || true"]


def _system(packages: tuple[str, ...]) -> list[str]:
    if not packages:
        return []
    return [
        "RUN apt-get update \\",
        f"    && apt-get install -y --no-install-recommends {' '.join(packages)} \\",
        "    && rm -rf /var/lib/apt/lists/*",
    ]


def _install(recipe: Recipe, what: str, told: str = "") -> str:
    mount = f"--mount=type=cache,id=reprise-{recipe.cache_key},target={CACHE}"
    return f"RUN {mount} \\\n    {told}{_command(recipe, what)}"


def _command(recipe: Recipe, what: str) -> str:
    isolation = "" if recipe.build_isolation else "--no-build-isolation "
    newest = f"--exclude-newer {recipe.as_of} " if recipe.as_of else ""
    undated = (*recipe.undated, *(("setuptools",) if recipe.wants_younger_setuptools else ()))
    if recipe.as_of:
        newest += "".join(f"--exclude-newer-package {name}=false " for name in undated)
    bounds = f"-c {CONSTRAINTS} " if recipe.constraints else ""
    bounds += f"-b {BUILD_CONSTRAINTS} " if recipe.wants_younger_setuptools else ""
    return f"uv pip install {isolation}{newest}{bounds}{what}"
