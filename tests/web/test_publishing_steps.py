"""The steps of publishing as pages: kept while typed, compared when two save, tried, published."""

import pytest

from registry.models import AuditEvent, Lookup, ModelEntry, TypedForm
from registry.services.entries import EntryFields, entry_update
from registry.services.lookups import lookup_answered, lookup_failed
from registry.services.runs import run_finish
from registry.services.vocabularies import vocabularies_load
from registry.spec.evidence import Failure
from registry.spec.ladder import Cause
from registry.spec.manifest import Article, Person
from tests.web import scenery
from tests.web.test_draft_pages import fields_of

BIBTEX = """@article{volterra1926, author = {Volterra, Vito}, title = {Fluctuations in the
abundance of a species}, journal = {Nature}, year = 1926, volume = 118, doi = {10.1038/118558a0}}"""
VOLTERRA = Article(
    title="Fluctuations in the abundance of a species",
    authors=(Person(given="Vito", family="Volterra"),),
    journal="Nature",
    year=1926,
    doi="10.1038/118558a0",
)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(ada):
    return scenery.ready(ada)


@pytest.fixture
def edit(draft):
    return f"/models/{draft.pk}/edit/"


def page_of(client, address):
    return client.get(address).content.decode()


def form_of(client, address):
    return fields_of(page_of(client, address))


def title_now():
    return ModelEntry.objects.get().title


def test_every_step_says_where_one_is_and_leads_to_the_others(owner, draft, edit):
    entry = f"/models/{draft.pk}"
    for path, label in (("source", "Source"), ("edit", "Check"), ("try", "Try it")):
        page = page_of(owner, f"{entry}/{path}/")
        current = page.partition('aria-current="step"')[2].partition("</li>")[0]
        assert label in current
        assert f'href="{entry}/publish/"' in page
    assert 'aria-current="step"' in page_of(owner, "/publish/")


@pytest.mark.parametrize("path", ["source", "edit", "try", "publish", "delete", "edit/typed"])
def test_nobody_else_knows_of_a_draft(other, client, draft, path):
    address = f"/models/{draft.pk}/{path}/"
    assert other.get(address).status_code in {404, 405}
    assert other.post(address).status_code == 404
    assert client.post(address)["Location"].startswith("/accounts/login/")
    assert ModelEntry.objects.get().visibility == "draft"


@pytest.mark.parametrize("path", ["try", "publish", "edit"])
def test_a_step_that_comes_too_early_leads_back_to_the_source(owner, ada, path):
    entry = scenery.pending(ada)
    assert owner.get(f"/models/{entry.pk}/{path}/")["Location"] == f"/models/{entry.pk}/source/"


def test_what_is_typed_is_there_again_and_can_be_discarded(owner, draft, edit):
    sent = form_of(owner, edit) | {"title": "Half a ti", "authors-0-orcid": "0000-000"}
    answer = owner.post(f"{edit}typed/", sent)
    assert answer.json() == {"revision": 1}
    page = page_of(owner, edit)
    assert "and did not save it. It is still here." in page
    assert fields_of(page)["title"] == "Half a ti"
    assert fields_of(page)["authors-0-orcid"] == "0000-000"
    assert fields_of(page)["typed"] == "1"
    assert title_now() == scenery.DESCRIPTION.title
    assert "would not be published" in page_of(owner, f"/models/{draft.pk}/publish/")
    assert owner.post(f"{edit}discard/")["Location"] == edit
    assert form_of(owner, edit)["title"] == scenery.DESCRIPTION.title


def test_what_is_saved_is_no_longer_called_unsaved(owner, edit):
    sent = form_of(owner, edit) | {"title": "Better"}
    owner.post(f"{edit}typed/", sent)
    owner.post(edit, sent | {"action": "save"})
    assert not TypedForm.objects.exists()
    assert "did not save it" not in page_of(owner, edit)
    assert title_now() == "Better"


def test_what_was_typed_and_equals_what_is_saved_is_not_spoken_of(owner, edit):
    owner.post(f"{edit}typed/", form_of(owner, edit))
    assert "did not save it" not in page_of(owner, edit)


