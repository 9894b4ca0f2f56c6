"""Requests as the views see them."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from registry.models import User


class PageRequest(HttpRequest):
    """Any request, after django-htmx's middleware."""

    htmx: HtmxDetails


class PersonRequest(PageRequest):
    """A request of somebody who has signed in."""

    user: User
