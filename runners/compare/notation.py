"""How numbers are written in text files: decimal point, exponent (Fortran's D too), nan and inf."""

import math
import re

_FLOAT = r"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eEdD]))(?:[eEdD][+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)"
_EXPONENT = str.maketrans("dD", "eE")
FLOAT = re.compile(_FLOAT, re.ASCII | re.IGNORECASE)
# Within a line a number stands by itself: not in "v1.2.3", "x1.0" or "1.5s".
NUMBER_IN_LINE = re.compile(
    rf"(?<![\w.+-])({_FLOAT}|[+-]?\d+)(?![\w+-]|\.\w)", re.ASCII | re.IGNORECASE
)
# A leading zero marks a name ("007"), and no measured integer has more digits than this.
INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,999})", re.ASCII)
# Beyond this a float no longer tells neighbouring integers apart.
EXACT_AS_FLOAT = 2**53


def is_integer(text: str) -> bool:
    """Whether `text` is an integer and nothing else."""
    return INTEGER.fullmatch(text) is not None


def is_float(text: str) -> bool:
    """Whether `text` is a float and nothing else; 1e999, which none can hold, is not."""
    if FLOAT.fullmatch(text) is None:
        return False
    return math.isfinite(as_float(text)) or not any(char.isdigit() for char in text)


def is_number(text: str) -> bool:
    """Whether a float can stand for `text` without loss of an integer's last digits."""
    return is_float(text) or (is_integer(text) and abs(int(text)) <= EXACT_AS_FLOAT)


def as_float(text: str) -> float:
    """The value of a text for which `is_number` holds."""
    return float(text.translate(_EXPONENT))
