"""Queries about what is kept of a version's files."""

from registry.models import Artifact, ModelVersion

ARCHIVE = "source.tar.gz"


def version_archive(version: ModelVersion) -> Artifact | None:
    """The archive of a version's files, made by the last run that fetched this very commit."""
    kept = Artifact.objects.filter(
        run__version=version, run__commit=version.commit, name=ARCHIVE
    ).select_related("blob")
    return kept.order_by("-pk").first()
