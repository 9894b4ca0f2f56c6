"""Logs of runs on pages: lines with numbers to link to, coloured, searched, and as one file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from registry.ansi import Line, lines_of
from registry.markup import clean_text
from registry.models import VerificationRun
from registry.selectors.logs import (
    PIECES_AT_ONCE,
    LogPart,
    log_added,
    log_end,
    log_steps,
    log_text,
)
from registry.spec.ladder import Step
from registry.views.lookup import run_or_404
from registry.views.presentation import STEP_WORDS
from registry.views.requests import PageRequest, number_of

TAIL = 20_000  # characters of a step's log that a run's page shows
LINES_OPEN = 200  # and at most so many lines, of a step that one wants to see inside
LINES_FOLDED = 40
LINES_AT_ONCE = 200  # on a page of the whole log
MATCHES_MOST = 100
AROUND = 2  # lines before and after one that matches
QUERY_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class ShownLog:
    """The end of a step's log. `cut`: there is more before it."""

    lines: SafeString
    cut: bool


@dataclass(frozen=True, kw_only=True)
class NewLines:
    """What came to a step's log: its first line anew, where the page has the beginning of it."""

    step: str
    again: SafeString | str
    lines: SafeString


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Neighbouring lines of one step in which something was found."""

    step: str
    lines: SafeString


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search in a log found. `more`: it stopped at the most that is shown."""

    stretches: tuple[Stretch, ...]
    count: int
    more: bool


