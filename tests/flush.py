"""Emptying a SQLite database whose triggers refuse to delete what is published.

PostgreSQL truncates, which fires no row trigger. SQLite can only delete row by row, so the guards
step aside while a transactional test's tables are emptied, and come back before the next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

_Operations = DatabaseWrapper.ops_class


@contextmanager
def _without_guards(alias: str) -> Iterator[None]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'reprise_keep_%'")
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            yield
        finally:
            for _, sql in guards:
                cursor.execute(sql)


@pytest.fixture(scope="session", autouse=True)
def _flush_around_guards() -> Iterator[None]:
    flush = _Operations.execute_sql_flush

    def flush_without_guards(self: Any, sql_list: list[str]) -> None:
        with _without_guards(self.connection.alias):
            flush(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Operations, "execute_sql_flush", flush_without_guards)
        yield
