import json
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_published_schemas_are_those_of_the_code():
    command = [sys.executable, ROOT / "ops" / "schemas", "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "manifest", sorted(ROOT.glob("examples/*/reprise.toml")), ids=lambda p: p.parent.name
)
def test_every_example_fits_the_schema(manifest):
    schema = json.loads((ROOT / "docs/reprise.schema.json").read_text())
    jsonschema.validate(tomllib.loads(manifest.read_text()), schema)


def test_the_worked_example_of_the_documentation_fits_the_schema():
    schema = json.loads((ROOT / "docs/reprise.schema.json").read_text())
    block = (ROOT / "docs/manifest.md").read_text().split("```toml\n")[1].split("```")[0]
    document = tomllib.loads(block)
    document["as_of"] = document["as_of"].isoformat()
    jsonschema.validate(document, schema)
    assert set(document) == set(schema["$defs"]["Manifest"]["properties"])


@pytest.mark.parametrize("wrong", [{"outpts": []}, {"outputs": [{"path": "a", "rtol": 0.1}]}])
def test_the_schema_refuses_what_the_reader_refuses(wrong):
    schema = json.loads((ROOT / "docs/reprise.schema.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_every_field_of_the_manifest_is_described():
    definitions = json.loads((ROOT / "docs/reprise.schema.json").read_text())["$defs"]
    for definition in definitions.values():
        for name, field in definition["properties"].items():
            assert field.get("description"), name
