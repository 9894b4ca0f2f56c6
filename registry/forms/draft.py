"""All that is said of an entry and its newest version, as the forms of one page.

The forms show what is kept; `fields` is what a person changed of it. What the page sent can be kept
unread (registry.services.typed_forms), shown again, and compared with what others saved meanwhile.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django import forms

from registry.forms.articles import PREFIX as ARTICLE
from registry.forms.articles import ArticleForm, article_initial
from registry.forms.entries import AuthorFormSet, EntryForm, VersionForm, authors_of
from registry.forms.fields import RowForms
from registry.forms.running import (
    ClaimFormSet,
    CommandsForm,
    InputFormSet,
    OutputFormSet,
    claim_rows,
    claims_of_no_output,
    input_rows,
    inputs_of,
    output_rows,
    outputs_of,
)
from registry.forms.terms import PREFIX as TERMS
from registry.forms.terms import TermsForm, terms_initial
from registry.models import ModelEntry, ModelVersion
from registry.services.entries import EntryFields
from registry.spec.ladder import is_told
from registry.spec.manifest import Article, Command, Manifest, Output, Proposal, as_lines

Sent = Mapping[str, str]
"""What a browser sends of a form: the name of each field and its text."""


@dataclass(frozen=True, kw_only=True)
class VersionForms:
    """What belongs to a version, until it is published."""

    details: VersionForm
    article: ArticleForm
    commands: CommandsForm
    authors: RowForms
    inputs: RowForms
    outputs: RowForms
    claims: RowForms

    @property
    def rows(self) -> tuple[RowForms, ...]:
        """The parts that are rows."""
        return (self.authors, self.inputs, self.outputs, self.claims)


@dataclass(frozen=True, kw_only=True)
class DraftForms:
    """The forms of the page. `revision` is the one of the entry that they were made from."""

    entry: ModelEntry
    version: ModelVersion
    revision: int
    page: EntryForm
    terms: TermsForm
    own: VersionForms | None

    @property
    def single(self) -> list[forms.Form]:
        """The forms that are no rows."""
        own = self.own
        return [self.page, self.terms, *((own.details, own.article, own.commands) if own else ())]

    @property
    def rows(self) -> tuple[RowForms, ...]:
        """The parts that are rows."""
        return self.own.rows if self.own else ()

    @property
    def parts(self) -> tuple[forms.Form | RowForms, ...]:
        """All forms and rows."""
        return (*self.single, *self.rows)

    def are_valid(self) -> bool:
        """Whether all that was typed can be kept. Looks at all, so that all errors are shown."""
        verdicts = [part.is_valid() for part in self.parts]
        if not all(verdicts):
            return False
        return self.own is None or not claims_of_no_output(self.own.claims, self.own.outputs)

    @property
    def failed(self) -> bool:
        """Whether something that was sent could not be kept."""
        return any(part.is_bound and not part.is_valid() for part in self.parts)

    def sent(self) -> dict[str, str]:
        """What a browser would send of these forms as they are, errors or not."""
        return {"revision": str(self.revision)} | dict(self._pairs())

    def _pairs(self) -> Iterator[tuple[str, str]]:
        rows = [form for formset in self.rows for form in (formset.management_form, *formset)]
        for form in (*self.single, *rows):
            for field in form:
                value = field.value()
                yield field.html_name, "" if value is None else str(value)

    def fields(self, *, proposal: Proposal | None = None) -> EntryFields:
        """What a person changed, of valid forms; a proposed command counts as typed."""
        changed = {name: self.page.cleaned_data[name] for name in self.page.changed_data}
        changed |= {"terms": self.terms.chosen} if self.terms.has_changed() else {}
        if self.own is None:
            return EntryFields(**changed)
        own = self.own
        changed |= {name: own.details.cleaned_data[name] for name in own.details.changed_data}
        if own.authors.has_changed():
            changed["authors"] = authors_of(own.authors)
        if own.article.has_changed():
            changed["article"] = own.article.article(before=self.version.article or Article())
        return EntryFields(**changed, manifest=_manifest(self.version, own, proposal))


def draft_forms(
    *, entry: ModelEntry, version: ModelVersion, sent: Sent | None = None
) -> DraftForms:
    """The forms of an entry and its newest version, filled with what is kept or what was sent.

    Those of the version are there only until it is published.
    """
    seen = (sent or {}).get("revision", "")
    return DraftForms(
        entry=entry,
        version=version,
        revision=int(seen) if seen.isdecimal() else entry.revision,
        page=EntryForm(sent, initial=_page_initial(entry, version)),
        terms=TermsForm(sent, prefix=TERMS, initial=terms_initial(entry)),
        own=None if version.published_at else _version_forms(version, sent),
    )


def _version_forms(version: ModelVersion, sent: Sent | None) -> VersionForms:
    manifest = version.manifest_value
    authors = [msgspec.to_builtins(person) for person in version.people]
    details = {"label": version.label, "licence": version.licence}
    article = article_initial(version.article or Article())
    outputs = manifest.outputs
    return VersionForms(
        details=VersionForm(sent, initial=details),
        article=ArticleForm(sent, prefix=ARTICLE, initial=article),
        commands=CommandsForm(sent, initial=_commands_initial(manifest)),
        authors=AuthorFormSet(sent, prefix="authors", initial=authors),
        inputs=InputFormSet(sent, prefix="inputs", initial=input_rows(manifest.inputs)),
        outputs=OutputFormSet(sent, prefix="outputs", initial=output_rows(outputs)),
        claims=ClaimFormSet(sent, prefix="claims", initial=claim_rows(outputs)),
    )


def _page_initial(entry: ModelEntry, version: ModelVersion) -> dict[str, Any]:
    """The entry's texts; of an unpublished version, what they will become when it is published."""
    said: dict[str, Any] = {} if version.published_at else version.description
    shown = {
        name: getattr(entry, name)
        if is_told(entry.origins.get(name, ""))
        else said.get(name) or getattr(entry, name)
        for name in EntryForm.base_fields
    }
    return shown | {"keywords": ", ".join(shown["keywords"])}


