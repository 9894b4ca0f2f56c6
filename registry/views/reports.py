"""Reporting a problem with a model, with an account or without one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from registry.forms.curation import ReportForm
from registry.models import User
from registry.models.entries import Visibility
from registry.rates import counted
from registry.services.reports import report_create
from registry.views.acting import acted_by
from registry.views.lookup import entry_or_404
from registry.views.requests import PageRequest

THANKS = "Thank you. The curators look at it."


@require_http_methods(["GET", "HEAD", "POST"])
def entry_report(request: PageRequest, accession: int) -> HttpResponse:
    """The form, and putting what it says into the curators' queue.

    No other reader sees a report: this is no place to discuss.
    """
    entry = entry_or_404(request, accession)
    reporter = request.user if isinstance(request.user, User) else None
    form = ReportForm(request.POST or None, known=reporter is not None)
    if entry.visibility == Visibility.WITHDRAWN:
        messages.info(request, "This model is withdrawn already.")
        return redirect("entry_page", accession)
    status = 200
    if form.is_valid() and counted(request, user=request.user, scope="report").is_exceeded:
        status = 429
        form.add_error(None, "You have sent many reports in a short time. Send this one later.")
    elif form.is_valid():
        said = {"email": ""} | form.cleaned_data
        if acted_by(
            request, form, THANKS, lambda: report_create(entry=entry, reporter=reporter, **said)
        ):
            return redirect("entry_page", accession)
    return render(request, "registry/report.html", {"entry": entry, "form": form}, status=status)


reports_urlpatterns = [
    path("models/<int:accession>/report/", entry_report, name="entry_report"),
]
