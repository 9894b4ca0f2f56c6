"""What a person keeps here: a profile and tokens for programs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from registry.forms.fields import add_refusal
from registry.forms.people import ProfileForm, TokenForm
from registry.models import ApiToken
from registry.services import ServiceError
from registry.services.people import user_update
from registry.services.tokens import token_create, token_revoke
from registry.views.requests import PersonRequest

_PROFILE = ("first_name", "last_name", "orcid", "affiliation")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    """What is shown of a person, and the form that changes it."""
    shown = {name: getattr(request.user, name) for name in _PROFILE}
    form = ProfileForm(request.POST or None, initial=shown)
    if form.is_valid():
        user_update(user=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "registry/profile.html", {"form": form})


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
    tokens = ApiToken.objects.filter(user=request.user, revoked_at=None).order_by("-created_at")
    context = {"form": form, "secret": secret, "tokens": tokens}
    return render(request, "registry/tokens.html", context)


@login_required
@require_POST
def token_end(request: PersonRequest, token_id: int) -> HttpResponse:
    """Revoke one of the person's own tokens."""
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    token_revoke(token=token)
    messages.success(request, f"The token “{token.name}” is revoked.")
    return redirect("token_list")
