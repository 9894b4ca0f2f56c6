"""Badges: what an entry's evidence says, in a few words or in segments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from registry.spec.ladder import Cause, Level, Repair

LABEL = "reprise"


class Colour(StrEnum):
    """A badge's right half. White text on each has a contrast of at least 4.5 to 1."""

    GREEN = "1a7f37"
    TEAL = "0e7c7b"
    BLUE = "0969da"
    INDIGO = "5b5bd6"
    PURPLE = "8250df"
    SLATE = "57606a"
    AMBER = "9a6700"
    RED = "cf222e"
    GREY = "6e7781"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One thing that a badge says, on its own colour."""

    text: str
    colour: Colour


@dataclass(frozen=True, kw_only=True)
class Badge:
    """What a badge says: one line, or segments in its place.

    `is_error` tells shields not to let a style hide the colour. `detail` is for who rests on the
    picture or has it read aloud; shields has no field for it.
    """

    message: str
    colour: Colour
    is_error: bool = False
    detail: str = ""
    segments: tuple[Segment, ...] = ()

    @property
    def parts(self) -> tuple[Segment, ...]:
        """What is drawn beside the label."""
        return self.segments or (Segment(text=self.message, colour=self.colour),)


UNKNOWN = Badge(message="unknown", colour=Colour.GREY, is_error=True)

_OF_LEVEL = {
    Level.REGISTERED: Colour.SLATE,
    Level.ARCHIVED: Colour.SLATE,
    Level.BUILDS: Colour.INDIGO,
    Level.RUNS: Colour.BLUE,
    Level.REPEATABLE: Colour.TEAL,
    Level.REPRODUCED: Colour.GREEN,
    Level.SUSTAINED: Colour.GREEN,
}
CAUSE_WORDS = {
    Cause.FETCH: "not fetched",
    Cause.RESOLVE: "packages conflict",
    Cause.BUILD: "build fails",
    Cause.IMPORT: "import fails",
    Cause.DATA: "data missing",
    Cause.TEST: "tests fail",
    Cause.MISMATCH: "mismatch",
    Cause.NONDETERMINISTIC: "not repeatable",
    Cause.TIMEOUT: "timeout",
    Cause.RESOURCES: "out of resources",
    Cause.UNSUPPORTED: "unsupported",
}
_WITHOUT_VERDICT = {
    "draft": Badge(message="draft", colour=Colour.GREY),
    "queued": Badge(message="queued", colour=Colour.PURPLE),
    "running": Badge(message="running", colour=Colour.PURPLE),
    "withdrawn": Badge(message="withdrawn", colour=Colour.SLATE),
    "unknown": Badge(message="not verified", colour=Colour.GREY),
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What selectors.badge_state found, as far as a badge says it; `state` is the word there.

    `date` is that of the verdict; `lost_at` is set when what once worked does not any more.
    """

    state: str
    level: Level
    cause: Cause | None
    date: datetime | None
    stale: bool
    tests_pass: bool | None
    repaired: bool
    repairs: Sequence[Repair]
    claims: int = 0
    claims_met: int = 0
    lost_at: datetime | None = None


def badge_of(facts: Facts) -> Badge:
    """The badge in one line.

    Outputs and tests are two verdicts: where the outputs agree and the tests fail, it says both.
    An environment that had to be changed is said in one word, the rungs in the detail.
    """
    if facts.state in _WITHOUT_VERDICT or facts.date is None:
        return _WITHOUT_VERDICT.get(facts.state, UNKNOWN)
    detail = repairs_words(facts.repairs) if facts.repaired else ""
    message = _message(facts)
    if facts.cause:
        return Badge(message=message, colour=Colour.RED, is_error=True, detail=detail)
    doubtful = facts.stale or facts.tests_pass is False
    colour = Colour.AMBER if doubtful else _OF_LEVEL[facts.level]
    return Badge(message=message, colour=colour, detail=detail)


def segmented(facts: Facts) -> Badge:
    """The same badge, with what was built, tested and compared each by itself, and its date.

    A date, not an age in days: a picture that somebody keeps must not become untrue.
    """
    badge = badge_of(facts)
    if facts.state in _WITHOUT_VERDICT or facts.date is None:
        return badge
    segments = (_builds(facts), _tests(facts), _outputs(facts), _dated(facts))
    return replace(badge, segments=segments)


def _message(facts: Facts) -> str:
    said = CAUSE_WORDS.get(facts.cause, facts.level.label) if facts.cause else facts.level.label
    if facts.lost_at:
        return f"lost since {facts.lost_at:%Y-%m-%d} · {said}"
    tests = facts.tests_pass is False and facts.cause is not Cause.TEST
    words = (
        f"{said}{', tests fail' if tests else ''}{' (stale)' if facts.stale else ''}",
        f"{facts.claims_met} of {facts.claims} claims" if facts.claims else "",
        "repaired" if facts.repaired else "",
        f"{facts.date:%Y-%m-%d}",
    )
    return " · ".join(filter(None, words))


def _builds(facts: Facts) -> Segment:
    if facts.level >= Level.BUILDS:
        word = "builds, repaired" if facts.repaired else "builds"
        return Segment(text=word, colour=Colour.GREEN)
    if facts.cause in {Cause.RESOLVE, Cause.BUILD, Cause.IMPORT}:
        return Segment(text=CAUSE_WORDS[facts.cause], colour=Colour.RED)
    return Segment(text="build not rated", colour=Colour.GREY)


def _tests(facts: Facts) -> Segment:
    if facts.tests_pass is None:
        return Segment(text="no tests seen", colour=Colour.GREY)
    if facts.tests_pass:
        return Segment(text="tests report pass", colour=Colour.GREEN)
    return Segment(text="tests fail", colour=Colour.RED)


def _outputs(facts: Facts) -> Segment:
    claims = f", {facts.claims_met} of {facts.claims} claims" if facts.claims else ""
    if facts.cause in {Cause.MISMATCH, Cause.NONDETERMINISTIC}:
        word = "outputs differ" if facts.cause is Cause.MISMATCH else "outputs not repeatable"
        return Segment(text=f"{word}{claims}", colour=Colour.RED)
    if facts.level >= Level.REPRODUCED:
        return Segment(text=f"outputs {facts.level.label}{claims}", colour=Colour.GREEN)
    if facts.level is Level.REPEATABLE:
        return Segment(text="outputs repeatable", colour=Colour.TEAL)
    return Segment(text="outputs not checked", colour=Colour.GREY)


def _dated(facts: Facts) -> Segment:
    if facts.lost_at:
        return Segment(text=f"lost since {facts.lost_at:%Y-%m-%d}", colour=Colour.RED)
    if facts.stale:
        return Segment(text=f"stale, {facts.date:%Y-%m-%d}", colour=Colour.AMBER)
    return Segment(text=f"{facts.date:%Y-%m-%d}", colour=Colour.SLATE)


def repairs_words(repairs: Sequence[Repair]) -> str:
    """What was changed, rung by rung: “repaired: imports added, pins relaxed”."""
    labels = ", ".join(repair.label for repair in repairs)
    return f"repaired: {labels}" if labels else "repaired: the environment was changed"
