"""What of a model is shown to a reviewer who must not know its authors."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.db.models import QuerySet

from registry.models import GroupGrant, ModelEntry, ModelVersion, User, VerificationRun
from registry.models.runs import RunState
from registry.spec.manifest import Person

_RUNS = 20


def review_runs(entry: ModelEntry) -> QuerySet[VerificationRun]:
    """The finished runs with a verdict of all versions, published or not, newest first."""
    runs = VerificationRun.objects.filter(version__entry=entry, state=RunState.FINISHED)
    return (
        runs.exclude(level=None).select_related("version").defer("report").order_by("-pk")[:_RUNS]
    )


def review_run(*, entry: ModelEntry, run_id: int) -> VerificationRun | None:
    """One of them, with its report."""
    runs = VerificationRun.objects.filter(version__entry=entry, state=RunState.FINISHED)
    return runs.exclude(level=None).select_related("version").filter(pk=run_id).first()


def words_that_name(entry: ModelEntry) -> frozenset[str]:
    """Every word that would tell who made a model: of people, accounts, groups, addresses."""
    words = {entry.name, *entry.aliases.values_list("name", flat=True)}
    words.update(entry.aliases.values_list("owner", flat=True))
    for user in _accounts(entry):
        words.update(_of_account(user))
    for grant in GroupGrant.objects.filter(entry=entry).select_related("group"):
        words.update((grant.group.name, grant.group.title))
    for version in entry.versions.prefetch_related("citations"):
        words.update(_of_version(version))
    return frozenset(word for word in words if word)


def _accounts(entry: ModelEntry) -> QuerySet[User]:
    return User.objects.filter(memberships__entry=entry) | User.objects.filter(pk=entry.owner_id)


def _of_account(user: User) -> Iterator[str]:
    yield from (user.username, user.first_name, user.last_name, user.orcid, user.email)
    yield user.affiliation


def _of_version(version: ModelVersion) -> Iterator[str]:
    article = version.article
    for person in (*version.people, *(article.authors if article else ())):
        yield from _of_person(person)
    if article:
        yield from (article.doi, article.url)
    yield from (version.address, version.address.partition("://")[2])
    if not version.is_upload:
        # Of `host/group/person/repository` all but the host.
        yield from urlsplit(version.address).path.removesuffix(".git").split("/")[-3:]


def _of_person(person: Person) -> Iterator[str]:
    yield from (person.family, person.orcid or "", person.affiliation, *person.given.split())
