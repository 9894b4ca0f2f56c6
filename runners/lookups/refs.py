"""The tags and branches of a repository, for people who choose what to publish."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from packaging.version import InvalidVersion, Version

from runners.limits import SourceLimits
from runners.source.address import normalise
from runners.source.mirror import MirrorStore
from runners.source.refs import Advertised

NAMES_MOST = 200
# People wait for the answer.
_SECONDS = 30.0
_TAGS, _HEADS = "refs/tags/", "refs/heads/"
_NUMBER = re.compile(r"(\d{1,18})")
_VERSION_IN_TAG = re.compile(r"v?\d.*", re.IGNORECASE)


def look_up_refs(address: str, mirrors: MirrorStore, limits: SourceLimits) -> dict[str, list[str]]:
    """{"tags": the newest version first, "branches": the main one first}, at most 200 of each.

    Raises RepositoryFault, PlatformFault.
    """
    offered = mirrors.advertised(
        normalise(address, allow=limits.allow),
        limits=replace(limits, seconds=min(limits.seconds, _SECONDS)),
        check=_go_on,
    )
    return {"tags": _tags(offered.refs), "branches": _branches(offered)}


def _tags(refs: Mapping[str, str]) -> list[str]:
    named = [name.removeprefix(_TAGS) for name in refs if name.startswith(_TAGS)]
    tags = [name for name in named if not name.endswith("^{}")]
    return sorted(tags, key=_by_version, reverse=True)[:NAMES_MOST]


def _branches(offered: Advertised) -> list[str]:
    named = [name for name in offered.refs if name.startswith(_HEADS)]
    ordered = sorted(named, key=lambda name: (name != offered.default, name))
    return [name.removeprefix(_HEADS) for name in ordered[:NAMES_MOST]]


def _by_version(tag: str) -> tuple[Any, ...]:
    """What sorts v1.10 above v1.9, and both above v1.9rc1 and tags that are no version."""
    found = _VERSION_IN_TAG.search(tag)
    try:
        return (1, Version(found[0]) if found else Version(tag), tag)
    except InvalidVersion:
        parts = [int(part) if part.isdigit() else part for part in _NUMBER.split(tag)]
        return (0, parts, tag)


def _go_on() -> None:
    """A lookup ends by its own time limit; nothing stops it before."""
