"""Entries, their versions, and how they are cited and found."""

import msgspec
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from registry.models.people import User, validate_name
from registry.spec.evidence import Failure
from registry.spec.ladder import Cause, Level, Origin, Outcome
from registry.spec.manifest import Article, Manifest, Person, Plan

# Plain values, not members: a migration must not change with the specification.
LEVELS = Q(level__gte=int(Level.REGISTERED), level__lte=int(Level.SUSTAINED))
CAUSES = ["", *(cause.value for cause in Cause)]
SHA256 = r"\A[0-9a-f]{64}\Z"
COMMIT = r"\A[0-9a-f]{40}\Z"


class Visibility(models.TextChoices):
    """Who may see an entry. A withdrawn one stays as a tombstone."""

    DRAFT = "draft", "Draft"
    PRIVATE = "private", "Private"
    PUBLIC = "public", "Public"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Role(models.TextChoices):
    """What a member may do with an entry."""

    OWNER = "owner", "Owner"
    MAINTAINER = "maintainer", "Maintainer"
    READER = "reader", "Reader"


class VersionState(models.TextChoices):
    """Whether a version's repository was understood."""

    PENDING = "pending", "Being read"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be read"


class CitationKind(models.TextChoices):
    """What a citation names."""

    SOFTWARE = "software", "Software"
    ARTICLE = "article", "Article"


