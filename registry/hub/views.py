"""The addresses of the hub protocol that clients read from."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.encoding import escape_uri_path

from registry.callers import token_of
from registry.hub.descriptions import descriptions, picked
from registry.hub.doors import Refusal, door, flag, no_entry, no_repository
from registry.hub.lists import models_asked, page_of
from registry.hub.repositories import Repository, repository_of
from registry.hub.trees import GIVEN, folder_page, paths_listed, siblings
from registry.models import ModelVersion
from registry.models.pulling import PullKind
from registry.selectors.entries import Viewer
from registry.selectors.refs import MAIN, TAGS
from registry.services.usage import pull_note
from registry.source_downloads import source_file_response
from registry.sourcing import source_of

_UNAUTHENTICATED = 401


@door("GET", "HEAD")
def models(request: HttpRequest, viewer: Viewer) -> HttpResponseBase:
    """The list of models, a page at a time. Without their files: each has its own list of them."""
    found, following = page_of(request, models_asked(request, viewer))
    current = ((entry, entry.current_version) for entry in found)
    shown = [(entry, one if one and one.published_at else None) for entry, one in current]
    wanted = _expanded(request)
    listed = [picked(one, wanted) for one in descriptions(shown)]
    if not (wanted or flag(request.GET.get("cardData", ""))):
        listed = [{k: v for k, v in one.items() if k != "cardData"} for one in listed]
    return _paged(listed, following)


@door("GET", "HEAD")
def model(request: HttpRequest, viewer: Viewer, *, owner: str, name: str) -> HttpResponseBase:
    """A model as it is now; one of which nothing is published yet has no files."""
    repository = repository_of(viewer=viewer, owner=owner, name=name)
    return _info(request, repository, repository.revisions.get(MAIN))


@door("GET", "HEAD")
def revision(
    request: HttpRequest, viewer: Viewer, *, owner: str, name: str, rest: str
) -> HttpResponseBase:
    """A model at a revision."""
    repository = repository_of(viewer=viewer, owner=owner, name=name)
    return _info(request, repository, repository.version(rest))


def _info(
    request: HttpRequest, repository: Repository, version: ModelVersion | None
) -> HttpResponseBase:
    wanted = _expanded(request)
    described = descriptions([(repository.entry, version)])[0]
    if version and (not wanted or "siblings" in wanted):
        with source_of(version) as files:
            described["siblings"] = siblings(files, blobs=flag(request.GET.get("blobs", "")))
    return JsonResponse(picked(described, wanted))


def _expanded(request: HttpRequest) -> list[str]:
    return [*request.GET.getlist("expand"), *request.GET.getlist("expand[]")]


@door("GET", "HEAD")
def refs(request: HttpRequest, viewer: Viewer, *, owner: str, name: str) -> HttpResponseBase:
    """The branch and the tags of a model."""
    del request
    found = repository_of(viewer=viewer, owner=owner, name=name).refs()
    lines = [
        {"name": ref.removeprefix(TAGS), "ref": ref, "targetCommit": version.commit}
        for ref, version in found.items()
        if ref.startswith(TAGS)
    ]
    main = found.get(MAIN)
    branch = [{"name": "main", "ref": MAIN, "targetCommit": main.commit}] if main else []
    return JsonResponse({"branches": branch, "tags": lines, "converts": [], "pullRequests": []})


@door("GET", "HEAD")
def tree(
    request: HttpRequest, viewer: Viewer, *, owner: str, name: str, rest: str
) -> HttpResponseBase:
    """What lies in a folder of a revision, a page at a time."""
    version, folder = repository_of(viewer=viewer, owner=owner, name=name).located(rest)
    recursive = flag(request.GET.get("recursive", ""))
    after = request.GET.get("cursor", "")
    with source_of(version) as files:
        page = folder_page(files, folder.strip("/"), recursive=recursive, after=after)
    if page is None:
        raise no_entry(version.commit)
    query = urlencode({"recursive": str(recursive).lower(), "cursor": page[1]})
    # The path as it was sent: names of folders may hold what ends a path elsewhere.
    further = request.build_absolute_uri(f"{escape_uri_path(request.path)}?{query}")
    return _paged(page[0], further if page[1] else "")


@door("POST")
def paths_info(
    request: HttpRequest, viewer: Viewer, *, owner: str, name: str, rest: str
) -> HttpResponseBase:
    """What stands at the paths of the form that is sent."""
    version = repository_of(viewer=viewer, owner=owner, name=name).version(rest)
    with source_of(version) as files:
        return JsonResponse(paths_listed(files, request.POST.getlist("paths")), safe=False)


@door("GET", "HEAD")
def auth_check(request: HttpRequest, viewer: Viewer, *, owner: str, name: str) -> HttpResponseBase:
    """Whether the caller may read a model."""
    del request
    repository_of(viewer=viewer, owner=owner, name=name)
    return JsonResponse({})


@door("GET", "HEAD")
def whoami(request: HttpRequest, viewer: Viewer) -> HttpResponseBase:
    """Whom a token speaks for."""
    del viewer
    token = token_of(request)
    if token is None:
        raise Refusal("Send a token of this portal.", status=_UNAUTHENTICATED)
    user = token.user
    return JsonResponse(
        {
            "type": "user",
            "id": str(user.pk),
            "name": user.username,
            "fullname": user.get_full_name() or user.username,
            "isPro": False,
            "orgs": [],
            # Whatever its scopes: nothing can be written by this protocol.
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": token.name, "role": "read"},
            },
        }
    )


@door("GET", "HEAD")
def no_model(request: HttpRequest, viewer: Viewer, **named: str) -> HttpResponseBase:
    """A model is called by owner and name."""
    del request, viewer, named
    raise no_repository()


@door("GET", "HEAD")
def resolve(
    request: HttpRequest, viewer: Viewer, *, owner: str, name: str, rest: str
) -> HttpResponseBase:
    """A file of a revision, whole or in part."""
    version, wanted = repository_of(viewer=viewer, owner=owner, name=name).located(rest)
    response = source_file_response(request, version=version, path=wanted, kinds=GIVEN)
    if response is None:
        raise no_entry(version.commit)
    response["X-Repo-Commit"] = version.commit
    pull_note(request=request, response=response, version_id=version.pk, kind=PullKind.HUB)
    return response


def _paged(lines: list[dict[str, Any]], following: str) -> JsonResponse:
    response = JsonResponse(lines, safe=False)
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


_MODEL = "api/models/<str:owner>/<str:name>"
hub_urlpatterns = [
    path("api/whoami-v2", whoami, name="hub_whoami"),
    path("api/models", models, name="hub_models"),
    path("api/models/<str:name>", no_model, name="hub_no_model"),
    path(_MODEL, model, name="hub_model"),
    path(f"{_MODEL}/revision/<path:rest>", revision, name="hub_revision"),
    path(f"{_MODEL}/refs", refs, name="hub_refs"),
    path(f"{_MODEL}/tree/<path:rest>", tree, name="hub_tree"),
    path(f"{_MODEL}/paths-info/<path:rest>", paths_info, name="hub_paths"),
    path(f"{_MODEL}/auth-check", auth_check, name="hub_auth_check"),
    path("<str:owner>/<str:name>/resolve/<path:rest>", resolve, name="hub_resolve"),
]
