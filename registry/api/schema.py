"""What the schema says of every door alike."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse

from registry.api.problems import MEDIA_TYPE
from registry.api.serializers import ProblemSerializer
from registry.services.tokens import SCOPES

_PROBLEM = OpenApiResponse(ProblemSerializer, description="A refusal, as RFC 9457 says.")
FILE = OpenApiTypes.BINARY
# A file of whatever kind, which may be JSON too.
ANY_FILE, ANY_MEDIA = OpenApiTypes.ANY, "*/*"


def replies(media_type: str = "application/json", **by_status: object) -> dict[Any, Any]:
    """Responses for extend_schema: `replies(_200=Serializer)`, and a problem for all else."""
    known = {(status.lstrip("_"), media_type): reply for status, reply in by_status.items()}
    return known | {("default", MEDIA_TYPE): _PROBLEM}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass hook is untyped
    """How the schema describes tokens."""

    target_class = "registry.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002 — drf-spectacular's signature
        """OpenAPI: a bearer token with the scopes that doors ask for."""
        said = f"Made on your account page. Scopes: {', '.join(SCOPES)}."
        return {"type": "http", "scheme": "bearer", "description": said}


_METHODS = ("get", "post", "patch", "put", "delete")
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key, a change is made once and answered alike. "
    "Refused where the answer holds a secret, or nobody is signed in.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_HEADERS = {
    "RateLimit-Policy": "The allowances that counted this call, and for how many seconds.",
    "RateLimit": "What is left of each, and when there will be more.",
}


def schema_completed(result: dict[str, Any], **_made_by: object) -> dict[str, Any]:
    """What holds for doors of a kind, said at each: headers, repeated changes, sparse answers."""
    headers = {
        name: {"description": said, "schema": {"type": "string"}} for name, said in _HEADERS.items()
    }
    result["components"]["headers"] = headers
    shared = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    sparse = _Sparse(result["components"]["schemas"])
    for method, operation in _operations(result):
        for answer in operation["responses"].values():
            answer["headers"] = shared
        parameters = operation.setdefault("parameters", [])
        if any(parameter["name"] == "fields" for parameter in parameters):
            for content in operation["responses"]["200"]["content"].values():
                content["schema"] = sparse.of(content["schema"])
        if method != "get":
            parameters.append(_KEY)
    sparse.add()
    return result


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in result["paths"].values():
        for method in _METHODS:
            if method in path:
                yield method, path[method]


class _Sparse:
    """Forms of which any member may be missing, since `fields` may leave it out."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas
        self._made: dict[str, Any] = {}

    def of(self, part: Any) -> Any:  # noqa: ANN401 — any part of a schema
        """The sparse form of a part."""
        if isinstance(part, list):
            return [self.of(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return self._of_component(part["$ref"].rpartition("/")[2])
        return {
            name: self.of(value)
            for name, value in part.items()
            if not (name == "required" and isinstance(value, list))
        }

    def add(self) -> None:
        """Put the forms that were made beside those that they are of."""
        self._schemas |= self._made

    def _of_component(self, name: str) -> dict[str, str]:
        sparse = f"Sparse{name}"
        if sparse not in self._made:
            self._made[sparse] = {}
            self._made[sparse] = self.of(self._schemas[name])
        return {"$ref": f"#/components/schemas/{sparse}"}
