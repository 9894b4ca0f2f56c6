"""What was understood of a model that another portal or a file describes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.imports import identifiers, plain
from registry.spec.manifest import Article, Description, Person

LICENCE_UNKNOWN = "The licence “{said}” has no SPDX name. Choose the one that is meant."


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedModel:
    """A model as it is described elsewhere. What is not said there is empty.

    `origin` names the record, for readers; `page` is where they find it. `address`, `ref` and
    `folder` say where its code is, `archive` where it can be downloaded as a file. `terms` holds
    names by the slug of their vocabulary, `left_out` sentences on what could not be taken over.
    `article_at` is the address of a document that tells more of the article.
    """

    origin: str
    page: str = ""
    address: str = ""
    ref: str = ""
    folder: str = ""
    archive: str = ""
    name: str = ""
    title: str = ""
    summary: str = ""
    description: str = ""
    label: str = ""
    licence: str = ""
    container_image: str = ""
    authors: tuple[Person, ...] = ()
    article: Article | None = None
    article_at: str = ""
    keywords: tuple[str, ...] = ()
    terms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def licence_read(said: object) -> tuple[str, tuple[str, ...]]:
    """The SPDX expression of a licence as it is written elsewhere, or why there is none."""
    written = plain.text(said if not isinstance(said, list) else ", ".join(map(plain.text, said)))
    licence = identifiers.spdx(said)
    unknown = (LICENCE_UNKNOWN.format(said=written),) if written and not licence else ()
    return licence, unknown


def shortened(text: str, limit: int = plain.LONG) -> str:
    """The first paragraph of a text as a summary: whole sentences, as many as there is room for."""
    first = plain.text(text.strip().split("\n\n", 1)[0], 10 * limit)
    if len(first) <= limit:
        return first
    cut = first[:limit]
    end = cut.rfind(". ")
    return cut[: end + 1] if end > 0 else f"{cut.rsplit(' ', 1)[0][: limit - 1]}…"


def from_description(
    said: Description,
    *,
    origin: str,
    licence: object,
    **more: Any,
) -> ImportedModel:
    """What files that a repository may hold as well say of a model, and `more`."""
    expression, unknown = licence_read(licence)
    return ImportedModel(
        origin=origin,
        title=said.title,
        summary=shortened(said.summary),
        label=said.version,
        licence=expression,
        authors=said.authors,
        article=said.article,
        keywords=said.keywords,
        left_out=unknown,
        **more,
    )


def named(value: object) -> object:
    """An object of linked data by its identifier, address or name; a plain value as it is."""
    found: Mapping[str, object] = plain.mapping(value)
    return found.get("@id") or found.get("url") or found.get("name") or value
