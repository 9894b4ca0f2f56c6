"""What keeps an entry from being published."""

from registry.models import ModelEntry, ModelVersion
from registry.models.entries import VersionState, Visibility
from registry.services.errors import ServiceError


def entry_obstacles(*, entry: ModelEntry) -> list[ServiceError]:
    """All that keeps an entry's newest version from being published, each with a way to mend it."""
    version = entry.versions.order_by("-number").first()
    if entry.visibility == Visibility.WITHDRAWN:
        return [ServiceError("withdrawn", "This entry is withdrawn.", "Make a new entry instead.")]
    if version is None or version.published_at:
        return [
            ServiceError(
                "nothing_to_publish",
                "Every version of this entry is published.",
                "Make a new version first.",
            )
        ]
    found = [_obstacle_of_source(version), _obstacle_of_title(entry), _obstacle_of_licence(version)]
    return [obstacle for obstacle in found if obstacle]


def _obstacle_of_source(version: ModelVersion) -> ServiceError | None:
    if version.state == VersionState.PENDING:
        return ServiceError(
            "version_pending", "The repository is still being read.", "Wait a few seconds."
        )
    if version.state == VersionState.FAILED:
        failure = version.failure_value
        said = failure.sentence if failure else ""
        hint = failure.hint if failure else ""
        return ServiceError("version_failed", f"The repository could not be read. {said}", hint)
    return None


def _obstacle_of_title(entry: ModelEntry) -> ServiceError | None:
    if entry.title:
        return None
    return ServiceError(
        "title_missing", "The entry has no title.", "Say in one line what the model is."
    )


def _obstacle_of_licence(version: ModelVersion) -> ServiceError | None:
    if version.licence:
        return None
    return ServiceError(
        "licence_missing",
        "Nothing says under which licence the model may be used.",
        "Write the licence's SPDX name, such as MIT, or NONE if you grant no licence. "
        "A file LICENSE in the repository is read by itself.",
    )
