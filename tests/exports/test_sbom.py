"""The bill of materials: valid CycloneDX, and within what the image told."""

import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from runners.environment.sbom import write_sbom
from tests.exports.conftest import MODEL

DIGEST = f"sha256:{'ab' * 32}"
STRICT = JsonStrictValidator(SchemaVersion.V1_6)


def bill(tmp_path, **told) -> dict:
    target = tmp_path / "sbom.cdx.json"
    write_sbom(target, digest=DIGEST, **told)
    assert STRICT.validate_str(target.read_text()) is None
    return json.loads(target.read_text())


def names(bill: dict) -> set[str]:
    return {component["purl"] for component in bill.get("components", [])}


@pytest.mark.docker
def test_the_bill_of_a_real_image_is_valid_and_lists_python_its_packages_and_debians(real):
    tests = {"test_model.py": "def test_two():\n    assert 1 + 1 == 2\n"}
    result = real.result(MODEL | tests)
    text = result.files["sbom.cdx.json"].read_text()
    assert STRICT.validate_str(text) is None
    listed = names(json.loads(text))
    environment = result.report.environment
    assert f"pkg:generic/python@{environment.python}" in listed
    assert {f"pkg:pypi/{pin.lower().replace('==', '@')}" for pin in environment.packages} <= listed
    assert any(name.startswith("pkg:deb/debian/libc6@") for name in listed), listed


def test_a_debian_package_is_named_with_its_distribution(tmp_path):
    system = [("libstdc++6", "12.2.0-14+deb12u1", "amd64")]
    [purl] = names(bill(tmp_path, distribution=("debian", "12"), system=system))
    assert purl == ("pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12")


def test_a_bill_that_breaks_the_format_is_refused(tmp_path):
    broken = bill(tmp_path, packages=["numpy==2.1.0"])
    del broken["components"][0]["name"]
    assert STRICT.validate_str(json.dumps(broken)) is not None


@pytest.mark.parametrize(
    "told",
    [
        {"python": "3.11; rm -rf /"},
        {"distribution": ("debian", "12"), "system": [("", "1", "amd64")]},
        {"distribution": ("debian", "12"), "system": [("lib", "<script>", "amd64")]},
        {"distribution": ("a/b", ""), "system": [("lib", "1", "amd64")]},
        {"distribution": ("debian", "1 2"), "system": [("lib", "1", "amd64")]},
    ],
)
def test_what_an_image_tells_in_no_known_form_is_left_out(tmp_path, told):
    assert names(bill(tmp_path, **told)) == set()
