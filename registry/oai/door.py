"""The door of OAI-PMH: six questions, by GET and POST. It answers everybody alike."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from registry.oai.asking import (
    SECOND,
    TOKEN,
    Asked,
    Listing,
    Refused,
    asked_read,
    listing_read,
    token_of,
)
from registry.oai.formats import FORMATS, RecordFormat
from registry.oai.xml import OAI, Element, element, root, written
from registry.rates import TooOftenError, call_counted
from registry.selectors.citations import PUBLISHER, version_cited
from registry.selectors.harvest import (
    Harvested,
    harvest_begins,
    harvest_get,
    harvest_page,
    harvest_sets,
)

PAGE = 100
_FORM = "application/x-www-form-urlencoded"
_NUMBER = re.compile(r"[1-9]\d{0,17}", re.ASCII)
# What the schema of oai-identifier takes for a repository's name.
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+")
_IDENTIFIER_SPACE = "http://www.openarchives.org/OAI/2.0/oai-identifier"
# The protocol wants the question repeated, but for arguments that are none.
_UNREPEATED = frozenset({"badVerb", "badArgument"})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponse:
    """Answer one question of a harvester; refusals are answers too.

    Who asks too often is told to wait as the protocol has it, by 503: harvesters then do.
    """
    try:
        call_counted(request)
    except TooOftenError as spent:
        return spent.as_text(status=503)
    response = HttpResponse(_answered(request), content_type="text/xml; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def _answered(request: HttpRequest) -> bytes:
    said: dict[str, str] = {}
    try:
        asked = asked_read(_given(request))
        said = {"verb": asked.verb, **asked.arguments}
        answer = _ANSWERS[asked.verb](asked)
    except Refused as refusal:
        said = {} if refusal.code in _UNREPEATED else said
        answer = element("error", text=str(refusal), code=refusal.code)
    return _document(said, answer)


def _given(request: HttpRequest) -> Iterable[tuple[str, Sequence[str]]]:
    """The arguments, from the address or from a form. Raises Refused."""
    if request.method != "POST":
        return request.GET.lists()
    if request.content_type != _FORM:
        raise Refused("badVerb", f"Send arguments by POST as {_FORM}.")
    return request.POST.lists()


def _document(said: dict[str, str], answer: Element) -> bytes:
    return written(
        root(
            "OAI-PMH",
            element("responseDate", text=timezone.now().strftime(SECOND)),
            element("request", text=_address(), **said),
            answer,
            space=OAI,
            schema=f"{OAI}OAI-PMH.xsd",
        )
    )


def _identify(_asked: Asked) -> Element:
    begins = harvest_begins() or timezone.now()
    told = {
        "repositoryName": PUBLISHER,
        "baseURL": _address(),
        "protocolVersion": "2.0",
        "adminEmail": settings.CONTACT_EMAIL,
        "earliestDatestamp": begins.strftime(SECOND),
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }
    parts = [element(name, text=text) for name, text in told.items()]
    return element("Identify", *parts, *_scheme_of_identifiers())


def _scheme_of_identifiers() -> list[Element]:
    if not _DOMAIN.fullmatch(_host()):
        return []
    told = {
        "scheme": "oai",
        "repositoryIdentifier": _host(),
        "delimiter": ":",
        "sampleIdentifier": _identifier(12),
    }
    parts = (element(name, text=text, space=_IDENTIFIER_SPACE) for name, text in told.items())
    scheme = root(
        "oai-identifier", *parts, space=_IDENTIFIER_SPACE, schema=f"{_IDENTIFIER_SPACE}.xsd"
    )
    return [element("description", scheme)]


def _list_formats(asked: Asked) -> Element:
    if "identifier" in asked.arguments:
        _record(asked.arguments["identifier"])
    formats = [
        element(
            "metadataFormat",
            element("metadataPrefix", text=prefix),
            element("schema", text=form.schema),
            element("metadataNamespace", text=form.namespace),
        )
        for prefix, form in FORMATS.items()
    ]
    return element("ListMetadataFormats", *formats)


def _list_sets(asked: Asked) -> Element:
    if TOKEN in asked.arguments:
        raise Refused("badResumptionToken", "The list of sets comes whole: ask without a token.")
    sets = [
        element("set", element("setSpec", text=one.spec), element("setName", text=one.name))
        for one in harvest_sets()
    ]
    return element("ListSets", *sets)


def _get_record(asked: Asked) -> Element:
    form = _format(asked.arguments["metadataPrefix"])
    return element("GetRecord", _as_record(_record(asked.arguments["identifier"]), form))


def _list_records(asked: Asked) -> Element:
    listing = listing_read(asked)
    form = _format(listing.prefix)
    return _page(listing, lambda found: _as_record(found, form))


def _list_identifiers(asked: Asked) -> Element:
    listing = listing_read(asked)
    _format(listing.prefix)
    return _page(listing, _header)


def _page(listing: Listing, shown: Callable[[Harvested], Element]) -> Element:
    """The next records of a list, and the token for those after them. Raises Refused."""
    found = harvest_page(listing.window, after=listing.after, size=PAGE + 1)
    if not found:
        raise Refused("noRecordsMatch", "Nothing changed in this time, or in this set.")
    page = found[:PAGE]
    following = replace(listing, after=page[-1].accession, told=listing.told + len(page))
    ends = [] if len(found) <= PAGE and not listing.told else [_token(listing, following, found)]
    return element(listing.verb, *map(shown, page), *ends)


def _token(listing: Listing, following: Listing, found: list[Harvested]) -> Element:
    """What stands at the end of a page: the last one's is empty."""
    text = token_of(following) if len(found) > PAGE else ""
    return element(TOKEN, text=text, cursor=str(listing.told))


def _as_record(found: Harvested, form: RecordFormat) -> Element:
    if found.version is None:
        return element("record", _header(found))
    work = version_cited(entry=found.entry, version=found.version)
    return element("record", _header(found), element("metadata", form.write(work)))


def _header(found: Harvested) -> Element:
    told = (
        element("identifier", text=_identifier(found.accession)),
        element("datestamp", text=_second(found.changed_at)),
        *(element("setSpec", text=spec) for spec in found.sets),
    )
    return element("header", *told, **({} if found.version else {"status": "deleted"}))


def _second(moment: datetime) -> str:
    return moment.strftime(SECOND)


def _record(identifier: str) -> Harvested:
    """The record that an identifier names. Raises Refused."""
    number = identifier.removeprefix(_identifier(""))
    known = _NUMBER.fullmatch(number) and identifier != number
    found = harvest_get(int(number)) if known else None
    if found is None:
        raise Refused("idDoesNotExist", "No model of this portal has this identifier.")
    return found


def _format(prefix: str) -> RecordFormat:
    if prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", f"The formats are: {', '.join(FORMATS)}.")
    return FORMATS[prefix]


def _identifier(accession: int | str) -> str:
    return f"oai:{_host()}:models/{accession}"


def _host() -> str:
    return urlsplit(settings.PUBLIC_URL).hostname or ""


def _address() -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("oai")


_ANSWERS: dict[str, Callable[[Asked], Element]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
}
