"""What builds a run's environment again: a lock file, and a Dockerfile that obeys it."""

import re

from packaging.requirements import InvalidRequirement, Requirement

from runners.environment.dockerfiles import Recipe, render

LOCK = "requirements.lock"
DOCKERFILE = "rebuild/Dockerfile"
SOURCE = "source.tar.gz"
_LOCK_THERE = f"/opt/{LOCK}"
_HEADING = """\
# Written by Reprise. Builds the environment of a verified run again: every Python package has the
# version that {lock} names. In the folder that holds the run's files:
#     docker build --file {dockerfile} .
FROM scratch AS source
ADD {source} /
"""
_READY = re.compile(r"^ENV VIRTUAL_ENV=.*$", re.MULTILINE)
_COPY = re.compile(r"^COPY \. \.$", re.MULTILINE)


def pins(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Those of an image's `packages` that are plain pins ("name==version").

    The image tells them, and hostile people wrote what is in it: no line of a lock file may be an
    option to whoever installs from it.
    """
    return tuple(package for package in packages if _is_pin(package))


def rebuild_dockerfile(recipe: Recipe, *, source: str) -> str:
    """`recipe`'s Dockerfile as the files of a run build it: the same steps, held to the lock file.

    `source` is the folder in which the source archive keeps the model's files. Debian packages
    come as Debian has them on the day.
    """
    steps = render(recipe).partition("\n")[2]
    obeyed = steps.replace("uv pip install ", f"uv pip install --constraints {_LOCK_THERE} ")
    locked = _READY.sub(lambda found: f"{found[0]}\nCOPY {LOCK} {_LOCK_THERE}", obeyed, count=1)
    copied = _COPY.sub(f"COPY --from=source /{source}/ ./", locked, count=1)
    # What `uv venv` laid before there was a choice, pip above all.
    rest = f"RUN uv pip install --no-deps --requirements {_LOCK_THERE}\n"
    return _HEADING.format(lock=LOCK, dockerfile=DOCKERFILE, source=SOURCE) + copied + rest


def _is_pin(package: str) -> bool:
    try:
        requirement = Requirement(package)
    except InvalidRequirement:
        return False
    operators = [each.operator for each in requirement.specifier]
    return operators == ["=="] and package == f"{requirement.name}{requirement.specifier}"
