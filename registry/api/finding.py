"""What the list of models may be narrowed to: the filters of the page, by the same names."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from registry.api.base import ListQuery
from registry.selectors.finding import FIXED_FACETS, ORDERS, TEXT_CHARACTERS, Wanted, wanted_read
from registry.services.vocabularies import vocabularies_shipped
from registry.spec.ladder import Level

_SEVERAL = "Given several times: any of them."


def wanted_of(request: Request, *, also: frozenset[str] = ListQuery.also) -> Wanted:
    """What the query asks for. Raises ValidationError for a name or a value that is none.

    `also` names the parameters that are read elsewhere.
    """
    wanted, complaints = wanted_read(request.query_params, also=also)
    for name in FIXED_FACETS.keys() & request.query_params.keys():
        # A form leaves what is not chosen empty; a program leaves it out.
        if any(value != value.strip() or not value for value in request.query_params.getlist(name)):
            complaints[name] = f"Leave it out, or choose from: {', '.join(_choices(name))}."
    if complaints:
        raise ValidationError(complaints)
    return wanted


def _choices(name: str) -> list[str]:
    choices = [choice.value for choice in FIXED_FACETS[name].choices]
    return [*choices, "0", *(level.label for level in Level)] if name == "level" else choices


def _several(name: str, said: str, items: dict[str, Any]) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "array", "items": {"type": "string", **items}},
        description=f"{said} {_SEVERAL}",
        explode=True,
        style="form",
    )


FINDING = [
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": TEXT_CHARACTERS},
        description='Words, each as the beginning of a word, and "phrases". All must be found.',
    ),
    OpenApiParameter("owner", str, description="A user name."),
    OpenApiParameter(
        "order",
        str,
        enum=list(ORDERS),
        description="Without it: by relevance when `q` is given, else the newest first.",
    ),
    OpenApiParameter(
        "exact",
        str,
        enum=["1"],
        description="On pages: never search for a similar word. Here it is always so.",
    ),
    *(
        _several(facet.name, facet.help, {"enum": _choices(facet.name)})
        for facet in FIXED_FACETS.values()
    ),
    _several("licence", "An SPDX expression as models state it.", {}),
    *(
        _several(slug, f"{said.name}: the path of a term, with what is narrower.", {})
        for slug, said in vocabularies_shipped().items()
    ),
]
