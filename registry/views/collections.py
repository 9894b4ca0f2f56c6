"""Pages of collections: what somebody put together, and putting it together."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.forms.collections import CollectForm, CollectionForm, NoteForm
from registry.models import Collection, CollectionItem, ModelEntry, User
from registry.selectors.collections import (
    collection_get,
    collection_items,
    collections_listed,
    collections_to_add_to,
)
from registry.services.collections import (
    collection_add,
    collection_create,
    collection_delete,
    collection_move,
    collection_note,
    collection_remove,
    collection_update,
)
from registry.views.acting import acted, acted_by
from registry.views.lookup import entry_or_404
from registry.views.requests import PageRequest, PersonRequest

A_PAGE = 50


@require_safe
def collection_list(request: PageRequest) -> HttpResponse:
    """The public collections, and one's own."""
    listed = Paginator(collections_listed(request.user), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "registry/collections.html", {"listed": listed})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_new(request: PersonRequest) -> HttpResponse:
    """Begin a collection."""
    form, made = CollectionForm(request.POST or None), []
    if form.is_valid() and acted_by(
        request,
        form,
        "Now add models: each model’s page has “Add to a collection”.",
        lambda: made.append(collection_create(owner=request.user, **form.cleaned_data)),
    ):
        return _to(made[0])
    return render(request, "registry/collection_edit.html", {"form": form})


@require_safe
def collection_page(request: PageRequest, owner: str, name: str) -> HttpResponse:
    """A collection, as far as the viewer may see what is in it."""
    collection = _collection_or_404(request, owner, name)
    items = Paginator(collection_items(user=request.user, collection=collection), A_PAGE)
    context = {
        "collection": collection,
        "items": items.get_page(request.GET.get("page")),
        "mine": collection.owner_id == request.user.pk,
    }
    return render(request, "registry/collection.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection_edit(request: PersonRequest, owner: str, name: str) -> HttpResponse:
    """Describe a collection, or delete it."""
    collection = _own_or_404(request, owner, name)
    if "delete" in request.POST:
        collection_delete(collection=collection)
        messages.success(request, f"“{collection.title}” is gone; its models stay.")
        return redirect("collection_list")
    shown = {key: getattr(collection, key) for key in ("title", "description", "is_public")}
    form = CollectionForm(request.POST or None, initial=shown)
    if form.is_valid() and acted_by(
        request,
        form,
        "Saved.",
        lambda: collection_update(collection=collection, **form.cleaned_data),
    ):
        return _to(collection)
    context = {"form": form, "collection": collection}
    return render(request, "registry/collection_edit.html", context)


@login_required
@require_POST
def item_change(request: PersonRequest, owner: str, name: str, item_id: int) -> HttpResponse:
    """Move a model up or down, say something of it, or take it out."""
    collection = _own_or_404(request, owner, name)
    item = get_object_or_404(CollectionItem, pk=item_id, collection=collection)
    form = NoteForm(request.POST)
    if "remove" in request.POST:
        acted(request, "Taken out.", lambda: collection_remove(item=item))
    elif "up" in request.POST or "down" in request.POST:
        acted(request, "Moved.", lambda: collection_move(item=item, up="up" in request.POST))
    elif form.is_valid():
        said = form.cleaned_data["note"]
        acted(request, "Saved.", lambda: collection_note(item=item, note=said))
    return _to(collection)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def collect(request: PersonRequest, accession: int) -> HttpResponse:
    """Put a model into one of one's collections, or into a new one."""
    entry = entry_or_404(request, accession)
    choices = collections_to_add_to(user=request.user, entry=entry)
    form = CollectForm(request.POST or None, collections=choices)
    if form.is_valid() and acted_by(
        request,
        form,
        "Added to your collection.",
        lambda: _collected(request.user, entry, **form.cleaned_data),
    ):
        return redirect("entry_page", accession)
    return render(request, "registry/collect.html", {"entry": entry, "form": form})


def _collected(
    user: User, entry: ModelEntry, collection: Collection | None, title: str, note: str
) -> None:
    chosen = collection or collection_create(owner=user, title=title)
    collection_add(collection=chosen, entry=entry, note=note)


def _to(collection: Collection) -> HttpResponse:
    return redirect("collection_page", collection.owner.username, collection.name)


def _collection_or_404(request: PageRequest, owner: str, name: str) -> Collection:
    collection = collection_get(user=request.user, owner=owner, name=name)
    if collection is None:
        raise Http404("No such collection, or none that you may see.")
    return collection


def _own_or_404(request: PersonRequest, owner: str, name: str) -> Collection:
    collection = _collection_or_404(request, owner, name)
    if collection.owner_id != request.user.pk:
        raise Http404("No such collection, or none that you may change.")
    return collection


_OF = "collections/<str:owner>/<str:name>/"
collections_urlpatterns = [
    path("collections/", collection_list, name="collection_list"),
    path("collections/new/", collection_new, name="collection_new"),
    path(_OF, collection_page, name="collection_page"),
    path(f"{_OF}edit/", collection_edit, name="collection_edit"),
    path(f"{_OF}items/<int:item_id>/", item_change, name="item_change"),
    path("models/<int:accession>/collect/", collect, name="collect"),
]
