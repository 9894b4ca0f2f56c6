"""The pages on which people have their programs told of what happens to their models."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from registry.forms.fields import add_refusal
from registry.forms.webhooks import ChangeWebhookForm, NewWebhookForm
from registry.models import Webhook
from registry.selectors.webhooks import deliveries_of, webhooks_of
from registry.services import ServiceError
from registry.services.deliveries import delivery_replay, secret_of_webhook
from registry.services.webhooks import (
    webhook_change,
    webhook_create,
    webhook_delete,
    webhook_renew,
    webhook_test,
)
from registry.views.requests import PersonRequest

_SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_list(request: PersonRequest) -> HttpResponse:
    """A person's webhooks, and a form for another."""
    form = NewWebhookForm(request.POST or None, user=request.user)
    if form.is_valid():
        try:
            webhook = webhook_create(owner=request.user, **form.cleaned_data)
        except ServiceError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Made. Give its secret to your program, then send a test.")
            return redirect("webhook_page", webhook.pk)
    context = {"form": form, "webhooks": webhooks_of(request.user)}
    return render(request, "registry/webhooks.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_page(request: PersonRequest, webhook_id: int) -> HttpResponse:
    """One webhook: what it hears, its secret, and what became of the last messages."""
    webhook = _own_or_404(request, webhook_id)
    shown = {name: getattr(webhook, name) for name in ("address", "events", "is_active")}
    form = ChangeWebhookForm(request.POST or None, initial=shown)
    if form.is_valid():
        try:
            webhook_change(webhook=webhook, **form.cleaned_data)
        except ServiceError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Saved.")
            return redirect("webhook_page", webhook.pk)
    context = {
        "form": form,
        "webhook": webhook,
        "secret": secret_of_webhook(webhook),
        "deliveries": deliveries_of(webhook)[:_SHOWN],
    }
    return render(request, "registry/webhook.html", context)


@login_required
@require_POST
def webhook_act(request: PersonRequest, webhook_id: int) -> HttpResponse:
    """What a button does to a webhook: a test, another secret, its end."""
    webhook = _own_or_404(request, webhook_id)
    action = request.POST.get("action", "")
    if action == "delete":
        webhook_delete(webhook=webhook)
        messages.success(request, "Deleted. It is told nothing more.")
        return redirect("webhook_list")
    if action == "renew":
        webhook_renew(webhook=webhook)
        messages.success(request, "There is a new secret. Give it to your program now.")
    if action == "test":
        webhook_test(webhook=webhook)
        messages.success(request, "A test is on its way. Reload this page to see what came of it.")
    return redirect("webhook_page", webhook.pk)


@login_required
@require_POST
def webhook_replay(request: PersonRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Send a message once more."""
    webhook = _own_or_404(request, webhook_id)
    delivery_replay(delivery=get_object_or_404(webhook.deliveries, pk=delivery_id))
    messages.success(request, "It is sent once more, the same to the byte.")
    return redirect("webhook_page", webhook.pk)


def _own_or_404(request: PersonRequest, webhook_id: int) -> Webhook:
    return get_object_or_404(webhooks_of(request.user), pk=webhook_id)


webhooks_urlpatterns = [
    path("settings/webhooks/", webhook_list, name="webhook_list"),
    path("settings/webhooks/<int:webhook_id>/", webhook_page, name="webhook_page"),
    path("settings/webhooks/<int:webhook_id>/act/", webhook_act, name="webhook_act"),
    path(
        "settings/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/replay/",
        webhook_replay,
        name="webhook_replay",
    ),
]
