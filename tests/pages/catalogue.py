"""Every page of the portal with something on it: a room makes its scene and names its pages."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry.models import ModelEntry, SavedSearch, Term, User, VerificationRun
from registry.models.curation import ReportKind
from registry.models.entries import Role
from registry.models.news import NewsKind
from registry.models.runs import Trigger
from registry.services.calculations import calculation_ask
from registry.services.collections import collection_add, collection_create
from registry.services.curation import collection_feature, entry_feature
from registry.services.entries import entry_withdraw
from registry.services.exports import export_make
from registry.services.groups import group_create, group_invite
from registry.services.news import news_tell
from registry.services.reports import report_create
from registry.services.reviewer_links import reviewer_link_create
from registry.services.runs import run_queue
from registry.services.sharing import grant_set, member_set
from registry.services.transfers import transfer_offer
from registry.services.vocabularies import terms_write, vocabularies_load
from registry.services.webhooks import webhook_create, webhook_test
from registry.spec.ladder import Origin
from tests.pages.looking import Walked
from tests.web import calculation_scenery, scenery
from tests.web.source_scenery import Mirrored, npy

RECORDS = Path(__file__).parents[1] / "imports" / "records"
# Whose pages they are: "" a stranger's, else who is signed in. Curators are staff.
STRANGER, OWNER, CURATOR = "", "ada", "curator"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a room is made with. `client` is signed in as Ada."""

    ada: User
    bob: User
    curator: User
    client: Client
    folder: Path


Room = Callable[[Scene], list[Walked]]


def _walked(template: str, address: str, status: int = 200) -> Walked:
    return Walked(template=template, address=address, status=status)


def _verified(scene: Scene, name: str = "lattice-phi4") -> tuple[ModelEntry, VerificationRun]:
    title = "" if name == "lattice-phi4" else name.capitalize()
    changes = {"title": title} if title else {}
    entry, run = scenery.published(scene.ada, f"https://github.com/ada/{name}", **changes)
    scenery.verified(run, scene.folder)
    return ModelEntry.objects.get(pk=entry.pk), run


def _described(scene: Scene) -> ModelEntry:
    """A verified model with subjects, that curators put on the front page."""
    vocabularies_load()
    entry, _ = _verified(scene)
    said = {"subject": ["Lattice field theory"], "framework": ["PyTorch"], "language": ["Python"]}
    terms_write(entry=entry, terms=said, origin=Origin.FORM.value)
    entry_feature(actor=scene.curator, entry=entry, featured=True)
    return entry


def front(scene: Scene) -> list[Walked]:
    """What a stranger meets first."""
    entry = _described(scene)
    collection = collection_create(
        owner=scene.ada, title="Lattice classics", description="*Old* ones.", is_public=True
    )
    collection_add(collection=collection, entry=entry, note="The first of them")
    collection_feature(actor=scene.curator, collection=collection, featured=True)
    group_create(user=scene.ada, name="lattice-group", title="Lattice people")
    export_make(signer=None, keep=1)
    return [
        _walked("registry/home.html", "/"),
        _walked("registry/entry_list.html", "/models/?q=lattice&subject=lattice-field-theory"),
        _walked("registry/entry_list.html", "/models/?q=nothing+at+all"),
        _walked("registry/vocabularies.html", "/vocabularies/"),
        _walked("registry/vocabulary.html", "/vocabularies/subject/"),
        _walked("registry/collections.html", "/collections/"),
        _walked("registry/collection.html", f"/collections/ada/{collection.name}/"),
        _walked("registry/groups.html", "/groups/"),
        _walked("registry/group.html", "/groups/lattice-group/"),
        _walked("registry/person.html", "/people/ada/"),
        _walked("registry/report.html", f"/models/{entry.pk}/report/"),
        _walked("registry/rules.html", "/rules/"),
        _walked("registry/statistics.html", "/statistics/"),
        _walked("registry/exports.html", "/exports/"),
        _walked("404.html", "/models/999/", 404),
    ]


def doors(scene: Scene) -> list[Walked]:
    """How one comes in."""
    del scene
    return [
        _walked("account/login.html", "/accounts/login/"),
        _walked("account/signup.html", "/accounts/signup/"),
        _walked("account/password_reset.html", "/accounts/password/reset/"),
        _walked("account/password_reset_done.html", "/accounts/password/reset/done/"),
        _walked("account/password_reset_from_key_done.html", "/accounts/password/reset/key/done/"),
        _walked("account/password_reset_from_key.html", "/accounts/password/reset/key/x-y/"),
        _walked("account/verification_sent.html", "/accounts/confirm-email/"),
        _walked("account/email_confirm.html", "/accounts/confirm-email/wrong/"),
        _walked("account/account_inactive.html", "/accounts/inactive/"),
        _walked("socialaccount/login_cancelled.html", "/accounts/3rdparty/login/cancelled/"),
        _walked("socialaccount/authentication_error.html", "/accounts/3rdparty/login/error/", 401),
    ]


