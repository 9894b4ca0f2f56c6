"""People: what all see of somebody, and what a person keeps here of their own."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.forms.fields import add_refusal
from registry.forms.people import CloseAccountForm, ProfileForm, TokenForm
from registry.models import ApiToken
from registry.selectors.people import (
    orcid_is_confirmed,
    person_collections,
    person_entries,
    person_get,
    person_published,
    tokens_of,
)
from registry.selectors.sharing import groups_of
from registry.services import ServiceError
from registry.services.people import account_close, user_update
from registry.services.tokens import token_create, token_revoke
from registry.views.requests import PageRequest, PersonRequest

_PROFILE = ("first_name", "last_name", "orcid", "affiliation")
_ENTRIES_A_PAGE = 20


@require_safe
def person_page(request: PageRequest, username: str) -> HttpResponse:
    """Who somebody is, and what they publish. Of a closed account the name and the models stay."""
    person = person_get(username)
    if person is None:
        raise Http404("Nobody here has this user name.")
    entries = Paginator(person_entries(person), _ENTRIES_A_PAGE)
    count = entries.count
    context = {
        "person": person,
        "orcid_confirmed": orcid_is_confirmed(person),
        "count_words": f"{count} public model{'' if count == 1 else 's'}",
        "page": entries.get_page(request.GET.get("page")),
        "own_collections": person_collections(person=person, viewer=request.user),
        "own_groups": groups_of(person),
    }
    return render(request, "registry/person.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    """What is shown of a person, and the form that changes it."""
    shown = {name: getattr(request.user, name) for name in _PROFILE}
    confirmed = orcid_is_confirmed(request.user)
    form = ProfileForm(request.POST or None, initial=shown, orcid_confirmed=confirmed)
    if form.is_valid():
        user_update(user=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "registry/profile.html", {"form": form, "orcid_confirmed": confirmed})


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth publishes no types
@require_http_methods(["GET", "HEAD", "POST"])
def account_end(request: PersonRequest) -> HttpResponse:
    """Say what closing an account does, and do it once the person has typed their name."""
    form = CloseAccountForm(request.POST or None, user=request.user)
    if form.is_valid():
        account_close(user=request.user)
        logout(request)
        messages.success(request, "Your account is closed. Your published models stay.")
        return redirect("home")
    context = {"form": form, "published": person_published(request.user)}
    return render(request, "registry/account_close.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: PersonRequest) -> HttpResponse:
    """A person's tokens. The answer to POST shows the new one, this once."""
    form, secret = TokenForm(request.POST or None), ""
    if form.is_valid():
        try:
            _, secret = token_create(user=request.user, **form.cleaned_data)
            form = TokenForm()
        except ServiceError as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "secret": secret, "tokens": tokens_of(request.user)}
    return render(request, "registry/tokens.html", context)


@login_required
@require_POST
def token_end(request: PersonRequest, token_id: int) -> HttpResponse:
    """Revoke one of the person's own tokens."""
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    token_revoke(token=token)
    messages.success(request, f"The token “{token.name}” is revoked.")
    return redirect("token_list")


people_urlpatterns = [
    path("people/<str:username>/", person_page, name="person_page"),
    path("settings/profile/", profile, name="profile"),
    path("settings/close/", account_end, name="account_close"),
    path("settings/tokens/", token_list, name="token_list"),
    path("settings/tokens/<int:token_id>/revoke/", token_end, name="token_revoke"),
]
