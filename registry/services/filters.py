"""What lists are narrowed by: copies of what an entry's current version asks for, and its terms."""

from dataclasses import asdict, dataclass

from registry.models import ModelEntry, ModelVersion
from registry.services.vocabularies import terms_read_write
from registry.spec.ladder import Origin

# Vocabulary → the field of a version's description that a machine fills.
_READ = {"language": "languages", "framework": "frameworks"}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The columns of ModelEntry that repeat what its current version says."""

    licence: str = ""
    needs_gpu: bool = False
    needs_download: bool = False

    @classmethod
    def of(cls, version: ModelVersion | None) -> "Filters":
        """What a version says; of none, nothing."""
        if version is None:
            return cls()
        return cls(
            licence=version.licence,
            needs_gpu=bool(version.description.get("needs_gpu", False)),
            needs_download=any(one.url for one in version.manifest_value.inputs),
        )


def filters_now(entry: ModelEntry) -> Filters:
    """What the copies beside an entry are."""
    return Filters(**{name: getattr(entry, name) for name in asdict(Filters())})


def filters_from_version(entry: ModelEntry) -> Filters:
    """What they must be, by the current version as it stands in the database."""
    if entry.current_version_id is None:
        return Filters()
    return Filters.of(ModelVersion.objects.get(pk=entry.current_version_id))


def entry_filters_set(*, entry: ModelEntry) -> None:
    """Make the copies agree with the current version; whoever changed either saves the entry."""
    for name, value in asdict(filters_from_version(entry)).items():
        setattr(entry, name, value)


def terms_of_version_write(*, entry: ModelEntry, version: ModelVersion) -> None:
    """Give an entry the languages and frameworks that were read of a version.

    Not where a person said which: services.vocabularies.terms_read_write.
    """
    said = version.description
    terms = {slug: said.get(name, []) for slug, name in _READ.items()}
    terms_read_write(entry=entry, terms=terms, origin=Origin.SOURCES)
