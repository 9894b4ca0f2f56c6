"""Models by git: the published versions of an entry at `/<owner>/<name>.git`, to read.

Git offers its token only after it was asked for one, so a stranger is asked at every address that
is not public, whether something is there or not. Nobody's session counts here.
"""

import re
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from registry.callers import TokenRefusedError, token_of
from registry.gitting import (
    GitAnswer,
    GitRefusedError,
    GitServer,
    GitUnavailableError,
)
from registry.models import ModelVersion
from registry.models.entries import Visibility
from registry.models.pulling import PullKind
from registry.rates import TooOftenError, caller_name, pull_counted
from registry.sandbox import inert
from registry.selectors.entries import Viewer, entry_get, entry_versions
from registry.selectors.refs import version_refs
from registry.services.usage import pull_note
from registry.sources import SourcePlace
from registry.sourcing import place_of
from registry.views.requests import PageRequest

_SERVICE = "git-upload-pack"
_ASKED = f"application/x-{_SERVICE}-request"
_VERSION = re.compile(r"[a-z0-9=:._-]{0,100}")
_CHALLENGE = 'Basic realm="Reprise", charset="UTF-8"'
# A partial clone of 600,000 files asks for each of them.
_MOST_BYTES = 32 * 2**20
_PIECE_BYTES = 1 << 16
_GZIP = zlib.MAX_WBITS + 16
_COLUMNS = ("entry", "number", "label", "published_at", "address", "commit", "folder")

View = Callable[..., HttpResponseBase]


class _Refusal(Exception):
    """Ends a request with a status and a sentence, which git shows."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def _door(view: View) -> View:
    """A view of programs: no session, no form of ours; refusals as text, nothing kept by caches."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, **named: str) -> HttpResponseBase:
        try:
            response = view(request, **named)
        except _Refusal as refusal:
            plain = "text/plain; charset=utf-8"
            response = HttpResponse(
                f"{refusal}\n", status=refusal.status, headers=refusal.headers, content_type=plain
            )
        response["Cache-Control"] = "no-cache, max-age=0, must-revalidate"
        return inert(response)

    return answered


@require_safe
def git_page(_request: PageRequest, owner: str, name: str) -> HttpResponse:
    """A person who opens the address of git in a browser is led to the model's page."""
    return redirect("entry_by_name", owner, name)


@_door
@require_GET
def git_refs(request: HttpRequest, owner: str, name: str) -> HttpResponseBase:
    """What there is to be had: the first question of every git."""
    service = request.GET.get("service", "")
    if service == "git-receive-pack":
        raise _no_push()
    if service != _SERVICE:
        raise _Refusal(404, "Git's smart protocol alone is spoken here: use git 1.6.6 or newer.")
    viewer = _viewer(request)
    refs = _published(viewer, owner, name)
    with _sayings():
        answer = _site_git(request, viewer).advertise(_places(refs), version=_version(request))
    return StreamingHttpResponse(answer, content_type=f"application/x-{_SERVICE}-advertisement")


@_door
@require_POST
def git_upload_pack(request: HttpRequest, owner: str, name: str) -> HttpResponseBase:
    """The names of refs, or objects: all further questions. Who gets objects is counted."""
    viewer = _viewer(request)
    refs = _published(viewer, owner, name)
    if request.content_type != _ASKED:
        raise _Refusal(415, f"Only {_ASKED} is taken here: what git sends.")
    kind = f"application/x-{_SERVICE}-result"
    with tempfile.NamedTemporaryFile() as asked, _sayings():
        _spool(request, asked)
        try:
            answer = _site_git(request, viewer).upload_pack(
                _places(refs), version=_version(request), asked=Path(asked.name)
            )
        except GitRefusedError as refused:
            return HttpResponse(_as_error(str(refused)), content_type=kind)
    response = StreamingHttpResponse(answer, content_type=kind)
    _count(request, response, answer, refs)
    return response


def _as_error(sentence: str) -> str:
    """A sentence as git's protocol has it, for git shows no other at this point."""
    line = f"ERR {sentence}\n"
    return f"{len(line) + 4:04x}{line}"


@_door
def git_other(_request: HttpRequest, owner: str, name: str, rest: str) -> HttpResponseBase:
    """What else is asked for under the address: to push, or the files of git's dumb protocol."""
    if rest == "git-receive-pack":
        raise _no_push()
    raise _Refusal(404, f"Nothing is here. Use: git clone {_site()}/{owner}/{name}.git")


def _no_push() -> _Refusal:
    return _Refusal(
        403,
        "Nothing can be pushed here. Push to the repository that the model comes from, "
        "then publish a new version of the model on this portal.",
    )


