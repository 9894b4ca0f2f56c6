"""The keys that sign receipts, where anybody's program may look for them."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from registry.models import SigningKey
from registry.selectors.keys import keys_document

# A key is registered before its first receipt, so an hour's old copy lacks none for long.
_KEPT_SECONDS = 3600


@require_safe
@conditional_page
def keys_json(_request: HttpRequest) -> HttpResponse:
    """Every key, current and retired, with its dates; any page of the web may read it."""
    return _public(JsonResponse(keys_document()))


@require_safe
def key_pem(_request: HttpRequest, keyid: str) -> HttpResponse:
    """One key as a PEM file."""
    key = SigningKey.objects.filter(keyid=keyid).first()
    if key is None:
        raise Http404("No such key.")
    response = HttpResponse(key.public_key, content_type="application/x-pem-file")
    response["Content-Disposition"] = f'attachment; filename="reprise-{keyid[:16]}.pem"'
    return _public(response)


def _public(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, public=True, max_age=_KEPT_SECONDS)
    return response
