"""What pages do with a change that a service may refuse."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from registry.forms.fields import add_refusal
from registry.services import ServiceError


def acted(request: HttpRequest, words: str, act: Callable[[], object]) -> bool:
    """Whether `act` was done; what came of it is said on the next page, a refusal too."""
    try:
        act()
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
        return False
    messages.success(request, words)
    return True


def acted_by(request: HttpRequest, form: forms.Form, words: str, act: Callable[[], object]) -> bool:
    """Whether `act` was done with a valid form; a refusal is said in the form, nothing is lost."""
    try:
        act()
    except ServiceError as refusal:
        add_refusal(form, refusal)
        return False
    messages.success(request, words)
    return True
