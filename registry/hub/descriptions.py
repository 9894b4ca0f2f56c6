"""What is said of models in the hub's words, and of their verification in ours.

The card is made from what this portal knows; README.md stays the repository's own bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from registry.hub.doors import moment
from registry.models import ModelEntry, ModelVersion, Term, VerificationRun
from registry.models.entries import Visibility
from registry.selectors.news import followers_counted
from registry.selectors.runs import verdict_runs
from registry.selectors.usage import pulls_lately
from registry.selectors.vocabularies import terms_by_entry
from registry.spec.ladder import Level

FRAMEWORK = "framework"
LEVEL, LICENCE = "reprise:", "license:"
Described = dict[str, Any]
Shown = tuple[ModelEntry, ModelVersion | None]
"""A model, and which version of it is shown: None before the first was published."""
_IDENTITY = ("_id", "id")


def descriptions(shown: Sequence[Shown]) -> list[Described]:
    """The models as clients read them, each with its card. Three queries, or four."""
    entries = [entry for entry, _ in shown]
    pulls, likes = pulls_lately(entries), followers_counted(entries)
    terms = terms_by_entry(entries)
    verdicts = _verdicts(shown)
    return [
        _described(entry, version, terms[entry.pk], verdicts.get(version.pk) if version else None)
        | {"downloads": pulls.get(entry.pk, 0), "likes": likes.get(entry.pk, 0)}
        for entry, version in shown
    ]


def _verdicts(shown: Iterable[Shown]) -> Mapping[int, ModelEntry | VerificationRun]:
    """The verdict in force by version; an entry repeats that of its current one."""
    pairs = [(entry, version) for entry, version in shown if version is not None]
    older = [one for entry, one in pairs if one.pk != entry.current_version_id]
    current = {one.pk: entry for entry, one in pairs if one.pk == entry.current_version_id}
    return {**current, **(verdict_runs(older) if older else {})}


def _described(
    entry: ModelEntry,
    version: ModelVersion | None,
    terms: Sequence[Term],
    verdict: ModelEntry | VerificationRun | None,
) -> Described:
    level = Level(verdict.level or 0) if verdict else Level.REGISTERED
    licence = version.licence if version else entry.licence
    tags = tags_of(entry, terms, licence=licence, level=level)
    frameworks = [term.path for term in terms if term.vocabulary_id == FRAMEWORK]
    # Only where there is no doubt: it says by what the model is to be loaded.
    library = {"library_name": frameworks[0]} if len(frameworks) == 1 else {}
    return {
        "_id": str(entry.accession),
        "id": entry.full_name,
        "modelId": entry.full_name,
        "author": entry.owner.username,
        "sha": version.commit if version else None,
        "createdAt": moment(entry.created_at),
        "lastModified": moment(entry.updated_at),
        "private": entry.visibility != Visibility.PUBLIC,
        "gated": False,
        "disabled": False,
        "tags": tags,
        "cardData": _card(entry, tags, licence)
        | library
        | ({"reprise": _verified(entry, version, verdict, level)} if version else {}),
        **library,
    }


def tags_of(entry: ModelEntry, terms: Iterable[Term], *, licence: str, level: Level) -> list[str]:
    """Keywords, terms as `vocabulary:path`, frameworks by themselves, licence, levels reached.

    Each can be filtered by: registry.hub.lists.
    """
    terms = list(terms)
    tags = [
        *entry.keywords,
        *(term.path for term in terms if term.vocabulary_id == FRAMEWORK),
        *(f"{term.vocabulary_id}:{term.path}" for term in terms),
        *([f"{LICENCE}{licence.lower()}"] if licence else []),
        *(f"{LEVEL}{one.label}" for one in Level if Level.REGISTERED < one <= level),
    ]
    return list(dict.fromkeys(map(str, tags)))


def _card(entry: ModelEntry, tags: list[str], licence: str) -> Described:
    stated = {"license": licence.lower()} if licence else {}
    return {"model_name": entry.title or entry.name, "tags": tags, **stated}


def _verified(
    entry: ModelEntry,
    version: ModelVersion,
    verdict: ModelEntry | VerificationRun | None,
    level: Level,
) -> Described:
    """What was verified of a version, and where to read what is known of it now."""
    at = verdict.finished_at if isinstance(verdict, VerificationRun) else entry.verified_at
    site = settings.PUBLIC_URL.rstrip("/")
    return {
        "version": version.number,
        "commit": version.commit,
        "manifest_sha256": version.manifest_digest,
        "level": level.label,
        "outcome": (verdict.outcome if verdict else "") or None,
        "verified": moment(at) if verdict and at else None,
        "page": site + reverse("entry_page", args=[entry.accession]),
        "badge": f"{site}{reverse('badge_svg', args=[entry.accession])}?version={version.number}",
    }


def picked(described: Described, wanted: Iterable[str]) -> Described:
    """What a client asks for by name, of what there is; all of it where it names nothing."""
    names = {*wanted}
    if not names:
        return described
    return {name: said for name, said in described.items() if name in {*_IDENTITY, *names}}
