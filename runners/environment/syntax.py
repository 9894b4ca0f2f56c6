"""Python source as a syntax tree. Nothing is run."""

import ast
import warnings


def parsed(source: str) -> ast.Module | None:
    """The syntax tree; None where this Python cannot read the source."""
    try:
        return _parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def unreadable_line(source: str) -> str | None:
    """The line at which this Python stops reading the source; None where it reads it all."""
    try:
        _parse(source)
    except SyntaxError as error:
        lines = source.splitlines()
        return lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
    except (ValueError, RecursionError, MemoryError):
        return ""
    return None


def _parse(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an author's "\d" is no concern of the site's log
        return ast.parse(source)
