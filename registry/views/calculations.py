"""Running a model here on one's own input: the form, the way it goes, and what came of it."""

from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path as at
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from registry.ansi import lines_of
from registry.contents.looks import Look, look_of, text_of
from registry.contents.tables import table_shown
from registry.downloads import file_response
from registry.forms.calculations import TEXT_CHARACTERS, CalculationForm
from registry.forms.fields import add_refusal
from registry.models import Calculation, CalculationFile, ModelEntry, ModelVersion
from registry.models.calculations import CalculationState
from registry.models.pulling import PullKind
from registry.sandbox import inert
from registry.selectors.calculations import (
    calculation_file,
    calculation_files,
    calculation_get,
    calculations_before,
    calculations_left,
    calculations_of,
    entry_calculates,
)
from registry.services import ServiceError
from registry.services.blobs import blob_open
from registry.services.calculation_offers import Offer, calculation_offer, entry_calculations_set
from registry.services.calculations import (
    calculation_ask,
    calculation_cancel,
    calculation_remove,
)
from registry.services.usage import pull_count
from registry.sources import SourceUnavailableError, head_of
from registry.sourcing import source_of
from registry.views.acting import acted
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import owned_entry_or_404, shown_entry_or_404
from registry.views.requests import PageRequest, PersonRequest

LOG_CHARACTERS = 20_000  # of its end, on the page
PLOTTED_BYTES = 1_000_000
SHOWN = 5
A_PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
def entry_run(request: PageRequest, accession: int) -> HttpResponse:
    """The form, for whoever is signed in; a valid one is queued."""
    entry = shown_entry_or_404(request, accession)
    if not entry_calculates(entry=entry):
        raise Http404("This model is not run here: its owner has not opened that, or the portal.")
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect_to_login(request.path)
    try:
        offer = calculation_offer(entry=entry)
    except ServiceError as refusal:
        return _form_page(request, entry, refusal=refusal)
    texts = _published(offer.run.version, offer)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = CalculationForm(*sent, inputs=offer.inputs, published=texts)
    asked = _asked(request, entry, form) if form.is_valid() else None
    if asked:
        return redirect("calculation", asked.pk)
    return _form_page(request, entry, form=form, offer=offer)


def _asked(request: PageRequest, entry: ModelEntry, form: CalculationForm) -> Calculation | None:
    """What was queued; None when it is refused, which the form says then."""
    if not request.user.is_authenticated:
        return None
    try:
        asked = calculation_ask(entry=entry, user=request.user, files=form.given())
    except ServiceError as refusal:
        add_refusal(form, refusal)
        return None
    pull_count(request=request, version_id=asked.run.version_id, kind=PullKind.CALCULATION)
    return asked


def _form_page(request: PageRequest, entry: ModelEntry, **shown: Any) -> HttpResponse:
    own = calculations_of(user=request.user).filter(run__version__entry=entry)
    context = entry_frame(request, entry, Tab.USE) | {"calculations": own[:SHOWN]} | shown
    if request.user.is_authenticated:
        context["left"] = calculations_left(user=request.user)
    return render(request, "registry/entry_run.html", context)


def _published(version: ModelVersion, offer: Offer) -> dict[str, str]:
    """The JSON inputs of the repository that fit into the form, to be changed there."""
    texts = {}
    try:
        with source_of(version) as files:
            for path in offer.inputs:
                item = files.find(offer.manifest.from_root(path))
                if path.lower().endswith(".json") and item and files.size(item) < TEXT_CHARACTERS:
                    texts[path] = text_of(head_of(files, item, most=TEXT_CHARACTERS)).strip()
    except SourceUnavailableError:
        return {}
    return texts


@login_required
@require_POST
def entry_run_set(request: PersonRequest, accession: int) -> HttpResponse:
    """Let people run a model here, or no longer."""
    entry = owned_entry_or_404(request, accession)
    wanted = "on" in request.POST
    words = "People can run it here now." if wanted else "Nobody runs it here any more."
    acted(
        request,
        words,
        lambda: entry_calculations_set(actor=request.user, entry=entry, wanted=wanted),
    )
    return redirect(f"{reverse('entry_settings', args=[entry.pk])}#calculations")


@login_required
@require_safe
def calculation_list(request: PersonRequest) -> HttpResponse:
    """The calculations that a person may see, newest first."""
    page = Paginator(calculations_of(user=request.user), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "registry/calculations.html", {"page": page})


@login_required
@require_safe
def calculation_page(request: PersonRequest, calculation_id: int) -> HttpResponse:
    """A calculation: where it stands, its log, and what came of it."""
    calculation = _calculation_or_404(request, calculation_id)
    files = list(calculation_files(calculation=calculation))
    context = _status(calculation) | {
        "entry": calculation.run.version.entry,
        "version": calculation.run.version,
        "given": [file for file in files if not file.is_output],
        "results": [(file, _plot(file)) for file in files if file.is_output],
    }
    return render(request, "registry/calculation.html", context)


