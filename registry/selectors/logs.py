"""Queries about a run's log: the end of it, what is new, and the whole of it line by line.

A line's number counts from the first line of its step in the run's present start, so it stays what
it is while the log grows. The database counts: a page reads no more of a log than it shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, QuerySet, Sum, Value
from django.db.models.functions import Length, Replace

from registry.models import LogChunk, VerificationRun

PIECES_AT_ONCE = 200
# How far back the beginning of an unfinished line is looked for.
PIECES_OF_A_LINE = 20


@dataclass(frozen=True, kw_only=True)
class LogPart:
    """A part of a step's log: the number of its first line, and its text.

    `continues` says that its first line was begun before, and is here from its beginning.
    """

    first: int
    text: str
    continues: bool = False


def log_last(*, run: VerificationRun) -> int:
    """The id of the last piece of a run's log; 0 before the first."""
    return run.log_chunks.order_by("-pk").values_list("pk", flat=True).first() or 0


def log_steps(*, run: VerificationRun) -> frozenset[str]:
    """The steps that have written something in the run's present start."""
    written = run.log_chunks.filter(attempt=run.attempt)
    return frozenset(written.order_by().values_list("step", flat=True).distinct())


def log_end(*, run: VerificationRun, step: str, until: int, characters: int) -> LogPart:
    """The end of a step's log up to the piece with id `until`, from the beginning of a line."""
    pieces = _pieces(run, step).filter(pk__lte=until)
    text, whole = _read_back(pieces, characters)
    first = _lines_in(pieces) - text.count("\n") + 1
    if not whole:
        text, first = text.partition("\n")[2] or text, first + ("\n" in text)
    return LogPart(first=first, text=text)


def log_added(
    *, run: VerificationRun, after: int, characters: int
) -> tuple[int, dict[str, LogPart]]:
    """The id of the last piece up to which this is, and what came to each step's log after `after`.

    Of much at once it is the end.
    """
    chunks = run.log_chunks.filter(pk__gt=after, attempt=run.attempt).order_by("pk")
    pieces = list(chunks.values_list("pk", "step", "text")[:PIECES_AT_ONCE])
    texts: dict[str, list[str]] = {}
    for _, step, text in pieces:
        texts.setdefault(step, []).append(text)
    last = pieces[-1][0] if pieces else after
    return last, {
        step: _added(_pieces(run, step).filter(pk__lte=after), "".join(new), characters)
        for step, new in texts.items()
    }


def log_text(*, run: VerificationRun, step: str) -> Iterator[str]:
    """The whole log of a step, piece by piece."""
    texts = _pieces(run, step).order_by("pk").values_list("text", flat=True)
    return texts.iterator(chunk_size=PIECES_AT_ONCE)


def _pieces(run: VerificationRun, step: str) -> QuerySet[LogChunk]:
    return run.log_chunks.filter(attempt=run.attempt, step=step)


def _lines_in(pieces: QuerySet[LogChunk]) -> int:
    """How many lines end in these pieces."""
    ends = Length(F("text")) - Length(Replace(F("text"), Value("\n"), Value("")))
    return pieces.order_by().aggregate(lines=Sum(ends))["lines"] or 0


def _read_back(pieces: QuerySet[LogChunk], characters: int) -> tuple[str, bool]:
    """So many characters from the end, and whether that is all there is."""
    texts: list[str] = []
    found = pieces.order_by("-pk").values_list("text", flat=True)[: PIECES_AT_ONCE + 1]
    for text in found.iterator():
        texts.append(text)
        if sum(map(len, texts)) > characters or len(texts) > PIECES_AT_ONCE:
            return "".join(reversed(texts))[-characters:], False
    return "".join(reversed(texts)), True


def _added(before: QuerySet[LogChunk], new: str, characters: int) -> LogPart:
    begun, number = _unfinished(before), _lines_in(before) + 1
    text = begun + new
    if len(text) <= characters:
        return LogPart(first=number, text=text, continues=bool(begun))
    end = text[-characters:]
    skipped = text[:-characters].count("\n")
    _, newline, after = end.partition("\n")
    if not newline:
        # One line without an end, longer than all that is shown.
        return LogPart(first=number + skipped, text=end, continues=bool(begun) and not skipped)
    return LogPart(first=number + skipped + 1, text=after)


def _unfinished(pieces: QuerySet[LogChunk]) -> str:
    """The beginning of the last line, where it has not ended yet."""
    kept = ""
    for text in pieces.order_by("-pk").values_list("text", flat=True)[:PIECES_OF_A_LINE]:
        _, newline, end = text.rpartition("\n")
        kept = end + kept
        if newline:
            break
    return kept
