"""Pages of entries: the list, an entry, and what its owner does with it."""

import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.citations import CitedWork, apa, bibtex
from registry.forms import ListForm, PublishForm, SourceForm, WithdrawForm, add_refusal
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.models.runs import RunState, Trigger
from registry.selectors.citations import works_cited
from registry.selectors.entries import (
    entry_get,
    entry_list,
    entry_may_edit,
    entry_may_withdraw,
    entry_versions,
)
from registry.selectors.runs import runs_newest, verdict_run
from registry.services import ServiceError
from registry.services.entries import entry_draft_create, entry_withdraw
from registry.services.runs import run_queue
from registry.services.uploads import archive_sent
from registry.services.versions import version_create, version_retarget
from registry.views.badges import badge_links
from registry.views.presentation import (
    Snippet,
    attempts_shown,
    attempts_words,
    files_address,
    report_of,
    verdict_shown,
    web_address,
)
from registry.views.receipts import reproduce_command, reproductions_shown
from registry.views.requests import PageRequest, PersonRequest

PAGE_SIZE = 20
MOST_PAGES = 500
RUNS_SHOWN = 10
VERSION_SHOWN = ("entry", "number", "label", "commit", "published_at", "licence")
_PAGE = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, kw_only=True)
class Links:
    """Where an entry's page leads to; empty where there is nothing."""

    page: str
    source: str
    files: str


@require_safe
def entry_index(request: PageRequest) -> HttpResponse:
    """The list with its search, newest first or best hit first; rows alone for HTMX."""
    form = ListForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    text, level, owner = wanted.get("q", ""), wanted.get("level"), wanted.get("owner", "")
    found = entry_list(user=request.user, text=text, level=level, owner=owner)
    pages = Paginator(found, PAGE_SIZE)
    try:
        page = pages.page(min(_page_number(request), MOST_PAGES))
    except EmptyPage as error:
        raise Http404 from error
    context = {
        "form": ListForm(initial=wanted),
        "entries": page.object_list,
        "count_words": _count_words(pages.count, owner=owner),
        "next_address": _next_address(request, page.number + 1) if page.has_next() else "",
        "filtered": bool(text or level or owner),
        "search_words": text,
    }
    rows_alone = request.htmx and not request.htmx.history_restore_request
    name = "parts/entry_rows.html" if rows_alone else "registry/entry_list.html"
    response = render(request, name, context)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _page_number(request: PageRequest) -> int:
    given = request.GET.get("page", "1")
    return int(given) if _PAGE.fullmatch(given) else 1


def _count_words(count: int, *, owner: str) -> str:
    models = "1 model" if count == 1 else f"{count} models"
    return f"{models} of {owner}" if owner else models


def _next_address(request: PageRequest, number: int) -> str:
    query = {name: value for name, value in request.GET.items() if value} | {"page": str(number)}
    return f"{reverse('entry_list')}?{urlencode(query)}"


def entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, if this person may know of it. Raises Http404."""
    entry = entry_get(user=request.user, accession=accession)
    if entry is None:
        raise Http404("No such model, or none that you may see.")
    return entry


def own_entry_or_404(request: PageRequest, accession: int) -> ModelEntry:
    """The entry, if this person may change it. Raises Http404, which says nothing of drafts."""
    entry = entry_or_404(request, accession)
    changeable = entry.visibility != Visibility.WITHDRAWN
    if not changeable or not entry_may_edit(user=request.user, entry=entry):
        raise Http404("No such model, or none that you may change.")
    return entry


@require_safe
def entry_by_name(request: PageRequest, owner: str, name: str) -> HttpResponse:
    """`/owner/name/` leads to the permanent address, which is the entry's number."""
    entry = entry_get(user=request.user, owner=owner, name=name)
    if entry is None:
        raise Http404("No such model, or none that you may see.")
    return redirect("entry_page", entry.accession)


@require_safe
def entry_page(request: PageRequest, accession: int) -> HttpResponse:
    """All that is known of a model; of a withdrawn one, why."""
    entry = entry_or_404(request, accession)
    version = entry.current_version
    people = version.people if version else ()
    if entry.visibility == Visibility.WITHDRAWN:
        tombstone = {"entry": entry, "people": people}
        return render(request, "registry/tombstone.html", tombstone, status=410)
    may_edit = entry_may_edit(user=request.user, entry=entry)
    links = links_of(entry, version)
    versions = list(entry_versions(user=request.user, entry=entry).only(*VERSION_SHOWN))
    context = {
        "entry": entry,
        "version": version,
        "people": people,
        "keywords": entry.keywords,
        "may_edit": may_edit,
        "may_withdraw": may_edit and entry_may_withdraw(user=request.user, entry=entry),
        "versions": versions,
        "runs": runs_newest(versions=versions, limit=RUNS_SHOWN),
        "links": links,
        "badge": badge_links(entry),
        "citations": citation_snippets(works_cited(entry=entry, page=links.page)),
        "pull": pull_commands(entry, version) if version else "",
    }
    return render(request, "registry/entry.html", context | _verification(version))


