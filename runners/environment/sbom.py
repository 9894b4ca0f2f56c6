"""The software bill of materials of a Python environment, as CycloneDX JSON."""

import json
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL


def write_sbom(packages: tuple[str, ...], target: Path, *, digest: str) -> None:
    """Write the bill of `packages` ("name==version") in the image `digest` to `target`."""
    image = Component(
        name="environment", version=digest, type=ComponentType.CONTAINER, bom_ref=digest
    )
    components = [_component(package) for package in packages]
    bom = Bom(components=components)
    bom.metadata.component = image
    bom.register_dependency(image, components)
    text = JsonV1Dot6(bom).output_as_string()
    target.write_text(json.dumps(json.loads(text), indent=1), encoding="utf-8")


def _component(package: str) -> Component:
    name, _, version = package.partition("==")
    purl = PackageURL(type="pypi", name=name.lower(), version=version)
    return Component(name=name, version=version, purl=purl, bom_ref=purl.to_string())
