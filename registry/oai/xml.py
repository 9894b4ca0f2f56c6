"""Documents of the protocol as XML, written by the standard library: text can become no markup.

What comes in was written by strangers; characters that XML has no place for are left out, as are
those that control a terminal or reorder a line.
"""

import re
from xml.etree import ElementTree as ET

from registry.markup import clean_text

OAI = "http://www.openarchives.org/OAI/2.0/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# What XML 1.0 has no place for, besides the control characters that clean_text leaves out.
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
Element = ET.Element

ET.register_namespace("", OAI)
ET.register_namespace("xsi", _XSI)
for _prefix, _namespace in (
    ("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("oai-identifier", "http://www.openarchives.org/OAI/2.0/oai-identifier"),
    ("datacite", "http://datacite.org/schema/kernel-4"),
):
    ET.register_namespace(_prefix, _namespace)


def plain_text(text: str) -> str:
    """`text` as XML may hold it."""
    return _NO_TEXT.sub("", clean_text(text))


def element(
    name: str, *children: Element, text: str = "", space: str = OAI, **attributes: str
) -> Element:
    """An element of a namespace with its children, text and attributes."""
    made = ET.Element(
        f"{{{space}}}{name}", {key: plain_text(value) for key, value in attributes.items()}
    )
    made.text = plain_text(text) or None
    made.extend(children)
    return made


def root(name: str, *children: Element, space: str, schema: str) -> Element:
    """An element that says where the schema of its namespace is."""
    made = element(name, *children, space=space)
    made.set(f"{{{_XSI}}}schemaLocation", f"{space} {schema}")
    return made


def written(document: Element) -> bytes:
    """A document as UTF-8."""
    text: bytes = ET.tostring(document, encoding="UTF-8", xml_declaration=True)
    return text
