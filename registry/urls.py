"""Addresses of the pages. An entry's own is its number: owners and names may change."""

from django.urls import path

from registry.api.hooks import HookView
from registry.oai.door import oai
from registry.views import hooks, inputs, keys, site
from registry.views.badges import badge_urlpatterns
from registry.views.calculations import calculations_urlpatterns
from registry.views.cards import cards_urlpatterns
from registry.views.citing import citing_urlpatterns
from registry.views.collections import collections_urlpatterns
from registry.views.curation import curation_urlpatterns
from registry.views.entries import entries_urlpatterns, entry_by_name
from registry.views.exports import exports_urlpatterns
from registry.views.files import files_urlpatterns
from registry.views.finding import finding_urlpatterns
from registry.views.gitting import gitting_urlpatterns
from registry.views.groups import groups_urlpatterns
from registry.views.harvesting import harvesting_urlpatterns
from registry.views.history import bisect_start, history_page
from registry.views.image_tokens import image_urlpatterns
from registry.views.importing import importing_urlpatterns
from registry.views.news import news_urlpatterns
from registry.views.people import people_urlpatterns
from registry.views.reports import reports_urlpatterns
from registry.views.reviewing import reviewing_urlpatterns
from registry.views.runs import runs_urlpatterns
from registry.views.searches import searches_urlpatterns
from registry.views.settings import settings_urlpatterns
from registry.views.signposting import signposting_urlpatterns
from registry.views.statistics import data_package, runs_csv, runs_json, statistics_page
from registry.views.using import using_urlpatterns
from registry.views.vocabularies import vocabularies_urlpatterns
from registry.views.webhooks import webhooks_urlpatterns
from registry.views.wizard.addresses import wizard_urlpatterns

urlpatterns = [
    *finding_urlpatterns,
    *wizard_urlpatterns,
    *importing_urlpatterns,
    *vocabularies_urlpatterns,
    *searches_urlpatterns,
    *entries_urlpatterns,
    *files_urlpatterns,
    *using_urlpatterns,
    *calculations_urlpatterns,
    *image_urlpatterns,
    *badge_urlpatterns,
    *citing_urlpatterns,
    *signposting_urlpatterns,
    *cards_urlpatterns,
    *settings_urlpatterns,
    *reports_urlpatterns,
    *reviewing_urlpatterns,
    *groups_urlpatterns,
    *collections_urlpatterns,
    *curation_urlpatterns,
    path("models/<int:accession>/watch/", hooks.entry_watch, name="entry_watch"),
    path("hooks/<int:accession>/", HookView.as_view(), name="hook"),
    path("models/<int:accession>/inputs/", inputs.input_file_add, name="input_file_add"),
    path("models/<int:accession>/history/", history_page, name="history"),
    path("models/<int:accession>/history/bisect", bisect_start, name="bisect_start"),
    path("statistics/", statistics_page, name="statistics"),
    path("statistics/runs.csv", runs_csv, name="statistics_csv"),
    path("statistics/runs.json", runs_json, name="statistics_json"),
    path("statistics/datapackage.json", data_package, name="statistics_package"),
    *runs_urlpatterns,
    path("rules/", site.rules, name="rules"),
    path("oai", oai, name="oai"),
    *harvesting_urlpatterns,
    *exports_urlpatterns,
    path(".well-known/reprise-keys.json", keys.keys_json, name="keys_json"),
    path(".well-known/reprise-keys/<slug:keyid>.pem", keys.key_pem, name="key_pem"),
    *people_urlpatterns,
    *webhooks_urlpatterns,
    *news_urlpatterns,
    *gitting_urlpatterns,
    # Last, so that every address above wins.
    path("<str:owner>/<str:name>/", entry_by_name, name="entry_by_name"),
]
