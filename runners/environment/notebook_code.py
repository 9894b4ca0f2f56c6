"""The Python of a notebook, cell by cell, read as the JSON that it is. Nothing is run."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from runners.manifest.plain import mapping, several, text

_PYTHON = {"", "python", "ipython", "python3", "ipython3"}
# A cell whose first line hands all of it to another program, or keeps it from being run.
_ELSEWHERE = re.compile(
    r"\s*%%(?:bash|sh|script|html|HTML|javascript|js|latex|markdown|perl|ruby|R|julia|octave|writefile"
    r"|file|cython|fortran|sql|svg|cmd|system|!)\b"
)
# A line that only IPython reads: a magic, a shell command, a question for help.
_MAGIC = re.compile(
    r"^([ \t]*)(?:[%!?].*|[\w.\[\]]+\?{1,2}[ \t]*|\w+[ \t]*=[ \t]*[%!].*)$", re.MULTILINE
)


def code_cells(notebook: str) -> Iterator[str]:
    """The source of each code cell, magics put out; none where it is not in Python."""
    try:
        document = mapping(json.loads(notebook))
    except (ValueError, RecursionError):
        return
    if _language(document) not in _PYTHON:
        return
    sheets = [document, *(mapping(sheet) for sheet in several(document.get("worksheets")))]
    for cell in (mapping(cell) for sheet in sheets for cell in several(sheet.get("cells"))):
        source = _source(cell)
        if cell.get("cell_type") == "code" and not _ELSEWHERE.match(source):
            yield _MAGIC.sub(r"\1pass", source)


def _language(document: Mapping[str, Any]) -> str:
    metadata = mapping(document.get("metadata"))
    named = mapping(metadata.get("language_info")).get("name")
    return text(named or mapping(metadata.get("kernelspec")).get("language")).lower()


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input"))
    return source if isinstance(source, str) else "".join(map(str, several(source)))