@login_required
@require_safe
def calculation_live(request: PersonRequest, calculation_id: int) -> HttpResponse:
    """Where it stands now, as fragments that HTMX puts in place; at its end the page, anew."""
    calculation = _calculation_or_404(request, calculation_id)
    if calculation.state == CalculationState.FINISHED:
        return HttpResponseClientRefresh()
    news = request.GET.get("state") != calculation.state
    return render(
        request, "parts/calculation_live.html", _status(calculation) | {"live": True, "news": news}
    )


@login_required
@require_POST
def calculation_stop(request: PersonRequest, calculation_id: int) -> HttpResponse:
    """Cancel a calculation."""
    calculation = calculation_cancel(calculation=_calculation_or_404(request, calculation_id))
    ended = calculation.state == CalculationState.FINISHED
    messages.success(request, "Cancelled." if ended else "It will stop in a few seconds.")
    return redirect("calculation", calculation_id)


@login_required
@require_POST
def calculation_end(request: PersonRequest, calculation_id: int) -> HttpResponse:
    """Remove a calculation with all its files before its time."""
    calculation = _calculation_or_404(request, calculation_id)
    calculation_remove(calculation=calculation)
    messages.success(request, f"Calculation {calculation_id} and its files are removed.")
    return redirect("calculation_list")


@login_required
@require_safe
def calculation_log(request: PersonRequest, calculation_id: int) -> HttpResponse:
    """The whole log as plain text."""
    calculation = _calculation_or_404(request, calculation_id)
    return inert(HttpResponse(calculation.log, content_type="text/plain; charset=utf-8"))


@login_required
@require_safe
def calculation_download(
    request: PersonRequest, calculation_id: int, path: str
) -> HttpResponseBase:
    """A file that went in or came out, private to whoever asks."""
    calculation = _calculation_or_404(request, calculation_id)
    file = calculation_file(calculation=calculation, path=path)
    if file is None:
        raise Http404("This calculation has no such file.")
    try:
        response = file_response(
            request,
            blob=file.blob,
            filename=PurePosixPath(file.path).name,
            media_type="application/octet-stream",
        )
    except ServiceError as lost:
        raise Http404(lost.sentence) from lost
    response["Cache-Control"] = "private, no-cache"
    return response


def _calculation_or_404(request: PageRequest, calculation_id: int) -> Calculation:
    found = calculation_get(user=request.user, calculation_id=calculation_id)
    if found is None:
        raise Http404("No such calculation, or none that you may see.")
    return found


def _status(calculation: Calculation) -> dict[str, Any]:
    """Where it stands, and the end of its log."""
    log, waits = calculation.log, calculation.state == CalculationState.QUEUED
    lines = lines_of([log[-LOG_CHARACTERS:]])
    return {
        "calculation": calculation,
        "before": calculations_before(calculation=calculation) if waits else 0,
        "log": SafeString("\n".join(line.html for line in lines)),
        "cut": len(log) > LOG_CHARACTERS,
        "title": _title(calculation),
    }


def _title(calculation: Calculation) -> str:
    """How it stands, for a tab among many."""
    if calculation.state == CalculationState.FINISHED:
        return calculation.get_outcome_display()
    return "Stopping" if calculation.cancel_requested_at else calculation.get_state_display()


def _plot(file: CalculationFile) -> SafeString | str:
    """The numbers of a table as curves; empty for what is none, or too large to be drawn."""
    if look_of(file.path, b"") is not Look.TABLE or file.blob.size > PLOTTED_BYTES:
        return ""
    try:
        with blob_open(file.blob_id) as content:
            return table_shown(text_of(content.read()), file.path).plot
    except ServiceError:
        return ""


_ONE = "calculations/<int:calculation_id>/"
calculations_urlpatterns = [
    at("models/<int:accession>/calculations/", entry_run, name="entry_run"),
    at("models/<int:accession>/settings/calculations/", entry_run_set, name="entry_run_set"),
    at("calculations/", calculation_list, name="calculation_list"),
    at(_ONE, calculation_page, name="calculation"),
    at(f"{_ONE}live/", calculation_live, name="calculation_live"),
    at(f"{_ONE}cancel/", calculation_stop, name="calculation_cancel"),
    at(f"{_ONE}remove/", calculation_end, name="calculation_remove"),
    at(f"{_ONE}log/", calculation_log, name="calculation_log"),
    at(f"{_ONE}files/<path:path>", calculation_download, name="calculation_file"),
]
