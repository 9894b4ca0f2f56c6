"""A model card of Hugging Face: README.md with YAML in front of the text."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from registry.imports import identifiers, plain
from registry.imports.document import Document
from registry.imports.model import ImportedModel, licence_read, shortened
from registry.spec.manifest import Article

SITE = "https://huggingface.co"
_KNOWN = (
    "license", "tags", "library_name", "pipeline_tag", "model-index", "datasets", "base_model",
    "language", "model_name",
)  # fmt: skip
_FRAMEWORKS = {
    "transformers": "PyTorch", "pytorch": "PyTorch", "timm": "PyTorch", "diffusers": "PyTorch",
    "fastai": "PyTorch", "tf-keras": "TensorFlow", "keras": "TensorFlow",
    "tensorflow": "TensorFlow",
    "jax": "JAX", "flax": "JAX", "sklearn": "scikit-learn", "scikit-learn": "scikit-learn",
}  # fmt: skip
_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PLACE = re.compile(rf"{SITE}/([\w.-]+/[\w.-]+)(?:/|\Z)")
_CODE = re.compile(r"https://(?:github|gitlab|codeberg)\.(?:com|org)/[\w.-]+/[\w.-]+")
_ARXIV = re.compile(r"(?:arxiv:|arxiv\.org/(?:abs|pdf)/)(\d{4}\.\d{4,5})", re.IGNORECASE)
_MARKED = re.compile(r"^[a-z_]+:")
_BODY_CHARACTERS = 90_000
_ROWS_MOST = 50
_PROSE = re.compile(r"^[A-Za-z“\"].{20,}", re.DOTALL)


def fits(document: Document) -> bool:
    """Whether the document is a card: Markdown, with something a card says in front."""
    return document.syntax == "card" and any(name in document.value for name in _KNOWN)


def read(document: Document, at: str) -> ImportedModel:
    """The model of a card. Its repository is where the card was had, else one that it names."""
    said, body = document.value, _COMMENT.sub("", document.body)[:_BODY_CHARACTERS].strip()
    heading = _HEADING.match(body)
    text = body[heading.end() :].strip() if heading else body
    place = _PLACE.match(at)
    name = place[1] if place else plain.text(said.get("model_name"))
    licence, unknown = licence_read(_licence(said))
    tags = [plain.text(tag, 100) for tag in plain.several(said.get("tags"))]
    return ImportedModel(
        origin=f"Hugging Face model card {name}".strip(),
        page=f"{SITE}/{place[1]}" if place else "",
        address=f"{SITE}/{place[1]}" if place else _code_in(said, text),
        title=plain.text(heading[1] if heading else name),
        summary=shortened(_first_prose(text)),
        description="\n\n".join(filter(None, (text, _metrics(said)))),
        licence=licence,
        article=_article([*tags, text]),
        keywords=_keywords(said, tags),
        terms=_terms(said, tags),
        left_out=(*unknown, *_left_out(said)),
    )


def _licence(said: Mapping[str, Any]) -> object:
    """“other” only says that the name stands beside it."""
    given = said.get("license")
    return said.get("license_name") or given if given == "other" else given


def _code_in(said: Mapping[str, Any], text: str) -> str:
    given = plain.first(plain.text(said.get(key)) for key in ("repo_url", "repo", "code"))
    found = _CODE.search(given) or _CODE.search(text)
    return found[0].removesuffix(".git").rstrip(".") if found else ""


def _first_prose(text: str) -> str:
    """The first paragraph that is running text: no heading, picture, table or list."""
    paragraphs = (part.strip() for part in text.split("\n\n")[:100])
    prose = next((part for part in paragraphs if _PROSE.match(part)), "")
    return re.sub(r"\[([^\]]{1,200})\]\([^)\s]{1,500}\)|[*`]{1,3}", r"\1", prose)


def _article(texts: Iterable[str]) -> Article | None:
    """The preprint or article that the tags or the text name first."""
    for text in texts:
        if found := _ARXIV.search(text):
            return Article(doi=f"10.48550/arXiv.{found[1]}")
        if known := identifiers.known_by_doi(identifiers.dois_in(text)):
            return known
    return None


def _keywords(said: Mapping[str, Any], tags: list[str]) -> tuple[str, ...]:
    words = [plain.text(said.get("pipeline_tag"), 100), *tags]
    kept = (word for word in words if word and not _MARKED.match(word.lower()))
    return tuple(dict.fromkeys(word for word in kept if word.lower() not in _FRAMEWORKS))[:50]


def _terms(said: Mapping[str, Any], tags: list[str]) -> dict[str, tuple[str, ...]]:
    words = [plain.text(said.get("library_name"), 100), *tags]
    found = (_FRAMEWORKS.get(word.lower()) for word in words)
    frameworks = tuple(dict.fromkeys(name for name in found if name))
    return {"framework": frameworks} if frameworks else {}


def _metrics(said: Mapping[str, Any]) -> str:
    """The results of `model-index` as a table."""
    rows = list(_metric_rows(said))[:_ROWS_MOST]
    if not rows:
        return ""
    lines = ["| Task | Data | Metric | Value |", "|---|---|---|---|"]
    return "## Results\n\n" + "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _metric_rows(said: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    for model in map(plain.mapping, plain.several(said.get("model-index"))[:20]):
        for result in map(plain.mapping, plain.several(model.get("results"))[:_ROWS_MOST]):
            task, data = plain.mapping(result.get("task")), plain.mapping(result.get("dataset"))
            for metric in map(plain.mapping, plain.several(result.get("metrics"))[:_ROWS_MOST]):
                yield tuple(
                    _cell(value)
                    for value in (
                        task.get("name") or task.get("type"),
                        data.get("name") or data.get("type"),
                        metric.get("name") or metric.get("type"),
                        metric.get("value"),
                    )
                )


def _cell(value: object) -> str:
    return plain.text(value, 100).replace("\\", "").replace("|", "\\|")


def _left_out(said: Mapping[str, Any]) -> list[str]:
    """Sentences on what a card says and an entry has no field for."""
    unheld = {
        "language": "the languages of its texts ({})",
        "datasets": "the data sets that it was trained on ({})",
        "base_model": "the model that it was made from ({})",
    }
    told = [
        f"No field here holds {words.format(_joined(said[key]))}: say so in the description."
        for key, words in unheld.items()
        if said.get(key)
    ]
    authors = ["A model card does not name its authors: add them."]
    return [*told, *authors]


def _joined(value: object) -> str:
    return ", ".join(filter(None, (plain.text(one, 60) for one in plain.several(value)[:10])))
