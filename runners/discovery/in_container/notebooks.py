"""Run notebooks in order and compare what their cells give with what is stored in them.

    python notebooks.py NOTEBOOK...

Runs inside the model's container, on Python 3.8 or later, and needs nbclient and ipykernel. Writes
a JUnit report to $REPRISE_REPORT, one test a code cell: one that raises is an error, one that gives
something else than what is stored is a failure, and what follows a cell that raised is not run.

Compared are printed text (stdout) and results shown as text. Before that, addresses, clock times,
durations, paths and progress bars are masked and white space is collapsed. Words and whole numbers
must be equal; a number with a fraction may differ by 1e-5 of itself and by 1e-12 of the largest
number of the same output. Of a picture, only that there is one. A notebook that stores no output,
or a cell tagged to be ignored, only has to run, and its tests are named so. Tags that are obeyed:
raises-exception, skip, skip-execution, nbval-skip, nbval-ignore-output, nbval-raises-exception.

No cell gets more than half of $REPRISE_SECONDS, and all of them together get nine tenths.
"""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

RTOL = 1e-5
ATOL_OF_LARGEST = 1e-12
MOST_COMPARED = 200_000  # characters
IGNORED = {"nbval-ignore-output", "ignore-output"}
SKIPPED = {"skip", "skip-execution", "nbval-skip"}
MAY_RAISE = {"raises-exception", "nbval-raises-exception"}
COMMENT = re.compile(r"^[ \t]*#[ \t]*NBVAL_(IGNORE_OUTPUT|SKIP|RAISES_EXCEPTION)\b", re.MULTILINE)
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Lines that say how long something took or how far it is.
TIMING = re.compile(
    r"\d%\||it/s|s/it|\bETA\b|per loop|CPU times|[Ww]all time|[Ee]lapsed|\btook\b"
    r"|[Rr]un ?time|[Ee]xecution time"
)
MASKS = [
    (re.compile(r"<[^<>\n]{1,200} at 0x[0-9a-fA-F]+>"), "<object>"),
    (re.compile(r"<(?:Figure|matplotlib)[^<>\n]{0,100}>"), "<object>"),
    (re.compile(r"0x[0-9a-fA-F]{6,}"), "<address>"),
    (re.compile(r"\b(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "<time>"),
    (re.compile(r"(?<![\w.])(?:/[\w.+-]+){2,}"), "<path>"),
]
NUMBER = re.compile(r"(?<![\w.])[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w)")


@dataclass
class Budget:
    """The moment on the monotonic clock at which all must be done, and most seconds for a cell."""

    ends: float
    cell: float

    def left(self) -> float:
        """The seconds that the next cell may take."""
        return min(self.cell, self.ends - time.monotonic())


@dataclass
class Report:
    """The JUnit report of one notebook's cells."""

    suite: ET.Element
    path: str

    def add(self, name: str, seconds: float, state: str, message: str = "") -> None:
        """Add a test; `state` is passed, skipped, failure or error."""
        named = {"classname": self.path, "name": printable(name), "time": f"{seconds:.3f}"}
        case = ET.SubElement(self.suite, "testcase", named)
        if state != "passed":
            ET.SubElement(case, state, message=printable(message))
        if state in {"failure", "error"}:
            print(f"{self.path}, {name}: {message}", flush=True)  # noqa: T201 — a program's log


def main(paths: list[str]) -> int:
    """Run the notebooks; 0 when every cell is as it should be, else 1."""
    seconds = float(os.environ.get("REPRISE_SECONDS", "3600"))
    target = os.environ.get("REPRISE_REPORT", "notebooks.xml")
    budget = Budget(ends=time.monotonic() + 0.9 * seconds, cell=seconds / 2)
    suite = ET.Element("testsuite", name="notebooks")
    for path in paths:
        print(f"Running {path}", flush=True)  # noqa: T201 — a program's log
        run_notebook(Report(suite, path), budget)
        ET.ElementTree(suite).write(target, encoding="utf-8", xml_declaration=True)
    return int(any(case.tag in {"error", "failure"} for case in suite.iter()))


def run_notebook(report: Report, budget: Budget) -> None:
    """Run one notebook from its own folder, with the container's own Python."""
    import nbformat  # type: ignore[import-not-found]  # noqa: PLC0415 — is in the image only
    from nbclient import NotebookClient  # type: ignore[import-not-found]  # noqa: PLC0415

    try:
        notebook = nbformat.read(report.path, as_version=4)
        place = {"metadata": {"path": os.path.dirname(report.path) or "."}}  # noqa: PTH120
        client = NotebookClient(notebook, kernel_name="python3", resources=place)
        client.shutdown_kernel = "immediate"  # a cell that never ends would not hear of it
        client.reset_execution_trackers()
        with client.setup_kernel():
            run_cells(client, report, budget)
    except Exception as error:  # noqa: BLE001 — whatever a broken file or kernel leads to
        report.add("notebook", 0, "error", f"It cannot be run: {error!r}"[:1000])


def run_cells(client: Any, report: Report, budget: Budget) -> None:  # noqa: ANN401 — untyped there
    """Run the cells one after another up to one that does not end well."""
    cells = [(index, cell) for index, cell in enumerate(client.nb.cells) if is_code(cell)]
    stored = any(cell.outputs for _, cell in cells)
    stopped = ""
    for number, (index, cell) in enumerate(cells, start=1):
        tags, began = tags_of(cell), time.monotonic()
        name = f"cell {number}: {first_line(cell.source)}"
        was_run = cell.execution_count is not None or bool(cell.outputs)
        compared = stored and was_run and not tags & (IGNORED | MAY_RAISE)
        before = list(cell.outputs) if compared else None
        if stopped or tags & SKIPPED:
            report.add(name, 0, "skipped", stopped or "The cell is tagged to be skipped.")
            continue
        state, message = run_cell(client, (index, cell), tags, before, seconds=budget.left())
        stopped = f"Not run: cell {number} did not end well." if state == "error" else ""
        named = name if compared else f"{name} (only run: nothing is compared)"
        report.add(named, time.monotonic() - began, state, message)


def run_cell(
    client: Any,  # noqa: ANN401
    numbered: Any,  # noqa: ANN401
    tags: set[str],
    before: list[Any] | None,
    *,
    seconds: float,
) -> tuple[str, str]:
    """The state of a cell after it ran, and what there is to say; `before` is compared if given."""
    from nbclient.exceptions import (  # type: ignore[import-not-found]  # noqa: PLC0415
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    if seconds < 1:
        return "error", "No time was left for this cell."
    index, cell = numbered
    client.timeout = int(seconds)
    try:
        client.execute_cell(cell, index)
    except CellTimeoutError:
        return "error", f"It was still running after {client.timeout} seconds and was stopped."
    except DeadKernelError:
        return "error", "The kernel died in it: out of memory, or a crash."
    except CellExecutionError as error:
        if tags & MAY_RAISE:
            return "passed", ""
        print(COLOURS.sub("", str(error))[-4000:], flush=True)  # noqa: T201 — a program's log
        return "error", COLOURS.sub("", f"{error.ename}: {error.evalue}")[:1000]
    difference = compare(before, cell.outputs) if before is not None else ""
    return ("failure", difference) if difference else ("passed", "")


def is_code(cell: Any) -> bool:  # noqa: ANN401
    """Whether there is something to run."""
    return bool(cell.cell_type == "code" and cell.source.strip())


def tags_of(cell: Any) -> set[str]:  # noqa: ANN401
    """A cell's tags, and those written as comments as nbval reads them."""
    written = {f"nbval-{name.lower().replace('_', '-')}" for name in COMMENT.findall(cell.source)}
    return written | {str(tag).lower() for tag in cell.metadata.get("tags", ())}


def first_line(source: str) -> str:
    """What a person would know a cell by."""
    return " ".join(source.strip().splitlines()[0].split())[:60]


def compare(before: list[Any], after: list[Any]) -> str:
    """How two lists of outputs differ, in words; empty when they do not."""
    for kind, read in (("printed text", printed), ("result", results)):
        difference = compare_text(read(before), read(after))
        if difference:
            return f"The {kind} differs: {difference}"
    if has_picture(before) and not has_picture(after):
        return "A picture is stored, and none was drawn."
    return ""


def printed(outputs: list[Any]) -> str:
    """What was printed to stdout. Warnings differ with every version, so stderr is not read."""
    streams = [one for one in outputs if one.get("name") == "stdout"]
    return "".join(as_text(one.get("text", "")) for one in streams)


def results(outputs: list[Any]) -> str:
    """Results and displays as text. Beside a picture or a widget, the text says nothing."""
    shown = [one.get("data", {}) for one in outputs]
    return "\n".join(as_text(data.get("text/plain", "")) for data in shown if not is_drawn(data))


def is_drawn(data: Any) -> bool:  # noqa: ANN401
    """Whether a result is shown as a picture or a widget."""
    return any(key.startswith("image/") or "widget" in key for key in data)


def has_picture(outputs: list[Any]) -> bool:
    """Whether a picture is among the outputs."""
    return any(key.startswith("image/") for one in outputs for key in one.get("data", {}))


def as_text(value: Any) -> str:  # noqa: ANN401
    """Text that notebooks keep as one piece or as lines."""
    return "".join(value) if isinstance(value, list) else str(value)


def compare_text(before: str, after: str) -> str:
    """The first difference of two texts that is more than rounding; empty when there is none."""
    old, new = masked(before), masked(after)
    words, other = (" ".join(NUMBER.sub(" # ", text).split()) for text in (old, new))
    if words != other:
        return f"stored {around(words, other)}, now {around(other, words)}"
    numbers = list(zip(NUMBER.findall(old), NUMBER.findall(new)))  # noqa: B905 — Python 3.8
    largest = max((abs(float(one)) for one, _ in numbers), default=0.0)
    wrong = next((pair for pair in numbers if not close(*pair, largest)), None)
    return f"stored {wrong[0]}, now {wrong[1]}" if wrong else ""


def masked(text: str) -> str:
    """The text without what differs from run to run."""
    # Of a line that was written over again and again, the last state is what a reader saw.
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text[:MOST_COMPARED].split("\n"))
    text = COLOURS.sub("", "\n".join(line for line in lines if not TIMING.search(line)))
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def close(one: str, other: str, largest: float) -> bool:
    """Whether two numbers, as they are written, differ by rounding at most."""
    if re.fullmatch(r"[+-]?\d+", one) and re.fullmatch(r"[+-]?\d+", other):
        return one.lstrip("+") == other.lstrip("+")
    return abs(float(one) - float(other)) <= RTOL * abs(float(one)) + ATOL_OF_LARGEST * largest


def around(text: str, other: str) -> str:
    """The surroundings of the first place where a text differs from another."""
    pairs = enumerate(zip(text, other))  # noqa: B905 — Python 3.8
    place = next((i for i, (a, b) in pairs if a != b), min(len(text), len(other)))
    return f"“{text[max(0, place - 30) : place + 60]}”"


def printable(text: str) -> str:
    """Text without what XML cannot hold."""
    return "".join(
        c for c in text if c in "\t\n" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
