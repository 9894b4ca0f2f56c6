"""What the manifest of an image says of it: the annotations of the OCI image specification.

https://specs.opencontainers.org/image-spec/annotations/
"""

from registry.citations import CitedWork

_PREFIX = "org.opencontainers.image."


def annotations_of(version: CitedWork) -> dict[str, str]:
    """The annotations of the image of a published version; nothing that is not known.

    They rest on what is frozen with the version, so that one image keeps one digest. Not the base:
    the specification wants the digest that its registry gave it, and a base may be the site's own.
    """
    said = {
        "title": version.title,
        "version": str(version.number),
        "revision": version.commit,
        "source": version.repository,
        "licenses": version.licence,
        "url": version.url,
        "vendor": version.publisher,
        "authors": ", ".join(one.name for one in version.people),
    }
    return {f"{_PREFIX}{name}": value for name, value in said.items() if value}
