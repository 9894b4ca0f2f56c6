"""The Dockerfile that a person can read, keep, and rebuild elsewhere."""

import shlex
from dataclasses import dataclass

UV_VERSION = "0.13.9"
WORKDIR = "/model"
# What a setup.py of the old kind expects to find before anything of its own is installed.
LEGACY_BUILD_PACKAGES = ("setuptools<81", "wheel", "numpy", "cython")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What goes into a Python environment.

    `requirements_first` says that the requirements file names nothing of the repository, so that
    a changed source does not install the packages again. `packages` are installed beside what is
    declared. Without `build_isolation`, a project is built with what is installed already. `as_of`
    is the day ("2021-03-05") after which no package may have been published.
    `cache_key` parts the build caches of repositories from each other: a build script could plant
    a package in a shared one.
    """

    base_image: str
    system_packages: tuple[str, ...]
    requirements: str | None
    requirements_first: bool
    install_project: bool
    cache_key: str
    packages: tuple[str, ...] = ()
    build_isolation: bool = True
    as_of: str | None = None


def render(recipe: Recipe) -> str:
    """The Dockerfile for `recipe`, layers ordered from what changes least to what changes most."""
    lines = [
        "# Written by Reprise. Build it beside the repository's files: docker build .",
        f"FROM {recipe.base_image}",
        *_system(recipe.system_packages),
        # By the environment: the pip of Python 3.8 to 3.10 does not know the option.
        "RUN PIP_ROOT_USER_ACTION=ignore \\",
        f"    python3 -m pip install --no-cache-dir uv=={UV_VERSION} \\",
        "    && uv venv --seed /opt/environment",
        "ENV VIRTUAL_ENV=/opt/environment PATH=/opt/environment/bin:$PATH UV_LINK_MODE=copy",
        f"WORKDIR {WORKDIR}",
        *_packages(recipe),
    ]
    if recipe.install_project:
        lines += [_install(recipe, "-e .")]
    return "\n".join(lines) + "\n"


def _packages(recipe: Recipe) -> list[str]:
    """Install the packages and copy the source, in the order that rebuilds least."""
    early = () if recipe.build_isolation else LEGACY_BUILD_PACKAGES
    legacy = [_install(recipe, _quoted(early))] if early else []
    wanted = _quoted(("pytest", *recipe.packages))
    if not recipe.requirements:
        return [*legacy, _install(recipe, wanted), "COPY . ."]
    install = _install(recipe, f"{wanted} -r {recipe.requirements}")
    if recipe.requirements_first:
        return [*legacy, f"COPY {recipe.requirements} ./", install, "COPY . ."]
    return [*legacy, "COPY . .", install]


def _quoted(packages: tuple[str, ...]) -> str:
    return shlex.join(packages)


def _system(packages: tuple[str, ...]) -> list[str]:
    if not packages:
        return []
    return [
        "RUN apt-get update \\",
        f"    && apt-get install -y --no-install-recommends {' '.join(packages)} \\",
        "    && rm -rf /var/lib/apt/lists/*",
    ]


def _install(recipe: Recipe, what: str) -> str:
    mount = f"--mount=type=cache,id=reprise-{recipe.cache_key},target=/root/.cache/uv"
    isolation = "" if recipe.build_isolation else "--no-build-isolation "
    newest = f"--exclude-newer {recipe.as_of} " if recipe.as_of else ""
    return f"RUN {mount} \\\n    uv pip install {isolation}{newest}{what}"
