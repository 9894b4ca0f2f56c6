"""Texts to copy into a reprise.toml."""

import json
from collections.abc import Iterator

from registry.spec.manifest import Proposal


def proposal_toml(proposal: Proposal) -> str:
    """A proposal as the lines of a reprise.toml that declare it.

    Its outputs have no expected values: only an author knows which committed file holds them.
    """
    return "".join(f"{line}\n" for line in _lines(proposal))


def _lines(proposal: Proposal) -> Iterator[str]:
    yield f"run = {_quoted(proposal.command)}"
    for path in proposal.outputs:
        yield ""
        yield "[[outputs]]"
        yield f"path = {_quoted(path)}"


def _quoted(text: str) -> str:
    """A TOML basic string. JSON's escapes are among TOML's, which also wants DEL escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
