"""Requests as the views see them."""

import re

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from registry.models import User

_NUMBER = re.compile(r"[0-9]{1,15}")


class PageRequest(HttpRequest):
    """Any request, after django-htmx's middleware."""

    htmx: HtmxDetails


class PersonRequest(PageRequest):
    """A request of somebody who has signed in."""

    user: User


def number_of(request: HttpRequest, name: str) -> int:
    """The number of that name in the address; 0 for whatever is none."""
    given = request.GET.get(name, "")
    return int(given) if _NUMBER.fullmatch(given) else 0
