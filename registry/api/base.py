"""What every door of the API has in common: caching by validation, strict queries, plain JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from registry.api.bodies import body_bounded
from registry.api.idempotency import AnsweredBefore, answer_begun, answer_ended
from registry.api.throttling import CallerThrottle
from registry.models import KeptAnswer, User
from registry.rates import allowances_said
from registry.reviewing import entries_open
from registry.selectors.entries import Viewer


class FirstRenderer(DefaultContentNegotiation):
    """For doors that serve files: what the file is does not depend on what the caller accepts."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The view's own renderer, whose only use here is for problems."""
        del request, format_suffix
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class Metered(APIView):
    """A door whose every answer says what is left of the caller's allowances."""

    counting: Sequence[BaseThrottle] = ()

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """The answer. "Not modified" is said late, and in place of one that is rendered."""
        answer = super().dispatch(request, *args, **kwargs)
        _when_rendered(answer, self._say_allowances)
        return answer

    def get_throttles(self) -> list[BaseThrottle]:
        """The allowances, kept to tell of them."""
        self.counting = super().get_throttles()
        return list(self.counting)

    def _say_allowances(self, answer: HttpResponseBase) -> None:
        counting = (one for one in self.counting if isinstance(one, CallerThrottle))
        used = [one.allowance for one in counting if one.allowance]
        for name, value in allowances_said(used).items():
            answer[name] = value


@method_decorator(conditional_page, name="dispatch")
class _Checked(GenericAPIView[Any]):
    """Replies carry an ETag and are checked before reuse."""


class ApiView(Metered, _Checked):
    """A door of the API. Replies depend on who asks.

    `keeps_answers` is False where an answer holds a secret, which is told once and never kept.
    """

    write_scope = "models:write"
    keeps_answers = True
    kept: KeptAnswer | None = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Bound what is read, let the caller in, and look whether this was answered before."""
        body_bounded(asked(request), takes_files=MultiPartParser in self.parser_classes)
        super().initial(request, *args, **kwargs)
        self.kept = answer_begun(request, self)

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal; or, of what was carried out before, what was said then."""
        if isinstance(exc, AnsweredBefore):
            return exc.answer  # type: ignore[return-value]  # the stubs know DRF's own answers alone
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        """Keep shared caches from giving one caller's reply to another."""
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Authorization", "Cookie"])
        patch_cache_control(final, private=True, no_cache=True)
        if self.kept is not None:
            _when_rendered(final, partial(answer_ended, self.kept))
        return final

    def listed(
        self, rows: QuerySet[Any], kind: type[serializers.BaseSerializer[Any]], **context: object
    ) -> Response:
        """A page of `rows`, in their own order; `context` is what their serializer needs besides.

        Raises ValidationError for a cursor or a size that is none.
        """
        page = self.paginate_queryset(rows)
        context = {**self.get_serializer_context(), **context}
        return self.get_paginated_response(kind(page, many=True, context=context).data)

    def shown(
        self, row: object, kind: type[serializers.BaseSerializer[Any]], **reply: Any
    ) -> Response:
        """One thing as JSON; `reply` is what else the response is made with: status, headers."""
        return Response(kind(row, context=self.get_serializer_context()).data, **reply)


class Strict(serializers.Serializer[Any]):
    """Fields of a request. A name that is not among them is refused, not ignored.

    A filter or a field with a typing error would otherwise silently do something else.
    """

    also: frozenset[str] = frozenset()

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """The validated fields. Raises ValidationError, naming the unknown ones."""
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in set(data) - set(self.fields) - self.also)
            if unknown:
                known = ", ".join(sorted({*self.fields, *self.also})) or "none"
                said = f"There is no such field. Known here: {known}."
                raise serializers.ValidationError(dict.fromkeys(unknown, said))
        values: dict[str, Any] = super().to_internal_value(data)
        return values


# What shapes an answer, and is read where it is made (registry.api.shaping).
SHAPING = frozenset({"fields", "expand"})


class Query(Strict):
    """The query parameters of a door that takes none."""


class ListQuery(Query):
    """The query parameters of a list: those of its pages are read where pages are cut."""

    also = frozenset({"cursor", "page_size"})


def _when_rendered(answer: HttpResponseBase, do: Callable[[HttpResponseBase], None]) -> None:
    """Do something with an answer, or with what takes its place once its bytes are there."""
    if isinstance(answer, SimpleTemplateResponse) and not answer.is_rendered:
        answer.add_post_render_callback(do)
    else:
        do(answer)


def query_of(request: Request, kind: type[Query]) -> dict[str, Any]:
    """The query parameters of `request`, checked. Raises ValidationError."""
    query = kind(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def body_of(request: Request, kind: type[Strict]) -> dict[str, Any]:
    """The body of `request`, checked. Raises ValidationError."""
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def asked(request: Request) -> HttpRequest:
    """The request as Django has it, for what pages and API share."""
    return request._request  # noqa: SLF001 — the framework has no public name for it


def page_link(request: Request, name: str, *args: object) -> str:
    """The absolute address of a page of this portal, for people."""
    return request.build_absolute_uri(reverse(name, args=args))


def viewer(request: Request) -> Viewer:
    """Who asks: a person, by session or token, or a stranger; with what a reviewer's link opens.

    The framework makes a stranger of its own, who knows nothing of the link.
    """
    if not request.user.is_authenticated:
        entries_open(request, request.user)
    return request.user


def person(request: Request) -> User:
    """The person who asks. Raises NotAuthenticated for a stranger."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
