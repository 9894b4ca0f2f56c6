"""The tab on which a model's people say who may do what with it, and hand it over."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.forms.curation import MergeForm, TakeDownForm
from registry.forms.sharing import (
    GrantForm,
    MemberForm,
    ReviewerLinkForm,
    RoleForm,
    TransferAnswerForm,
    TransferForm,
    VisibilityForm,
)
from registry.models import GroupGrant, Membership, ModelEntry, ReviewerLink, Transfer
from registry.models.entries import Visibility
from registry.selectors.calculations import entry_calculates
from registry.selectors.entries import entry_may_withdraw
from registry.selectors.sharing import (
    audit_of,
    grants_of,
    groups_of,
    members_of,
    reports_for_editors,
    reviewer_links_of,
    transfer_get,
    transfer_open_of,
)
from registry.services import ServiceError
from registry.services.calculation_offers import calculation_offer
from registry.services.reviewer_links import reviewer_link_create, reviewer_link_revoke
from registry.services.sharing import (
    grant_remove,
    grant_set,
    member_remove,
    member_set,
    visibility_set,
)
from registry.services.transfers import (
    transfer_accept,
    transfer_decline,
    transfer_offer,
    transfer_take_back,
)
from registry.views.acting import acted, acted_by
from registry.views.frame import Tab, entry_frame
from registry.views.lookup import entry_or_404, own_entry_or_404, owned_entry_or_404
from registry.views.requests import PersonRequest

EVENTS_SHOWN = 5
EVENTS_A_PAGE = 50


@login_required
@require_safe
def entry_settings(request: PersonRequest, accession: int) -> HttpResponse:
    """Everything that a model's people can change besides what it says."""
    return _page(request, own_entry_or_404(request, accession))


@login_required
@require_POST
def member_add(request: PersonRequest, accession: int) -> HttpResponse:
    """Give somebody a role."""
    entry = owned_entry_or_404(request, accession)
    form = MemberForm(request.POST, auto_id="member-%s")
    if form.is_valid():
        said = form.cleaned_data
        words = f"{said['person'].username} is a {said['role'].label.lower()} now."
        chosen = {"user": said["person"], "role": said["role"]}
        if acted_by(
            request, form, words, lambda: member_set(actor=request.user, entry=entry, **chosen)
        ):
            return _back(entry, "people")
    return _page(request, entry, member_form=form)


@login_required
@require_POST
def member_change(request: PersonRequest, accession: int, username: str) -> HttpResponse:
    """Give a member another role, or none."""
    entry = owned_entry_or_404(request, accession)
    member = get_object_or_404(Membership, entry=entry, user__username=username)
    _change_role(
        request,
        name=username,
        who=username,
        give=partial(member_set, actor=request.user, entry=entry, user=member.user),
        take=partial(member_remove, actor=request.user, entry=entry, user=member.user),
    )
    return _back(entry, "people")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: PersonRequest, accession: int) -> HttpResponse:
    """Give one's own role back, whichever it is; asked once more before."""
    entry = entry_or_404(request, accession)
    member = get_object_or_404(Membership, entry=entry, user=request.user)
    if request.method != "POST":
        return render(request, "registry/leave.html", {"entry": entry, "member": member})
    left = acted(
        request,
        "You have no role with it any more.",
        lambda: member_remove(actor=request.user, entry=entry, user=request.user),
    )
    return redirect("home") if left else redirect("entry_page", accession)


@login_required
@require_POST
def grant_add(request: PersonRequest, accession: int) -> HttpResponse:
    """Give a group a role."""
    entry = owned_entry_or_404(request, accession)
    form = GrantForm(request.POST, groups=groups_of(request.user), auto_id="grant-%s")
    if form.is_valid():
        said = form.cleaned_data
        words = f"Everybody in {said['group'].name} is a {said['role'].label.lower()} now."
        if acted_by(
            request, form, words, lambda: grant_set(actor=request.user, entry=entry, **said)
        ):
            return _back(entry, "groups")
    return _page(request, entry, grant_form=form)


