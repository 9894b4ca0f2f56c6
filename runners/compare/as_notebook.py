"""Comparing what the cells of notebooks put out: text by its lines, pictures by their pixels."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runners.compare.as_image import Frame, compare_frames, frames_of_all
from runners.compare.as_json import parsed
from runners.compare.as_text import MAX_PATTERN_STEPS, compare_text
from runners.compare.finding import File, Finding, Rules, Unreadable, differs, merged, shown

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/tiff")
_MAX_PICTURES = 500
# Where an object was in memory is in its name: <Line2D at 0x7f31c0>.
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{4,16}\b")


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """What is compared of a notebook, each by its place: "code cell 3, stdout"."""

    codes: tuple[str, ...]
    texts: Mapping[str, bytes]
    pictures: Mapping[str, list[Frame]]


def compare_notebook(produced: File, expected: File, rules: Rules) -> Finding:
    """The same code cells with the same outputs.

    Text is compared line by line as in text files, pictures by their pixels. An output that has a
    picture is compared by it, else by its plain text, else by all that it holds. Counts of
    execution, ids, metadata and addresses of objects do not count, nor does how a stream was cut.
    """
    ours, theirs = _notebook(produced), _notebook(expected)
    for notebook, file in ((ours, produced), (theirs, expected)):
        if sum(map(len, notebook.texts.values())) * len(rules.ignore) > MAX_PATTERN_STEPS:
            raise Unreadable(f"{file.name} is too long for {len(rules.ignore)} patterns.")
    return merged(_findings(ours, theirs, rules))


def _findings(ours: Notebook, theirs: Notebook, rules: Rules) -> Iterator[Finding]:
    yield from _codes_differ(ours.codes, theirs.codes)
    yield from _forms_differ({**ours.texts, **ours.pictures}, {**theirs.texts, **theirs.pictures})
    for place in theirs.texts:
        if place in ours.texts:
            produced = File(name=f"the produced {place}", data=ours.texts[place])
            expected = File(name=f"the expected {place}", data=theirs.texts[place])
            yield compare_text(produced, expected, rules).within(place)
    for place in theirs.pictures:
        if place in ours.pictures:
            yield compare_frames(ours.pictures[place], theirs.pictures[place], rules).within(place)


def _codes_differ(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Iterator[Finding]:
    if len(ours) != len(theirs):
        yield differs("the notebook", f"{len(ours)} code cells", f"{len(theirs)}")
        return
    for number, (mine, wanted) in enumerate(zip(ours, theirs, strict=True), start=1):
        if mine != wanted:
            yield differs(f"the code of {_cell(number)}", shown(mine), shown(wanted))


def _forms_differ(ours: Mapping[str, object], theirs: Mapping[str, object]) -> Iterator[Finding]:
    """Outputs that only one side has, or that are text here and a picture there."""
    for place in theirs:
        if place not in ours:
            yield differs(place, "missing")
    for place in ours:
        if place not in theirs:
            yield differs(place, "not among the expected ones")


def _cell(number: int) -> str:
    return f"code cell {number}"


def _notebook(file: File) -> Notebook:
    """What is compared of the notebook in a file. Raises Unreadable."""
    try:
        return _read(file)
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise Unreadable(f"{file.name} is not a sound notebook of format 4.") from fault


def _read(file: File) -> Notebook:
    document: Any = parsed(file)
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    texts: dict[str, bytes] = {}
    pictures: dict[str, bytes] = {}
    for number, cell in enumerate(cells, start=1):
        for place, content in _outputs(cell["outputs"]):
            if isinstance(content, bytes):
                pictures[f"{_cell(number)}, {place}"] = content
            else:
                texts[f"{_cell(number)}, {place}"] = _encoded(content)
    if len(pictures) > _MAX_PICTURES:
        raise Unreadable(f"{file.name} holds more than {_MAX_PICTURES} pictures.")
    frames = frames_of_all(file.name, list(pictures.values()))
    return Notebook(
        codes=tuple(_joined(cell["source"]) for cell in cells),
        texts=texts,
        pictures=dict(zip(pictures, frames, strict=True)),
    )


def _outputs(outputs: list[dict[str, Any]]) -> Iterator[tuple[str, str | bytes]]:
    """The outputs of a cell by their places; a stream as one, however it was cut."""
    streams: dict[str, list[str]] = {}
    number = 0
    for output in outputs:
        if output["output_type"] == "stream":
            streams.setdefault(shown(str(output["name"])).strip("“”"), []).append(
                _joined(output["text"])
            )
            continue
        number += 1
        for what, content in _contents(output):
            yield f"output {number}, {what}", content
    for name, pieces in streams.items():
        yield name, "".join(pieces)


def _contents(output: dict[str, Any]) -> Iterator[tuple[str, str | bytes]]:
    """What one output is compared by."""
    if output["output_type"] == "error":
        yield "error", f"{output['ename']}: {output['evalue']}"
        return
    data: dict[str, Any] = output["data"]
    found = [kind for kind in _PICTURES if kind in data]
    if found:
        for kind in found:
            yield kind, base64.b64decode(_joined(data[kind]))
    elif "text/plain" in data:
        yield "text", _joined(data["text/plain"])
    else:
        yield "data", json.dumps(data, sort_keys=True, indent=0)


def _joined(text: str | list[str]) -> str:
    """A text as notebooks keep it: one, or a list of lines with their ends."""
    return text if isinstance(text, str) else "".join(text)


def _encoded(text: str) -> bytes:
    return _ADDRESS.sub("at 0x…", text).encode("utf-8", "backslashreplace")
