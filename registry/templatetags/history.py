"""An entry's past in short, for pages that are about something else."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from registry.badges import CAUSE_WORDS
from registry.models import ModelEntry, ModelVersion
from registry.plots import sparkline
from registry.selectors.history import history_brief as brief_of
from registry.spec.ladder import Cause, Level

register = template.Library()


@register.inclusion_tag("parts/history_brief.html")
def history_brief(entry: ModelEntry, versions: Sequence[ModelVersion]) -> dict[str, object]:
    """The last levels, the last good environment, and what broke it where that was found."""
    brief = brief_of(entry=entry, versions=versions)
    return {
        "entry": entry,
        "brief": brief,
        "levels": levels_drawn(brief.levels),
    }


@register.filter
def levels_drawn(levels: Sequence[int]) -> SafeString:
    """The levels of a few runs, oldest first, as columns with the words for who does not see."""
    words = ", ".join(Level(level).label for level in levels)
    title = f"Levels of the last {len(levels)} verifications, oldest first: {words}"
    return sparkline(levels, most=int(Level.SUSTAINED), title=title)


@register.filter
def level_word(level: int) -> str:
    """The name of a level."""
    return Level(level).label


@register.filter
def cause_word(cause: str) -> str:
    """What failed, as badges say it."""
    return CAUSE_WORDS.get(Cause(cause), cause)
