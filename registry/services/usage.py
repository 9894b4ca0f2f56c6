"""Counting pulls: by version, way, day and kind of program; of nobody in particular."""

import logging
import re
from typing import Any

from django.db import DatabaseError
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from registry.models import PullCount
from registry.models.pulling import Puller, PullKind

# Programs say by themselves what they are. curl, git and their like are people's tools.
_SIGNS = (
    (Puller.OWN, re.compile(r"reprise-(worker|portal)/")),
    (
        Puller.CI,
        re.compile(
            r"is_ci/true|\bci/true|github-actions|gitlab-runner|circleci|jenkins|travis|buildkite",
            re.IGNORECASE,
        ),
    ),
    (
        Puller.ROBOT,
        re.compile(
            r"bot\b|bot/|crawl|spider|slurp|archiver|fetcher|scan(ner)?\b|monitor|preview|"
            r"facebookexternalhit|headlesschrome|lighthouse",
            re.IGNORECASE,
        ),
    ),
)
# To read a file to its end in pieces is one pull: the piece that begins it counts.
_BEGINNING = re.compile(r"bytes=0-")
_OK, _PARTIAL = 200, 206

logger = logging.getLogger(__name__)


def puller_of(user_agent: str) -> Puller:
    """What kind of program calls, as far as it says so."""
    found = (kind for kind, sign in _SIGNS if sign.search(user_agent[:1000]))
    return next(found, Puller.PERSON)


def pull_note(
    *, request: HttpRequest, response: HttpResponseBase, version_id: int, kind: PullKind
) -> None:
    """Count a pull, where `response` begins to give something out; never fails the pull.

    Questions (HEAD), answers from the caller's own cache and the later pieces of a file are none.
    """
    if request.method != "HEAD" and _begins(request, response):
        pull_count(request=request, version_id=version_id, kind=kind)


def pull_count(*, request: HttpRequest, version_id: int, kind: PullKind) -> None:
    """Count a pull that has begun, whatever it is answered with; never fails it."""
    puller = puller_of(request.headers.get("User-Agent", ""))
    try:
        _count(version_id, kind, puller)
    except DatabaseError:
        logger.exception("A pull of version %s was not counted", version_id)


def _begins(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code == _PARTIAL:
        return bool(_BEGINNING.match(request.headers.get("Range", "")))
    return response.status_code == _OK


def _count(version_id: int, kind: PullKind, puller: Puller) -> None:
    key: dict[str, Any] = {
        "version_id": version_id,
        "day": timezone.now().date(),
        "kind": kind,
        "puller": puller,
    }
    if not PullCount.objects.filter(**key).update(count=F("count") + 1):
        PullCount.objects.get_or_create(**key)
        PullCount.objects.filter(**key).update(count=F("count") + 1)
