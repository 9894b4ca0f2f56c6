"""The software bill of materials of an image, as CycloneDX JSON: Python, its packages, Debian's."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

# What Debian's policy allows in the fields of a package, and a length.
_DEBIAN_FIELDS = (
    re.compile(r"[a-z0-9][a-z0-9+.-]{0,99}"),
    re.compile(r"[0-9][A-Za-z0-9.+~:-]{0,99}"),
    re.compile(r"[a-z0-9-]{1,30}"),
)
_DISTRIBUTION = re.compile(r"[a-z0-9._-]{1,30}")
_PYTHON = re.compile(r"[0-9][0-9A-Za-z.+]{0,30}")


def write_sbom(
    target: Path,
    *,
    digest: str,
    python: str | None = None,
    packages: Sequence[str] = (),
    distribution: tuple[str, str] = ("", ""),
    system: Sequence[tuple[str, str, str]] = (),
) -> None:
    """Write the bill of what the image `digest` tells of itself to `target`.

    `packages` are Python's pins ("name==version"), `distribution` ("debian", "12"), `system` its
    packages: name, version, architecture. What does not have their form is left out.
    """
    image = Component(
        name="environment", version=digest, type=ComponentType.CONTAINER, bom_ref=digest
    )
    components = [
        *([_interpreter(python)] if python and _PYTHON.fullmatch(python) else []),
        *(_package(pin) for pin in packages),
        *(_debian(fields, distribution) for fields in system if _is_debian(fields, distribution)),
    ]
    bom = Bom(components=components)
    bom.metadata.component = image
    bom.metadata.tools.components.add(Component(name="Reprise", type=ComponentType.APPLICATION))
    bom.register_dependency(image, components)
    text = JsonV1Dot6(bom).output_as_string()
    target.write_text(json.dumps(json.loads(text), indent=1), encoding="utf-8")


def _component(purl: PackageURL, name: str, kind: ComponentType) -> Component:
    version = purl.version
    return Component(name=name, version=version, type=kind, purl=purl, bom_ref=purl.to_string())


def _interpreter(version: str) -> Component:
    purl = PackageURL(type="generic", name="python", version=version)
    return _component(purl, "python", ComponentType.PLATFORM)


def _package(pin: str) -> Component:
    name, _, version = pin.partition("==")
    purl = PackageURL(type="pypi", name=name, version=version)
    return _component(purl, name, ComponentType.LIBRARY)


def _debian(fields: tuple[str, str, str], distribution: tuple[str, str]) -> Component:
    name, version, architecture = fields
    purl = PackageURL(
        type="deb",
        namespace=distribution[0],
        name=name,
        version=version,
        qualifiers={"arch": architecture, "distro": "-".join(filter(None, distribution))},
    )
    return _component(purl, name, ComponentType.LIBRARY)


def _is_debian(fields: tuple[str, str, str], distribution: tuple[str, str]) -> bool:
    known = _DISTRIBUTION.fullmatch(distribution[0]) and (
        not distribution[1] or _DISTRIBUTION.fullmatch(distribution[1])
    )
    formed = (form.fullmatch(field) for form, field in zip(_DEBIAN_FIELDS, fields, strict=True))
    return bool(known) and all(formed)
