"""Who vouches for a run: keys that sign receipts, and reproductions that other sites report."""

from django.db import models
from django.db.models import Q

from registry.models.entries import ModelVersion
from registry.models.people import User
from registry.models.runs import VerificationRun
from registry.models.storage import Blob

KEYID = r"\A[0-9a-f]{64}\Z"


class SigningKey(models.Model):
    """A public key under which this portal signs or once signed receipts. Never deleted.

    Its secret half is a file that the workers read; it is in no table and no backup of one.
    """

    keyid = models.CharField(primary_key=True, max_length=64)
    public_key = models.TextField()  # PEM, SubjectPublicKeyInfo
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The key's name is a hash of it; one at most is in use."""

        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(keyid__regex=KEYID), name="signing_key_form"),
        )

    def __str__(self) -> str:
        return self.keyid


class Reproduction(models.Model):
    """A run of somebody else's, compared with one of this portal's and signed by them. Immutable.

    Everything in it is the sender's word: only that it was signed with `keyid` was checked here.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="reproductions", db_index=False
    )
    run = models.ForeignKey(
        VerificationRun, on_delete=models.PROTECT, related_name="reproductions", db_index=False
    )
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reproductions")
    site = models.CharField(max_length=200)
    keyid = models.CharField(max_length=64)
    public_key = models.TextField()
    receipt = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="reproductions")
    level = models.PositiveSmallIntegerField()
    agrees = models.BooleanField()
    # Per output: path, and whether it is the same to the byte, within the tolerance, or not.
    outputs = models.JSONField(default=list, blank=True)
    cpu_model = models.CharField(max_length=300, blank=True, default="")
    ran_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        """A receipt counts once."""

        ordering = ("-received_at",)
        constraints = (
            models.UniqueConstraint(fields=["run", "receipt"], name="reproduction_once"),
            models.CheckConstraint(condition=Q(keyid__regex=KEYID), name="reproduction_key_form"),
        )
        indexes = (models.Index(fields=["version", "-received_at"], name="reproduction_of"),)

    def __str__(self) -> str:
        return f"{self.site} on run {self.run_id}"
