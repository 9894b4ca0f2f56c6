"""The JSON Schemas of what this project reads and writes, from its own types."""

from typing import Any

import msgspec

from registry.spec.evidence import Report
from registry.spec.manifest import Manifest

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def manifest_schema() -> dict[str, Any]:
    """The schema of reprise.toml. Keys that no field has are errors, as for its reader."""
    document = _schema(Manifest, "reprise.toml")
    for definition in document["$defs"].values():
        if definition.get("type") == "object":
            definition["additionalProperties"] = False
    return document


def report_schema() -> dict[str, Any]:
    """The schema of a verification's report."""
    return _schema(Report, "Report of a verification")


def _schema(root: type, title: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": title, **msgspec.json.schema(root)}