@login_required
@require_POST
def grant_change(request: PersonRequest, accession: int, name: str) -> HttpResponse:
    """Give a group another role, or none."""
    entry = owned_entry_or_404(request, accession)
    grant = get_object_or_404(GroupGrant, entry=entry, group__name=name)
    _change_role(
        request,
        name=name,
        who=f"Everybody in {name}",
        give=partial(grant_set, actor=request.user, entry=entry, group=grant.group),
        take=partial(grant_remove, actor=request.user, entry=entry, group=grant.group),
    )
    return _back(entry, "groups")


@login_required
@require_POST
def visibility_change(request: PersonRequest, accession: int) -> HttpResponse:
    """Show a published model to everybody, or not."""
    entry = owned_entry_or_404(request, accession)
    form = VisibilityForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data["visibility"]
        words = "Everybody sees it." if wanted == Visibility.PUBLIC else "It is private now."
        if acted_by(
            request,
            form,
            words,
            lambda: visibility_set(actor=request.user, entry=entry, visibility=wanted),
        ):
            return _back(entry, "visibility")
    return _page(request, entry, visibility_form=form)


@login_required
@never_cache
@require_POST
def link_add(request: PersonRequest, accession: int) -> HttpResponse:
    """Make a reviewer's link. This answer shows its address, and no other page ever does."""
    entry = own_entry_or_404(request, accession)
    form, address = ReviewerLinkForm(request.POST, auto_id="link-%s"), ""
    if form.is_valid():
        try:
            _, key = reviewer_link_create(actor=request.user, entry=entry, **form.cleaned_data)
            address = request.build_absolute_uri(reverse("review_open", args=[key]))
            form = ReviewerLinkForm(auto_id="link-%s")
        except ServiceError as refusal:
            form.add_error(None, f"{refusal.sentence} {refusal.hint}".strip())
    return _page(request, entry, link_form=form, new_link=address)


@login_required
@require_POST
def link_end(request: PersonRequest, accession: int, link_id: int) -> HttpResponse:
    """Revoke a reviewer's link."""
    entry = own_entry_or_404(request, accession)
    link = get_object_or_404(ReviewerLink, pk=link_id, entry=entry)
    reviewer_link_revoke(actor=request.user, link=link)
    messages.success(request, f"The link “{link.label}” opens nothing any more.")
    return _back(entry, "reviewers")


@login_required
@require_POST
def transfer_begin(request: PersonRequest, accession: int) -> HttpResponse:
    """Offer a model to somebody."""
    entry = owned_entry_or_404(request, accession)
    form = TransferForm(request.POST, auto_id="transfer-%s")
    if form.is_valid():
        said = form.cleaned_data
        words = f"{said['recipient'].username} was asked. Until they accept, nothing changes."
        if acted_by(
            request, form, words, lambda: transfer_offer(actor=request.user, entry=entry, **said)
        ):
            return _back(entry, "transfer")
    return _page(request, entry, transfer_form=form)


@login_required
@require_POST
def transfer_end(request: PersonRequest, accession: int) -> HttpResponse:
    """Take an offer back."""
    entry = owned_entry_or_404(request, accession)
    offer = get_object_or_404(Transfer, entry=entry, ended_at=None)
    acted(request, "Taken back.", lambda: transfer_take_back(actor=request.user, offer=offer))
    return _back(entry, "transfer")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: PersonRequest, transfer_id: int) -> HttpResponse:
    """An offer, for the two whom it concerns; the recipient answers."""
    offer = transfer_get(user=request.user, transfer_id=transfer_id)
    if offer is None:
        raise Http404("No such offer, or none that concerns you.")
    mine = offer.recipient_id == request.user.pk
    form = TransferAnswerForm(request.POST or None, initial={"name": offer.entry.name})
    if request.method == "POST" and mine:
        if "decline" in request.POST:
            acted(request, "Declined.", lambda: transfer_decline(offer=offer))
            return redirect("transfer", offer.pk)
        if form.is_valid() and acted_by(
            request,
            form,
            "It is yours now.",
            lambda: transfer_accept(offer=offer, name=form.cleaned_data["name"]),
        ):
            return redirect("entry_page", offer.entry_id)
    context = {"offer": offer, "entry": offer.entry, "mine": mine, "form": form}
    return render(request, "registry/transfer.html", context)


