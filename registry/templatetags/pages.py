"""How pages write levels, times, numbers and text from repositories."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from registry.markup import clean_text, render_markdown, render_plain
from registry.spec.ladder import Level

register = template.Library()

_MINUTE, _HOUR = 60, 3600


@register.filter
def markdown(text: str, base: str = "") -> SafeString:
    """Markdown as safe HTML, relative links resolved against `base`."""
    return render_markdown(text, base=base)


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
    """Seconds in words: “0.4 s”, “3 min 12 s”, “2 h 5 min”; empty when unknown."""
    if seconds is None:
        return ""
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
def words(name: str) -> str:
    """A name of the specification as pages write it: `not_reproduced` → “not reproduced”."""
    return name.replace("_", " ")


@register.inclusion_tag("parts/level.html")
def level_chip(level: int | None, cause: str = "") -> dict[str, Any]:
    """A level in words and rungs; what kept it from being higher, when something failed."""
    reached = Level(level or 0)
    return {"level": reached.value, "label": reached.label, "cause": cause}
