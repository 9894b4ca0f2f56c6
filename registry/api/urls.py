"""Addresses under /api/v1/."""

from django.urls import path, re_path

from registry.api import (
    collections,
    curation,
    groups,
    imports,
    news,
    people,
    reports,
    searches,
    sharing,
    tokens,
    vocabularies,
)
from registry.api.archives import VersionArchiveSumView, VersionArchiveView
from registry.api.bulk_exports import BulkExportsView
from registry.api.calculations import (
    CalculationFileView,
    CalculationsOfferedView,
    CalculationView,
    EntryCalculationsView,
)
from registry.api.components import VersionComponentView
from registry.api.dois import VersionDoiView
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
from registry.api.facets import FacetsView
from registry.api.files import (
    FileHistoryView,
    VersionFilesView,
    VersionFileView,
    VersionsCompareView,
)
from registry.api.inputs import InputFilesView
from registry.api.publishing import (
    BisectionsView,
    EntryCheckView,
    EntryCompletenessView,
    EntrySourceView,
    EntryTryView,
    EntryWatchView,
    EntryWithdrawView,
)
from registry.api.reproductions import RunReproductionReceiptView, RunReproductionsView
from registry.api.run_evidence import RunEventsView, RunLinesView, RunsCompareView, RunTestsView
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
    NothingHereView,
    RootView,
    SchemaView,
)
from registry.api.statistics import EntryHistoryView, StatisticsView
from registry.api.usage import EntryUsageView
from registry.api.webhooks import (
    DeliveriesView,
    DeliveryReplayView,
    WebhookSecretView,
    WebhooksView,
    WebhookTestView,
    WebhookView,
)

app_name = "api"

_MODEL = "models/<int:accession>/"
_VERSION = f"{_MODEL}versions/<int:number>/"
_RUN = "runs/<int:run_id>/"
_COLLECTION = "collections/<str:owner>/<str:name>/"
_VOCABULARY = "vocabularies/<slug:slug>/"
_GROUP = "groups/<str:name>/"
_TRANSFER = "transfers/<int:transfer_id>/"
_REPORT = "curation/reports/<int:report_id>/"
_IMPORT = "imports/<int:lookup_id>/"
_TABLE = "imports/tables/<int:lookup_id>/"
_CALCULATION = "calculations/<int:calculation_id>/"
_WEBHOOK = "webhooks/<int:webhook_id>/"

urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("models/", EntriesView.as_view(), name="models"),
    path("models/facets/", FacetsView.as_view(), name="models-facets"),
    path(_MODEL, EntryView.as_view(), name="model"),
    path(f"{_MODEL}publish/", EntryPublishView.as_view(), name="model-publish"),
    path(f"{_MODEL}verify/", EntryVerifyView.as_view(), name="model-verify"),
    path(f"{_MODEL}citation/", EntryCitationView.as_view(), name="model-citation"),
    path(f"{_MODEL}inputs/", InputFilesView.as_view(), name="model-inputs"),
    path(f"{_MODEL}calculations/", EntryCalculationsView.as_view(), name="model-calculations"),
    path(
        f"{_MODEL}calculations/offered/",
        CalculationsOfferedView.as_view(),
        name="model-calculations-offered",
    ),
    path(f"{_MODEL}versions/", VersionsView.as_view(), name="versions"),
    path(_VERSION, VersionView.as_view(), name="version"),
    path(f"{_VERSION}doi/", VersionDoiView.as_view(), name="version-doi"),
    path(f"{_VERSION}component/", VersionComponentView.as_view(), name="version-component"),
    path(f"{_VERSION}archive/", VersionArchiveView.as_view(), name="version-archive"),
    path(
        f"{_VERSION}archive.sha256",
        VersionArchiveSumView.as_view(),
        name="version-archive-sha256",
    ),
    path(f"{_MODEL}history/", EntryHistoryView.as_view(), name="model-history"),
    path(f"{_MODEL}usage/", EntryUsageView.as_view(), name="model-usage"),
    path("statistics/", StatisticsView.as_view(), name="statistics"),
    path("exports/", BulkExportsView.as_view(), name="exports"),
    path(f"{_MODEL}check/", EntryCheckView.as_view(), name="model-check"),
    path(f"{_MODEL}source/", EntrySourceView.as_view(), name="model-source"),
    path(f"{_MODEL}try/", EntryTryView.as_view(), name="model-try"),
    path(f"{_MODEL}withdraw/", EntryWithdrawView.as_view(), name="model-withdraw"),
    path(f"{_MODEL}completeness/", EntryCompletenessView.as_view(), name="model-completeness"),
    path(f"{_MODEL}watch/", EntryWatchView.as_view(), name="model-watch"),
    path(f"{_MODEL}bisections/", BisectionsView.as_view(), name="model-bisections"),
    path(f"{_MODEL}file-history/<path:path>/", FileHistoryView.as_view(), name="file-history"),
    path(f"{_VERSION}files/", VersionFilesView.as_view(), name="version-files"),
    path(f"{_VERSION}files/<path:path>/", VersionFileView.as_view(), name="version-file"),
    path(
        f"{_MODEL}versions/<int:older>/compare/<int:newer>/",
        VersionsCompareView.as_view(),
        name="versions-compare",
    ),
    path("runs/compare/", RunsCompareView.as_view(), name="runs-compare"),
    path("runs/", RunsView.as_view(), name="runs"),
    path(_RUN, RunView.as_view(), name="run"),
    path(f"{_RUN}report/", RunReportView.as_view(), name="run-report"),
    path(f"{_RUN}logs/", RunLogsView.as_view(), name="run-logs"),
    path(f"{_RUN}events/", RunEventsView.as_view(), name="run-events"),
    path(f"{_RUN}tests/", RunTestsView.as_view(), name="run-tests"),
    path(f"{_RUN}lines/", RunLinesView.as_view(), name="run-lines"),
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
    path(f"{_MODEL}members/", sharing.MembersView.as_view(), name="members"),
    path(f"{_MODEL}members/<str:username>/", sharing.MemberView.as_view(), name="member"),
    path(f"{_MODEL}grants/", sharing.GrantsView.as_view(), name="grants"),
    path(f"{_MODEL}grants/<str:name>/", sharing.GrantView.as_view(), name="grant"),
    path(f"{_MODEL}reviewer-links/", sharing.ReviewerLinksView.as_view(), name="reviewer-links"),
    path(
        f"{_MODEL}reviewer-links/<int:link_id>/",
        sharing.ReviewerLinkView.as_view(),
        name="reviewer-link",
    ),
    path(f"{_MODEL}transfer/", sharing.EntryTransferView.as_view(), name="model-transfer"),
    path(f"{_MODEL}log/", sharing.EntryLogView.as_view(), name="model-log"),
    path(f"{_MODEL}follow/", news.EntryFollowView.as_view(), name="model-follow"),
    path(f"{_MODEL}reports/", reports.EntryReportsView.as_view(), name="model-reports"),
    path(f"{_MODEL}featured/", curation.EntryFeaturedView.as_view(), name="model-featured"),
    path(f"{_MODEL}merge/", curation.EntryMergeView.as_view(), name="model-merge"),
    path("transfers/", sharing.TransfersView.as_view(), name="transfers"),
    path(_TRANSFER, sharing.TransferView.as_view(), name="transfer"),
    path(f"{_TRANSFER}accept/", sharing.TransferAcceptView.as_view(), name="transfer-accept"),
    path(f"{_TRANSFER}decline/", sharing.TransferDeclineView.as_view(), name="transfer-decline"),
    path("collections/", collections.CollectionsView.as_view(), name="collections"),
    path(_COLLECTION, collections.CollectionView.as_view(), name="collection"),
    path(
        f"{_COLLECTION}items/", collections.CollectionItemsView.as_view(), name="collection-items"
    ),
    path(
        f"{_COLLECTION}items/<int:accession>/",
        collections.CollectionItemView.as_view(),
        name="collection-item",
    ),
    path(
        f"{_COLLECTION}featured/",
        collections.CollectionFeaturedView.as_view(),
        name="collection-featured",
    ),
    path("featured/models/", curation.FeaturedModelsView.as_view(), name="featured-models"),
    path(
        "featured/collections/",
        curation.FeaturedCollectionsView.as_view(),
        name="featured-collections",
    ),
    path("vocabularies/", vocabularies.VocabulariesView.as_view(), name="vocabularies"),
    path(_VOCABULARY, vocabularies.VocabularyView.as_view(), name="vocabulary"),
    path(f"{_VOCABULARY}suggest/", vocabularies.TermSuggestView.as_view(), name="terms-suggest"),
    path(f"{_VOCABULARY}terms/", vocabularies.TermsView.as_view(), name="terms"),
    path(f"{_VOCABULARY}terms/<int:term_id>/", vocabularies.TermView.as_view(), name="term"),
    path(
        f"{_VOCABULARY}terms/<int:term_id>/merge/",
        vocabularies.TermMergeView.as_view(),
        name="term-merge",
    ),
    path("groups/", groups.GroupsView.as_view(), name="groups"),
    path(_GROUP, groups.GroupView.as_view(), name="group"),
    path(f"{_GROUP}models/", groups.GroupModelsView.as_view(), name="group-models"),
    path(f"{_GROUP}members/", groups.GroupMembersView.as_view(), name="group-members"),
    path(f"{_GROUP}members/<str:username>/", groups.GroupMemberView.as_view(), name="group-member"),
    path(f"{_GROUP}join/", groups.GroupJoinView.as_view(), name="group-join"),
    path("lookups/", imports.LookupsView.as_view(), name="lookups"),
    path("lookups/<int:lookup_id>/", imports.LookupView.as_view(), name="lookup"),
    path("imports/", imports.ImportsView.as_view(), name="imports"),
    path(_IMPORT, imports.ImportView.as_view(), name="import"),
    path(f"{_IMPORT}draft/", imports.ImportDraftView.as_view(), name="import-draft"),
    path("imports/tables/", imports.TablesView.as_view(), name="import-tables"),
    path(_TABLE, imports.TableView.as_view(), name="import-table"),
    path(f"{_TABLE}make/", imports.TableMakeView.as_view(), name="import-table-make"),
    path("curation/reports/", curation.ReportsView.as_view(), name="curation-reports"),
    path(_REPORT, curation.ReportView.as_view(), name="curation-report"),
    path(f"{_REPORT}end/", curation.ReportEndView.as_view(), name="curation-report-end"),
    path("curation/poorly-told/", curation.PoorlyToldView.as_view(), name="curation-poorly-told"),
    path("curation/log/", curation.CurationLogView.as_view(), name="curation-log"),
    path("users/me/", people.MeView.as_view(), name="me"),
    path("users/me/tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("users/me/tokens/current/", tokens.CurrentTokenView.as_view(), name="token-current"),
    path("users/me/tokens/<int:token_id>/", tokens.TokenView.as_view(), name="token"),
    path("users/me/news/", news.NewsView.as_view(), name="news"),
    path("users/me/news/read/", news.NewsReadView.as_view(), name="news-read"),
    path(
        "users/me/news/<int:news_id>/read/", news.NewsItemReadView.as_view(), name="news-item-read"
    ),
    path("users/me/news-choices/", news.NewsChoicesView.as_view(), name="news-choices"),
    path("users/me/follows/", news.FollowsView.as_view(), name="follows"),
    path("users/me/invitations/", groups.InvitationsView.as_view(), name="invitations"),
    path("users/me/searches/", searches.SavedSearchesView.as_view(), name="saved-searches"),
    path(
        "users/me/searches/<int:search_id>/",
        searches.SavedSearchView.as_view(),
        name="saved-search",
    ),
    path("users/<str:username>/", people.UserView.as_view(), name="user"),
    path("webhooks/", WebhooksView.as_view(), name="webhooks"),
    path(_WEBHOOK, WebhookView.as_view(), name="webhook"),
    path(f"{_WEBHOOK}secret/", WebhookSecretView.as_view(), name="webhook-secret"),
    path(f"{_WEBHOOK}test/", WebhookTestView.as_view(), name="webhook-test"),
    path(f"{_WEBHOOK}deliveries/", DeliveriesView.as_view(), name="webhook-deliveries"),
    path(
        f"{_WEBHOOK}deliveries/<int:delivery_id>/replay/",
        DeliveryReplayView.as_view(),
        name="webhook-replay",
    ),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("schema/manifest/", ManifestSchemaView.as_view(), name="manifest-schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    re_path(r"", NothingHereView.as_view(), name="nothing-here"),
]