@login_required
@require_safe
def entry_log(request: PersonRequest, accession: int) -> HttpResponse:
    """Who did what with a model's rights, newest first."""
    entry = own_entry_or_404(request, accession)
    events = Paginator(audit_of(entry), EVENTS_A_PAGE).get_page(request.GET.get("page"))
    shown = entry_frame(request, entry, Tab.SETTINGS) | {"events": events}
    return render(request, "registry/entry_log.html", shown)


def _change_role(
    request: PersonRequest,
    *,
    name: str,
    who: str,
    give: Callable[..., object],
    take: Callable[[], object],
) -> None:
    """Give the role that was chosen, by `give(role=…)`, or take any away.

    Messages say `who` of those that have it now, `name` of whom it is taken from.
    """
    form = RoleForm(request.POST)
    if "remove" in request.POST:
        acted(request, f"{name} has no role any more.", take)
    elif form.is_valid():
        role = form.cleaned_data["role"]
        acted(request, f"{who} is a {role.label.lower()} now.", partial(give, role=role))


def _page(request: PersonRequest, entry: ModelEntry, **changed: object) -> HttpResponse:
    """The tab; `changed` are forms that come back with what was typed, or a new link's address."""
    hidden = entry.visibility != Visibility.PUBLIC
    context: dict[str, Any] = {
        "may_own": entry_may_withdraw(user=request.user, entry=entry),
        "members": members_of(entry),
        "grants": grants_of(entry),
        "member_form": MemberForm(auto_id="member-%s"),
        "grant_form": GrantForm(groups=groups_of(request.user), auto_id="grant-%s"),
        "visibility_form": VisibilityForm(initial={"visibility": entry.visibility}),
        "transfer_form": TransferForm(auto_id="transfer-%s"),
        "offer": transfer_open_of(entry),
        "link_form": ReviewerLinkForm(auto_id="link-%s", initial={"is_anonymous": hidden}),
        "links": reviewer_links_of(entry),
        "reports": reports_for_editors(entry),
        "events": audit_of(entry)[:EVENTS_SHOWN],
        **_calculations(entry),
    }
    if request.user.is_staff:
        context["take_down_form"] = TakeDownForm(auto_id="down-%s")
        context["merge_form"] = MergeForm(auto_id="merge-%s")
    shown = entry_frame(request, entry, Tab.SETTINGS) | context | changed
    return render(request, "registry/settings.html", shown)


def _calculations(entry: ModelEntry) -> dict[str, Any]:
    """Whether people may run it here, or why not; nothing where the portal runs none."""
    if not settings.CALCULATIONS_A_DAY:
        return {}
    shown: dict[str, Any] = {"calculates": "yes" if entry_calculates(entry=entry) else "no"}
    try:
        return shown | {"offer_inputs": calculation_offer(entry=entry).inputs}
    except ServiceError as refusal:
        return shown | {"calculations_refusal": refusal}


def _back(entry: ModelEntry, section: str) -> HttpResponse:
    return redirect(f"{reverse('entry_settings', args=[entry.pk])}#{section}")


_OF = "models/<int:accession>/settings/"
settings_urlpatterns = [
    path(_OF, entry_settings, name="entry_settings"),
    path(f"{_OF}people/", member_add, name="member_add"),
    path(f"{_OF}people/<str:username>/", member_change, name="member_change"),
    path(f"{_OF}groups/", grant_add, name="grant_add"),
    path(f"{_OF}groups/<str:name>/", grant_change, name="grant_change"),
    path(f"{_OF}visibility/", visibility_change, name="visibility_change"),
    path(f"{_OF}links/", link_add, name="link_add"),
    path(f"{_OF}links/<int:link_id>/revoke/", link_end, name="link_end"),
    path(f"{_OF}transfer/", transfer_begin, name="transfer_begin"),
    path(f"{_OF}transfer/end/", transfer_end, name="transfer_end"),
    path(f"{_OF}log/", entry_log, name="entry_log"),
    path("models/<int:accession>/leave/", leave, name="leave"),
    path("transfers/<int:transfer_id>/", transfer, name="transfer"),
]
