"""Queries about what is kept of a version's files."""

from registry.models import Artifact, Blob, ModelVersion
from registry.source_archives import Form

ARCHIVE = "source.tar.gz"


def version_archive(version: ModelVersion) -> Artifact | None:
    """The archive of a version's files, made by the last run that fetched this very commit."""
    kept = Artifact.objects.filter(
        run__version=version, run__commit=version.commit, name=ARCHIVE
    ).select_related("blob")
    return kept.order_by("-pk").first()


def archive_kept(version: ModelVersion, *, form: Form, folder: str) -> Blob | None:
    """An archive of a version, or of one folder of it, as it is kept; None where it is not yet."""
    if form is Form.TAR_GZ and not folder:
        whole = version_archive(version)
        return whole.blob if whole else None
    rows = version.archives.filter(commit=version.commit, folder=folder, format=form)
    made = rows.select_related("blob").first()
    return made.blob if made else None