def test_a_second_window_is_told_that_it_is_not_kept(owner, edit):
    sent = form_of(owner, edit)
    owner.post(f"{edit}typed/", sent | {"title": "One"})
    refused = owner.post(f"{edit}typed/", sent | {"title": "Two"})
    assert refused.status_code == 409
    assert "Another window of yours" in refused.json()["said"]
    assert form_of(owner, edit)["title"] == "One"


def test_two_who_save_are_shown_field_by_field_what_differs(owner, ada, draft, edit):
    mine = form_of(owner, edit) | {
        "title": "My title", "summary": "My summary", "authors-1-family": "Gauss",
        "action": "save",
    }  # fmt: skip
    changed = EntryFields(title="Their title", authors=(scenery.PERSON,))
    entry_update(entry=draft, fields=changed)
    page = owner.post(edit, mine).content.decode()
    assert "It was changed in the meantime" in page
    assert title_now() == "Their title"
    shown = fields_of(page)
    assert (shown["title"], shown["summary"]) == ("My title", "My summary")
    for said in ("My title", "Their title", "Emmy, Gauss", 'name="take:summary"'):
        assert said in page
    assert 'name="take:licence"' not in page
    choice = {"take:title": "theirs", "take:authors": "theirs", "take:summary": "yours"}
    assert owner.post(edit, shown | choice | {"action": "save"})["Location"] == edit
    entry = ModelEntry.objects.get()
    assert (entry.title, entry.summary) == ("Their title", "My summary")
    assert entry.versions.get().people == (scenery.PERSON,)


def test_what_was_typed_before_others_saved_is_compared_when_one_returns(owner, draft, edit):
    owner.post(f"{edit}typed/", form_of(owner, edit) | {"title": "Mine"})
    entry_update(entry=draft, fields=EntryFields(title="Theirs"))
    page = page_of(owner, edit)
    assert "It was changed in the meantime" in page
    assert fields_of(page)["title"] == "Mine"
    assert fields_of(page)["revision"] == str(ModelEntry.objects.get().revision)


def test_a_published_model_is_edited_and_compared_likewise(owner, ada):
    entry, _ = scenery.published(ada)
    edit = f"/models/{entry.pk}/edit/"
    mine = form_of(owner, edit) | {"title": "Mine"}
    entry_update(entry=entry, fields=EntryFields(title="Theirs"))
    page = owner.post(edit, mine).content.decode()
    assert "It was changed in the meantime" in page
    owner.post(edit, fields_of(page) | {"take:title": "yours"})
    assert title_now() == "Mine"


def test_a_form_that_was_open_while_its_version_was_published_loses_nothing(
    owner, ada, draft, edit
):
    mine = form_of(owner, edit) | {"title": "Mine", "action": "next"}
    owner.post(f"/models/{draft.pk}/publish/")
    page = owner.post(edit, mine).content.decode()
    assert "It was changed in the meantime" in page
    assert fields_of(page)["title"] == "Mine"
    assert owner.post(edit, fields_of(page) | {"action": "save"})["Location"] == edit
    assert title_now() == "Mine"


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_the_description_is_previewed_and_nothing_is_saved(owner, edit, headers):
    sent = form_of(owner, edit) | {"description": "A *new* <script>x</script>", "title": "Typed"}
    page = owner.post(edit, sent | {"action": "preview"}, headers=headers).content.decode()
    assert "A <em>new</em>" in page
    assert "<script>x" not in page
    assert ("<html" in page) == (not headers)
    assert headers or fields_of(page)["title"] == "Typed"
    assert title_now() == scenery.DESCRIPTION.title


@pytest.mark.parametrize("rows", ["authors", "outputs", "claims", "inputs"])
def test_one_more_row_without_scripts(owner, edit, rows):
    sent = form_of(owner, edit) | {"title": "Typed"}
    page = owner.post(edit, sent | {"action": f"more-{rows}"}).content.decode()
    before, after = sent[f"{rows}-TOTAL_FORMS"], fields_of(page)[f"{rows}-TOTAL_FORMS"]
    assert int(after) == int(before) + 1
    assert fields_of(page)["title"] == "Typed"