def _verification(version: ModelVersion | None) -> dict[str, object]:
    """The run with the last word on the current version, and the one under way."""
    if version is None:
        return {}
    active = version.runs.exclude(state=RunState.FINISHED).only("state").first()
    run = verdict_run(version, report=True)
    if run is None:
        return {"active_run": active}
    report = report_of(run)
    shown: dict[str, object] = {
        "active_run": active,
        "run": run,
        "verdict": verdict_shown(run, report),
        "reproduce": reproduce_command(run),
        "reproductions": reproductions_shown(version),
    }
    if report is None:
        return shown
    environment = report.environment
    return shown | {
        "image_digest": environment.image_digest,
        "attempts": attempts_shown(environment),
        "attempts_words": attempts_words(environment),
    }


def links_of(entry: ModelEntry, version: ModelVersion | None) -> Links:
    """The addresses that an entry's page offers."""
    site = settings.PUBLIC_URL.rstrip("/")
    page = site + reverse("entry_page", args=[entry.accession])
    return Links(
        page=page,
        source=web_address(version.address) if version else "",
        files=files_address(version) if version else "",
    )


def pull_commands(entry: ModelEntry, version: ModelVersion) -> str:
    """How anybody gets the version's source with git alone."""
    name, commit = entry.name, version.commit
    inside = f"\ncd {shlex.quote(f'{name}/{version.folder}')}" if version.folder else ""
    return f"git clone {version.address} {name}\ngit -C {name} checkout {commit}{inside}"


@lru_cache(maxsize=4096)
def citation_snippets(works: tuple[CitedWork, ...]) -> list[Snippet]:
    """The model, then its article, in BibTeX and in words.

    Kept, because APA takes longer than the rest of a page; 4,096 of them are about 10 MB.
    """
    names = {"software": "this model", "article": "the article"}
    return [
        Snippet(id=f"{kind}-{work.kind}", label=f"{label}: {names[work.kind]}", text=write(work))
        for work in works
        for kind, label, write in (("bibtex", "BibTeX", bibtex), ("apa", "APA", apa))
    ]


def source_shown(version: ModelVersion) -> dict[str, str]:
    """What a form about a version's source shows; an archive has no address to be typed."""
    typed = {} if version.is_upload else {"address": version.address, "ref": version.ref}
    return typed | {"folder": version.folder}


def _source_of(request: PersonRequest, form: SourceForm) -> dict[str, Any]:
    """What a valid form says, as the services take it."""
    file = form.cleaned_data["archive"]
    return form.cleaned_data | {"archive": archive_sent(file, by=request.user)}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: PersonRequest) -> HttpResponse:
    """The first step: an address becomes a draft that is read in the background."""
    form = PublishForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            entry = entry_draft_create(owner=request.user, **_source_of(request, form))
            return redirect("entry_edit", entry.accession)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    return render(request, "registry/publish.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version_new(request: PersonRequest, accession: int) -> HttpResponse:
    """A further version of a published model."""
    entry = own_entry_or_404(request, accession)
    newest = entry.current_version
    shown = source_shown(newest) if newest else {}
    form = SourceForm(request.POST or None, request.FILES or None, initial=shown | {"ref": ""})
    if form.is_valid():
        try:
            version_create(entry=entry, **_source_of(request, form))
            return redirect("entry_edit", entry.accession)
        except ServiceError as refusal:
            add_refusal(form, refusal)
    return render(request, "registry/version_new.html", {"entry": entry, "form": form})


@login_required
@require_POST
def version_again(request: PersonRequest, accession: int) -> HttpResponse:
    """Read the unpublished version once more, from a corrected address."""
    entry = own_entry_or_404(request, accession)
    version = entry.versions.order_by("-number").first()
    if version is None:
        raise Http404
    form = SourceForm(request.POST, request.FILES, again=version.is_upload)
    if not form.is_valid():
        said = [str(error) for errors in form.errors.values() for error in errors]
        messages.error(request, " ".join(said))
        return redirect("entry_edit", accession)
    wanted = _source_of(request, form)
    if not wanted["address"] and not wanted["archive"]:
        wanted |= {"address": version.address, "ref": version.ref}
    try:
        version_retarget(version=version, **wanted)
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
    return redirect("entry_edit", accession)


@login_required
@require_POST
def entry_verify(request: PersonRequest, accession: int) -> HttpResponse:
    """Have the current version verified again."""
    entry = own_entry_or_404(request, accession)
    if entry.current_version is None:
        raise Http404
    try:
        run = run_queue(
            version=entry.current_version, trigger=Trigger.PERSON, requested_by=request.user
        )
    except ServiceError as refusal:
        messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
        return redirect("entry_page", accession)
    return redirect("run_page", run.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: PersonRequest, accession: int) -> HttpResponse:
    """Take a model down, with a reason that stays."""
    entry = own_entry_or_404(request, accession)
    if not entry_may_withdraw(user=request.user, entry=entry):
        raise Http404
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        entry_withdraw(entry=entry, reason=form.cleaned_data["reason"])
        messages.success(request, "Withdrawn.")
        return HttpResponseRedirect(reverse("entry_page", args=[accession]))
    return render(request, "registry/withdraw.html", {"entry": entry, "form": form})