class ModelEntry(models.Model):
    """A model under a permanent number and as `owner/name`. The only mutable part of a model.

    The columns from `level` to `green_streak` are copies of what the runs of the current version
    say together (spec Standing), kept here so that a list needs one query. registry.services.runs
    writes them with the evidence; `manage.py recount` compares them with it.
    """

    accession = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="entries")
    name = models.CharField(max_length=96, validators=[validate_name])
    title = models.CharField(max_length=300, blank=True, default="")
    summary = models.CharField(max_length=1000, blank=True, default="")
    description = models.TextField(blank=True, default="")
    container_image = models.CharField(max_length=500, blank=True, default="")
    keywords = models.JSONField(default=list, blank=True)
    # Field → where its text came from (spec Origin); `form` means that a person wrote it.
    origins = models.JSONField(default=dict, blank=True)
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.DRAFT
    )
    withdrawn_reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    current_version = models.ForeignKey(
        "registry.ModelVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    level = models.PositiveSmallIntegerField(default=int(Level.REGISTERED))
    outcome = models.CharField(max_length=20, blank=True, default="")
    cause = models.CharField(max_length=20, blank=True, default="")
    verified_at = models.DateTimeField(null=True, blank=True)
    tests_pass = models.BooleanField(null=True, blank=True)
    repaired = models.BooleanField(default=False)
    repairs = models.JSONField(default=list, blank=True)
    repeatability = models.CharField(max_length=20, blank=True, default="")
    claims = models.PositiveSmallIntegerField(default=0)
    claims_met = models.PositiveSmallIntegerField(default=0)
    # Since when, and why, what once worked does not any more; the last run in which it did.
    lost_at = models.DateTimeField(null=True, blank=True)
    lost_cause = models.CharField(max_length=20, blank=True, default="")
    good_run = models.ForeignKey(
        "registry.VerificationRun",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # When it is due again, and how often in a row it was found as good as before.
    verify_at = models.DateTimeField(null=True, blank=True)
    green_streak = models.PositiveSmallIntegerField(default=0)
    # The newest commit that a push told of; the version stays what it was.
    upstream_commit = models.CharField(max_length=40, blank=True, default="")
    upstream_at = models.DateTimeField(null=True, blank=True)
    # What lists filter by; copies of the current version and of the run with its verdict.
    licence = models.CharField(max_length=200, blank=True, default="")
    run_seconds = models.FloatField(null=True, blank=True)
    peak_memory_mb = models.PositiveIntegerField(null=True, blank=True)
    image_mb = models.PositiveIntegerField(null=True, blank=True)
    needs_gpu = models.BooleanField(default=False)
    # Whether it reads files that the portal fetches from elsewhere before the run.
    needs_download = models.BooleanField(default=False)
    # How much of what a reader looks for is told, 0 to 100 (registry.spec.completeness).
    completeness = models.PositiveSmallIntegerField(default=0)
    # Goes up with every change by a person, so that two tabs cannot overwrite each other.
    revision = models.PositiveIntegerField(default=1)
    featured_at = models.DateTimeField(null=True, blank=True)
    # Where the model went: a tombstone leads there.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    class Meta:
        """Names are unique per owner; a withdrawn entry says why."""

        verbose_name_plural = "model entries"
        constraints = (
            models.UniqueConstraint(
                F("owner"),
                Lower("name"),
                name="entry_owner_name_ci",
                violation_error_message="You already have an entry of this name.",
            ),
            models.CheckConstraint(condition=Q(accession__gt=0), name="entry_accession_positive"),
            models.CheckConstraint(condition=LEVELS, name="entry_level_range"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="entry_visibility_known"
            ),
            models.CheckConstraint(
                condition=(Q(visibility="withdrawn") & ~Q(withdrawn_reason=""))
                | (~Q(visibility="withdrawn") & Q(withdrawn_reason="")),
                name="entry_withdrawn_iff_reason",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", verified_at=None)
                | Q(
                    outcome__in=[Outcome.REPRODUCED.value, Outcome.NOT_REPRODUCED.value],
                    verified_at__isnull=False,
                ),
                name="entry_verdict_whole",
            ),
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="entry_cause_known"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(visibility="withdrawn"),
                name="entry_merged_is_withdrawn",
            ),
        )
        indexes = (
            models.Index(fields=["visibility", "-accession"], name="entry_newest"),
            models.Index(fields=["visibility", "-updated_at", "-accession"], name="entry_updated"),
            models.Index(fields=["visibility", "-level", "-accession"], name="entry_by_level"),
            models.Index(fields=["visibility", "outcome", "-accession"], name="entry_by_outcome"),
            models.Index(
                fields=["verify_at"],
                condition=Q(verify_at__isnull=False),
                name="entry_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.accession} {self.name}"

    @property
    def full_name(self) -> str:
        """`owner/name`; the owner must be at hand or costs a query."""
        return f"{self.owner.username}/{self.name}"

    @property
    def upload_address(self) -> str:
        """What the archives that were sent for this entry are called as a repository."""
        return f"upload:{self.accession}"


class Membership(models.Model):
    """What a person may do with an entry."""

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        """One role a person, one owner an entry."""

        constraints = (
            models.UniqueConstraint(fields=["entry", "user"], name="membership_once"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(role="owner"), name="membership_one_owner"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.entry_id}"


class ModelVersion(models.Model):
    """One commit of a model's repository and what was understood of it. Frozen once published.

    `folder` is the model's in the repository; "" is its root. The address of an archive that was
    sent in place of one is `upload:<accession>`.

    `state` is `pending` until the repository was read; `failure` holds a spec Failure when it could
    not be. `manifest` is a spec Manifest, `plan` a spec Plan, `description` a spec Description
    without its origins, `authors` a list of spec Person.
    """

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=100, blank=True, default="")
    address = models.CharField(max_length=2000)
    ref = models.CharField(max_length=300, blank=True, default="")
    folder = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=VersionState.choices, default=VersionState.PENDING
    )
    failure = models.JSONField(null=True, blank=True)
    commit = models.CharField(max_length=40, blank=True, default="")
    tree_swhid = models.CharField(max_length=60, blank=True, default="")
    committed_at = models.DateTimeField(null=True, blank=True)
    licence = models.CharField(max_length=200, blank=True, default="")
    readme_path = models.CharField(max_length=500, blank=True, default="")
    manifest = models.JSONField(default=dict, blank=True)
    manifest_digest = models.CharField(max_length=64, blank=True, default="")
    manifest_origins = models.JSONField(default=dict, blank=True)
    manifest_missing = models.JSONField(default=list, blank=True)
    plan = models.JSONField(default=dict, blank=True)
    description = models.JSONField(default=dict, blank=True)
    description_origins = models.JSONField(default=dict, blank=True)
    authors = models.JSONField(default=list, blank=True)
    citation = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    # When a message asking for the inspection was last handed to the broker, which may lose it.
    sent_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Ready means a commit is known; published means ready. One unpublished at a time."""

        ordering = (
            "entry",
            "-number",
        )
        constraints = (
            models.UniqueConstraint(fields=["entry", "number"], name="version_number"),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(published_at=None),
                name="version_one_unpublished",
                violation_error_message="This entry already has a version not yet published.",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="version_number_positive"),
            models.CheckConstraint(
                condition=Q(commit="") | Q(commit__regex=COMMIT), name="version_commit_form"
            ),
            models.CheckConstraint(
                condition=Q(manifest_digest="") | Q(manifest_digest__regex=SHA256),
                name="version_digest_form",
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values), name="version_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(commit="") & ~Q(manifest_digest="")),
                name="version_ready_has_commit",
            ),
            models.CheckConstraint(
                condition=Q(state="failed", failure__isnull=False)
                | (~Q(state="failed") & Q(failure__isnull=True)),
                name="version_failed_iff_failure",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | (Q(state="ready") & ~Q(commit="")),
                name="version_published_is_ready",
            ),
        )
        indexes = (
            models.Index(fields=["sent_at"], condition=Q(state="pending"), name="version_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} v{self.number}"

    @property
    def is_upload(self) -> bool:
        """Whether an archive was sent in place of a repository's address."""
        return self.address.startswith("upload:")

    @property
    def place(self) -> str:
        """Where it was read from, for people."""
        source = "an uploaded archive" if self.is_upload else self.address
        return f"{self.folder} in {source}" if self.folder else source

    @property
    def manifest_value(self) -> Manifest:
        """The manifest as its spec value."""
        return msgspec.convert(self.manifest, Manifest)

    @property
    def plan_value(self) -> Plan:
        """What a verification would try, as its spec value; empty before it was inspected."""
        return msgspec.convert(self.plan, Plan)

    @property
    def manifest_edited(self) -> bool:
        """Whether a person changed the manifest that the repository declares."""
        return Origin.FORM in self.manifest_origins.values()

    @property
    def people(self) -> tuple[Person, ...]:
        """The authors as spec values, in their order."""
        return msgspec.convert(self.authors, tuple[Person, ...])

    @property
    def article(self) -> Article | None:
        """The article that published the version, when one is known."""
        cited = self.citations.all()
        return next((one.article for one in cited if one.kind == CitationKind.ARTICLE), None)

    @property
    def failure_value(self) -> Failure | None:
        """Why the repository could not be read, when it could not."""
        return msgspec.convert(self.failure, Failure | None)


class Citation(models.Model):
    """How a version, or the article about it, is cited. `authors` is a list of spec Person."""

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="citations", db_index=False
    )
    kind = models.CharField(max_length=10, choices=CitationKind.choices)
    title = models.TextField()
    authors = models.JSONField(default=list, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    journal = models.CharField(max_length=300, blank=True, default="")
    volume = models.CharField(max_length=50, blank=True, default="")
    pages = models.CharField(max_length=50, blank=True, default="")
    doi = models.CharField("DOI", max_length=300, blank=True, default="")
    url = models.CharField("address", max_length=2000, blank=True, default="")

    class Meta:
        """One citation of a kind for a version."""

        constraints = (
            models.UniqueConstraint(fields=["version", "kind"], name="citation_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=CitationKind.values), name="citation_kind_known"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def people(self) -> tuple[Person, ...]:
        """The authors as spec values, in their order."""
        return msgspec.convert(self.authors, tuple[Person, ...])

    @property
    def article(self) -> Article:
        """What a row of the kind article says, as its spec value."""
        return Article(
            title=self.title,
            authors=self.people,
            year=self.year,
            journal=self.journal,
            volume=self.volume,
            pages=self.pages,
            doi=self.doi,
            url=self.url,
        )


class SearchDocument(models.Model):
    """The words by which an entry is found: folded to plain lower-case words, one blank apart.

    Both databases index this table by their own full-text search (registry/models/triggers.py), so
    that one text gives the same hits on both.
    """

    entry = models.OneToOneField(
        ModelEntry, on_delete=models.CASCADE, primary_key=True, related_name="search_document"
    )
    head = models.TextField()
    body = models.TextField()

    def __str__(self) -> str:
        return self.head
