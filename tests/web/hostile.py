"""What in a page could act, be it hidden in a text of a repository."""

import re
from html.parser import HTMLParser

_ACTIVE = {"iframe", "object", "embed", "base", "video", "audio", "template", "frame"}
_OWN_ADDRESS = re.compile(r"(?:[/#?]|https?://|mailto:)")


class _Audit(HTMLParser):
    def __init__(self, raw: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._raw = raw

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note elements and attributes that run or load something of a stranger's."""
        own = dict(attrs)
        if tag in _ACTIVE or (tag == "script" and not self._is_ours(own)):
            self.found.append(tag)
        if tag == "img" and not (own.get("src") or "").startswith(
            (self._raw, "/models/", "/runs/")
        ):
            self.found.append(f"img {own.get('src')}")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "background"}:
                self.found.append(f"{tag} {name}")
            if name in {"href", "action"} and not _OWN_ADDRESS.match(value or ""):
                self.found.append(f"{tag} {name}={value}")

    def _is_ours(self, own: dict[str, str | None]) -> bool:
        is_data = own.get("type") == "application/ld+json"
        return is_data or (own.get("src") or "").startswith("/static/")


def audit(markup: str, *, raw: str) -> list[str]:
    """What in a page of the portal could act. Images may come from `raw` and the portal's own."""
    parser = _Audit(raw)
    parser.feed(markup)
    parser.close()
    return parser.found