def _commands_initial(manifest: Manifest) -> dict[str, str]:
    return {
        "python": manifest.python or "",
        "test": _words(manifest.test),
        "run": _words(manifest.run),
    }


def _words(command: Command | None) -> str:
    return as_lines(command) if command else ""


def _manifest(
    version: ModelVersion, own: VersionForms, proposal: Proposal | None
) -> Manifest | None:
    """The corrected manifest; None when nothing of it was changed."""
    manifest, commands = version.manifest_value, own.commands
    changed: dict[str, Any] = {
        name: commands.cleaned_data[name] or None for name in commands.changed_data
    }
    if own.inputs.has_changed():
        changed["inputs"] = inputs_of(own.inputs)
    if own.outputs.has_changed() or own.claims.has_changed():
        changed["outputs"] = outputs_of(own.outputs, own.claims, before=manifest.outputs)
    corrected = replace(manifest, **changed)
    if proposal:
        corrected = _accepted(corrected, proposal)
    return corrected if corrected != manifest else None


def _accepted(manifest: Manifest, proposal: Proposal) -> Manifest:
    """The manifest with the proposed command, and its outputs beside those already named."""
    known = {output.path for output in manifest.outputs}
    new = tuple(Output(path=path) for path in proposal.outputs if path not in known)
    return replace(manifest, run=proposal.command, outputs=(*manifest.outputs, *new))


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field, or all rows of a kind, that two people left differently. `name` tells it apart."""

    name: str
    label: str
    theirs: str
    yours: str


def differences(*, theirs: DraftForms, yours: DraftForms) -> list[Difference]:
    """What is kept now and what was sent, where they differ."""
    pairs = zip(theirs.single, yours.single, strict=True)
    fields = [_difference(field, mine[field.name]) for form, mine in pairs for field in form]
    rows = [
        _rows_difference(kept, mine) for kept, mine in zip(theirs.rows, yours.rows, strict=True)
    ]
    return [found for found in (*fields, *rows) if found.theirs != found.yours]


def _difference(theirs: forms.BoundField, yours: forms.BoundField) -> Difference:
    return Difference(
        name=theirs.html_name,
        label=str(theirs.label),
        theirs=_plain(theirs.value()),
        yours=_plain(yours.value()),
    )


def _rows_difference(theirs: RowForms, yours: RowForms) -> Difference:
    name = theirs.prefix or ""
    return Difference(
        name=name, label=name.capitalize(), theirs=_row_words(theirs), yours=_row_words(yours)
    )


def _row_words(rows: RowForms) -> str:
    """Rows for people: one a line, empty ones left out."""
    lines = (", ".join(filter(None, (_plain(field.value()) for field in row))) for row in rows)
    return "\n".join(filter(None, lines))


def _plain(value: object) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def with_theirs(sent: Sent, *, theirs: DraftForms, chosen: Collection[str]) -> dict[str, str]:
    """What was sent, with what is kept now in place of the fields and rows that were chosen."""
    rows = tuple(f"{formset.prefix}-" for formset in theirs.rows if formset.prefix in chosen)

    def taken(name: str) -> bool:
        return name in chosen or name.startswith(rows)

    mine = {name: text for name, text in sent.items() if not taken(name)}
    return mine | {name: text for name, text in theirs.sent().items() if taken(name)}


def with_row(sent: Sent, prefix: str) -> dict[str, str]:
    """What was sent, with one more empty row of a kind."""
    name = f"{prefix}-TOTAL_FORMS"
    count = sent.get(name, "")
    return dict(sent) | ({name: str(int(count) + 1)} if count.isdecimal() else {})
