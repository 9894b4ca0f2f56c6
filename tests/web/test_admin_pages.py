"""The admin: every table can be listed and searched, in few queries, and shows no secret."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from registry.models import ApiToken, ReviewerLink, SavedSearch, User, VerificationRun
from registry.models.curation import ReportKind
from registry.models.entries import Role
from registry.services.collections import collection_add, collection_create
from registry.services.groups import group_create
from registry.services.reports import report_create
from registry.services.reviewer_links import reviewer_link_create
from registry.services.sharing import grant_set, member_set
from registry.services.tokens import token_create
from registry.services.transfers import transfer_offer
from tests.web import scenery

TABLES = sorted(
    (model for model in admin.site._registry if model._meta.app_label == "registry"),
    key=lambda model: model._meta.model_name,
)
SECRETS = {"digest", "feed_key", "lease_token"}


@pytest.fixture
def world(ada, bob):
    """A row of most kinds, and two of those that lists join."""
    entry, run = scenery.published(ada)
    scenery.started(run)
    scenery.ready(ada, "https://github.com/ada/second")
    member_set(actor=ada, entry=entry, user=bob, role=Role.READER)
    group = group_create(user=ada, name="lattice", title="")
    grant_set(actor=ada, entry=entry, group=group, role=Role.READER)
    reviewer_link_create(actor=ada, entry=entry, label="X", days=30, is_anonymous=False)
    transfer_offer(actor=ada, entry=entry, recipient=bob, sender_stays=True)
    collection = collection_create(owner=ada, title="Mine")
    collection_add(collection=collection, entry=entry)
    token_create(user=ada, name="laptop", scopes=[], expires_at=None)
    for _ in range(3):
        report_create(entry=entry, reporter=bob, email="", kind=ReportKind.WRONG, text="x")
    return entry


@pytest.fixture
def superuser(db):
    browser = Client()
    browser.force_login(User.objects.create_superuser("root-user", password=scenery.PASSWORD))
    return browser


@pytest.fixture
def curator(db):
    browser = Client()
    browser.force_login(scenery.person("curie", is_staff=True))
    return browser


def listed(model):
    return reverse(f"admin:registry_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", TABLES, ids=[model._meta.model_name for model in TABLES])
def test_each_table_is_listed_and_searched_in_few_queries(
    superuser, world, model, django_assert_max_num_queries
):
    for query in ({}, {"q": "phi4"}, {"q": "17"}):
        with django_assert_max_num_queries(14):
            page = superuser.get(listed(model), query)
        assert page.status_code == 200
    assert 'type="text"' in page.content.decode(), "it has no search field"


@pytest.mark.parametrize("model", TABLES, ids=[model._meta.model_name for model in TABLES])
def test_each_row_can_be_looked_at_and_no_secret_is_in_it(superuser, world, model):
    row = model._default_manager.first()
    if row is None:
        assert superuser.get(listed(model)).status_code == 200
        return
    address = reverse(f"admin:registry_{model._meta.model_name}_change", args=[row.pk])
    page = superuser.get(address).content.decode()
    secrets = [
        str(value)
        for field in model._meta.concrete_fields
        if field.name in SECRETS and (value := field.value_from_object(row))
    ]
    assert not [secret for secret in secrets if secret in page]


def test_the_world_has_secrets_to_keep(world):
    assert ApiToken.objects.exclude(digest="").exists()
    assert ReviewerLink.objects.exclude(digest="").exists()
    assert VerificationRun.objects.exclude(lease_token=None).exists()
    assert {field.name for field in SavedSearch._meta.concrete_fields} & SECRETS


def test_curators_look_at_tables_but_not_at_accounts_tokens_or_news(curator, world):
    assert curator.get(reverse("admin:registry_modelentry_changelist")).status_code == 200
    assert curator.get(reverse("admin:registry_auditevent_changelist")).status_code == 200
    for name in ("user", "apitoken", "notification", "typedform", "savedsearch"):
        assert curator.get(reverse(f"admin:registry_{name}_changelist")).status_code == 403


def test_nothing_but_accounts_is_changed_by_hand(superuser, world):
    for model in TABLES:
        added = superuser.get(reverse(f"admin:registry_{model._meta.model_name}_add"))
        assert added.status_code == (200 if model is User else 403), model


def test_rows_lead_to_the_sites_own_pages(superuser, world):
    page = superuser.get(reverse("admin:registry_membership_changelist")).content.decode()
    assert f'href="{reverse("entry_page", args=[world.pk])}"' in page


def test_others_do_not_get_in(owner):
    assert owner.get(reverse("admin:index")).status_code == 302
