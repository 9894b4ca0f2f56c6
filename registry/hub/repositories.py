"""A model as a repository of the hub: which versions one may see, and which a revision means."""

from dataclasses import dataclass

from registry.hub.doors import no_repository, no_revision
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.selectors.entries import Viewer, entry_get, entry_versions
from registry.selectors.refs import MAIN, TAGS, version_refs

_HEADS = MAIN.removesuffix("main")
# What a file is found by. The rest of a version is most of it.
_VERSION = ("entry", "number", "label", "address", "folder", "commit", "manifest_digest",
            "licence", "published_at", "sent_at")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Repository:
    """An entry, and by every revision that the caller may ask for the version that it means."""

    entry: ModelEntry
    revisions: dict[str, ModelVersion]

    def refs(self) -> dict[str, ModelVersion]:
        """The whole names of refs, and what they mean."""
        return {name: one for name, one in self.revisions.items() if name.startswith("refs/")}

    def version(self, revision: str) -> ModelVersion:
        """The version that a revision means. Raises Refusal."""
        if revision not in self.revisions:
            raise no_revision()
        return self.revisions[revision]

    def located(self, rest: str) -> tuple[ModelVersion, str]:
        """Version and path of `revision/path`: the longest revision that fits. Raises Refusal.

        A slash within a revision cannot be told from others, for addresses come decoded.
        """
        fitting = (name for name in self.revisions if f"{rest}/".startswith(f"{name}/"))
        revision = max(fitting, key=len, default="")
        return self.version(revision), rest[len(revision) + 1 :]


def repository_of(*, viewer: Viewer, owner: str, name: str) -> Repository:
    """The model, unless it was withdrawn or this caller may not know of it. Raises Refusal."""
    entry = entry_get(user=viewer, owner=owner, name=name)
    if entry is None or entry.visibility == Visibility.WITHDRAWN:
        raise no_repository()
    versions = entry_versions(user=viewer, entry=entry).exclude(commit="").only(*_VERSION)
    return Repository(entry=entry, revisions=revisions_of(list(versions)))


def revisions_of(versions: list[ModelVersion]) -> dict[str, ModelVersion]:
    """Revision → version: refs by whole and by short name, and whole commits.

    Clients turn a name into a commit and ask for files by that. So a commit means one version,
    the newest published one of it, and an older one that shows another folder has no name.
    """
    oldest_first = sorted(versions, key=lambda one: (one.published_at is not None, one.number))
    commits = {one.commit: one for one in oldest_first}
    named: dict[str, ModelVersion] = {}
    for ref, version in version_refs(versions).items():
        if commits[version.commit].folder == version.folder:
            named[ref] = version
            named.setdefault(ref.removeprefix(_HEADS).removeprefix(TAGS), version)
    return named | commits
