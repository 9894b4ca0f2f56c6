"""What the public models come to together, and the runs behind it as open data."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import condition, require_safe

from registry.plots import bars, step_curve
from registry.selectors.statistics import (
    LICENCE,
    LICENCE_ADDRESS,
    RUN_COLUMNS,
    Statistics,
    export_mark,
    runs_exported,
    statistics,
)
from registry.spec.survival import at_time

# With fewer models than these a share says more of chance than of them.
FEW = 20
MONTHS = (1, 3, 6, 12, 18, 24, 36, 48, 60, 84, 120)
# A spreadsheet takes text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|")


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """Every plot with its table, and where the data is."""
    found = statistics()
    context = {
        "found": found,
        "few": FEW,
        "survival_words": survival_words(found),
        "survival_rows": survival_rows(found),
        "survival_plot": survival_plot(found) if found.curve else "",
        "plots": [
            {"id": name, "head": head, "label": label, "rows": rows, "plot": drawn(head, rows)}
            for name, head, label, rows in (
                ("levels", "By level", "Level", found.levels),
                ("causes", "Why a level was missed", "Cause", found.causes),
                ("repairs", "What environments needed", "Repair", found.repairs),
            )
        ],
        "groups": [
            {"id": "frameworks", "head": "By framework", "label": "Framework",
             "rows": found.frameworks},
            {"id": "years", "head": "By year of the commit", "label": "Year",
             "rows": found.years},
        ],
        "columns": [
            {"name": name, "type": kind, "meaning": meaning}
            for name, (kind, meaning) in RUN_COLUMNS.items()
        ],
        "licence": LICENCE_ADDRESS,
    }  # fmt: skip
    return render(request, "registry/statistics.html", context)


def survival_words(found: Statistics) -> str:
    """What the curve comes to, in a sentence; that there is too little to say, where there is."""
    models = f"{found.lifetimes:,} version{'' if found.lifetimes == 1 else 's'} ever ran"
    if found.lifetimes < FEW:
        return f"{models}: too few to say how long models last."
    if not found.curve:
        return f"{models}, and none was lost in up to {found.watched:.0f} months."
    last = found.curve[-1]
    band = f"(95 % band {last.low:.0%} to {last.high:.0%})"
    after = f"after {last.time:.0f} months {last.share:.0%} {band} still run"
    return f"{models}, {found.lost:,} of them were lost: {after}."


def survival_rows(found: Statistics) -> list[dict[str, object]]:
    """The curve at round numbers of months, as far as anything was watched."""
    rows: list[dict[str, object]] = []
    for month in (0, *(month for month in MONTHS if month <= found.watched)):
        row = at_time(found.curve, month)
        band = (row.share, row.low, row.high) if row else (1.0, 1.0, 1.0)
        share, low, high = (f"{value:.0%}" for value in band)
        at_risk = found.at_risk(month)
        rows.append({"month": month, "at_risk": at_risk, "share": share, "low": low, "high": high})
    return rows


def survival_plot(found: Statistics) -> str:
    """The curve with its band."""
    return step_curve(
        [(0, 1.0), *((row.time, row.share) for row in found.curve)],
        band=[(0, 1.0, 1.0), *((row.time, row.low, row.high) for row in found.curve)],
        until=found.watched,
        title="Share of versions that still run",
        description=survival_words(found),
        x_label="months since publication",
        y_label="share that still runs",
    )


def drawn(head: str, rows: tuple[tuple[str, int], ...]) -> str:
    """Counts as bars, said in words too; nothing where there is nothing to draw."""
    words = ", ".join(f"{name} {count}" for name, count in rows)
    return bars(rows, title=head, description=words) if any(n for _, n in rows) else ""


def _etag(_request: HttpRequest) -> str:
    return f'"{export_mark()[0]}"'


def _changed(_request: HttpRequest) -> datetime | None:
    return export_mark()[1]


@require_safe
@condition(etag_func=_etag, last_modified_func=_changed)
def runs_csv(_request: HttpRequest) -> StreamingHttpResponse:
    """One line a public run."""
    return _download(_csv_lines(), "text/csv; charset=utf-8", "reprise-runs.csv")


@require_safe
@condition(etag_func=_etag, last_modified_func=_changed)
def runs_json(_request: HttpRequest) -> StreamingHttpResponse:
    """The same as JSON, with its licence."""
    return _download(_json_pieces(), "application/json", "reprise-runs.json")


@require_safe
def data_package(request: HttpRequest) -> JsonResponse:
    """What the columns of the table are, as a Data Package."""
    fields = [
        {"name": name, "type": kind, "description": meaning}
        for name, (kind, meaning) in RUN_COLUMNS.items()
    ]
    return JsonResponse(
        {
            "name": "reprise-runs",
            "title": "Verifications of public models",
            "licenses": [{"name": LICENCE, "path": LICENCE_ADDRESS}],
            "resources": [
                {
                    "name": "runs",
                    "path": request.build_absolute_uri(reverse("statistics_csv")),
                    "format": "csv",
                    "mediatype": "text/csv",
                    "encoding": "utf-8",
                    "schema": {"fields": fields, "primaryKey": "run", "missingValues": [""]},
                }
            ],
        }
    )


def _download(pieces: Iterable[str], media_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Link"] = f'<{LICENCE_ADDRESS}>; rel="license"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "public, max-age=300"
    return response


class _Echo:
    """What csv.writer writes to: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def _csv_lines() -> Iterator[str]:
    writer = csv.writer(_Echo(), lineterminator="\n")
    yield writer.writerow(RUN_COLUMNS)
    for row in runs_exported():
        yield writer.writerow([cell(value) for value in row.values()])


def cell(value: object) -> str:
    """A value as a spreadsheet may hold it: no text of others begins a formula."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return moment(value)
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
    return str(value)


def moment(at: datetime) -> str:
    """A moment in UTC to the second, as ISO 8601 has it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _json_pieces() -> Iterator[str]:
    yield f'{{"licence": "{LICENCE}", "runs": [\n'
    between = ""
    for row in runs_exported():
        yield between + json.dumps({name: _plain(value) for name, value in row.items()})
        between = ",\n"
    yield "\n]}\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 — what JSON holds
    return moment(value) if isinstance(value, datetime) else value
