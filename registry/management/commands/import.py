"""Bring models from elsewhere at once: files that describe them, or tables of them."""

# ruff: noqa: N999 — Django finds a command by the name of its module
import argparse
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from registry.imports.document import BYTES_MOST
from registry.imports.formats import model_read
from registry.imports.table import BYTES_MOST as TABLE_BYTES_MOST
from registry.models import User
from registry.services.tables import RowState, TableRow, models_judge, row_make, table_judge

_TABLES = frozenset({".csv", ".tsv"})
_HIDDEN = "."


class Command(BaseCommand):
    """`manage.py import FILE_OR_FOLDER --owner NAME [--dry-run]`."""

    help = "Make drafts of what files describe: tables (.csv, .tsv), or a description each."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """A file or a folder of them, and whose the drafts are."""
        parser.add_argument("path", type=Path, help="A table, a description, or a folder of these.")
        parser.add_argument("--owner", required=True, help="The user name of the drafts' owner.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be made.")

    def handle(self, *, path: Path, owner: str, dry_run: bool, **_: object) -> None:
        """Judge all files; make what can be made unless asked not to."""
        user = User.objects.filter(username=owner, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no user called {owner}.")
        wrong = 0
        for file in _files(path):
            for row in _judged(user, file):
                done = (
                    row if dry_run or row.state != RowState.NEW else row_make(owner=user, row=row)
                )
                wrong += done.state == RowState.WRONG
                self.stdout.write(_line(file, done))
        if wrong:
            raise CommandError(f"{wrong} could not be brought: see above.")


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise CommandError(f"There is no {path}.")
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    yield from (one for one in found if one.is_file() and not one.name.startswith(_HIDDEN))


def _judged(user: User, file: Path) -> list[TableRow]:
    table = file.suffix.lower() in _TABLES
    with file.open("rb") as opened:
        content = opened.read((TABLE_BYTES_MOST if table else BYTES_MOST) + 1)
    try:
        if table:
            return table_judge(user=user, content=content)
        return models_judge(user=user, models=[model_read(content)])
    except ValueError as error:
        return [TableRow(line=1, state=RowState.WRONG, said=str(error))]


def _line(file: Path, row: TableRow) -> str:
    title = row.model.title or row.model.address if row.model else ""
    entry = f" /models/{row.accession}/" if row.accession else ""
    return f"{file}:{row.line}: {row.state}{entry} {title} {row.said}".rstrip()
