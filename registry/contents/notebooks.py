"""Notebooks rendered inert: text, code, plain outputs and pictures. HTML in them is never shown."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from registry.markup import TextPlace, clean_text, coloured, render_markdown

CHARACTERS = 60_000  # of all cells and outputs that are shown
OUTPUT = 4_000  # characters of one output
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
_FAULTS = (ValueError, RecursionError)


@dataclass(frozen=True, kw_only=True)
class Output:
    """An output of a cell: text, or the picture that has the number `picture` in the notebook."""

    text: str = ""
    picture: int | None = None
    left_out: str = ""
    is_error: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of a notebook. `count` is how often the kernel had run when it ran; "" unknown."""

    kind: str
    html: SafeString
    count: str = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ShownNotebook:
    """As many cells as fit."""

    cells: tuple[Cell, ...]
    left_out: int


class BadNotebookError(Exception):
    """It is no notebook that can be read."""


def notebook_shown(text: str, *, place: TextPlace) -> ShownNotebook:
    """The cells of a notebook. Raises BadNotebookError."""
    whole = _whole(text)
    cells, language, left, pictures = _cells(whole), _language(whole), CHARACTERS, 0
    shown: list[Cell] = []
    for cell in cells:
        source = _joined(cell.get("source", cell.get("input")))
        outputs = list(_outputs(cell, pictures))
        pictures += sum(1 for one in outputs if one.picture is not None)
        left -= len(source) + sum(len(one.text) for one in outputs)
        if left < 0:
            break
        shown.append(_cell(cell, source, tuple(outputs), language, place))
    return ShownNotebook(cells=tuple(shown), left_out=len(cells) - len(shown))


def notebook_picture(text: str, number: int) -> tuple[bytes, str] | None:
    """The picture of that number with its type, or None. Raises BadNotebookError."""
    at = 0
    for cell in _cells(_whole(text)):
        for data in _pictures(cell):
            if at == number:
                return _decoded(data)
            at += 1
    return None


def _cells(whole: dict[str, Any]) -> list[dict[str, Any]]:
    sheets = whole.get("worksheets")  # as before version 4
    if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        whole = sheets[0]
    cells = whole.get("cells")
    if not isinstance(cells, list):
        raise BadNotebookError
    return [cell for cell in cells if isinstance(cell, dict)]


def _whole(text: str) -> dict[str, Any]:
    try:
        whole = json.loads(text)
    except _FAULTS as fault:
        raise BadNotebookError from fault
    if not isinstance(whole, dict):
        raise BadNotebookError
    return whole


def _language(whole: dict[str, Any]) -> str:
    metadata = whole.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) else "python"


def _cell(
    cell: dict[str, Any], source: str, outputs: tuple[Output, ...], language: str, place: TextPlace
) -> Cell:
    kind = cell.get("cell_type")
    if kind == "markdown":
        return Cell(kind="markdown", html=render_markdown(source, place=place))
    count = cell.get("execution_count", cell.get("prompt_number"))
    return Cell(
        kind="code" if kind == "code" else "raw",
        html=coloured(clean_text(source), language if kind == "code" else ""),
        count=str(count) if isinstance(count, int) else "",
        outputs=outputs,
    )


def _outputs(cell: dict[str, Any], pictures: int) -> Iterator[Output]:
    for output in _listed(cell.get("outputs")):
        if _picture_of(output):
            yield Output(picture=pictures)
            pictures += 1
        elif output.get("output_type") in {"error", "pyerr"}:
            trace = _joined(_strings(output.get("traceback")), "\n") or _joined(
                output.get("evalue")
            )
            yield Output(text=clean_text(trace)[:OUTPUT], is_error=True)
        elif text := _plain(output):
            yield Output(text=clean_text(text)[:OUTPUT])
        elif named := ", ".join(map(str, list(_data(output))[:3])):
            yield Output(left_out=clean_text(named)[:100])


def _pictures(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for output in _listed(cell.get("outputs")):
        if found := _picture_of(output):
            yield found


def _picture_of(output: dict[str, Any]) -> tuple[str, str] | None:
    data = _data(output)
    for media_type in _PICTURES:
        if content := _joined(data.get(media_type, data.get(media_type.partition("/")[2]))):
            return media_type, content
    return None


def _decoded(found: tuple[str, str]) -> tuple[bytes, str] | None:
    media_type, content = found
    if media_type == "image/svg+xml":
        return content.encode("utf-8", "replace"), media_type
    try:
        return base64.b64decode(content), media_type
    except (binascii.Error, ValueError):
        return None


def _plain(output: dict[str, Any]) -> str:
    return _joined(output.get("text")) or _joined(_data(output).get("text/plain"))


def _data(output: dict[str, Any]) -> dict[str, Any]:
    """What an output holds by type; before version 4 beside its other fields."""
    data = output.get("data")
    if isinstance(data, dict):
        return data
    old = {"png", "jpeg", "svg", "html", "latex"}
    return {name: value for name, value in output.items() if name in old}


def _listed(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _joined(value: object, between: str = "") -> str:
    """Text that the format keeps whole or in lines."""
    return value if isinstance(value, str) else between.join(_strings(value))
