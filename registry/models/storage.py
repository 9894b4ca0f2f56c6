"""Files kept as evidence, each stored once under its sha256."""

import re

from django.db import models
from django.db.models import Q

from registry.models.entries import ModelEntry
from registry.models.people import User
from registry.models.runs import VerificationRun

# A name that TOML takes in quotes as it is, and that is no path.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_+=,@ -][A-Za-z0-9._+=,@ -]{0,200}")


class Blob(models.Model):
    """The bytes whose sha256 is `sha256`, in the storage called "blobs". Size in bytes.

    `created_at` is when these bytes were last stored, the same ones again too.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        """The key is a hash and the size is one."""

        constraints = (
            models.CheckConstraint(
                condition=Q(sha256__regex=r"\A[0-9a-f]{64}\Z"), name="blob_sha256_form"
            ),
            models.CheckConstraint(condition=Q(size__gte=0), name="blob_size_positive"),
        )

    def __str__(self) -> str:
        return self.sha256

    @property
    def key(self) -> str:
        """Where the storage keeps the bytes."""
        return f"{self.sha256[:2]}/{self.sha256}"


class Artifact(models.Model):
    """A named file of a finished run. Immutable."""

    run = models.ForeignKey(
        VerificationRun, on_delete=models.PROTECT, related_name="artifacts", db_index=False
    )
    name = models.CharField(max_length=500)
    media_type = models.CharField(max_length=100)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="artifacts")

    class Meta:
        """A run has one file of a name."""

        ordering = (
            "run",
            "name",
        )
        constraints = (models.UniqueConstraint(fields=["run", "name"], name="artifact_name"),)

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """An archive that a person sent in place of a repository's address. Immutable.

    The uploads of an entry are the commits of one repository; see registry.services.uploads.
    """

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.PROTECT, related_name="uploads", db_index=False
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="uploads")
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="uploads")
    created_at = models.DateTimeField()

    class Meta:
        """Numbered within the entry."""

        ordering = (
            "entry",
            "number",
        )
        constraints = (
            models.UniqueConstraint(fields=["entry", "number"], name="upload_number"),
            models.CheckConstraint(condition=Q(number__gt=0), name="upload_number_positive"),
        )

    def __str__(self) -> str:
        return self.name


class InputFile(models.Model):
    """A file that a model reads and its repository does not hold, uploaded for the entry.

    A manifest names it by its sha256. Immutable.
    """

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.PROTECT, related_name="input_files", db_index=False
    )
    name = models.CharField(max_length=255)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="input_files")
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="input_files")
    created_at = models.DateTimeField()

    class Meta:
        """An entry has the same bytes once."""

        ordering = (
            "entry",
            "name",
        )
        constraints = (models.UniqueConstraint(fields=["entry", "blob"], name="input_file_once"),)

    def __str__(self) -> str:
        return self.name

    @property
    def declaration(self) -> str:
        """The lines of reprise.toml that name it; the path is a proposal."""
        path = self.name if _PLAIN_NAME.fullmatch(self.name) else "input"
        return f'[[inputs]]\npath = "{path}"\nsha256 = "{self.blob_id}"'
