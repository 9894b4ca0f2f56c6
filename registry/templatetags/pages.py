"""How pages write levels, times, numbers and text from repositories."""

from datetime import datetime, timedelta
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.badges import CAUSE_WORDS, repairs_words
from registry.markup import (
    TextPlace,
    clean_text,
    render_line,
    render_markdown,
    render_plain,
)
from registry.models import ModelEntry, VerificationRun
from registry.spec.ladder import Cause, Level, Repair

register = template.Library()

_MINUTE, _HOUR = 60, 3600


@register.filter
def markdown(text: str, place: TextPlace | None = None) -> SafeString:
    """Markdown as safe HTML; what it names lies at `place`."""
    return render_markdown(text, place=place)


@register.filter
def line(text: str) -> SafeString:
    """A title or a summary, its formulas set."""
    return render_line(text)


@register.filter
def plain(text: str) -> SafeString:
    """Text of any other format as safe HTML."""
    return render_plain(text)


@register.filter
def visible(text: str) -> str:
    """Text that a program wrote, without terminal codes and reordering characters."""
    return clean_text(text)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in words: “40 ms”, “1.2 s”, “3 min 12 s”, “2 h 5 min”; empty when unknown."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


@register.filter
def quantity(number: float | None) -> str:
    """A measured number with three significant digits; a dash when there is none."""
    return "–" if number is None else f"{number:.3g}"


@register.filter
def value(number: float) -> str:
    """A number as whoever wrote it would, with up to six significant digits."""
    return f"{number:.6g}"


@register.filter
def words(name: str) -> str:
    """A name of the specification as pages write it: `not_reproduced` → “not reproduced”."""
    return name.replace("_", " ")


@register.filter
def stale(verified_at: datetime) -> bool:
    """Whether a verification is older than the site's policy calls fresh."""
    return timezone.now() - verified_at > timedelta(days=settings.STALE_AFTER_DAYS)


@register.simple_tag
def level_chip(seen: ModelEntry | VerificationRun) -> SafeString:
    """A level in words and rungs, and in a badge's words what failed, be it only the tests.

    Beside it, whether the environment was repaired, and how.
    """
    repairs = tuple(Repair(name) for name in seen.repairs)
    repaired = repairs_words(repairs) if seen.repaired else ""
    return _chip(Level(seen.level or 0), seen.cause, seen.tests_pass is False, repaired)


@lru_cache(maxsize=1024)
def _chip(reached: Level, cause: str, tests_fail: bool, repaired: str) -> SafeString:  # noqa: FBT001 — cache's key
    """The chip's HTML. There are few different ones, and lists show twenty at a time."""
    failed = [CAUSE_WORDS[Cause(cause)]] if cause in CAUSE_WORDS else []
    if tests_fail and cause != Cause.TEST:
        failed.append(CAUSE_WORDS[Cause.TEST])
    shown = {
        "level": reached.value,
        "label": reached.label,
        "failed": ", ".join(failed),
        "repaired": repaired,
    }
    return render_to_string("parts/level.html", shown)
