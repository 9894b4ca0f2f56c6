"""Collections as readers see them and as their owners put them together."""

import pytest
from django.urls import reverse

from registry.models import Collection, CollectionItem
from registry.services.collections import collection_add, collection_create
from registry.services.entries import entry_withdraw
from tests.web import scenery


@pytest.fixture
def model(ada):
    return scenery.published(ada)[0]


def text_of(response):
    return response.content.decode()


def test_a_collection_is_begun_described_and_shown(owner, client, model):
    typed = {"title": "φ⁴ for a course", "description": "Start *here*. <script>x</script>",
             "is_public": "on"}  # fmt: skip
    page = text_of(owner.post(reverse("collection_new"), typed, follow=True))
    assert "Now add models" in page
    listed = text_of(client.get(reverse("collection_list")))
    assert "φ⁴ for a course" in listed
    collection = Collection.objects.get()
    shown = text_of(client.get(reverse("collection_page", args=["ada", collection.name])))
    assert "Start <em>here</em>." in shown
    assert "<script>x" not in shown
    assert "Edit" not in shown


def test_a_model_is_added_from_its_page_to_a_new_collection_and_then_to_the_same(owner, model, ada):
    assert reverse("collect", args=[model.pk]) in text_of(
        owner.get(reverse("entry_page", args=[model.pk]))
    )
    address = reverse("collect", args=[model.pk])
    missing = text_of(owner.post(address, {"note": "kept"}))
    assert "A collection needs a title." in missing
    assert 'value="kept"' in missing
    owner.post(address, {"title": "New", "note": "Why"})
    collection = Collection.objects.get()
    assert collection.items.get().note == "Why"
    second, _ = scenery.published(ada, "https://github.com/ada/second")
    owner.post(reverse("collect", args=[second.pk]), {"collection": collection.pk})
    assert collection.items.count() == 2
    assert f'value="{collection.pk}"' not in text_of(owner.get(address))


def test_order_words_and_what_is_in_it_are_changed_by_its_owner(owner, model, ada):
    second, _ = scenery.published(ada, "https://github.com/ada/second", title="Second")
    collection = collection_create(owner=ada, title="Mine", is_public=True)
    for entry in (model, second):
        collection_add(collection=collection, entry=entry)
    item = collection.items.get(entry=second)
    address = reverse("item_change", args=["ada", collection.name, item.pk])
    owner.post(address, {"up": "yes", "note": ""})
    assert collection.items.first() == item
    page = text_of(owner.post(address, {"note": "Read me <first>"}, follow=True))
    assert "Read me &lt;first&gt;" in page
    owner.post(address, {"remove": "yes", "note": ""})
    assert not CollectionItem.objects.filter(pk=item.pk).exists()


def test_what_is_not_ones_own_is_not_changed_and_private_is_not_there(other, client, model, ada):
    collection = collection_create(owner=ada, title="Mine")
    collection_add(collection=collection, entry=model)
    page = reverse("collection_page", args=["ada", collection.name])
    assert client.get(page).status_code == other.get(page).status_code == 404
    Collection.objects.update(is_public=True)
    assert other.get(page).status_code == 200
    for name, arguments in (("collection_edit", []), ("item_change", [collection.items.get().pk])):
        address = reverse(name, args=["ada", collection.name, *arguments])
        assert other.post(address, {"title": "x", "delete": "yes"}).status_code == 404
    foreign = {"collection": collection.pk}
    assert "Select a valid choice" in text_of(
        other.post(reverse("collect", args=[model.pk]), foreign)
    )


def test_models_that_a_reader_may_not_see_are_left_out_and_withdrawn_ones_are_a_line(
    client, model, ada
):
    collection = collection_create(owner=ada, title="Mine", is_public=True)
    draft = scenery.ready(ada, "https://github.com/ada/draft", title="A secret draft")
    for entry in (model, draft):
        collection_add(collection=collection, entry=entry)
    entry_withdraw(entry=model, actor=ada, reason="Wrong.")
    page = text_of(client.get(reverse("collection_page", args=["ada", collection.name])))
    assert "A secret draft" not in page
    assert "was withdrawn" in page


def test_a_collection_is_edited_and_deleted_and_its_models_stay(owner, client, model, ada):
    collection = collection_create(owner=ada, title="Mine")
    collection_add(collection=collection, entry=model)
    address = reverse("collection_edit", args=["ada", collection.name])
    owner.post(address, {"title": "Ours", "description": "", "is_public": "on"})
    assert "Ours" in text_of(client.get(reverse("collection_list")))
    owner.post(address, {"delete": "yes"})
    assert not Collection.objects.exists()
    assert client.get(reverse("entry_page", args=[model.pk])).status_code == 200


def test_a_long_list_costs_no_query_more(client, ada, django_assert_max_num_queries):
    collection = collection_create(owner=ada, title="Many", is_public=True)
    for number in range(5):
        entry, _ = scenery.published(ada, f"https://github.com/ada/m{number}")
        collection_add(collection=collection, entry=entry)
    with django_assert_max_num_queries(4):
        client.get(reverse("collection_page", args=["ada", collection.name]))
    with django_assert_max_num_queries(3):
        client.get(reverse("collection_list"))
