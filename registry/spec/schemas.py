"""The JSON Schemas of what this project reads and writes, from its own types."""

from typing import Any

import msgspec

from registry.spec.evidence import Report
from registry.spec.exported import EXPORTED
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


def export_schema() -> dict[str, Any]:
    """The schema of a bulk export: for each kind of line a definition, by its file's name."""
    _, definitions = msgspec.json.schema_components(EXPORTED.values())
    lines = {name: {"$ref": f"#/$defs/{kind.__name__}"} for name, kind in EXPORTED.items()}
    return {
        "$schema": DIALECT,
        "title": "Lines of a bulk export, by file",
        "type": "object",
        "properties": lines,
        "$defs": definitions,
    }


def _schema(root: type, title: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": title, **msgspec.json.schema(root)}
