"""What people are told: what they follow, each piece of news once, and how they want it."""

from django.db import models
from django.db.models import Q

from registry.models.entries import ModelEntry
from registry.models.people import User


class NewsKind(models.TextChoices):
    """What news are about. Each can be had on the site, by mail at once, in a digest, or not."""

    RUN = "run", "A verification that you asked for has ended"
    FALL = "fall", "A model of yours no longer does what it did"
    VERSION = "version", "A model that you follow has a new version or a new verdict"
    SHARING = "sharing", "Somebody shares, offers or takes back a model or a group"
    REPORT = "report", "Somebody reports a problem with a model of yours"
    SEARCH = "search", "New models match a search that you keep"
    CURATION = "curation", "A curator changes something of yours"


class MailChoice(models.TextChoices):
    """When mail is sent about news."""

    AT_ONCE = "at-once", "At once"
    DAILY = "daily", "In a daily digest"
    NEVER = "never", "Never"


class Follow(models.Model):
    """That a person wants news of an entry."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows", db_index=False)
    entry = models.ForeignKey(ModelEntry, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField()

    class Meta:
        """Once."""

        constraints = (models.UniqueConstraint(fields=["user", "entry"], name="follow_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.entry_id}"


class Notification(models.Model):
    """A piece of news for one person. `cause` names what happened, so that it is told once.

    `address` is a path of this site. With `on_site` it is shown in the list of news. `mail` is how
    the person wanted it when it was written; until `mailed_at` is set, `mail_at` says when that
    mail is to be sent, or tried again, and `mail_tries` how often it was.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    kind = models.CharField(max_length=20, choices=NewsKind.choices)
    cause = models.CharField(max_length=200)
    entry = models.ForeignKey(
        ModelEntry, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    sentence = models.CharField(max_length=500)
    detail = models.TextField(blank=True, default="")
    address = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    on_site = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=10, choices=MailChoice.choices, default=MailChoice.NEVER)
    mail_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One a cause and person."""

        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["user", "cause"], name="notification_once"),
            models.CheckConstraint(
                condition=Q(kind__in=NewsKind.values), name="notification_kind_known"
            ),
        )
        indexes = (
            models.Index(fields=["user", "-id"], name="notification_of"),
            models.Index(
                fields=["user"],
                condition=Q(read_at=None, on_site=True),
                name="notification_unread",
            ),
            models.Index(
                fields=["mail_at"],
                condition=Q(mailed_at=None) & ~Q(mail="never"),
                name="notification_to_mail",
            ),
        )

    def __str__(self) -> str:
        return self.sentence


class NewsChoice(models.Model):
    """How a person wants one kind of news; where there is no row, services.news.DEFAULTS holds."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="news_choices", db_index=False
    )
    kind = models.CharField(max_length=20, choices=NewsKind.choices)
    on_site = models.BooleanField(default=True)
    mail = models.CharField(max_length=10, choices=MailChoice.choices)

    class Meta:
        """One a kind."""

        constraints = (
            models.UniqueConstraint(fields=["user", "kind"], name="news_choice_once"),
            models.CheckConstraint(
                condition=Q(kind__in=NewsKind.values), name="news_choice_kind_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.mail}"
