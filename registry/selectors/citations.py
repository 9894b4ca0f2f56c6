"""What a citation of an entry names: a version, the article, the verification, the whole model.

A published version is cited by the snapshot that was frozen with it. Its DOI, which may come
later, is added when it is read.
"""

from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_date

from registry.badges import CAUSE_WORDS
from registry.citations import CitedWork
from registry.models import Doi, ModelEntry, ModelVersion, VerificationRun
from registry.models.entries import CitationKind
from registry.models.outside import DoiState
from registry.selectors.reproductions import receipt_artifact
from registry.selectors.runs import verdict_run
from registry.spec.ladder import Cause, Level
from registry.spec.manifest import Article, Person
from registry.spec.receipt import RECEIPT

PUBLISHER = "Reprise"


def works_cited(*, entry: ModelEntry) -> tuple[CitedWork, ...]:
    """The current version of a model, then its article when one is known.

    None for an entry without a version.
    """
    version = entry.current_version
    if version is None:
        return ()
    model = version_cited(entry=entry, version=version)
    return (model, model.article) if model.article else (model,)


def works_of(*, entry: ModelEntry, version: ModelVersion) -> tuple[CitedWork, ...]:
    """All that can be cited with a version, in the order in which a page shows it."""
    model = version_cited(entry=entry, version=version)
    verification = verification_cited(entry=entry, version=version)
    works = (model, model.article, verification, model_cited(entry=entry, version=version))
    return tuple(work for work in works if work)


def version_cited(*, entry: ModelEntry, version: ModelVersion) -> CitedWork:
    """One version as it was cited when published; before, as the entry now calls itself."""
    frozen = version.citation or {}
    said = {citation.kind: citation for citation in version.citations.all()}
    software, article = said.get(CitationKind.SOFTWARE), said.get(CitationKind.ARTICLE)
    year = software.year if software else None
    return CitedWork(
        kind="software",
        title=frozen.get("title") or entry.title or entry.name,
        accession=entry.accession,
        number=version.number,
        authors=version.people,
        year=year,
        released=_released(version, year),
        available=parse_date(frozen.get("published", "")),
        modified=entry.updated_at.date(),
        version=version.label or str(version.number),
        publisher=PUBLISHER,
        doi=registered_doi(version),
        url=_absolute("version_page", entry.accession, version.number),
        whole=_absolute("entry_page", entry.accession),
        summary=entry.summary,
        keywords=tuple(entry.keywords),
        licence=version.licence,
        commit=version.commit,
        swhid=version.tree_swhid,
        repository=_https(version.address),
        article=_article(entry, article.article) if article else None,
    )


def model_cited(*, entry: ModelEntry, version: ModelVersion) -> CitedWork:
    """The model as a whole, whichever version: by those who wrote this one."""
    return CitedWork(
        kind="model",
        title=entry.title or entry.name,
        accession=entry.accession,
        authors=version.people,
        year=entry.created_at.year,
        modified=entry.updated_at.date(),
        publisher=PUBLISHER,
        url=_absolute("entry_page", entry.accession),
        summary=entry.summary,
        keywords=tuple(entry.keywords),
        licence=version.licence,
        repository=_https(version.address),
    )


def verification_cited(*, entry: ModelEntry, version: ModelVersion) -> CitedWork | None:
    """The verification whose verdict is in force for a version; None before the first."""
    run = verdict_run(version)
    if run is None or run.finished_at is None:
        return None
    title = (version.citation or {}).get("title") or entry.title or entry.name
    label = version.label or str(version.number)
    receipt = receipt_artifact(run)
    place = _absolute("api:run-artifact", run.pk, RECEIPT) if receipt else ""
    return CitedWork(
        kind="verification",
        title=f"Verification {run.pk} of {title}, version {label}: {_verdict(run)}",
        accession=entry.accession,
        number=run.pk,
        authors=(Person(family=PUBLISHER),),
        year=run.finished_at.year,
        released=run.finished_at.date(),
        publisher=PUBLISHER,
        url=_absolute("run_page", run.pk),
        note=f"Signed receipt: {place}" if place else "",
    )


def registered_doi(version: ModelVersion) -> str:
    """The DOI under which a version is registered; "" when it has none."""
    minted = doi_of(version)
    return minted.doi if minted and minted.state == DoiState.REGISTERED else ""


def doi_of(version: ModelVersion) -> Doi | None:
    """The DOI of a version, however far its registration has come. One query for each instance."""
    try:
        return version.minted_doi
    except Doi.DoesNotExist:
        return None


def _verdict(run: VerificationRun) -> str:
    """A verdict in a title: “reproduced (level 5 of 6)”, “runs (level 3 of 6), mismatch”."""
    level = Level(run.level or 0)
    words = f"{level.label} (level {int(level)} of {int(max(Level))})"
    missed = CAUSE_WORDS.get(Cause(run.cause), "") if run.cause else ""
    tests = "tests fail" if run.tests_pass is False and missed != "tests fail" else ""
    return ", ".join(filter(None, (words, missed, tests)))


def _released(version: ModelVersion, year: int | None) -> date | None:
    """The day of release within the year by which it is cited, as far as one is known."""
    said = _day(version.description.get("released", ""))
    published = version.published_at.date() if version.published_at else None
    return next((day for day in (said, published) if day and day.year == year), None)


def _day(text: str) -> date | None:
    try:
        return parse_date(text[:10])
    except ValueError:  # well formed, and no day: 2024-02-30
        return None


def _article(entry: ModelEntry, article: Article) -> CitedWork:
    return CitedWork(
        kind="article",
        title=article.title,
        accession=entry.accession,
        authors=article.authors,
        year=article.year,
        journal=article.journal,
        volume=article.volume,
        pages=article.pages,
        doi=article.doi,
        url=article.url,
    )


def _https(address: str) -> str:
    """A repository's address where it leads readers somewhere; empty for all others."""
    parts = urlsplit(address)
    return address if parts.scheme == "https" and parts.hostname and "@" not in address else ""


def _absolute(name: str, *args: object) -> str:
    """A citation is read far from here, so it names the site as its settings do."""
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=args)
