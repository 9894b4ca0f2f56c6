"""Pages of a list by position, not by number: rows added meanwhile shift nothing."""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ValidationError as FieldError
from django.db.models import DateTimeField, Field, Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

CURSOR_LIMIT = 1000
DEFAULT_SIZE = 20
MAX_SIZE = 100
_BAD_CURSOR = "This cursor is none that the portal gave out. Start again without it."
_BAD_SIZE = f"page_size is a whole number from 1 to {MAX_SIZE}."

Scalar = str | int | float


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Which rows come next: those `after` or `before` the row with `values` in the list's order.

    `order` is the order it was made for; in another order the values would mean nothing.
    """

    direction: Literal["after", "before"]
    order: tuple[str, ...]
    values: tuple[Scalar, ...]


def cursor_encoded(cursor: Cursor) -> str:
    """The cursor as text that can stand in an address."""
    raw = json.dumps([cursor.direction, cursor.order, cursor.values], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def cursor_decoded(text: str, *, order: tuple[str, ...]) -> Cursor:
    """The cursor in `text`. Raises ValidationError unless it was made for a list in `order`."""
    try:
        padded = text[:CURSOR_LIMIT] + "=" * (-len(text[:CURSOR_LIMIT]) % 4)
        direction, made_for, values = json.loads(base64.b64decode(padded, altchars=b"-_"))
        known = direction in {"after", "before"} and tuple(made_for) == order
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise ValidationError({"cursor": _BAD_CURSOR}) from error
    if not known or not _are_scalars(values, count=len(order)):
        raise ValidationError({"cursor": _BAD_CURSOR})
    return Cursor(direction=direction, order=order, values=tuple(values))


def _are_scalars(values: object, *, count: int) -> bool:
    """Whether `values` is a list of `count` values that a database column may hold."""
    if not isinstance(values, list) or len(values) != count:
        return False
    return all(_is_scalar(value) for value in values)


def _is_scalar(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return type(value) in {str, int} and "\0" not in str(value)


def _as_scalar(value: object) -> Scalar:
    return value.isoformat() if isinstance(value, datetime) else value  # type: ignore[return-value]  # order columns hold text, whole numbers and moments


def _beyond(names: Sequence[str], values: Sequence[object]) -> Q:
    """Rows that stand after `values` where the rows are ordered by `names` (`-name`: downwards)."""
    condition = Q()
    for name, value in reversed(list(zip(names, values, strict=True))):
        column = name.lstrip("-")
        further = Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        condition = further | (Q(**{column: value}) & condition) if condition else further
    return condition


def _reversed(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in names)


class KeysetPagination(BasePagination):
    """Pages of a queryset whose own order ends in a unique column.

    The reply is {next, previous, results}; `next` and `previous` are addresses or null.
    """

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        """The rows of the page asked for. Raises ValidationError on a bad cursor or page_size."""
        del view
        if not isinstance(queryset, QuerySet):
            raise TypeError("Only a queryset has an order from which a page can go on.")
        self.request = request
        self.order = tuple(str(name) for name in queryset.query.order_by)
        size = _page_size(request)
        text = request.query_params.get("cursor", "")
        cursor = cursor_decoded(text, order=self.order) if text else None
        backwards = cursor is not None and cursor.direction == "before"
        rows = _rows(queryset, self.order, cursor)[: size + 1]
        found = list(rows)
        more, page = len(found) > size, found[:size]
        self.page = page[::-1] if backwards else page
        self.has_next = cursor is not None if backwards else more
        self.has_previous = more if backwards else cursor is not None
        return self.page

    def get_paginated_response(self, data: object) -> Response:
        """The page and its neighbours' addresses."""
        return Response(
            {
                "next": self._link("after", -1) if self.has_next else None,
                "previous": self._link("before", 0) if self.has_previous else None,
                "results": data,
            }
        )

    def _link(self, direction: Literal["after", "before"], index: int) -> str | None:
        """The address of a neighbouring page; none beside a page without rows."""
        if not self.page:
            return None
        values = tuple(_as_scalar(_value(self.page[index], name)) for name in self.order)
        cursor = Cursor(direction=direction, order=self.order, values=values)
        query = self.request.query_params.copy()
        query["cursor"] = cursor_encoded(cursor)
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """OpenAPI: the two query parameters of every list."""
        del view
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Where the page begins: taken from `next` or `previous`.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Rows a page.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_SIZE,
                    "default": DEFAULT_SIZE,
                },
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI: the envelope around `schema`, the list of rows."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


def _page_size(request: Request) -> int:
    text = request.query_params.get("page_size", str(DEFAULT_SIZE))
    # Digits of other scripts and numbers of a million digits pass int(); neither is a page size.
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_SIZE))):
        raise ValidationError({"page_size": _BAD_SIZE})
    if not 1 <= int(text) <= MAX_SIZE:
        raise ValidationError({"page_size": _BAD_SIZE})
    return int(text)


def _rows(queryset: QuerySet[Any], order: tuple[str, ...], cursor: Cursor | None) -> QuerySet[Any]:
    """The rows beyond the cursor, nearest first."""
    if cursor is None:
        return queryset
    names = order if cursor.direction == "after" else _reversed(order)
    values = _typed(queryset, names, cursor.values)
    return queryset.order_by(*names).filter(_beyond(names, values))


def _typed(
    queryset: QuerySet[Any], names: tuple[str, ...], values: tuple[Scalar, ...]
) -> list[object]:
    """The cursor's values as the ordering columns hold them. Raises ValidationError if unfit."""
    try:
        return [
            _read(_column(queryset, name.lstrip("-")), value)
            for name, value in zip(names, values, strict=True)
        ]
    except (FieldError, ValueError, OverflowError) as error:
        raise ValidationError({"cursor": _BAD_CURSOR}) from error


def _read(column: "Field[Any, Any]", value: Scalar) -> object:
    """The value for a column. Raises ValueError, or Django's ValidationError."""
    if not isinstance(column, DateTimeField):
        return column.to_python(value)
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("A moment without its time zone is none of ours.")
    return moment


def _column(queryset: QuerySet[Any], name: str) -> "Field[Any, Any]":
    """The field that holds what the rows are ordered by: a column, or computed for each row."""
    computed = queryset.query.annotations.get(name)
    meta = queryset.model._meta  # noqa: SLF001 — Django documents _meta as public
    if computed is not None:
        column = computed.output_field
    else:
        column = meta.pk if name == "pk" else meta.get_field(name)
    if not isinstance(column, Field):
        raise TypeError(f"{name} is no column to order by.")
    return column


def _value(row: Model, name: str) -> object:
    return getattr(row, name.lstrip("-"))
