"""Which descriptions can be read, and how each is recognised."""

from collections.abc import Callable
from dataclasses import dataclass

from registry.imports import bioimage, codemeta, model_card, modeldb, zenodo
from registry.imports.document import Document, parsed, unknown
from registry.imports.model import ImportedModel


@dataclass(frozen=True, kw_only=True)
class Format:
    """A kind of description: its name for people, how it is known, and its reader."""

    name: str
    example: str
    fits: Callable[[Document], bool]
    read: Callable[[Document, str], ImportedModel]


# The narrower before the wider: a CodeMeta file may have creators, a card a type.
FORMATS = (
    Format(
        name="ModelDB",
        example="https://modeldb.science/144027",
        fits=modeldb.fits,
        read=modeldb.read,
    ),
    Format(
        name="CodeMeta",
        example="codemeta.json, version 2 or 3",
        fits=codemeta.fits,
        read=codemeta.read,
    ),
    Format(
        name="Zenodo",
        example="https://zenodo.org/records/3727209",
        fits=zenodo.fits,
        read=zenodo.read,
    ),
    Format(
        name="Hugging Face",
        example="https://huggingface.co/owner/name",
        fits=model_card.fits,
        read=model_card.read,
    ),
    Format(
        name="bioimage.io",
        example="https://bioimage.io/#/artifacts/affable-shark",
        fits=bioimage.fits,
        read=bioimage.read,
    ),
)


def model_read(content: bytes, *, at: str = "") -> ImportedModel:
    """The model that a document describes; `at` is the address that it was had from.

    Raises ValueError with a sentence for people.
    """
    document = parsed(content)
    fitting = next((one for one in FORMATS if one.fits(document)), None)
    if fitting is None:
        raise unknown()
    return fitting.read(document, at)
