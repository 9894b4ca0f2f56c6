"""Licences: what a person may write, SPDX or NONE, and what it says. Pure functions."""

import re
from functools import lru_cache

from license_expression import ExpressionError, ExpressionParseError, Licensing, get_spdx_licensing
from rapidfuzz import fuzz, process, utils

NONE = "NONE"
"""What is written where nobody is granted anything."""
COMMON = (
    "MIT", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause", "GPL-3.0-or-later", "GPL-3.0-only",
    "GPL-2.0-or-later", "LGPL-3.0-or-later", "AGPL-3.0-or-later", "MPL-2.0", "EUPL-1.2",
    "CECILL-2.1", "ISC", "Unlicense", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", NONE,
)  # fmt: skip
"""What forms suggest."""
_OWN = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_NEAR = 60


def licence_normalised(text: str) -> str:
    """The SPDX expression that a person means, in SPDX's own spelling; "" stays "".

    Raises ValueError with a sentence that names what is unknown, and what is near to it.
    """
    text = text.strip()
    if not text or text.upper() == NONE:
        return text.upper()
    try:
        parsed = _licensing().parse(text)
    except (ExpressionError, ExpressionParseError, AttributeError) as error:
        # AttributeError: what the parser says of a dangling operator, as in “MIT AND”.
        raise ValueError(_unreadable(text)) from error
    for unknown in _licensing().unknown_license_keys(parsed):
        if not _OWN.fullmatch(unknown):
            raise ValueError(_unknown(unknown))
    return str(parsed.render())


@lru_cache(maxsize=1024)
def licence_choices(expression: str) -> tuple[str, ...]:
    """The licences that an expression offers to choose from; none unless SPDX knows each of them.

    An expression with AND or WITH asks for more than one name can say, so it gives none.
    """
    parts = [part.strip(" ()") for part in expression.split(" OR ") if part]
    return tuple(parts) if all(map(_is_of_spdx, parts)) else ()


def licence_address(identifier: str) -> str:
    """Where SPDX keeps the text of a licence."""
    return f"https://spdx.org/licenses/{identifier}.html"


def _is_of_spdx(identifier: str) -> bool:
    try:
        licence = _licensing().parse(identifier, validate=True, strict=True)
    except (ExpressionError, ExpressionParseError, AttributeError):
        return False
    is_own = identifier.startswith("LicenseRef-")
    return bool(getattr(licence, "key", "") == identifier and not is_own)


@lru_cache(maxsize=1)
def _licensing() -> Licensing:
    """SPDX's list; reading it takes most of a second, so it is read once."""
    return get_spdx_licensing()


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    known = _licensing().known_symbols
    return tuple(
        name
        for name, licence in known.items()
        if not name.startswith("LicenseRef-") and not licence.is_exception
    )


def _unreadable(text: str) -> str:
    return (
        f"“{text[:100]}” is no SPDX expression. Write one name, as in MIT, or several joined by "
        "AND, OR and WITH, as in MIT OR Apache-2.0."
    )


def _unknown(name: str) -> str:
    # The common ones stand first, so that of equally near names the likelier is suggested.
    found = process.extract(
        name,
        (*COMMON[:-1], *_names()),
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=12,
        score_cutoff=_NEAR,
    )
    near = list(dict.fromkeys(str(each[0]) for each in found))[:4]
    ask = f"Do you mean {', '.join(near)}? " if near else ""
    return f"“{name[:100]}” is no licence that SPDX knows. {ask}Write NONE if you grant no licence."
