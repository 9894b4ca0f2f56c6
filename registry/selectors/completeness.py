"""How complete what is told of an entry is: its facts, counted by the specification."""

from dataclasses import replace

from registry.models import Facet, ModelEntry
from registry.spec.completeness import Completeness, Told, completeness

SUBJECT = "subject"


def completeness_of(*, entry: ModelEntry) -> Completeness:
    """What is told of an entry and of its current version, and what is not. Two queries."""
    subjects = Facet.objects.filter(entry=entry, term__vocabulary_id=SUBJECT).count()
    version = entry.current_version
    page = Told(
        title=entry.title,
        summary=entry.summary,
        description=entry.description,
        subjects=subjects,
    )
    if version is None:
        return completeness(page)
    manifest, plan = version.manifest_value, version.plan_value
    return completeness(
        replace(
            page,
            authors=len(version.people),
            orcids=sum(bool(person.orcid) for person in version.people),
            licence=version.licence,
            article=version.article is not None,
            readme=bool(version.readme_path),
            tests=bool(manifest.test) or any(test.counted for test in plan.tests),
            run=bool(manifest.run),
            expected=any(output.expected for output in manifest.outputs),
            claims=manifest.claims,
        )
    )
