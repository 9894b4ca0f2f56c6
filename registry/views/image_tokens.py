"""Permissions to pull images: where the site's registry sends docker and its kin to ask.

https://distribution.github.io/distribution/spec/auth/token/
"""

import re
from collections.abc import Iterable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from registry.callers import TokenRefusedError, caller_of
from registry.image_tokens import SECONDS, Access, token_minted
from registry.models import PushedImage
from registry.models.pulling import PullKind
from registry.rates import TooOftenError, pull_counted
from registry.selectors.images import image_pulled
from registry.services.usage import pull_note

SCOPES_MOST = 20
_PULL = ("pull",)
_SCOPE = re.compile(r"repository:([a-z0-9][a-z0-9._/-]{0,254}):([a-z,]{1,100})")


# containerd asks by POST first; 405, not 403, is what makes it ask as docker does.
@csrf_exempt
@require_safe
@never_cache
def image_token(request: HttpRequest) -> HttpResponse:
    """A token to pull what the caller may see of what is asked for, and for nothing else.

    Whether the rest is hidden or not there, the registry refuses it in the same words. A person's
    API token is the password; nobody may push here.
    """
    if not settings.REGISTRY:
        raise Http404
    try:
        caller = caller_of(request, basic=True)
        pull_counted(request, caller)
    except TokenRefusedError as refusal:
        return _refused("UNAUTHORIZED", refusal, status=401)
    except TooOftenError as spent:
        return spent.told_by(_refused("TOOMANYREQUESTS", spent, status=429))
    asked = (image_pulled(user=caller, repository=name) for name in _wanted(request))
    images = [image for image in asked if image]
    response = JsonResponse(_answer(images, caller.get_username()))
    for image in images:
        version_id = image.run.version_id
        pull_note(request=request, response=response, version_id=version_id, kind=PullKind.IMAGE)
    return response


def _refused(code: str, why: Exception, *, status: int) -> JsonResponse:
    """A refusal as registries have it, which docker shows."""
    error = {"code": code, "message": str(why), "detail": None}
    return JsonResponse({"errors": [error]}, status=status)


def _wanted(request: HttpRequest) -> Iterable[str]:
    """The repositories that are to be pulled: of one or several `scope`, each of several parts."""
    scopes = [scope for value in request.GET.getlist("scope") for scope in value.split()]
    found = (_SCOPE.fullmatch(scope) for scope in scopes[:SCOPES_MOST])
    return dict.fromkeys(one[1] for one in found if one and "pull" in one[2].split(","))


def _answer(images: Iterable[PushedImage], subject: str) -> dict[str, object]:
    access = [Access(repository=image.repository, actions=_PULL) for image in images]
    token = token_minted(access, subject=subject)
    return {
        "token": token,
        "access_token": token,
        "expires_in": SECONDS,
        "issued_at": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


image_urlpatterns = [path("registry/token", image_token, name="image_token")]
