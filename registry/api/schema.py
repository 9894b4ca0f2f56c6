"""What the schema says of every door alike."""

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
