"""News: what happened to models that concern somebody, and how they want to be told."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.forms.people import NewsForm
from registry.models import Notification
from registry.selectors.news import follows_of, news_choices, news_of, news_unread_count
from registry.selectors.people import has_verified_address
from registry.services.following import entry_follow, entry_unfollow
from registry.services.mailing import unsubscribe_read
from registry.services.news import news_choose, news_read, news_stop_mail
from registry.views.lookup import entry_or_404
from registry.views.requests import PageRequest, PersonRequest

_NEWS_A_PAGE = 30


@login_required
@require_safe
def news_list(request: PersonRequest) -> HttpResponse:
    """What happened, unread first, and the models that the person follows."""
    page = Paginator(news_of(request.user), _NEWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unread": news_unread_count(request.user),
        "followed": follows_of(request.user),
    }
    return render(request, "registry/news.html", context)


@login_required
@require_safe
def news_open(request: PersonRequest, news_id: int) -> HttpResponse:
    """Go to what a piece of news is about; from then on it is read."""
    news = get_object_or_404(Notification, pk=news_id, user=request.user)
    news_read(user=request.user, only=news.pk)
    return redirect(news.address)


@login_required
@require_POST
def news_mark(request: PersonRequest) -> HttpResponse:
    """Mark one piece of news as read, or all."""
    only = request.POST.get("only", "")
    news_read(user=request.user, only=int(only) if only.isascii() and only.isdigit() else None)
    return redirect("news_list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: PersonRequest) -> HttpResponse:
    """Of what the person is told, and when by mail."""
    form = NewsForm(request.POST or None, choices=news_choices(request.user))
    if form.is_valid():
        news_choose(user=request.user, chosen=form.chosen())
        messages.success(request, "Saved.")
        return redirect("news_choices")
    context = {"form": form, "reachable": has_verified_address(request.user)}
    return render(request, "registry/news_choices.html", context)


@csrf_exempt  # A mail program posts here (RFC 8058): what the link holds is signed.
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: PageRequest, token: str) -> HttpResponse:
    """End the mail that a link names; looking at the page alone changes nothing."""
    asked = unsubscribe_read(token)
    if asked is None:
        raise Http404("This link was not made here, or is broken.")
    if request.method == "POST":
        news_stop_mail(user=asked.user, kind=asked.kind)
    context = {"kind": asked.kind, "done": request.method == "POST"}
    return render(request, "registry/unsubscribe.html", context)


@login_required
@require_POST
def follow(request: PersonRequest, accession: int) -> HttpResponse:
    """Follow a model."""
    entry = entry_or_404(request, accession)
    entry_follow(user=request.user, entry=entry)
    messages.success(request, "You follow this model: new versions and verdicts come as news.")
    return redirect("entry_page", accession)


@login_required
@require_POST
def unfollow(request: PersonRequest, accession: int) -> HttpResponse:
    """Follow a model no more."""
    entry = entry_or_404(request, accession)
    entry_unfollow(user=request.user, entry=entry)
    messages.success(request, "You follow this model no more.")
    return redirect("entry_page", accession)


news_urlpatterns = [
    path("news/", news_list, name="news_list"),
    path("news/read/", news_mark, name="news_mark"),
    path("news/<int:news_id>/", news_open, name="news_open"),
    path("news/unsubscribe/<str:token>/", unsubscribe, name="news_unsubscribe"),
    path("settings/notifications/", choices, name="news_choices"),
    path("models/<int:accession>/follow/", follow, name="entry_follow"),
    path("models/<int:accession>/unfollow/", unfollow, name="entry_unfollow"),
]
