"""What models are found by: vocabularies and their terms, and searches that people keep."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from registry.models.entries import ModelEntry
from registry.models.people import User


class Vocabulary(models.Model):
    """A list or tree of terms that curators keep, such as subjects, model types, frameworks.

    `is_open` means that whoever describes a model may add a term.
    """

    slug = models.SlugField(primary_key=True, max_length=50)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)
    is_open = models.BooleanField(default=False)

    class Meta:
        """In the order in which pages show them."""

        verbose_name_plural = "vocabularies"
        ordering = ("position", "slug")

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """A term of a vocabulary. `path` is its slug under those of its parents: `physics/lattice`.

    A term that was merged into another stays, so that addresses that name it go on working.
    """

    vocabulary = models.ForeignKey(
        Vocabulary, on_delete=models.PROTECT, related_name="terms", db_index=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=300)
    name = models.CharField(max_length=200)
    # Other words for it, by which type-ahead and search find it too.
    synonyms = models.JSONField(default=list, blank=True)
    uri = models.CharField("address elsewhere", max_length=500, blank=True, default="")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )

    class Meta:
        """A path is said once in a vocabulary, and so is a name under one parent."""

        ordering = ("vocabulary", "path")
        constraints = (
            models.UniqueConstraint(fields=["vocabulary", "path"], name="term_path"),
            models.CheckConstraint(
                condition=Q(path__regex=r"\A[a-z0-9][a-z0-9/-]*\Z"), name="term_path_form"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Facet(models.Model):
    """That a term fits an entry. `origin` is where it was read (spec Origin); `form`: a person."""

    entry = models.ForeignKey(
        ModelEntry, on_delete=models.CASCADE, related_name="facets", db_index=False
    )
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="facets", db_index=False)
    origin = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        """Once; found from either side."""

        constraints = (models.UniqueConstraint(fields=["entry", "term"], name="facet_once"),)
        indexes = (models.Index(fields=["term", "entry"], name="facet_of_term"),)

    def __str__(self) -> str:
        return f"{self.term_id} of {self.entry_id}"


class SavedSearch(models.Model):
    """A search that a person keeps. `query` is the list's own query string, in canonical order.

    `feed_key` is the secret part of its feed's address: a feed reader cannot sign in.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=200)
    query = models.CharField(max_length=2000, blank=True, default="")
    feed_key = models.CharField(max_length=43, unique=True)
    notify = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # What was published since is news to the person.
    seen_at = models.DateTimeField()

    class Meta:
        """A name is used once by a person."""

        ordering = ("user", "name")
        constraints = (models.UniqueConstraint("user", Lower("name"), name="saved_search_name"),)

    def __str__(self) -> str:
        return self.name
