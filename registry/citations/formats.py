"""Every format in which something can be cited: its name, media type, file name and writer."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from registry.citations.as_bibtex import bibtex
from registry.citations.as_cff import citation_cff
from registry.citations.as_csl import csl_json
from registry.citations.as_datacite import datacite_json
from registry.citations.as_jsonld import json_ld
from registry.citations.as_ris import ris
from registry.citations.styles import STYLES, formatted
from registry.citations.work import CitedWork, WorkKind

_ALL: frozenset[WorkKind] = frozenset({"software", "model", "article", "verification"})
_MODELS: frozenset[WorkKind] = frozenset({"software", "model"})
BIBLIOGRAPHY = "text/x-bibliography"


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format of citations. `write` takes one work, `join` makes one file of several texts.

    `kinds` are the works that it has words for. `ending` is that of a file's name.
    """

    label: str
    media_type: str
    ending: str
    write: Callable[[CitedWork], str]
    join: Callable[[Iterable[str]], str] = "\n".join
    kinds: frozenset[WorkKind] = _ALL
    is_style: bool = False

    def text(self, works: Iterable[CitedWork]) -> str:
        """All works that the format has words for, as one file."""
        return self.join(self.write(work) for work in works if work.kind in self.kinds)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _as_list(texts: Iterable[str]) -> str:
    return "[" + ",\n".join(text.strip() for text in texts) + "]\n"


def _first(texts: Iterable[str]) -> str:
    return next(iter(texts), "")


def _style(name: str) -> Format:
    return Format(
        label=STYLES[name].label,
        media_type=BIBLIOGRAPHY,
        ending=f"{name}.txt",
        write=lambda work: formatted(work, name) + "\n",
        join="".join,
        is_style=True,
    )


FORMATS: dict[str, Format] = {
    "bibtex": Format(label="BibTeX", media_type="application/x-bibtex", ending="bib", write=bibtex),
    "ris": Format(
        label="RIS",
        media_type="application/x-research-info-systems",
        ending="ris",
        write=ris,
        join="".join,
    ),
    "csl-json": Format(
        label="CSL-JSON",
        media_type="application/vnd.citationstyles.csl+json",
        ending="csl.json",
        write=lambda work: _json(csl_json(work)),
        join=_as_list,
    ),
    "cff": Format(
        label="CITATION.cff",
        media_type="application/yaml",
        ending="cff",
        write=citation_cff,
        join=_first,
        kinds=_MODELS,
    ),
    "datacite": Format(
        label="DataCite JSON",
        media_type="application/vnd.datacite.datacite+json",
        ending="datacite.json",
        write=lambda work: _json(datacite_json(work)),
        join=_first,
        kinds=_MODELS,
    ),
    "json-ld": Format(
        label="JSON-LD",
        media_type="application/ld+json",
        ending="jsonld",
        write=lambda work: _json(json_ld(work)),
        join=_first,
        kinds=_MODELS,
    ),
    **{name: _style(name) for name in STYLES},
}