def _published(viewer: Viewer, owner: str, name: str) -> dict[str, ModelVersion]:
    """An entry's published versions by the refs that lead to them. Raises _Refusal."""
    entry = entry_get(user=viewer, owner=owner, name=name)
    if entry is None and not viewer.is_authenticated:
        raise _unknown("This model is not public, or there is none of this name.")
    if entry is None:
        raise _Refusal(404, "There is no such model, or none that you may see.")
    if entry.visibility == Visibility.WITHDRAWN:
        raise _Refusal(410, f"This model was withdrawn: see {_site()}/models/{entry.pk}/")
    versions = entry_versions(user=viewer, entry=entry).exclude(commit="").only(*_COLUMNS)
    refs = version_refs(versions)
    if not refs:
        raise _Refusal(404, "No version of this model is published yet; git gives no other.")
    return refs


def _viewer(request: HttpRequest) -> Viewer:
    """Who offers a token; without one, a stranger. The request is counted as theirs."""
    try:
        token = token_of(request, basic=True)
        viewer: Viewer = AnonymousUser() if token is None else token.user
        pull_counted(request, viewer)
    except TokenRefusedError as refused:
        raise _unknown(str(refused)) from refused
    except TooOftenError as spent:
        raise _Refusal(429, str(spent), **spent.headers) from spent
    return viewer


def _unknown(sentence: str) -> _Refusal:
    """The question upon which git offers what it has."""
    how = "Give any user name, and an API token as the password."
    return _Refusal(401, f"{sentence} {how}", WWW_Authenticate=_CHALLENGE)


def _places(refs: Mapping[str, ModelVersion]) -> dict[str, SourcePlace]:
    return {name: place_of(version) for name, version in refs.items()}


def _site_git(request: HttpRequest, viewer: Viewer) -> GitServer:
    serving = import_string(settings.GIT_SERVER)
    caller = caller_name(request, viewer)
    return cast("GitServer", serving(Path(settings.MIRROR_DIR), caller=caller))


def _site() -> str:
    return settings.PUBLIC_URL.rstrip("/")


def _version(request: HttpRequest) -> str:
    """Which version of its protocol git asks for; none where it cannot be one."""
    asked = request.headers.get("Git-Protocol", "")
    return asked if _VERSION.fullmatch(asked) else ""


@contextmanager
def _sayings() -> Iterator[None]:
    """That git cannot serve now, as a status."""
    try:
        yield
    except GitUnavailableError as fault:
        raise _Refusal(503, str(fault), Retry_After="60") from fault


def _spool(request: HttpRequest, asked: IO[bytes]) -> None:
    """Lay what the client sends into the file, unpacked. Raises _Refusal for too much of it."""
    plain = _unpacked(request, _sent(request))
    for piece in plain:
        asked.write(piece)
        if asked.tell() > _MOST_BYTES:
            raise _Refusal(413, "This request is too long: fetch less at once.")
    asked.flush()


def _sent(request: HttpRequest) -> Iterator[bytes]:
    """The body in pieces, also one whose length is not told before, which Django takes for none."""
    ends_itself = request.META.get("wsgi.input_terminated")
    if not ends_itself and "CONTENT_LENGTH" not in request.META:
        raise _Refusal(411, "Tell the length of the request: git -c http.postBuffer=33554432 …")
    stream = request.META["wsgi.input"] if ends_itself else request
    try:
        yield from iter(partial(stream.read, _PIECE_BYTES), b"")
    except OSError as gone:
        raise _Refusal(400, "This request broke off.") from gone


def _unpacked(request: HttpRequest, sent: Iterator[bytes]) -> Iterator[bytes]:
    """The body as git meant it, in pieces that are as small however far it was packed."""
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        yield from sent
        return
    if encoding not in ("gzip", "x-gzip"):
        raise _Refusal(415, "A request may be packed with gzip, and with nothing else.")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for piece in sent:
            rest = piece
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _PIECE_BYTES)
                rest = unpacker.unconsumed_tail
    except zlib.error as error:
        raise _Refusal(400, "This request is not packed as it says.") from error


def _count(
    request: HttpRequest,
    response: HttpResponseBase,
    answer: GitAnswer,
    refs: Mapping[str, ModelVersion],
) -> None:
    """A clone or fetch is one pull: of the newest version that it asks for."""
    given = [version for version in refs.values() if version.commit in answer.given]
    if given:
        newest = max(given, key=lambda version: version.number)
        pull_note(request=request, response=response, version_id=newest.pk, kind=PullKind.GIT)


_PLACE = "<str:owner>/<str:name>.git"
gitting_urlpatterns = [
    path(_PLACE, git_page, name="git"),
    path(f"{_PLACE}/", git_page),
    path(f"{_PLACE}/info/refs", git_refs, name="git_refs"),
    path(f"{_PLACE}/git-upload-pack", git_upload_pack, name="git_upload_pack"),
    path(f"{_PLACE}/<path:rest>", git_other),
]