def ask(owner, edit, doi="10.1038/118558a0", **headers):
    sent = form_of(owner, edit) | {"article-doi": doi, "title": "Typed", "action": "look-up"}
    return sent, owner.post(edit, sent, **headers)


def test_a_doi_is_looked_up_while_one_goes_on(owner, edit):
    sent, reply = ask(owner, edit, headers=HTMX)
    lookup = Lookup.objects.get()
    assert "Asking for the article" in reply.content.decode()
    assert f'"lookup": "{lookup.pk}"' in reply.content.decode()
    lookup_answered(lookup_id=lookup.pk, result=VOLTERRA)
    reply = owner.post(edit, sent | {"lookup": lookup.pk}, headers=HTMX)
    page = reply.content.decode()
    assert reply["HX-Retarget"] == "#article"
    assert "The article was found" in page
    assert 'value="Nature"' in page
    assert "Volterra, Vito" in page


def test_a_doi_is_looked_up_without_scripts_and_nothing_typed_is_lost(owner, edit):
    _, reply = ask(owner, edit)
    lookup = Lookup.objects.get()
    assert reply["Location"] == f"{edit}?lookup={lookup.pk}#article"
    waiting = page_of(owner, f"{edit}?lookup={lookup.pk}")
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert fields_of(waiting)["title"] == "Typed"
    lookup_answered(lookup_id=lookup.pk, result=VOLTERRA)
    form = form_of(owner, f"{edit}?lookup={lookup.pk}")
    assert (form["title"], form["article-journal"]) == ("Typed", "Nature")
    assert form["article-authors"] == "Volterra, Vito"
    owner.post(edit, form | {"action": "save"})
    assert ModelEntry.objects.get().versions.get().article == VOLTERRA


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_a_doi_that_nobody_knows_is_said_to_be_so(owner, edit, headers):
    sent, _ = ask(owner, edit)
    lookup = Lookup.objects.get()
    failure = Failure(cause=Cause.FETCH, sentence="No such DOI.", hint="Is it mistyped?")
    lookup_failed(lookup_id=lookup.pk, failure=failure)
    if headers:
        page = owner.post(edit, sent | {"lookup": lookup.pk}, headers=headers).content.decode()
    else:
        page = page_of(owner, f"{edit}?lookup={lookup.pk}")
    assert "No such DOI. Is it mistyped?" in page
    assert "paste the record" in page


def test_what_is_no_doi_is_not_asked_for(owner, edit):
    _, reply = ask(owner, edit, doi="nonsense", headers=HTMX)
    assert "A DOI begins with" in reply.content.decode()
    assert not Lookup.objects.exists()


def test_the_question_of_somebody_else_is_not_answered_here(owner, bob, edit):
    foreign = Lookup.objects.create(
        kind="article", address="10.1/x", asked_by=bob, asked_at=scenery.timezone.now(),
        sent_at=scenery.timezone.now(),
    )  # fmt: skip
    lookup_answered(lookup_id=foreign.pk, result=VOLTERRA)
    assert form_of(owner, f"{edit}?lookup={foreign.pk}")["article-journal"] == "Physical Review D"


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_a_pasted_record_fills_the_article_in(owner, edit, headers):
    sent = form_of(owner, edit) | {"title": "Typed", "record": BIBTEX, "action": "read-record"}
    page = owner.post(edit, sent, headers=headers).content.decode()
    assert 'value="Nature"' in page
    assert 'value="10.1038/118558a0"' in page
    assert headers or fields_of(page)["title"] == "Typed"


def test_what_is_no_record_is_refused_in_words(owner, edit):
    sent = form_of(owner, edit) | {"record": "Nature 118", "action": "read-record"}
    page = owner.post(edit, sent, headers=HTMX).content.decode()
    assert "This is neither BibTeX" in page


def test_terms_are_chosen_by_name_and_a_wrong_one_is_told_what_is_near(owner, draft, edit):
    vocabularies_load()
    sent = form_of(owner, edit) | {"title": "Typed", "action": "save"}
    page = owner.post(edit, sent | {"terms-model-type": "Synaps"}).content.decode()
    assert "there is no term “Synaps”" in page
    assert "Did you mean “Synapse" in page
    assert fields_of(page)["terms-model-type"] == "Synaps"
    assert fields_of(page)["title"] == "Typed"
    owner.post(edit, sent | {"terms-model-type": "synapse, Axon"})
    assert form_of(owner, edit)["terms-model-type"] == "Axon, Synapse"
    assert "/vocabularies/model-type/suggest" in page


