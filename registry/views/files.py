"""An entry's files: folders, files as what they are, what changed between versions, raw bytes."""

import posixpath
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path as at
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from registry.contents.arrays import BadArrayError, arrays_shown, json_arrays
from registry.contents.code import code_shown
from registry.contents.looks import (
    HEAD,
    PICTURE_TYPES,
    Look,
    is_text,
    look_of,
    suffix_of,
    text_of,
)
from registry.contents.notebooks import BadNotebookError, notebook_picture, notebook_shown
from registry.contents.tables import table_shown
from registry.markup import TextPlace, render_markdown, render_plain
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.sandbox import inert
from registry.selectors.entries import entry_versions
from registry.selectors.sources import version_archive
from registry.source_changes import (
    NO_VERSION_HAS_IT,
    differences_shown,
    file_history,
    versions_changed,
)
from registry.sources import Kind, SourceFiles, SourceItem, SourceUnavailableError, head_of
from registry.sourcing import source_of, source_open
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import shown_entry_or_404
from registry.views.requests import PageRequest

ITEMS_SHOWN = 500
MOST = {
    Look.CODE: 1_000_000,
    Look.MARKDOWN: 200_000,
    Look.TABLE: 1_000_000,
    Look.NOTEBOOK: 8_000_000,
    Look.ARRAY: 16 * 2**20,
}
LINK = 4_096
# Opened by itself, a browser would take these for a page.
_PAGES = frozenset({".htm", ".html", ".shtml", ".svg", ".xhtml", ".xht", ".xml", ".mht", ".mhtml"})
_README = re.compile(r"read[-_ ]?me(?:\.[a-z.]{1,12})?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """A folder on the way to what is shown."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a folder; `size` is None for what has none, `target` where a link points."""

    item: SourceItem
    address: str
    size: int | None = None
    target: str = ""


# --- Folders and files ------------------------------------------------------------------------


@require_safe
def entry_files(request: PageRequest, accession: int) -> HttpResponse:
    """The top folder of the current version."""
    entry = shown_entry_or_404(request, accession)
    if entry.current_version is None or not entry.current_version.commit:
        context = {"unavailable": "Its files can be looked at once the repository was read."}
        return render(
            request, "registry/entry_files.html", entry_frame(request, entry, Tab.FILES) | context
        )
    return _page(request, entry, entry.current_version, "")


@require_safe
def entry_file(request: PageRequest, accession: int, number: int, path: str = "") -> HttpResponse:
    """A folder or a file of a version."""
    entry = shown_entry_or_404(request, accession)
    return _page(request, entry, _version(request, entry, number), path.rstrip("/"))


def _page(
    request: PageRequest, entry: ModelEntry, version: ModelVersion, path: str
) -> HttpResponse:
    versions = entry_versions(user=request.user, entry=entry).exclude(commit="")
    context = entry_frame(request, entry, Tab.FILES) | {
        "shown": version,
        "path": path,
        "crumbs": _crumbs(entry, version, path),
        "others": [(one, _address(entry, one, path)) for one in versions.only("number", "label")],
        "archive": version_archive(version),
    }
    try:
        with source_of(version) as files:
            context |= _contents(request, entry, version, files, path)
    except SourceUnavailableError as fault:
        context |= {"unavailable": str(fault)}
    return render(request, "registry/entry_files.html", context)


def _contents(
    request: PageRequest,
    entry: ModelEntry,
    version: ModelVersion,
    files: SourceFiles,
    path: str,
) -> dict[str, Any]:
    item = files.find(path) if path else None
    if item is not None and item.kind in {Kind.FILE, Kind.LINK}:
        return _file(request, entry, version, files, item)
    lying = files.folder(path)
    if lying is None:
        raise Http404("This version has no such file.")
    place = text_place(entry, version, folder=path)
    return {
        "rows": [_row(entry, version, files, each) for each in _folders_first(lying)[:ITEMS_SHOWN]],
        "left_out": max(0, len(lying) - ITEMS_SHOWN),
        **_readme(files, lying, place),
    }


def _folders_first(lying: tuple[SourceItem, ...]) -> list[SourceItem]:
    return sorted(lying, key=lambda item: (item.kind is not Kind.FOLDER, item.path))


def _row(entry: ModelEntry, version: ModelVersion, files: SourceFiles, item: SourceItem) -> Row:
    if item.kind is Kind.SUBMODULE:
        return Row(item=item, address="")
    address = _address(entry, version, item.path)
    if item.kind is Kind.FOLDER:
        return Row(item=item, address=address)
    target = text_of(head_of(files, item, most=LINK)) if item.kind is Kind.LINK else ""
    return Row(item=item, address=address, size=files.size(item), target=target)


def _readme(files: SourceFiles, lying: tuple[SourceItem, ...], place: TextPlace) -> dict[str, Any]:
    found = [item for item in lying if item.kind is Kind.FILE and _README.fullmatch(item.name)]
    if not found:
        return {}
    best = min(found, key=lambda item: (suffix_of(item.name) != ".md", item.name))
    text = text_of(head_of(files, best, most=MOST[Look.MARKDOWN]))
    marked = look_of(best.name, b"") is Look.MARKDOWN
    shown = render_markdown(text, place=place) if marked else render_plain(text)
    return {"readme": best, "readme_text": shown}


def _file(
    request: PageRequest,
    entry: ModelEntry,
    version: ModelVersion,
    files: SourceFiles,
    item: SourceItem,
) -> dict[str, Any]:
    head = head_of(files, item, most=HEAD)
    look = Look.CODE if item.kind is Kind.LINK else look_of(item.path, head)
    if look is Look.MARKDOWN and request.GET.get("as") == "text":
        look = Look.CODE
    size, most = files.size(item), MOST.get(look, 0)
    context = {
        "item": item,
        "size": size,
        "look": look.value,
        "raw": _raw_address(entry, version, item.path),
        "changes": reverse("file_history", args=[entry.accession, item.path]),
        "cut_at": most if most and size > most else 0,
    }
    if look in {Look.BINARY, Look.PICTURE}:
        return context
    place = text_place(entry, version, folder=posixpath.dirname(item.path))
    content = head_of(files, item, most=most)
    return context | _looked(request, item.path, look, content, place)


def _looked(
    request: PageRequest, path: str, look: Look, content: bytes, place: TextPlace
) -> dict[str, Any]:
    """What the templates of each way to show a file need."""
    text = text_of(content) if look is not Look.ARRAY else ""
    try:
        if look is Look.ARRAY:
            return {"arrays": arrays_shown(content)}
        if look is Look.NOTEBOOK:
            return {"notebook": notebook_shown(text, place=place)}
    except (BadArrayError, BadNotebookError) as fault:
        return {"problem": str(fault) or "This is not a whole notebook.", "look": "binary"}
    if look is Look.MARKDOWN:
        return {"text": render_markdown(text, place=place)}
    if look is Look.TABLE:
        return {"table": table_shown(text, path)}
    arrays = json_arrays(text) if suffix_of(path) == ".json" else ()
    return {"code": code_shown(text, path, line=_line(request)), "arrays": arrays}


def _line(request: PageRequest) -> int:
    given = request.GET.get("line", "")
    return int(given) if _NUMBER.fullmatch(given) else 1


# --- Raw --------------------------------------------------------------------------------------


@require_safe
def file_raw(request: PageRequest, accession: int, number: int, path: str) -> HttpResponseBase:
    """The bytes of a file, under a type of which a browser runs nothing.

    `?picture=` asks for one of a notebook's pictures. What is private stays so in every cache.
    """
    entry = shown_entry_or_404(request, accession)
    version = _version(request, entry, number)
    try:
        files = source_open(version)
        response = _raw(request, files, path)
    except SourceUnavailableError as fault:
        raise Http404(str(fault)) from fault
    is_public = entry.visibility == Visibility.PUBLIC and version.published_at is not None
    response["Cache-Control"] = f"{'public' if is_public else 'private'}, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return inert(response)


def _raw(request: PageRequest, files: SourceFiles, path: str) -> HttpResponseBase:
    """The answer, which closes the files when it ends."""
    item = files.find(path)
    if item is None or item.kind is not Kind.FILE:
        files.close()
        raise Http404("This version has no such file.")
    picture = request.GET.get("picture", "")
    etag = f'"{item.oid}{f"-{picture}" if _NUMBER.fullmatch(picture) else ""}"'
    known = get_conditional_response(request, etag=etag)
    if known or _NUMBER.fullmatch(picture):
        with closing(files):
            response = known or _notebook_picture(files, item, int(picture))
    else:
        response = _whole(request, files, item)
    response["ETag"] = etag
    return response


def _notebook_picture(files: SourceFiles, item: SourceItem, number: int) -> HttpResponseBase:
    content = head_of(files, item, most=MOST[Look.NOTEBOOK])
    try:
        found = notebook_picture(text_of(content), number)
    except BadNotebookError as fault:
        raise Http404("This is not a whole notebook.") from fault
    if found is None:
        raise Http404("This notebook has no such picture.")
    response = HttpResponse(found[0], content_type=found[1])
    if found[1] == PICTURE_TYPES[".svg"]:
        response["Content-Disposition"] = "attachment"
    return response


def _whole(request: PageRequest, files: SourceFiles, item: SourceItem) -> HttpResponseBase:
    media_type, attached = _media_type(files, item)
    headers = {
        "Content-Length": str(files.size(item)),
        "Content-Disposition": content_disposition_header(attached, item.name) or "inline",
    }
    if request.method == "HEAD":
        files.close()
        return HttpResponse(content_type=media_type, headers=headers)
    pieces = _closing(files, item)
    return StreamingHttpResponse(pieces, content_type=media_type, headers=headers)


def _media_type(files: SourceFiles, item: SourceItem) -> tuple[str, bool]:
    """A type that is safe to name, and whether the file is only to be saved."""
    suffix = suffix_of(item.path)
    if suffix in PICTURE_TYPES:
        return PICTURE_TYPES[suffix], suffix in _PAGES
    if is_text(head_of(files, item, most=HEAD)):
        return "text/plain; charset=utf-8", suffix in _PAGES
    return "application/octet-stream", True


def _closing(files: SourceFiles, item: SourceItem) -> Iterator[bytes]:
    with closing(files):
        yield from files.pieces(item)


# --- Versions side by side ---------------------------------------------------------------------


@require_safe
def entry_compare(request: PageRequest, accession: int, older: int, newer: int) -> HttpResponse:
    """What changed between two versions."""
    entry = shown_entry_or_404(request, accession)
    pair = (_version(request, entry, older), _version(request, entry, newer))
    context = entry_frame(request, entry, Tab.VERSIONS) | {"older": pair[0], "newer": pair[1]}
    try:
        changed = versions_changed(pair)
        context |= {"changed": changed, "differences": list(differences_shown(pair, changed))}
    except SourceUnavailableError as fault:
        context |= {"unavailable": str(fault)}
    return render(request, "registry/entry_compare.html", context)


@require_safe
def file_history_page(request: PageRequest, accession: int, path: str) -> HttpResponse:
    """Which versions changed a file."""
    entry = shown_entry_or_404(request, accession)
    versions = entry_versions(user=request.user, entry=entry).exclude(commit="")
    context = entry_frame(request, entry, Tab.FILES) | {"path": path}
    try:
        history = file_history(versions, path)
    except SourceUnavailableError as fault:
        return render(request, "registry/file_history.html", context | {"unavailable": str(fault)})
    if history is None:
        raise Http404(NO_VERSION_HAS_IT)
    touched = [
        (one, _address(entry, one.version, path) if one.oid else "") for one in history.touched
    ]
    context |= {"touched": touched, "since": history.since}
    return render(request, "registry/file_history.html", context)


# --- Addresses ---------------------------------------------------------------------------------


def text_place(entry: ModelEntry, version: ModelVersion, *, folder: str = "") -> TextPlace:
    """Where what a text of a version names lies on this portal."""
    tree = reverse("entry_tree", args=[entry.accession, version.number])
    raw = reverse("file_raw", args=[entry.accession, version.number, "x"]).removesuffix("x")
    return TextPlace(files=tree, raw=raw, folder=folder)


def _crumbs(entry: ModelEntry, version: ModelVersion, path: str) -> list[Crumb]:
    parts = path.split("/") if path else []
    ways = [("/".join(parts[: depth + 1]), name) for depth, name in enumerate(parts)]
    top = Crumb(name=entry.name, address=_address(entry, version, ""))
    return [top, *(Crumb(name=name, address=_address(entry, version, way)) for way, name in ways)]


def _address(entry: ModelEntry, version: ModelVersion, path: str) -> str:
    if not path:
        return reverse("entry_tree", args=[entry.accession, version.number])
    return reverse("entry_file", args=[entry.accession, version.number, path])


def _raw_address(entry: ModelEntry, version: ModelVersion, path: str) -> str:
    return reverse("file_raw", args=[entry.accession, version.number, path])


def _version(request: PageRequest, entry: ModelEntry, number: int) -> ModelVersion:
    """A version of the entry that was read, if this person may see it. Raises Http404."""
    found = entry_versions(user=request.user, entry=entry).exclude(commit="")
    version = found.filter(number=number).first()
    if version is None:
        raise Http404("This model has no such version.")
    return version


files_urlpatterns = [
    at("models/<int:accession>/files/", entry_files, name="entry_files"),
    at("models/<int:accession>/files/<int:number>/", entry_file, name="entry_tree"),
    at("models/<int:accession>/files/<int:number>/<path:path>", entry_file, name="entry_file"),
    at("models/<int:accession>/raw/<int:number>/<path:path>", file_raw, name="file_raw"),
    at("models/<int:accession>/changes/<path:path>", file_history_page, name="file_history"),
    at(
        "models/<int:accession>/compare/<int:older>...<int:newer>",
        entry_compare,
        name="entry_compare",
    ),
]
