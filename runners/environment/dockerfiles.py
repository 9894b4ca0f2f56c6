"""The Dockerfile that a person can read, keep, and rebuild elsewhere."""

from dataclasses import dataclass

UV_VERSION = "0.13.9"
WORKDIR = "/model"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What goes into a Python environment.

    `requirements_first` says that the requirements file names nothing of the repository, so that
    a changed source does not install the packages again. `cache_key` parts the build caches of
    repositories from each other: a build script could plant a package in a shared one.
    """

    base_image: str
    system_packages: tuple[str, ...]
    requirements: str | None
    requirements_first: bool
    install_project: bool
    cache_key: str


def render(recipe: Recipe) -> str:
    """The Dockerfile for `recipe`, layers ordered from what changes least to what changes most."""
    lines = [
        "# Written by Reprise. Build it beside the repository's files: docker build .",
        f"FROM {recipe.base_image}",
        *_system(recipe.system_packages),
        f"RUN python3 -m pip install --no-cache-dir --root-user-action=ignore uv=={UV_VERSION} \\",
        "    && uv venv --seed /opt/environment",
        "ENV VIRTUAL_ENV=/opt/environment PATH=/opt/environment/bin:$PATH UV_LINK_MODE=copy",
        f"WORKDIR {WORKDIR}",
    ]
    packages = f"pytest -r {recipe.requirements}" if recipe.requirements else "pytest"
    if recipe.requirements and recipe.requirements_first:
        lines += [f"COPY {recipe.requirements} ./", _install(recipe, packages), "COPY . ."]
    elif recipe.requirements:
        lines += ["COPY . .", _install(recipe, packages)]
    else:
        lines += [_install(recipe, packages), "COPY . ."]
    if recipe.install_project:
        lines += [_install(recipe, "-e .")]
    return "\n".join(lines) + "\n"


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
    return f"RUN {mount} \\\n    uv pip install {what}"
