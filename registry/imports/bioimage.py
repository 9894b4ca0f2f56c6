"""The BioImage Model Zoo: rdf.yaml in its formats 0.4 and 0.5."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.imports import identifiers, plain
from registry.imports.document import Document
from registry.imports.model import ImportedModel, licence_read, shortened
from registry.imports.places import repository_at
from registry.imports.prose import as_markdown, as_text
from registry.spec.manifest import Article, Person

_FRAMEWORKS = {
    "pytorch_state_dict": "PyTorch", "pytorch_script": "PyTorch", "torchscript": "PyTorch",
    "keras_hdf5": "TensorFlow", "tensorflow_saved_model_bundle": "TensorFlow",
    "tensorflow_js": "TensorFlow",
}  # fmt: skip


def fits(document: Document) -> bool:
    """Whether the document describes a resource of the zoo."""
    return (
        document.syntax == "yaml"
        and "format_version" in document.value
        and ("type" in document.value or "weights" in document.value)
    )


def read(document: Document, _at: str) -> ImportedModel:
    """The model of a description. Raises ValueError for what is no model."""
    said = document.value
    kind = plain.text(said.get("type"), 50)
    if kind not in ("model", ""):
        raise ValueError(f"This describes a {kind}, not a model. Choose the rdf.yaml of a model.")
    licence, unknown = licence_read(said.get("license"))
    place = repository_at(said.get("git_repo"))
    name = _name(said)
    return ImportedModel(
        origin=f"bioimage.io {name}".strip(),
        page=f"https://bioimage.io/#/artifacts/{name}" if name else "",
        address=place.address or identifiers.address(said.get("git_repo")),
        ref=place.ref,
        folder=place.folder,
        title=plain.text(said.get("name")),
        summary=shortened(as_text(said.get("description"))),
        description=as_markdown(said.get("description")),
        label=plain.text(said.get("version"), 100),
        licence=licence,
        authors=identifiers.people(_people(said)),
        article=_article(said),
        keywords=tuple(dict.fromkeys(filter(None, _tags(said))))[:50],
        terms=_terms(said),
        left_out=(*unknown, *_left_out(said)),
    )


def _name(said: Mapping[str, Any]) -> str:
    """The nickname or id under which the zoo shows it, such as affable-shark."""
    zoo = plain.mapping(plain.mapping(said.get("config")).get("bioimageio"))
    name = plain.text(zoo.get("nickname") or said.get("id"), 100)
    return name if name and all(char.isalnum() or char in "-_./" for char in name) else ""


def _people(said: Mapping[str, Any]) -> Iterator[Person]:
    for one in map(plain.mapping, plain.several(said.get("authors"))):
        yield identifiers.person(
            name=one.get("name"), orcid=one.get("orcid"), affiliation=one.get("affiliation")
        )


def _article(said: Mapping[str, Any]) -> Article | None:
    """The first citation that names an article: its text is a whole reference."""
    for one in map(plain.mapping, plain.several(said.get("cite"))):
        told = Article(
            title=plain.text(one.get("text"), plain.LONG),
            doi=identifiers.doi(one.get("doi")),
            url=identifiers.address(one.get("url")),
        )
        if told.doi or told.url:
            return told
    return None


def _tags(said: Mapping[str, Any]) -> list[str]:
    return [plain.text(tag, 100) for tag in plain.several(said.get("tags"))]


def _terms(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    weights = plain.mapping(said.get("weights"))
    found = dict.fromkeys(_FRAMEWORKS[name] for name in weights if name in _FRAMEWORKS)
    return {"framework": tuple(found)} if found else {}


def _left_out(said: Mapping[str, Any]) -> list[str]:
    """Sentences on what is left where it is."""
    files = plain.text(said.get("documentation"), 200)
    cited = len(plain.several(said.get("cite")))
    told = {
        f"Its documentation ({files}) is not copied: it is read from the repository.": files,
        "Only the first article that it cites is kept as the article.": cited > 1,
        "Weights and test tensors are not copied: the repository must hold them, or declare them "
        "as inputs.": said.get("weights"),
    }
    return [sentence for sentence, there in told.items() if there]
