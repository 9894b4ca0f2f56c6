"""Addresses under /api/v1/."""

from django.urls import path, re_path

from registry.api.archives import VersionArchiveSumView, VersionArchiveView
from registry.api.bulk_exports import BulkExportsView
from registry.api.calculations import (
    CalculationFileView,
    CalculationView,
    EntryCalculationsView,
)
from registry.api.entries import (
    EntriesView,
    EntryCitationView,
    EntryPublishView,
    EntryVerifyView,
    EntryView,
    VersionsView,
    VersionView,
)
from registry.api.exports import RunCrateView, RunImageView
from registry.api.inputs import InputFilesView
from registry.api.reproductions import RunReproductionReceiptView, RunReproductionsView
from registry.api.runs import (
    RunArtifactsView,
    RunArtifactView,
    RunCancelView,
    RunLogsView,
    RunReportView,
    RunRetryView,
    RunsView,
    RunView,
)
from registry.api.site import (
    DocsView,
    ManifestSchemaView,
    MeView,
    NothingHereView,
    RootView,
    SchemaView,
)
from registry.api.statistics import EntryHistoryView, StatisticsView

app_name = "api"

_MODEL = "models/<int:accession>/"
_VERSION = f"{_MODEL}versions/<int:number>/"
_RUN = "runs/<int:run_id>/"
_CALCULATION = "calculations/<int:calculation_id>/"

urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("models/", EntriesView.as_view(), name="models"),
    path(_MODEL, EntryView.as_view(), name="model"),
    path(f"{_MODEL}publish/", EntryPublishView.as_view(), name="model-publish"),
    path(f"{_MODEL}verify/", EntryVerifyView.as_view(), name="model-verify"),
    path(f"{_MODEL}citation/", EntryCitationView.as_view(), name="model-citation"),
    path(f"{_MODEL}inputs/", InputFilesView.as_view(), name="model-inputs"),
    path(f"{_MODEL}calculations/", EntryCalculationsView.as_view(), name="model-calculations"),
    path(f"{_MODEL}versions/", VersionsView.as_view(), name="versions"),
    path(_VERSION, VersionView.as_view(), name="version"),
    path(f"{_VERSION}archive/", VersionArchiveView.as_view(), name="version-archive"),
    path(
        f"{_VERSION}archive.sha256",
        VersionArchiveSumView.as_view(),
        name="version-archive-sha256",
    ),
    path(f"{_MODEL}history/", EntryHistoryView.as_view(), name="model-history"),
    path("statistics/", StatisticsView.as_view(), name="statistics"),
    path("exports/", BulkExportsView.as_view(), name="exports"),
    path("runs/", RunsView.as_view(), name="runs"),
    path(_RUN, RunView.as_view(), name="run"),
    path(f"{_RUN}report/", RunReportView.as_view(), name="run-report"),
    path(f"{_RUN}logs/", RunLogsView.as_view(), name="run-logs"),
    path(f"{_RUN}cancel/", RunCancelView.as_view(), name="run-cancel"),
    path(f"{_RUN}retry/", RunRetryView.as_view(), name="run-retry"),
    path(f"{_RUN}crate/", RunCrateView.as_view(), name="run-crate"),
    path(f"{_RUN}image-archive/", RunImageView.as_view(), name="run-image"),
    path(f"{_RUN}artifacts/", RunArtifactsView.as_view(), name="run-artifacts"),
    # Names hold slashes, and come back with one at the end as every address here.
    path(f"{_RUN}artifacts/<path:name>/", RunArtifactView.as_view(), name="run-artifact"),
    path(f"{_RUN}reproductions/", RunReproductionsView.as_view(), name="run-reproductions"),
    path(
        f"{_RUN}reproductions/<int:number>/receipt/",
        RunReproductionReceiptView.as_view(),
        name="run-reproduction-receipt",
    ),
    path(_CALCULATION, CalculationView.as_view(), name="calculation"),
    # As with artifacts: paths hold slashes.
    path(
        f"{_CALCULATION}files/<path:path>/", CalculationFileView.as_view(), name="calculation-file"
    ),
    path("users/me/", MeView.as_view(), name="me"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("schema/manifest/", ManifestSchemaView.as_view(), name="manifest-schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    re_path(r"", NothingHereView.as_view(), name="nothing-here"),
]
