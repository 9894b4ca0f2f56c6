"""How models, versions, articles and verifications are cited: pure functions, a module a format."""

from registry.citations.as_bibtex import bibtex
from registry.citations.as_csl import csl_json
from registry.citations.formats import FORMATS, Format
from registry.citations.styles import STYLES, apa, formatted
from registry.citations.work import CitedWork

__all__ = ["FORMATS", "STYLES", "CitedWork", "Format", "apa", "bibtex", "csl_json", "formatted"]
