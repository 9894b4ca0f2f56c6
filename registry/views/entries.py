"""Pages of entries: the list, an entry, and what its owner does with it."""

import shlex
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.citations import CitedWork, apa, bibtex
from registry.forms.entries import WithdrawForm
from registry.models import ModelEntry, ModelVersion
from registry.models.entries import Visibility
from registry.models.runs import RunState, Trigger
from registry.selectors.citations import works_cited
from registry.selectors.entries import (
    entry_get,
    entry_may_edit,
    entry_may_withdraw,
    entry_versions,
)
from registry.selectors.runs import runs_newest, verdict_run
from registry.services import ServiceError
from registry.services.entries import entry_withdraw
from registry.services.runs import run_queue
from registry.views.badges import badge_links
from registry.views.lookup import entry_or_404, own_entry_or_404
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

RUNS_SHOWN = 10
VERSION_SHOWN = ("entry", "number", "label", "commit", "published_at", "licence")


@dataclass(frozen=True, kw_only=True)
class Links:
    """Where an entry's page leads to; empty where there is nothing."""

    page: str
    source: str
    files: str


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
        "citations": citation_snippets(works_cited(entry=entry)),
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
        entry_withdraw(entry=entry, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "Withdrawn.")
        return HttpResponseRedirect(reverse("entry_page", args=[accession]))
    return render(request, "registry/withdraw.html", {"entry": entry, "form": form})
