"""Typed readers of environment variables that fail loudly, naming the variable."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
_RATE = re.compile(r"[1-9][0-9]{0,8}/(s|sec|second|m|min|minute|h|hour|d|day)")
_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _read(name: str, default: T, convert: Callable[[str], T]) -> T:
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return convert(raw)
    except (KeyError, ValueError) as error:
        raise ImproperlyConfigured(f"{name}={raw!r} cannot be read: {error}") from error


def text(name: str, default: str = "") -> str:
    """A string, `default` when unset or blank."""
    return _read(name, default, str)


def flag(name: str, *, default: bool) -> bool:
    """Yes or no: 1, true, yes, 0, false, no."""
    return _read(name, default, lambda raw: _TRUTH[raw.lower()])


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    """One of a few words."""
    return _read(name, default, lambda raw: options[options.index(raw.lower())])


def integer(name: str, default: int) -> int:
    """A whole number."""
    return _read(name, default, int)


def number(name: str, default: float) -> float:
    """A decimal number."""
    return _read(name, default, float)


def rate(name: str, default: str) -> str:
    """So many in a time: `300/minute`, with second, minute, hour or day."""
    return _read(name, default, _rate)


def _rate(raw: str) -> str:
    if not _RATE.fullmatch(raw):
        raise ValueError("write it as in 300/minute")
    return raw


def names(name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Comma-separated names, blanks dropped."""
    return _read(
        name, default, lambda raw: tuple(part.strip() for part in raw.split(",") if part.strip())
    )


def path(name: str, default: Path) -> Path:
    """A path of this machine, made absolute."""
    return _read(name, default, Path).absolute()