def entries(scene: Scene) -> list[Walked]:
    """A model that reproduces, one that does not, one under way, one that was withdrawn."""
    entry, run = _verified(scene)
    wrong, wrong_run = scenery.published(
        scene.ada, "https://github.com/ada/antenna", title="Antenna"
    )
    scenery.verified(wrong_run, scene.folder, scenery.mismatch)
    _, live = scenery.published(scene.ada, "https://github.com/ada/ising", title="Ising")
    scenery.started(live)
    gone, _ = scenery.published(scene.ada, "https://github.com/ada/gone", title="Gone")
    entry_withdraw(entry=gone, reason="The data were not ours to share.", actor=scene.ada)
    return [
        _walked("registry/entry.html", f"/models/{entry.pk}/"),
        _walked("registry/entry.html", f"/models/{wrong.pk}/"),
        _walked("registry/entry_reproducibility.html", f"/models/{entry.pk}/reproducibility/"),
        _walked("registry/entry_versions.html", f"/models/{entry.pk}/versions/"),
        _walked("registry/entry_use.html", f"/models/{entry.pk}/use/"),
        _walked("registry/cite.html", f"/models/{entry.pk}/cite/"),
        _walked("registry/badge.html", f"/models/{entry.pk}/badge/"),
        _walked("registry/history.html", f"/models/{entry.pk}/history/"),
        _walked("registry/run.html", f"/runs/{run.pk}/"),
        _walked("registry/run.html", f"/runs/{wrong_run.pk}/"),
        _walked("registry/run.html", f"/runs/{live.pk}/"),
        _walked("registry/run_lines.html", f"/runs/{live.pk}/lines/?q=wheel"),
        _walked("registry/run_compare.html", f"/runs/compare?a={run.pk}&b={wrong_run.pk}"),
        _walked("registry/tombstone.html", f"/models/{gone.pk}/", 410),
    ]


def files(scene: Scene) -> list[Walked]:
    """What is in a model's repository, and what became of it."""
    table = "t,m\n" + "".join(f"{n},{n * n}\n" for n in range(40))
    first = {
        "README.md": "# Ising\n\n$\\beta = 1/kT$ and [code](src/ising.py)\n\n```\npython x\n```\n",
        "src/ising.py": '"""Ising."""\n\n\ndef energy(s):\n    return -s\n',
        "data/m.csv": table,
        "field.npy": npy([[1.0, 2.0], [3.0, 4.5]], scene.folder),
        "data/values.json": '{"energy": [1.0, 2.5, 4.0]}',
        "weights.bin": bytes(range(256)),
        "a.ipynb": '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", '
        '"source": ["# Analysis"]}, {"cell_type": "code", "source": "1 + 1", "outputs": []}]}',
    }
    model = Mirrored(scene.folder, scene.ada, first)
    model.release(first | {"src/ising.py": "def energy(s):\n    return -2 * s\n"})
    at = f"{model.address}files/2/"
    return [
        _walked("registry/entry.html", model.address),
        _walked("registry/entry_files.html", f"{model.address}files/"),
        *(
            _walked("registry/entry_files.html", f"{at}{path}")
            for path in ("src/ising.py", "data/m.csv", "field.npy", "data/values.json", "a.ipynb")
        ),
        _walked("registry/entry_files.html", f"{at}weights.bin"),
        _walked("registry/entry_compare.html", f"{model.address}compare/1...2"),
        _walked("registry/file_history.html", f"{model.address}changes/src/ising.py"),
        _walked("registry/entry_versions.html", f"{model.address}versions/"),
    ]


