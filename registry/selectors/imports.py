"""Queries about what is here already of what somebody brings."""

import re

from registry.models import ModelEntry, User
from registry.models.entries import Visibility

_SCHEME = re.compile(r"^[a-z+]+://(www\.)?", re.IGNORECASE)
Source = tuple[str, str, str]
"""Address without what people leave out or add, ref, folder."""


def source_key(address: str, ref: str, folder: str) -> Source:
    """What is the same for two ways to write where a version is read from."""
    bare = _SCHEME.sub("", address.strip()).rstrip("/").removesuffix(".git")
    host, slash, path = bare.partition("/")
    return f"{host.lower()}{slash}{path}", ref.strip(), folder.strip().strip("/")


def entries_by_source(*, owner: User) -> dict[Source, ModelEntry]:
    """A person's entries by each place that a version of theirs was read from."""
    entries = ModelEntry.objects.filter(owner=owner).exclude(visibility=Visibility.WITHDRAWN)
    found: dict[Source, ModelEntry] = {}
    for entry in entries.prefetch_related("versions").order_by("accession"):
        for version in entry.versions.all():
            key = source_key(version.address, version.ref, version.folder)
            found.setdefault(key, entry)
    return found
