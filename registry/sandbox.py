"""Files from repositories as answers: whatever a browser does with one, it runs nothing of it."""

from typing import TypeVar

from django.http.response import HttpResponseBase

SANDBOX = "default-src 'none'; sandbox"
Answer = TypeVar("Answer", bound=HttpResponseBase)


def inert(response: Answer) -> Answer:
    """The answer, never executed, never taken for another type than the one that it names."""
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response
