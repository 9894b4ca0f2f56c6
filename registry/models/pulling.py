"""What is given out of models: archives, images, whole exports, and how often it is taken."""

from django.db import models
from django.db.models import Q

from registry.models.entries import COMMIT, ModelVersion
from registry.models.people import User
from registry.models.runs import VerificationRun
from registry.models.storage import Blob


class PullKind(models.TextChoices):
    """By which way something was pulled."""

    ARCHIVE = "archive", "Source archives"
    FILE = "file", "Single files"
    HUB = "hub", "Hugging Face clients"
    GIT = "git", "git"
    IMAGE = "image", "Images"
    EVIDENCE = "evidence", "Evidence and RO-Crates"
    CALCULATION = "calculation", "Calculations here"


class Puller(models.TextChoices):
    """What kind of program pulled, as far as it says so itself."""

    PERSON = "person", "People and their programs"
    ROBOT = "robot", "Robots"
    CI = "ci", "Continuous integration"
    OWN = "own", "This portal itself"


class PullCount(models.Model):
    """How often a version was pulled in one way on one day (UTC). Of nobody in particular.

    No address, account or token is kept: the counter is all that there is.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="pulls", db_index=False
    )
    day = models.DateField()
    kind = models.CharField(max_length=12, choices=PullKind.choices)
    puller = models.CharField(max_length=8, choices=Puller.choices)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One counter for each."""

        constraints = (
            models.UniqueConstraint(
                fields=["version", "day", "kind", "puller"], name="pull_count_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=PullKind.values, puller__in=Puller.values),
                name="pull_count_known",
            ),
        )
        indexes = (models.Index(fields=["day"], name="pull_count_by_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.kind} of {self.version_id}: {self.count}"


class SourceArchive(models.Model):
    """An archive of a version's files, or of one `folder` of them: made once, kept by its sha256.

    It is of `commit`, for a version may change until it is published. `format` is as the end of
    its name: `tar.gz`, `tar.zst` or `zip`.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="archives", db_index=False
    )
    commit = models.CharField(max_length=40)
    folder = models.CharField(max_length=500, blank=True, default="")
    format = models.CharField(max_length=10)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="archives")
    made_at = models.DateTimeField()

    class Meta:
        """The same archive once."""

        constraints = (
            models.UniqueConstraint(
                fields=["version", "commit", "folder", "format"], name="archive_once"
            ),
            models.CheckConstraint(condition=Q(commit__regex=COMMIT), name="archive_commit_form"),
            models.CheckConstraint(
                condition=Q(format__in=["tar.gz", "tar.zst", "zip"]), name="archive_format_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version_id} {self.folder} {self.format}"


class UnpackedFile(models.Model):
    """A large file of a version as it is, kept for a while: git gives it at a quarter of the speed.

    It is of `commit`, for a version may change until it is published. `oid` is git's name of its
    content.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="unpacked_files", db_index=False
    )
    commit = models.CharField(max_length=40)
    path = models.CharField(max_length=500)
    oid = models.CharField(max_length=40)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="unpacked_files")
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        """The same file once."""

        constraints = (
            models.UniqueConstraint(
                fields=["version", "commit", "path"], name="unpacked_file_once"
            ),
            models.CheckConstraint(
                condition=Q(commit__regex=COMMIT, oid__regex=COMMIT), name="unpacked_file_form"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version_id} {self.path}"


class ImageState(models.TextChoices):
    """How far an image has come on its way out of the engine."""

    PENDING = "pending", "Waiting"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"
    REMOVED = "removed", "Removed"


class PushedImage(models.Model):
    """The image of a run with a verdict, at the site's OCI registry.

    `repository` is `owner/name` in small letters, as it was when it was pushed; `digest` is that
    of the manifest there, by which `docker pull` gets these very bytes. `size` is in bytes.
    """

    run = models.OneToOneField(
        VerificationRun, on_delete=models.PROTECT, primary_key=True, related_name="pushed_image"
    )
    state = models.CharField(max_length=10, choices=ImageState.choices, default=ImageState.PENDING)
    repository = models.CharField(max_length=255, blank=True, default="")
    tag = models.CharField(max_length=128, blank=True, default="")
    digest = models.CharField(max_length=100, blank=True, default="")
    size = models.BigIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=1000, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    pushed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Ready means: there, under a digest."""

        constraints = (
            models.CheckConstraint(
                condition=~Q(state="ready")
                | (~Q(repository="") & ~Q(digest="") & Q(pushed_at__isnull=False)),
                name="pushed_image_ready_is_whole",
            ),
        )
        indexes = (
            models.Index(fields=["sent_at"], condition=Q(state="pending"), name="push_waiting"),
            models.Index(fields=["repository", "tag"], name="pushed_image_named"),
        )

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}"


class SavedImage(models.Model):
    """The image of a run as one file (`docker save`), made when somebody asks, kept for a while."""

    run = models.OneToOneField(
        VerificationRun, on_delete=models.PROTECT, primary_key=True, related_name="saved_image"
    )
    state = models.CharField(max_length=10, choices=ImageState.choices, default=ImageState.PENDING)
    blob = models.ForeignKey(
        Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="saved_images"
    )
    failure = models.CharField(max_length=1000, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Ready means: its bytes are here."""

        constraints = (
            models.CheckConstraint(
                condition=Q(state="ready", blob__isnull=False, made_at__isnull=False)
                | (~Q(state="ready") & Q(blob=None)),
                name="saved_image_ready_iff_blob",
            ),
        )
        indexes = (
            models.Index(fields=["sent_at"], condition=Q(state="pending"), name="save_waiting"),
        )

    def __str__(self) -> str:
        return f"image of run {self.run_id}"


class BulkExport(models.Model):
    """All that is public on this portal, as files of JSON lines, signed: see docs/harvesting.md."""

    name = models.CharField(max_length=200, unique=True)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="exports")
    signature = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()

    class Meta:
        """The newest first."""

        ordering = ("-made_at", "name")

    def __str__(self) -> str:
        return self.name