def drafts(scene: Scene) -> list[Walked]:
    """What an owner does with models."""
    vocabularies_load()
    draft = scenery.ready(scene.ada, "https://github.com/ada/" + "very-long-name" * 6)
    failed = scenery.unreadable(scene.ada)
    entry, _ = scenery.published(scene.ada, "https://github.com/ada/wind", title="Wind")
    tried = scenery.ready(scene.ada, "https://github.com/ada/tried", title="Tried")
    run = run_queue(version=tried.current_version, trigger=Trigger.PERSON, requested_by=scene.ada)
    scenery.started(run)
    return [
        _walked("registry/publish.html", "/publish/"),
        _walked("registry/edit.html", f"/models/{draft.pk}/edit/"),
        _walked("registry/publish_source.html", f"/models/{failed.pk}/source/"),
        _walked("registry/publish_try.html", f"/models/{draft.pk}/try/"),
        _walked("registry/publish_try.html", f"/models/{tried.pk}/try/"),
        _walked("registry/publish_release.html", f"/models/{draft.pk}/publish/"),
        _walked("registry/draft_delete.html", f"/models/{draft.pk}/delete/"),
        _walked("registry/version_new.html", f"/models/{entry.pk}/versions/new/"),
        _walked("registry/version_tags.html", f"/models/{entry.pk}/versions/new/tags/"),
        _walked("registry/edit.html", f"/models/{entry.pk}/edit/"),
        _walked("registry/watch.html", f"/models/{entry.pk}/watch/"),
        _walked("registry/withdraw.html", f"/models/{entry.pk}/withdraw/"),
    ]


def moving_in(scene: Scene) -> list[Walked]:
    """What is brought from elsewhere."""
    vocabularies_load()
    send = scene.client.post
    report = send("/publish/import/", {"file": _file("modeldb.json")}).url
    asked = send("/publish/import/", {"address": "https://zenodo.org/records/1"}).url
    rows = b"address,title,licence\nhttps://github.com/ada/pendulum,A pendulum,MIT\nnone,,\n"
    table = send("/publish/import/csv/", {"file": SimpleUploadedFile("m.csv", rows)}).url
    return [
        _walked("registry/import.html", "/publish/import/"),
        _walked("registry/import_report.html", report),
        _walked("registry/import_asked.html", asked),
        _walked("registry/import_table.html", "/publish/import/csv/"),
        _walked("registry/import_table_report.html", table),
    ]


def _file(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (RECORDS / name).read_bytes())


def sharing(scene: Scene) -> list[Walked]:
    """Whom an owner lets in."""
    entry, run = _verified(scene)
    member_set(actor=scene.ada, entry=entry, user=scene.bob, role=Role.READER)
    group = group_create(user=scene.ada, name="lattice-group", title="Lattice people")
    group_invite(actor=scene.ada, group=group, user=scene.bob)
    grant_set(actor=scene.ada, entry=entry, group=group, role=Role.MAINTAINER)
    private = scenery.ready(scene.ada, "https://github.com/ada/private", title="Private")
    reviewer_link_create(
        actor=scene.ada, entry=private, label="Journal of Models", days=30, is_anonymous=True
    )
    other, _ = scenery.published(scene.bob, "https://github.com/bob/gift", title="Gift")
    offer = transfer_offer(actor=scene.bob, entry=other, recipient=scene.ada, sender_stays=True)
    shared, _ = scenery.published(scene.bob, "https://github.com/bob/shared", title="Shared")
    member_set(actor=scene.bob, entry=shared, user=scene.ada, role=Role.READER)
    collection = collection_create(owner=scene.ada, title="Mine")
    collection_add(collection=collection, entry=entry)
    return [
        _walked("registry/settings.html", f"/models/{entry.pk}/settings/"),
        _walked("registry/settings.html", f"/models/{private.pk}/settings/"),
        _walked("registry/entry_log.html", f"/models/{entry.pk}/settings/log/"),
        _walked("registry/transfer.html", f"/transfers/{offer.pk}/"),
        _walked("registry/leave.html", f"/models/{shared.pk}/leave/"),
        _walked("registry/groups.html", "/groups/"),
        _walked("registry/group.html", "/groups/lattice-group/"),
        _walked("registry/collect.html", f"/models/{entry.pk}/collect/"),
        _walked("registry/collection_edit.html", f"/collections/ada/{collection.name}/edit/"),
        _walked("registry/collection_edit.html", "/collections/new/"),
        _walked("registry/run.html", f"/runs/{run.pk}/"),
    ]


def reviewing(scene: Scene) -> list[Walked]:
    """What a reviewer sees who does not know the authors; the first page opens the link."""
    draft = scenery.ready(scene.ada)
    run = run_queue(version=draft.current_version, trigger=Trigger.PERSON, requested_by=scene.ada)
    scenery.verified(run, scene.folder)
    _, key = reviewer_link_create(
        actor=scene.ada, entry=draft, label="Journal", days=30, is_anonymous=True
    )
    return [
        _walked("registry/review.html", f"/review/{key}/"),
        _walked("registry/review.html", f"/models/{draft.pk}/review/"),
    ]


