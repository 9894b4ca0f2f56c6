"""Doors to problems that readers report of a model."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import ApiView, ListQuery, asked, body_of, query_of
from registry.api.lookup import entry_editable, entry_open
from registry.api.permissions import ScopedOrStranger
from registry.api.schema import replies
from registry.api.serializers.curation import ReportBody, ReportSerializer
from registry.models import User
from registry.models.entries import Visibility
from registry.rates import counted
from registry.selectors.sharing import reports_for_editors
from registry.services import ServiceError
from registry.services.reports import report_create


class EntryReportsView(ApiView):
    """The problems reported of one model."""

    write_scope = "account:write"
    permission_classes = (ScopedOrStranger,)

    @extend_schema(operation_id="reports_list", responses=replies(_200=ReportSerializer(many=True)))
    def get(self, request: Request, accession: int) -> Response:
        """List what readers report of a model and is open, for its editors, newest first."""
        query_of(request, ListQuery)
        reports = reports_for_editors(entry_editable(request, accession)).order_by("-pk")
        return self.listed(reports, ReportSerializer)

    @extend_schema(
        operation_id="reports_send", request=ReportBody, responses=replies(_201=ReportSerializer)
    )
    def post(self, request: Request, accession: int) -> Response:
        """Report a problem with a model to the curators, with an account or without one."""
        entry = entry_open(request, accession)
        if entry.visibility == Visibility.WITHDRAWN:
            raise ServiceError("withdrawn", "This model is withdrawn already.")
        body = body_of(request, ReportBody)
        allowance = counted(asked(request), user=request.user, scope="report")
        if allowance.is_exceeded:
            raise Throttled(allowance.seconds, "You have sent many reports in a short time.")
        reporter = request.user if isinstance(request.user, User) else None
        email = body.pop("answer_to")
        report = report_create(entry=entry, reporter=reporter, email=email, **body)
        return self.shown(report, ReportSerializer, status=201)
