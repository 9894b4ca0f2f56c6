"""Pages of groups: who belongs to one, and what is shared with it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.forms.sharing import GroupForm, InviteForm
from registry.models import GroupMember, ResearchGroup
from registry.selectors.sharing import (
    group_entries,
    group_get,
    group_is_managed_by,
    group_members,
    group_membership,
    groups_listed,
    invitations_of,
)
from registry.services.groups import (
    group_create,
    group_delete,
    group_invite,
    group_join,
    group_manager_set,
    group_member_remove,
)
from registry.views.acting import acted, acted_by
from registry.views.requests import PageRequest, PersonRequest

ENTRIES_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def group_list(request: PageRequest) -> HttpResponse:
    """Every group; for people with an account, their invitations and a form for a new one."""
    if not request.user.is_authenticated:
        return render(request, "registry/groups.html", {"listed": groups_listed()})
    form, user = GroupForm(request.POST or None), request.user
    if form.is_valid():
        said = form.cleaned_data
        if acted_by(request, form, "Your group is there.", lambda: group_create(user=user, **said)):
            return redirect("group_page", said["name"].strip())
    context = {"listed": groups_listed(), "invitations": invitations_of(user), "form": form}
    return render(request, "registry/groups.html", context)


@require_safe
def group_page(request: PageRequest, name: str) -> HttpResponse:
    """A group: its people, and those of its models that the viewer may see."""
    return _page(request, _group_or_404(name), InviteForm())


@login_required
@require_POST
def invite(request: PersonRequest, name: str) -> HttpResponse:
    """Ask somebody to join."""
    group = _managed_or_404(request, name)
    form = InviteForm(request.POST)
    if form.is_valid():
        user = form.cleaned_data["person"]
        words = f"{user.username} is invited."
        if acted_by(
            request, form, words, lambda: group_invite(actor=request.user, group=group, user=user)
        ):
            return redirect("group_page", group.name)
    return _page(request, group, form)


@login_required
@require_POST
def answer(request: PersonRequest, name: str) -> HttpResponse:
    """Accept an invitation, decline it, or leave."""
    group = _group_or_404(name)
    if "join" in request.POST:
        words = f"You belong to {group.name} now."
        acted(request, words, lambda: group_join(user=request.user, group=group))
        return redirect("group_page", group.name)
    words = f"You do not belong to {group.name}."
    acted(
        request,
        words,
        lambda: group_member_remove(actor=request.user, group=group, user=request.user),
    )
    return redirect("group_page", group.name)


@login_required
@require_POST
def member(request: PersonRequest, name: str, username: str) -> HttpResponse:
    """Make a member a manager, no manager, or no member."""
    group = _managed_or_404(request, name)
    user = get_object_or_404(GroupMember, group=group, user__username=username).user
    if "remove" in request.POST:
        words = f"{username} does not belong to it any more."
        acted(
            request, words, lambda: group_member_remove(actor=request.user, group=group, user=user)
        )
    else:
        manages = "manager" in request.POST
        words = f"{username} manages it now." if manages else f"{username} does not manage it now."
        acted(
            request,
            words,
            lambda: group_manager_set(
                actor=request.user, group=group, user=user, is_manager=manages
            ),
        )
    return redirect("group_page", group.name)


@login_required
@require_POST
def delete(request: PersonRequest, name: str) -> HttpResponse:
    """End a group."""
    group = _managed_or_404(request, name)
    words = f"The group {group.name} is gone."
    acted(request, words, lambda: group_delete(actor=request.user, group=group))
    return redirect("group_list")


def _page(request: PageRequest, group: ResearchGroup, form: InviteForm) -> HttpResponse:
    manages = group_is_managed_by(user=request.user, group=group)
    context = {
        "group": group,
        "own": group_membership(user=request.user, group=group),
        "manages": manages,
        "members": group_members(group=group, invited=manages),
        "entries": group_entries(user=request.user, group=group)[:ENTRIES_SHOWN],
        "form": form,
    }
    return render(request, "registry/group.html", context)


def _group_or_404(name: str) -> ResearchGroup:
    group = group_get(name)
    if group is None:
        raise Http404("There is no group of this name.")
    return group


def _managed_or_404(request: PersonRequest, name: str) -> ResearchGroup:
    group = _group_or_404(name)
    if not group_is_managed_by(user=request.user, group=group):
        raise Http404("No such group, or none that you manage.")
    return group


groups_urlpatterns = [
    path("groups/", group_list, name="group_list"),
    path("groups/<str:name>/", group_page, name="group_page"),
    path("groups/<str:name>/invite/", invite, name="group_invite"),
    path("groups/<str:name>/answer/", answer, name="group_answer"),
    path("groups/<str:name>/delete/", delete, name="group_delete"),
    path("groups/<str:name>/members/<str:username>/", member, name="group_member"),
]
