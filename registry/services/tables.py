"""Tables of models: read and judged row by row, then made into drafts.

`Lookup.result` of a table holds {"rows": […]}, each a TableRow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec
from django.db import transaction

from registry.imports.model import ImportedModel
from registry.imports.table import Row, table_read
from registry.models import Lookup, User
from registry.models.outside import LookupKind
from registry.selectors.imports import Source, entry_from_source, source_key
from registry.selectors.vocabularies import vocabularies_all
from registry.services.errors import ServiceError
from registry.services.imports import UnknownTerm, import_draft, terms_found
from registry.services.lookups import lookup_keep
from registry.services.text import as_json


class RowState(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    THERE = "there"
    WRONG = "wrong"
    MADE = "made"


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row and what is to be said of it. `accession` is that of the entry it became, or was."""

    line: int
    state: RowState
    said: str = ""
    accession: int | None = None
    model: ImportedModel | None = None


def table_file_read(*, user: User, name: str, content: bytes) -> Lookup:
    """Read a table and judge its rows; nothing is made of them.

    Raises ServiceError when the table cannot be read, or too many files were sent.
    """
    try:
        result = {"rows": table_judge(user=user, content=content)}
    except ValueError as error:
        raise ServiceError("file_unreadable", str(error)) from error
    return lookup_keep(user=user, kind=LookupKind.TABLE, name=name, result=result)


def table_judge(*, user: User, content: bytes) -> list[TableRow]:
    """What would become of each row of a table. Raises ValueError where it cannot be read."""
    slugs = [vocabulary.slug for vocabulary in vocabularies_all()]
    seen: dict[Source, int] = {}
    return [_judge(user, row, seen) for row in table_read(content, vocabularies=slugs)]


def models_judge(*, user: User, models: Sequence[ImportedModel]) -> list[TableRow]:
    """What would become of models that were described one by one: unknown terms are left out."""
    known = [replace(model, terms=terms_found(model.terms).known) for model in models]
    seen: dict[Source, int] = {}
    rows = (Row(line=line, model=model) for line, model in enumerate(known, start=1))
    return [_judge(user, row, seen) for row in rows]


def rows_of(lookup: Lookup) -> tuple[TableRow, ...]:
    """The rows of a table as they stand now."""
    rows = (lookup.result or {})["rows"]
    return msgspec.convert(rows, tuple[TableRow, ...])


def table_make(*, lookup: Lookup) -> tuple[TableRow, ...]:
    """Make a draft of every row that can be one; each row by itself, so that none undoes another.

    What is there already is left alone, so that asking twice makes nothing twice.
    """
    rows = tuple(
        row_make(owner=lookup.asked_by, row=row) if row.state == RowState.NEW else row
        for row in rows_of(lookup)
    )
    lookup.result = {"rows": as_json(rows)}
    lookup.save(update_fields=["result"])
    return rows


def _judge(user: User, row: Row, seen: dict[Source, int]) -> TableRow:
    """What would become of a row, with the rows above it already `seen`."""
    model = row.model
    if model is None:
        return TableRow(line=row.line, state=RowState.WRONG, said=row.problem)
    judged = TableRow(line=row.line, state=RowState.NEW, model=model)
    if not model.address:
        return replace(judged, state=RowState.WRONG, said=_NOWHERE)
    earlier = seen.setdefault(source_key(model.address, model.ref, model.folder), row.line)
    if earlier != row.line:
        return replace(judged, state=RowState.THERE, said=f"The same as line {earlier}.")
    there = entry_from_source(owner=user, address=model.address, ref=model.ref, folder=model.folder)
    if there:
        return replace(judged, state=RowState.THERE, said=_THERE, accession=there.pk)
    problem = _name_problem(user, model) or _terms_problem(model)
    return replace(judged, state=RowState.WRONG, said=problem) if problem else judged


_THERE = "You have this one already."
_NOWHERE = "It does not say where its repository is. Add that by hand."


def _name_problem(user: User, model: ImportedModel) -> str:
    taken = model.name and user.entries.filter(name__iexact=model.name).exists()
    return f"You already have an entry called “{model.name}”. Choose another name." if taken else ""


def _terms_problem(model: ImportedModel) -> str:
    """The first term that a closed vocabulary does not have, in words."""
    unknown = terms_found(model.terms).unknown
    return told_of(unknown[0]) if unknown else ""


def told_of(term: UnknownTerm) -> str:
    """What is wrong with a term, and which are near it."""
    near = f" Near to it: {', '.join(term.near)}." if term.near else ""
    return f"{term.vocabulary} has no term “{term.name}”.{near}"


def row_make(*, owner: User, row: TableRow) -> TableRow:
    """Make a draft of a new row. One after another for a person, so that two requests make one."""
    model = row.model
    if model is None:
        raise AssertionError("a row without a model is wrong, not new")
    address, ref, folder = model.address, model.ref, model.folder
    try:
        with transaction.atomic():
            person = User.objects.select_for_update().get(pk=owner.pk)
            there = entry_from_source(owner=person, address=address, ref=ref, folder=folder)
            if there:
                return replace(row, state=RowState.THERE, said=_THERE, accession=there.pk)
            entry = import_draft(
                owner=person, imported=model, address=address, ref=ref, folder=folder
            )
    except ServiceError as refusal:
        said = f"{refusal.sentence} {refusal.hint}".strip()
        return replace(row, state=RowState.WRONG, said=said)
    return replace(row, state=RowState.MADE, said="A draft was made.", accession=entry.pk)