def people(scene: Scene) -> list[Walked]:
    """What people keep here."""
    vocabularies_load()
    scene.client.post("/searches/new/?q=lattice", {"name": "Lattices", "notify": "on"})
    search = SavedSearch.objects.get()
    news_tell(
        users=[scene.ada],
        kind=NewsKind.RUN,
        cause="a-run-ended",
        sentence="The verification of “Wind” ended: reproduced.",
        address="/models/1/",
    )
    webhook = webhook_create(
        owner=scene.ada, address="https://lab.example.org/told", events=["verdict.fell"]
    )
    webhook_test(webhook=webhook)
    return [
        _walked("registry/profile.html", "/settings/profile/"),
        _walked("registry/tokens.html", "/settings/tokens/"),
        _walked("registry/webhooks.html", "/settings/webhooks/"),
        _walked("registry/webhook.html", f"/settings/webhooks/{webhook.pk}/"),
        _walked("registry/news_choices.html", "/settings/notifications/"),
        _walked("registry/news.html", "/news/"),
        _walked("registry/searches.html", "/searches/"),
        _walked("registry/search_edit.html", f"/searches/{search.pk}/"),
        _walked("registry/person.html", "/people/ada/"),
        _walked("account/email.html", "/accounts/email/"),
        _walked("account/password_change.html", "/accounts/password/change/"),
        _walked("account/reauthenticate.html", "/accounts/reauthenticate/"),
        _walked("account/logout.html", "/accounts/logout/"),
        _walked("mfa/index.html", "/accounts/2fa/"),
        _walked("socialaccount/connections.html", "/accounts/3rdparty/"),
    ]


def curation(scene: Scene) -> list[Walked]:
    """What curators look after."""
    vocabularies_load()
    entry, _ = _verified(scene)
    problem = report_create(
        entry=entry, reporter=scene.bob, email="", kind=ReportKind.WRONG, text="Table 2 is not so."
    )
    term = Term.objects.filter(vocabulary="subject").first()
    assert term is not None
    return [
        _walked("registry/curation.html", "/curation/"),
        _walked("registry/curation_report.html", f"/curation/reports/{problem.pk}/"),
        _walked("registry/curation_log.html", "/curation/log/"),
        _walked("registry/curation_decide.html", f"/curation/models/{entry.pk}/take-down/"),
        _walked("registry/curation_decide.html", f"/curation/models/{entry.pk}/merge/"),
        _walked("registry/vocabulary.html", "/vocabularies/subject/"),
        _walked("registry/vocabulary_term.html", f"/vocabularies/subject/terms/{term.pk}/"),
        _walked("registry/settings.html", f"/models/{entry.pk}/settings/"),
    ]


def calculations(scene: Scene) -> list[Walked]:
    """Running a model here: before, while it waits, and after."""
    entry = calculation_scenery.opened(scene.ada)
    given = {"in.json": b'{"x": 2}'}
    asked = [calculation_ask(entry=entry, user=scene.ada, files=given) for _ in range(2)]
    calculation_scenery.ended(asked[0], scene.folder)
    return [
        _walked("registry/entry_use.html", f"/models/{entry.pk}/use/"),
        _walked("registry/entry_run.html", f"/models/{entry.pk}/calculations/"),
        _walked("registry/calculation.html", f"/calculations/{asked[0].pk}/"),
        _walked("registry/calculation.html", f"/calculations/{asked[1].pk}/"),
        _walked("registry/calculations.html", "/calculations/"),
        _walked("registry/settings.html", f"/models/{entry.pk}/settings/"),
    ]


ROOMS: dict[str, tuple[str, Room]] = {
    "front": (STRANGER, front),
    "doors": (STRANGER, doors),
    "entries": (OWNER, entries),
    "files": (STRANGER, files),
    "drafts": (OWNER, drafts),
    "moving-in": (OWNER, moving_in),
    "sharing": (OWNER, sharing),
    "reviewing": (STRANGER, reviewing),
    "people": (OWNER, people),
    "curation": (CURATOR, curation),
    "calculations": (OWNER, calculations),
}


def templates_named() -> frozenset[str]:
    """The templates that this file names."""
    return frozenset(
        re.findall(r'"([a-z_0-9]+(?:/[a-z_0-9]+)*\.html)"', Path(__file__).read_text())
    )
