"""Queries about what is here already of what somebody brings."""

import re

from registry.models import ModelEntry, ModelVersion, User
from registry.models.entries import Visibility

_SCHEME = re.compile(r"^[a-z+]+://(www\.)?", re.IGNORECASE)
Source = tuple[str, str, str]
"""Address without what people leave out or add, ref, folder."""


def source_key(address: str, ref: str, folder: str) -> Source:
    """What is the same for two ways to write where a version is read from."""
    bare = _SCHEME.sub("", address.strip()).rstrip("/").removesuffix(".git")
    return bare.lower(), ref.strip(), folder.strip().strip("/")


def entry_from_source(
    *, owner: User, address: str, ref: str = "", folder: str = ""
) -> ModelEntry | None:
    """A person's entry of which a version is read from there; not one that is taken down."""
    key = source_key(address, ref, folder)
    versions = ModelVersion.objects.filter(
        entry__owner=owner, ref=key[1], folder=key[2], address__icontains=key[0]
    )
    near = versions.exclude(entry__visibility=Visibility.WITHDRAWN).select_related("entry__owner")
    same = (one for one in near if source_key(one.address, one.ref, one.folder) == key)
    return next((version.entry for version in same), None)
