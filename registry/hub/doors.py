"""What every address of the hub protocol has in common: who asks, refusals, and that none is kept.

Clients read a refusal from its headers, and try again what ends in a 5xx: nothing here does so on
purpose. What one may not know of and what does not exist are refused in the same words.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from registry.callers import TokenRefusedError, caller_of
from registry.rates import TooOftenError, pull_counted
from registry.sources import SourceUnavailableError

View = Callable[..., HttpResponseBase]
_BAD, _REFUSED, _MISSING, _NOT_SO, _TOO_OFTEN = 400, 401, 404, 405, 429


class Refusal(Exception):
    """Why nothing is given: an HTTP status, the code by which clients know it, a sentence.

    `commit` is that of the revision in which a file is missing: clients note it by that.
    """

    def __init__(
        self, sentence: str, *, status: int = _BAD, code: str = "", commit: str = ""
    ) -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.code, self.commit = sentence, status, code, commit


def no_repository() -> Refusal:
    """There is no such model, or the caller may not know of it."""
    sentence = "No such model, or none that you may see. A private one needs its token."
    return Refusal(sentence, status=_MISSING, code="RepoNotFound")


def no_revision(sentence: str = "") -> Refusal:
    """The model has no such revision, or none whose files are here."""
    usual = "No such revision. Ask for main, a tag such as v1, or a whole commit."
    return Refusal(sentence or usual, status=_MISSING, code="RevisionNotFound")


def no_entry(commit: str) -> Refusal:
    """The revision has no such file or folder."""
    sentence = "This revision has no such file."
    return Refusal(sentence, status=_MISSING, code="EntryNotFound", commit=commit)


def door(*methods: str) -> Callable[[View], View]:
    """Make a view of this protocol, which answers these methods and refuses as clients read it.

    The view is called with the request, whose eyes it looks with, and by name with what its address
    names. It raises Refusal.
    """

    def made(view: View) -> View:
        # No form of a page leads here, and nothing here changes anything.
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, **named: str) -> HttpResponseBase:
            response = _answer(view, request, methods, named)
            patch_vary_headers(response, ["Authorization", "Cookie"])
            patch_cache_control(response, private=True, no_cache=True)
            return response

        return answered

    return made


def _answer(
    view: View, request: HttpRequest, methods: tuple[str, ...], named: dict[str, str]
) -> HttpResponseBase:
    if request.method not in methods:
        response = _refused(Refusal("Nothing can be changed here.", status=_NOT_SO))
        response["Allow"] = ", ".join(methods)
        return response
    try:
        caller = caller_of(request)
        pull_counted(request, caller)
        return view(request, caller, **named)
    except TooOftenError as spent:
        return spent.told_by(_refused(Refusal(str(spent), status=_TOO_OFTEN)))
    except Refusal as refusal:
        return _refused(refusal)
    except SourceUnavailableError as fault:
        # The whole revision: of anything less, clients would silently make do without it.
        return _refused(no_revision(str(fault)))
    except TokenRefusedError:
        # These words, or clients take the answer for that of a missing repository.
        return _refused(Refusal("Invalid credentials in Authorization header", status=_REFUSED))
    except SuspiciousOperation:
        return _refused(Refusal("This request is too large. Ask for less at once."))


def _refused(refusal: Refusal) -> JsonResponse:
    response = JsonResponse({"error": refusal.sentence}, status=refusal.status)
    response["X-Error-Message"] = refusal.sentence
    for name, value in (("X-Error-Code", refusal.code), ("X-Repo-Commit", refusal.commit)):
        if value:
            response[name] = value
    return response


def flag(text: str) -> bool:
    """Whether a parameter is set, as clients of several ages write it."""
    return text.lower() in {"1", "true"}


def moment(at: datetime) -> str:
    """A moment as these clients read it: `+00:00` would be an error to them."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