def test_a_dry_run_is_begun_watched_and_read_in_private(owner, other, client, draft):
    address = f"/models/{draft.pk}/try/"
    assert owner.post(address)["Location"] == address
    run = draft.versions.get().runs.get()
    assert client.get(f"/runs/{run.pk}/").status_code == 404
    assert other.get(f"/runs/{run.pk}/").status_code == 404
    claim = scenery.started(run)
    page = page_of(owner, address)
    assert "collected 41 items" in page
    assert f"/runs/{run.pk}/live/" in page
    assert "still running" in page_of(owner, f"/models/{draft.pk}/publish/")
    run_finish(claim=claim, report=scenery.report(), files={})
    page = page_of(owner, address)
    assert "equal the expected values" in page
    assert "Try it again" in page
    release = page_of(owner, f"/models/{draft.pk}/publish/")
    assert "of this very commit. It carries over" in release
    assert "reproduced" in release
    published = owner.post(f"/models/{draft.pk}/publish/")
    assert published["Location"] == f"/models/{draft.pk}/"
    assert draft.versions.get().runs.count() == 1
    assert client.get(f"/runs/{run.pk}/").status_code == 200


def test_a_manifest_that_is_being_tried_is_not_changed_under_it(owner, draft, edit):
    owner.post(f"/models/{draft.pk}/try/")
    sent = form_of(owner, edit) | {"run": "python other.py", "action": "next"}
    page = owner.post(edit, sent).content.decode()
    assert "is being verified" in page
    assert fields_of(page)["run"] == "python other.py"


def test_a_draft_is_deleted_after_one_is_asked(owner, draft):
    address = f"/models/{draft.pk}/delete/"
    assert "go for good" in page_of(owner, address)
    assert ModelEntry.objects.exists()
    assert owner.post(address)["Location"] == "/publish/"
    assert not ModelEntry.objects.exists()
    assert AuditEvent.objects.get().action == "draft.deleted"
    assert owner.get(address).status_code == 404


def test_a_published_model_has_no_button_that_deletes_it(owner, ada):
    entry, _ = scenery.published(ada)
    assert owner.get(f"/models/{entry.pk}/delete/").status_code == 404


def test_a_version_is_made_of_a_tag_that_is_picked(owner, ada):
    entry, _ = scenery.published(ada)
    new, tags = f"/models/{entry.pk}/versions/new/", f"/models/{entry.pk}/versions/new/tags/"
    assert f'hx-get="{tags}"' in page_of(owner, new)
    assert "Asking" in owner.get(tags, headers=HTMX).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page_of(owner, tags)
    lookup = Lookup.objects.get()
    lookup_answered(lookup_id=lookup.pk, result={"tags": ["v1.2", "v2.0"], "branches": ["main"]})
    assert 'name="tag" value="v2.0"' in page_of(owner, tags)
    owner.post(new, {"address": scenery.ADDRESS, "folder": "", "tag": "v2.0"})
    version = entry.versions.get(number=2)
    assert (version.ref, version.label) == ("v2.0", "v2.0")
    scenery.version_inspected(version_id=version.pk, inspection=scenery.inspection(version))
    version.refresh_from_db()
    assert version.label == "v2.0"
    assert "from git" in page_of(owner, f"/models/{entry.pk}/edit/")


def test_a_repository_whose_tags_are_not_to_be_had_says_why(owner, ada):
    entry, _ = scenery.published(ada)
    tags = f"/models/{entry.pk}/versions/new/tags/"
    owner.get(tags)
    failure = Failure(cause=Cause.FETCH, sentence="The host does not answer.", hint="Try later.")
    lookup_failed(lookup_id=Lookup.objects.get().pk, failure=failure)
    Lookup.objects.update(asked_at=scenery.timezone.now())
    assert owner.get(tags).status_code == 200