@require_safe
def run_log(request: PageRequest, run_id: int) -> StreamingHttpResponse:
    """The whole log as plain text, or that of one step, however long it is."""
    run = run_or_404(request, run_id)
    step = request.GET.get("step", "")
    response = StreamingHttpResponse(_log_text(run, step), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="run-{run.pk}.log"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def run_lines(request: PageRequest, run_id: int) -> HttpResponse:
    """The log of a step, some lines at a time; or, with `q`, every line in which that stands."""
    run = run_or_404(request, run_id)
    query = request.GET.get("q", "").strip()[:QUERY_CHARACTERS]
    written = log_steps(run=run)
    steps = [step for step in Step if step in written]
    step = _step_asked(request, steps)
    context = {
        "run": run,
        "entry": run.version.entry,
        "q": query,
        "step": step,
        "steps": [(one.value, STEP_WORDS[one]) for one in steps],
        "label": STEP_WORDS[step] if step else "",
    }
    if query:
        context["found"] = _found(run, [step] if step else steps, query)
    elif steps:
        context |= _page(run, step or steps[0], number_of(request, "at"))
    return render(request, "registry/run_lines.html", context)


def end_shown(run: VerificationRun, step: str, *, until: int, wanted: bool) -> ShownLog:
    """The end of a step's log as a run's page shows it; more of it where that is `wanted`."""
    part = log_end(run=run, step=step, until=until, characters=TAIL)
    lines = list(lines_of([part.text], first=part.first))
    shown = lines[-(LINES_OPEN if wanted else LINES_FOLDED) :]
    cut = bool(shown) and shown[0].number > 1
    return ShownLog(lines=_Log.of(run, step).lines(shown), cut=cut)


def added_shown(run: VerificationRun, *, after: int) -> tuple[int, list[NewLines]]:
    """What is new after the piece with id `after`, and the id up to which it is."""
    last, parts = log_added(run=run, after=after, characters=TAIL)
    return last, [_new_lines(run, step, part) for step, part in parts.items()]


def _new_lines(run: VerificationRun, step: str, part: LogPart) -> NewLines:
    lines, log = lines_of([part.text], first=part.first), _Log.of(run, step)
    begun = next(lines) if part.continues else None
    return NewLines(
        step=step,
        again=log.line(begun.number, begun.html, anew=True) if begun else "",
        lines=log.lines(lines),
    )


def _step_asked(request: PageRequest, steps: list[Step]) -> Step | None:
    """The step named in the address, if any. Raises Http404 for one that wrote nothing."""
    named = request.GET.get("step", "")
    if named and named not in steps:
        raise Http404("This step of the verification has no log.")
    return Step(named) if named else None


def _page(run: VerificationRun, step: Step, at: int) -> dict[str, Any]:
    """The lines among which the one with the number `at` is."""
    first = max(at - 1, 0) // LINES_AT_ONCE * LINES_AT_ONCE
    lines = lines_of(log_text(run=run, step=step))
    shown = list(islice(lines, first, first + LINES_AT_ONCE))
    if not shown:
        raise Http404("The log has no such line.")
    return {
        "step": step,
        "label": STEP_WORDS[step],
        "lines": _Log.of(run, step).lines(shown),
        "first": shown[0].number,
        "last": shown[-1].number,
        "before": first + 1 - LINES_AT_ONCE if first else None,
        "after": first + 1 + LINES_AT_ONCE if next(lines, None) else None,
    }


def _found(run: VerificationRun, steps: Iterable[Step], query: str) -> Found:
    """Every line with `query` in it, small or capital, with those around it."""
    wanted = re.compile(re.escape(query), re.IGNORECASE)
    stretches: list[Stretch] = []
    count = 0
    for step in steps:
        for lines in _stretches(lines_of(log_text(run=run, step=step)), wanted):
            if count >= MATCHES_MOST:
                return Found(stretches=tuple(stretches), count=count, more=True)
            count += sum(bool(wanted.search(line.text)) for line in lines)
            drawn = _Log.of(run, step).marked(lines, wanted)
            stretches.append(Stretch(step=STEP_WORDS[step], lines=drawn))
    return Found(stretches=tuple(stretches), count=count, more=False)


def _stretches(lines: Iterable[Line], wanted: re.Pattern[str]) -> Iterator[list[Line]]:
    """Lines that match, with AROUND lines before and after; what touches is one stretch.

    A stretch ends after MATCHES_MOST lines at the latest, so that a log of nothing but matches
    is not held as a whole.
    """
    kept: list[Line] = []
    after = -1  # how many lines may still follow the last match; -1: none so far
    for line in lines:
        kept.append(line)
        after = AROUND if wanted.search(line.text) else after - 1
        if after < 0:
            kept = kept[-AROUND:]
        elif after == 0 or len(kept) >= MATCHES_MOST:
            yield kept
            kept, after = [], -1
    if after > 0:
        yield kept


@dataclass(frozen=True, kw_only=True)
class _Log:
    """The log of one step: how its lines are drawn, each under a number that links to it.

    The link leads to where the line can be found as long as the run can.
    """

    step: str
    address: str

    @classmethod
    def of(cls, run: VerificationRun, step: str) -> "_Log":
        """The log of a step of a run."""
        return cls(step=step, address=f"{reverse('run_lines', args=[run.pk])}?step={step}&at=")

    def lines(self, lines: Iterable[Line]) -> SafeString:
        """Lines in their colours."""
        return self._joined(self.line(line.number, line.html) for line in lines)

    def marked(self, lines: Iterable[Line], wanted: re.Pattern[str]) -> SafeString:
        """Lines with what was looked for marked, without colours."""
        return self._joined(
            self.line(line.number, _with_marks(line.text, wanted)) for line in lines
        )

    def line(self, number: int, inside: SafeString, *, anew: bool = False) -> SafeString:
        """One line. `anew`: it takes the place of the same line on the page."""
        return format_html(
            '<span class="line" id="{0}-L{1}"{4}><a href="{2}{1}#{0}-L{1}" tabindex="-1">{1}</a>'
            "{3}\n</span>",
            self.step,
            number,
            self.address,
            inside,
            SafeString(' hx-swap-oob="outerHTML"') if anew else "",
        )

    def _joined(self, lines: Iterable[SafeString]) -> SafeString:
        return SafeString("".join(lines))


def _with_marks(text: str, wanted: re.Pattern[str]) -> SafeString:
    at, parts = 0, []
    for match in wanted.finditer(text):
        parts.append(format_html("{}<mark>{}</mark>", text[at : match.start()], match[0]))
        at = match.end()
    return format_html_join("", "{}", ((part,) for part in (*parts, text[at:])))


def _log_text(run: VerificationRun, step: str) -> Iterator[str]:
    """The log of every worker that began the run, with a line before each step."""
    pieces = run.log_chunks.filter(step=step) if step else run.log_chunks.all()
    heading = ("", 0)
    for piece in pieces.order_by("pk").iterator(chunk_size=PIECES_AT_ONCE):
        if (piece.step, piece.attempt) != heading:
            heading = (piece.step, piece.attempt)
            yield f"\n=== {piece.step}, start {piece.attempt} ===\n"
        yield clean_text(piece.text)
