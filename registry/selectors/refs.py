"""Under which names of git's a model's versions are pulled: the same by git and by hub clients.

`refs/heads/main` is the newest published version, `refs/tags/v<number>` each published one. A
version's label is a tag too, where git allows it as one. A name never passes to another version:
of two with one label the older keeps it, and `v` with a number, HEAD and what reads as a commit
are no labels. An unpublished version has no name: who may see it says its whole commit.
"""

import re
from collections.abc import Iterable

from registry.models import ModelVersion

MAIN = "refs/heads/main"
TAGS = "refs/tags/"
# Narrower than git: what needs no quoting anywhere. No folder of names may be called as a number.
_LABEL = re.compile(
    r"(?!v[0-9]+(/|$))(?!refs/)(?!(HEAD|main)(/|$))(?![0-9a-fA-F]{40}$)(?!.*\.\.)"
    r"[A-Za-z0-9_](?:[A-Za-z0-9_+.-]*[A-Za-z0-9_+-])?"
    r"(?:/[A-Za-z0-9_](?:[A-Za-z0-9_+.-]*[A-Za-z0-9_+-])?)*"
)
_LOCK = re.compile(r"\.lock(/|$)")


def version_refs(versions: Iterable[ModelVersion]) -> dict[str, ModelVersion]:
    """Full name of a ref → the version that it means, `refs/heads/main` first; {} before any.

    Of the `versions` of one entry, in any order, the unpublished are left out. Reads their
    `number`, `label` and `published_at` alone.
    """
    published = sorted(
        (one for one in versions if one.published_at is not None), key=lambda one: one.number
    )
    if not published:
        return {}
    refs = {MAIN: published[-1]} | {f"{TAGS}v{one.number}": one for one in published}
    for version in published:
        if label_is_ref(version.label) and not _stands(f"{TAGS}{version.label}", refs):
            refs[f"{TAGS}{version.label}"] = version
    return refs


def label_is_ref(label: str) -> bool:
    """Whether a version's label can be the name of its tag."""
    return _LABEL.fullmatch(label) is not None and not _LOCK.search(label)


def _stands(name: str, refs: Iterable[str]) -> bool:
    """Whether a name is taken, or git could not keep it: `a` and `a/b` exclude each other."""
    return any(f"{name}/".startswith(f"{ref}/") or ref.startswith(f"{name}/") for ref in refs)
