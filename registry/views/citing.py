"""How a model is cited: the tab, the files for reference managers, and what machines ask for."""

from dataclasses import dataclass
from operator import itemgetter

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import MediaType
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from registry.citations import FORMATS, CitedWork, Format
from registry.citations.formats import BIBLIOGRAPHY
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.selectors.citations import doi_of, version_cited, works_of
from registry.selectors.entries import entry_may_withdraw, entry_versions
from registry.selectors.runs import verdict_run
from registry.services import ServiceError
from registry.services.dois import doi_mint, minting_is_on
from registry.signposting import belongs, signposted
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import entry_or_404, own_entry_or_404
from registry.views.requests import PageRequest, PersonRequest

# A text longer than this is downloaded: nobody copies the names of 500 authors by hand.
_SHOWN_CHARACTERS = 6000
_AT_ONCE = ("bibtex", "apa")
_HEADINGS = {
    "software": ("This version", "Names exactly what you used: this commit, these files."),
    "article": ("The article", "The publication that describes the model."),
    "verification": (
        "The verification",
        "What this portal saw when it reran the version, on that day.",
    ),
    "model": (
        "The model, all versions",
        "For the model as such, where it does not matter which version.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class ShownCitation:
    """A citation in one format. `text` is empty where it is too long to be shown."""

    id: str
    name: str
    label: str
    text: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ShownWork:
    """A thing to cite: in the formats that are shown at once, in other styles, as other files."""

    id: str
    heading: str
    meaning: str
    at_once: list[ShownCitation]
    styles: list[ShownCitation]
    files: list[ShownCitation]


@require_safe
def cite_page(request: PageRequest, accession: int, number: int | None = None) -> HttpResponse:
    """Every way to cite a model; without a number, the current version of it."""
    entry = entry_or_404(request, accession)
    if entry.visibility == Visibility.WITHDRAWN:
        return redirect("entry_page", accession)
    version = version_or_404(request, entry, number)
    works = works_of(entry=entry, version=version) if version else ()
    shown = [_work(entry, version, work) for work in works if version]
    versions = entry_versions(user=request.user, entry=entry)
    context = {
        "cited": version,
        "works": shown,
        "versions": versions.only("number", "label", "published_at"),
        **_minting(request, entry, version),
    }
    page = render(request, "registry/cite.html", entry_frame(request, entry, Tab.CITE) | context)
    return _signposted(page, entry, version, number) if version and number else page


@require_safe
def cite_file(request: PageRequest, accession: int, number: int, name: str) -> HttpResponse:
    """One citation as a file. `of` says of what: software, article, verification or model.

    Also of a withdrawn model: what was cited once goes on being cited.
    """
    entry = entry_or_404(request, accession)
    version = version_or_404(request, entry, number)
    format_ = FORMATS.get(name)
    if version is None or format_ is None:
        raise Http404("There is no such format.")
    kind = request.GET.get("of", "software")
    works = [one for one in works_of(entry=entry, version=version) if one.kind == kind]
    text = format_.text(works)
    if not text:
        raise Http404("There is nothing of this to cite, or not in this format.")
    response = _reply(text, format_)
    file = _file_name(entry, works[0], format_)
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return belongs(response, entry, version, rel="describes")


@require_safe
def version_page(request: PageRequest, accession: int, number: int) -> HttpResponse:
    """`/models/12/v3/` is what citations name: it says how a version is cited, and what it is."""
    entry = entry_or_404(request, accession)
    version = version_or_404(request, entry, number)
    answer = negotiated(request, entry, version) or redirect("cite_version", accession, number)
    return _signposted(answer, entry, version, number) if version else answer


def negotiated(
    request: HttpRequest, entry: ModelEntry, version: ModelVersion | None = None
) -> HttpResponse | None:
    """The citation in the format that the request prefers to a page; None when it wants a page.

    Of the current version, unless one is given. Whoever answers with a page says `Vary: Accept`.
    """
    cited = version or entry.current_version
    format_ = _format_accepted(request)
    if cited is None or format_ is None:
        return None
    response = _reply(format_.text([version_cited(entry=entry, version=cited)]), format_)
    patch_vary_headers(response, ["Accept", "Cookie"])
    return response


@login_required
@require_POST
def doi_ask(request: PersonRequest, accession: int, number: int) -> HttpResponse:
    """Have a DOI registered for a version, once its owner says that this is for good."""
    entry = own_entry_or_404(request, accession)
    version = version_or_404(request, entry, number)
    if version is None or not entry_may_withdraw(user=request.user, entry=entry):
        raise Http404
    if "understood" not in request.POST:
        messages.error(request, "Tick that you understand that a DOI is never deleted.")
        return redirect("cite_version", accession, number)
    try:
        doi = doi_mint(version=version, actor=request.user)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
    else:
        messages.success(request, f"The DOI {doi.doi} is being registered.")
    return redirect("cite_version", accession, number)


def _signposted(
    page: HttpResponse, entry: ModelEntry, version: ModelVersion, number: int
) -> HttpResponse:
    return signposted(page, entry, version, number=number, run=verdict_run(version))


def version_or_404(
    request: PageRequest, entry: ModelEntry, number: int | None
) -> ModelVersion | None:
    """The version that is asked for, the current one without a number. Raises Http404."""
    if number is None:
        return entry.current_version
    version = entry_versions(user=request.user, entry=entry).filter(number=number).first()
    if version is None:
        raise Http404("No such version, or none that you may see.")
    return version


def _work(entry: ModelEntry, version: ModelVersion, work: CitedWork) -> ShownWork:
    heading, meaning = _HEADINGS[work.kind]
    shown = {
        name: _citation(entry, version, work, name)
        for name, format_ in FORMATS.items()
        if work.kind in format_.kinds
    }
    rest = [name for name in shown if name not in _AT_ONCE]
    return ShownWork(
        id=work.kind,
        heading=heading,
        meaning=meaning,
        at_once=[shown[name] for name in _AT_ONCE],
        styles=[shown[name] for name in rest if FORMATS[name].is_style],
        files=[shown[name] for name in rest if not FORMATS[name].is_style],
    )


def _citation(
    entry: ModelEntry, version: ModelVersion, work: CitedWork, name: str
) -> ShownCitation:
    text = FORMATS[name].write(work)
    place = reverse("cite_file", args=[entry.accession, version.number, name])
    return ShownCitation(
        id=f"{work.kind}-{name}",
        name=name,
        label=FORMATS[name].label,
        text=text.replace("\r\n", "\n") if len(text) <= _SHOWN_CHARACTERS else "",
        address=place if work.kind == "software" else f"{place}?of={work.kind}",
    )


def _minting(
    request: PageRequest, entry: ModelEntry, version: ModelVersion | None
) -> dict[str, object]:
    """The DOI of the version, and whether this person may ask for one."""
    if version is None:
        return {}
    may_ask = (
        minting_is_on()
        and entry.visibility == Visibility.PUBLIC
        and version.published_at is not None
        and entry_may_withdraw(user=request.user, entry=entry)
    )
    return {"doi": doi_of(version), "may_mint": may_ask, "doi_prefix": settings.DATACITE_PREFIX}


def _format_accepted(request: HttpRequest) -> Format | None:
    """The format that a request ranks above a page: by its quality, then by being named."""
    asked = [(_rank(kind), format_) for kind in request.accepted_types if (format_ := _named(kind))]
    best, format_ = max(asked, key=itemgetter(0), default=((0.0, 0), None))
    page = request.accepted_type("text/html")
    return format_ if best > (_rank(page) if page else (0.0, 2)) else None


def _rank(kind: MediaType) -> tuple[float, int]:
    return kind.quality, min(kind.specificity, 2)


def _named(kind: MediaType) -> Format | None:
    """The format of a media type; of `text/x-bibliography; style=ieee` the style, else APA."""
    media_type = f"{kind.main_type}/{kind.sub_type}"
    if media_type == BIBLIOGRAPHY:
        style = FORMATS.get(str(kind.params.get("style", "")).strip('"'))
        return style if style and style.is_style else FORMATS["apa"]
    return next((one for one in FORMATS.values() if one.media_type == media_type), None)


def _reply(text: str, format_: Format) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{format_.media_type}; charset=utf-8")
    patch_vary_headers(response, ["Cookie"])
    return response


def _file_name(entry: ModelEntry, work: CitedWork, format_: Format) -> str:
    if format_ is FORMATS["cff"]:
        return "CITATION.cff"
    what = {"software": f"v{work.number}", "verification": f"run-{work.number}"}
    return f"{entry.name}-{what.get(work.kind, work.kind)}.{format_.ending}"


citing_urlpatterns = [
    path("models/<int:accession>/cite/", cite_page, name="entry_cite"),
    path("models/<int:accession>/cite/<int:number>/", cite_page, name="cite_version"),
    path("models/<int:accession>/cite/<int:number>/doi/", doi_ask, name="doi_ask"),
    path("models/<int:accession>/cite/<int:number>/<slug:name>", cite_file, name="cite_file"),
    path("models/<int:accession>/v<int:number>/", version_page, name="version_page"),
]
