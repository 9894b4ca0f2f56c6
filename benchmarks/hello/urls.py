"""One address that does next to nothing."""

from django.http import HttpRequest, JsonResponse
from django.urls import path


def hello(request: HttpRequest) -> JsonResponse:
    """A few bytes of JSON."""
    del request
    return JsonResponse({"hello": "world"})


urlpatterns = [path("hello/", hello)]
