"""How lists of models say who made one and what a run of it costs."""

from collections.abc import Sequence

from django import template

from registry.models import ModelEntry
from registry.spec.manifest import Person
from registry.templatetags.pages import duration

register = template.Library()
_NAMED = 3
_GB = 1024


@register.filter
def named(people: Sequence[Person]) -> str:
    """The authors in a line: all of three, of more the first two and how many others."""
    names = [person.name for person in people]
    if len(names) > _NAMED:
        return f"{names[0]}, {names[1]} and {len(names) - 2} others"
    return ", ".join(names)


@register.filter
def cost(entry: ModelEntry) -> str:
    """What a run of it took here and asks for, in words; empty when nothing is known."""
    said = [
        f"ran in {duration(entry.run_seconds)}" if entry.run_seconds is not None else "",
        f"{_size(entry.peak_memory_mb)} of memory" if entry.peak_memory_mb is not None else "",
        f"image of {_size(entry.image_mb)}" if entry.image_mb is not None else "",
        "asks for a GPU" if entry.needs_gpu else "",
        "fetches data first" if entry.needs_download else "",
    ]
    return " · ".join(part for part in said if part)


def _size(megabytes: int) -> str:
    """A number and its unit, which stay on one line."""
    space = "\N{NO-BREAK SPACE}"
    return f"{megabytes}{space}MB" if megabytes < _GB else f"{megabytes / _GB:.1f}{space}GB"
