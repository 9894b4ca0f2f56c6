"""What the portal asks of others: metadata by address, DOIs. Workers ask; pages show the answer."""

import msgspec
from django.db import models
from django.db.models import Q

from registry.imports.model import ImportedModel
from registry.models.entries import ModelEntry, ModelVersion
from registry.models.people import User
from registry.spec.evidence import Failure
from registry.spec.manifest import Article


class LookupKind(models.TextChoices):
    """What is asked for."""

    ARTICLE = "article", "The article of a DOI"
    MODEL = "model", "The description of a model at another portal"
    REFS = "refs", "The tags and branches of a repository"
    TABLE = "table", "A table of models that somebody sent"


class LookupState(models.TextChoices):
    """How far a question has come."""

    PENDING = "pending", "Being asked"
    ANSWERED = "answered", "Answered"
    FAILED = "failed", "No answer"


class Lookup(models.Model):
    """One question to a server elsewhere. A row for each; old ones are removed.

    `result` is what was understood (see registry.services.lookups), `failure` a spec Failure.
    """

    kind = models.CharField(max_length=10, choices=LookupKind.choices)
    address = models.CharField(max_length=2000)
    state = models.CharField(
        max_length=10, choices=LookupState.choices, default=LookupState.PENDING
    )
    result = models.JSONField(null=True, blank=True)
    failure = models.JSONField(null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="lookups")
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """An answer or a failure, when there is one."""

        constraints = (
            models.CheckConstraint(
                condition=Q(state="pending", result__isnull=True, failure__isnull=True)
                | Q(state="answered", result__isnull=False, failure__isnull=True)
                | Q(state="failed", result__isnull=True, failure__isnull=False),
                name="lookup_state_whole",
            ),
        )
        indexes = (
            models.Index(fields=["sent_at"], condition=Q(state="pending"), name="lookup_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"

    @property
    def article_value(self) -> Article:
        """The answer to a question for an article, as its spec value."""
        return msgspec.convert(self.result, Article)

    @property
    def model_value(self) -> ImportedModel:
        """The answer to a question for a model, as its value."""
        return msgspec.convert(self.result, ImportedModel)

    @property
    def failure_value(self) -> Failure | None:
        """Why there is no answer, when there is none."""
        return msgspec.convert(self.failure, Failure | None)


class DoiState(models.TextChoices):
    """How far the registration of a DOI has come."""

    PENDING = "pending", "Being registered"
    REGISTERED = "registered", "Registered"
    FAILED = "failed", "Could not be registered"


class Doi(models.Model):
    """The DOI of a published version, minted through DataCite. Never deleted once registered.

    `is_findable` is what DataCite was last told: that its index shows the DOI, because the model
    is public.
    """

    version = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, primary_key=True, related_name="minted_doi"
    )
    doi = models.CharField(max_length=300, unique=True)
    state = models.CharField(max_length=10, choices=DoiState.choices, default=DoiState.PENDING)
    failure = models.CharField(max_length=1000, blank=True, default="")
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True, blank=True)
    is_findable = models.BooleanField(default=False)

    class Meta:
        """Registered means: when."""

        constraints = (
            models.CheckConstraint(
                condition=Q(state="registered") | Q(is_findable=False),
                name="doi_findable_is_registered",
            ),
            models.CheckConstraint(
                condition=Q(state="registered", registered_at__isnull=False)
                | (~Q(state="registered") & Q(registered_at=None)),
                name="doi_registered_iff_moment",
            ),
        )
        indexes = (
            models.Index(fields=["sent_at"], condition=Q(state="pending"), name="doi_waiting"),
        )

    def __str__(self) -> str:
        return self.doi


class TypedForm(models.Model):
    """What somebody has typed into an entry's form and not yet saved, field by field.

    `revision` goes up with every write; a tab that holds an older one does not overwrite.
    """

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.CASCADE, related_name="typed_forms", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="typed_forms")
    data = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        """One a person and entry."""

        constraints = (models.UniqueConstraint(fields=["entry", "user"], name="typed_form_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} typed on {self.entry_id}"
