"""A door to a version as a component of other people's pipelines."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from registry.api.base import ApiView, FirstRenderer, Query, query_of
from registry.api.lookup import version_open
from registry.api.schema import replies
from registry.kubeflow import component_yaml
from registry.sandbox import inert
from registry.services.components import version_component

MEDIA_TYPE = "application/yaml"


class VersionComponentView(ApiView):
    """A version's verified image as a Kubeflow Pipelines component."""

    content_negotiation_class = FirstRenderer

    @extend_schema(operation_id="versions_component", responses=replies(MEDIA_TYPE, _200=str))
    def get(self, request: Request, accession: int, number: int) -> HttpResponse:
        """Give the component that runs the version's command in its verified image.

        Kubeflow Pipelines 2 reads it, as a component or as a pipeline of one step. 409 says why
        there is none: no command ran, or the image is not at the portal's registry.
        """
        query_of(request, Query)
        version = version_open(request, accession, number)
        text = component_yaml(version_component(version=version))
        # Pulling the image is what counts as a pull, and the registry counts it.
        answer = inert(HttpResponse(text, content_type=MEDIA_TYPE))
        answer["Content-Disposition"] = 'attachment; filename="component.yaml"'
        return answer
