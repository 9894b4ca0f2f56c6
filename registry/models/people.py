"""People and the tokens by which their programs speak for them."""

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from registry.spec.identifiers import name_is_valid, orcid_normalised


def validate_name(name: str) -> None:
    """Refuse what cannot stand on either side of `owner/name`. Raises ValidationError."""
    if not name_is_valid(name):
        raise ValidationError(
            "Use 1 to 96 letters, digits, “-”, “_” or “.”, beginning and ending with a letter, "
            "a digit or “_”; no “--”, no “..”, no “.git” at the end."
        )


def validate_orcid(orcid: str) -> None:
    """Refuse an ORCID iD whose form or check digit is wrong. Raises ValidationError."""
    try:
        normal = orcid_normalised(orcid)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    if normal != orcid:
        raise ValidationError(f"Write the ORCID iD as {normal}.")


class User(AbstractUser):
    """A person with an account. The username is the namespace of the person's entries."""

    username = models.CharField(
        max_length=96,
        unique=True,
        validators=[validate_name],
        error_messages={"unique": "Somebody already has this user name."},
    )
    email = models.EmailField("e-mail address", blank=True)
    orcid = models.CharField(
        "ORCID iD", max_length=19, blank=True, default="", validators=[validate_orcid]
    )
    affiliation = models.CharField(max_length=300, blank=True, default="")

    class Meta(AbstractUser.Meta):
        """Namespaces and e-mail addresses differ by more than their case."""

        constraints = (
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_ci",
                violation_error_message="Somebody already has this user name.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email_ci",
                violation_error_message="Somebody already has this e-mail address.",
            ),
            models.CheckConstraint(
                condition=Q(orcid="") | Q(orcid__regex=r"\A\d{4}-\d{4}-\d{4}-\d{3}[\dX]\Z"),
                name="user_orcid_form",
                violation_error_message="An ORCID iD has the form 0000-0002-1825-0097.",
            ),
        )

    def __str__(self) -> str:
        return self.username

    @property
    def name(self) -> str:
        """The full name, the user name when none is given."""
        return self.get_full_name() or self.username


class ApiToken(models.Model):
    """A key for programs. Only its sha256 digest is kept: a stolen database holds no usable key."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A digest is 64 hexadecimal digits, so no plain token can be stored by mistake."""

        constraints = (
            models.CheckConstraint(
                condition=Q(digest__regex=r"\A[0-9a-f]{64}\Z"), name="token_digest_form"
            ),
        )
        indexes = (models.Index(fields=["user", "-created_at"], name="token_by_user"),)

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def is_over(self) -> bool:
        """Whether its time has run out."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class KeptAnswer(models.Model):
    """What a change by API was answered, so that the same `Idempotency-Key` gets it once more.

    Kept for a day. `request_digest` is the sha256 of method, address and body. Without a `status`
    the change is still going on.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="kept_answers", db_index=False
    )
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        """A key stands for one request of a person."""

        constraints = (models.UniqueConstraint(fields=["user", "key"], name="kept_answer_once"),)
        indexes = (models.Index(fields=["created_at"], name="kept_answer_by_age"),)

    def __str__(self) -> str:
        return self.key
