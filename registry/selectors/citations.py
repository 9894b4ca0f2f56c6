"""What a citation of an entry names: the model itself and the article about it."""

from registry.citations import CitedWork
from registry.models import Citation, ModelEntry, ModelVersion
from registry.models.entries import CitationKind
from registry.spec.manifest import Article

PUBLISHER = "Reprise"


def works_cited(*, entry: ModelEntry, page: str) -> tuple[CitedWork, ...]:
    """The current version of a model, then its article when one is known.

    `page` is the entry's permanent address. One query; none for an entry without a version.
    """
    version = entry.current_version
    if version is None:
        return ()
    known = {citation.kind: citation for citation in version.citations.all()}
    model = _model(entry, version, known.get(CitationKind.SOFTWARE), page)
    article = known.get(CitationKind.ARTICLE)
    return (model, _article(entry, article.article)) if article else (model,)


def _model(
    entry: ModelEntry, version: ModelVersion, citation: Citation | None, page: str
) -> CitedWork:
    """The version as it was cited when published; before, as the entry now calls itself."""
    return CitedWork(
        kind="software",
        title=(citation.title if citation else "") or entry.title or entry.name,
        accession=entry.accession,
        authors=version.people,
        year=citation.year if citation else None,
        version=version.label or str(version.number),
        publisher=PUBLISHER,
        url=page,
    )


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
