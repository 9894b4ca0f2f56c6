"""What an SPDX expression says, for formats that name each licence by itself."""

import functools

from license_expression import ExpressionError, Licensing, get_spdx_licensing

NO_LICENCE = "NONE"
_ADDRESS = "https://spdx.org/licenses/{}.html"


@functools.cache
def _spdx() -> Licensing:
    return get_spdx_licensing()


@functools.lru_cache(maxsize=1024)
def spdx_ids(expression: str) -> tuple[str, ...]:
    """The licences that an expression offers to choose from; none unless SPDX knows each of them.

    An expression with AND or WITH asks for more than one name can say, so it gives none.
    """
    parts = [part.strip(" ()") for part in expression.split(" OR ") if part]
    return tuple(parts) if all(map(_is_known, parts)) else ()


def licence_address(identifier: str) -> str:
    """Where SPDX keeps the text of a licence."""
    return _ADDRESS.format(identifier)


def _is_known(identifier: str) -> bool:
    try:
        licence = _spdx().parse(identifier, validate=True, strict=True)
    except ExpressionError:
        return False
    key = getattr(licence, "key", "")
    return bool(key == identifier and not identifier.startswith("LicenseRef-"))
