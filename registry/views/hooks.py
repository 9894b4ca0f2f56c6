"""The page on which maintainers see how a model is watched, and connect its repository."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from registry.models import Hook, ModelEntry
from registry.selectors.schedule import hook_of
from registry.services import ServiceError
from registry.services.hooks import hook_branch, hook_open, hook_renew, secret_of
from registry.views.lookup import own_entry_or_404
from registry.views.requests import PersonRequest


@dataclass(frozen=True, kw_only=True)
class ShownHook:
    """What a host must be told, and what it told last."""

    address: str
    secret: str
    branch: str


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def entry_watch(request: PersonRequest, accession: int) -> HttpResponse:
    """When a model is verified next, and its hook: opened, renewed, set to a branch."""
    entry = own_entry_or_404(request, accession)
    if request.method == "POST":
        try:
            messages.success(request, _change(request, entry))
        except ServiceError as refusal:
            messages.error(request, f"{refusal.sentence} {refusal.hint}".strip())
        return redirect("entry_watch", accession)
    hook = hook_of(entry=entry)
    context = {
        "entry": entry,
        "version": entry.current_version,
        "hook": _shown(hook) if hook else None,
        "begins": settings.SCHEDULE_RUNS > 0,
    }
    return render(request, "registry/watch.html", context)


def _change(request: PersonRequest, entry: ModelEntry) -> str:
    """Do what a button asks for; what to say of it. Raises ServiceError."""
    action = request.POST.get("action", "")
    if action == "renew":
        hook_renew(entry=entry)
        return "There is a new secret. The one before opens nothing any more."
    hook_open(entry=entry)
    if action == "branch":
        hook_branch(entry=entry, branch=request.POST.get("branch", ""))
        return "Saved."
    return "Now tell your host, as shown below."


def _shown(hook: Hook) -> ShownHook:
    site = settings.PUBLIC_URL.rstrip("/")
    address = site + reverse("hook", args=[hook.entry_id])
    return ShownHook(address=address, secret=secret_of(hook), branch=hook.branch)
