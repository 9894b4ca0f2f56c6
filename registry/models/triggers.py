"""What the database itself refuses, and the full-text indexes: the same on both engines.

A migration that alters a table named here begins with RunPython(triggers_remove) and ends with
RunPython(triggers_install): SQLite rebuilds a table to alter it and drops its triggers with it.
"""

from collections.abc import Iterator

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

APPEND_ONLY = (
    "registry_runevent",
    "registry_logchunk",
    "registry_checkresult",
    "registry_testoutcome",
    "registry_outputcomparison",
    "registry_claimoutcome",
    "registry_artifact",
    "registry_reproduction",
    "registry_auditevent",
)
# (name, event, table, condition, what the database says); OLD and NEW as SQL knows them.
_PUBLISHED = (
    "EXISTS (SELECT 1 FROM registry_modelversion v WHERE v.id = {row}.version_id"
    " AND v.published_at IS NOT NULL)"
)
GUARDS: tuple[tuple[str, str, str, str, str], ...] = (
    *(
        (f"reprise_keep_{table}", "UPDATE", table, "", f"{table} rows are never changed")
        for table in APPEND_ONLY
    ),
    (
        # When its bytes were last sent is noted, so that nobody clears them away just then.
        "reprise_keep_registry_blob",
        "UPDATE",
        "registry_blob",
        "NEW.sha256 <> OLD.sha256 OR NEW.size <> OLD.size",
        "the bytes of a blob are never changed",
    ),
    (
        "reprise_keep_run",
        "UPDATE",
        "registry_verificationrun",
        "OLD.state = 'finished'",
        "a finished run is never changed",
    ),
    (
        "reprise_keep_version_update",
        "UPDATE",
        "registry_modelversion",
        "OLD.published_at IS NOT NULL",
        "a published version is never changed",
    ),
    (
        "reprise_keep_version_delete",
        "DELETE",
        "registry_modelversion",
        "OLD.published_at IS NOT NULL",
        "a published version is never deleted",
    ),
    *(
        (
            f"reprise_keep_citation_{event.lower()}",
            event,
            "registry_citation",
            _PUBLISHED.format(row=row),
            "the citation of a published version is never changed",
        )
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ),
)


def _sqlite_guard(name: str, event: str, table: str, condition: str, says: str) -> str:
    when = f"WHEN {condition} " if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
    )


def _postgresql_guard(name: str, event: str, table: str, condition: str, says: str) -> str:
    kept = "OLD" if event == "DELETE" else "NEW"
    refuse = f"RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation';"
    body = f"IF {condition} THEN {refuse} END IF;" if condition else refuse
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN {body} RETURN {kept}; END$$;"
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


_FORGET = (
    "INSERT INTO registry_search(registry_search, rowid, head, body)"
    " VALUES ('delete', OLD.entry_id, OLD.head, OLD.body);"
)
_LEARN = "INSERT INTO registry_search(rowid, head, body) VALUES (NEW.entry_id, NEW.head, NEW.body);"
_SEARCH_TABLE = """CREATE VIRTUAL TABLE registry_search USING fts5(
    head, body, content='registry_searchdocument', content_rowid='entry_id',
    tokenize='unicode61 remove_diacritics 2', prefix='2 3')"""
_SEARCH_TRIGGER = (
    "CREATE TRIGGER registry_search_{event} AFTER {event} ON registry_searchdocument"
    " BEGIN {body} END"
)
# The words of the index with how many entries hold each: where a typing error is looked up.
_WORDS_TABLE = "CREATE VIRTUAL TABLE registry_searchwords USING fts5vocab(registry_search, 'row')"
_SQLITE_SEARCH = (
    _SEARCH_TABLE,
    _WORDS_TABLE,
    "INSERT INTO registry_search(registry_search) VALUES ('rebuild')",
    _SEARCH_TRIGGER.format(event="insert", body=_LEARN),
    _SEARCH_TRIGGER.format(event="delete", body=_FORGET),
    _SEARCH_TRIGGER.format(event="update", body=_FORGET + _LEARN),
)
_SQLITE_SEARCH_REMOVE = (
    *(
        f"DROP TRIGGER IF EXISTS registry_search_{event}"
        for event in ("insert", "delete", "update")
    ),
    "DROP TABLE IF EXISTS registry_searchwords",
    "DROP TABLE IF EXISTS registry_search",
)
_SEARCH_COLUMN = """ALTER TABLE registry_searchdocument ADD COLUMN document tsvector
    GENERATED ALWAYS AS (setweight(to_tsvector('simple', head), 'A')
                      || setweight(to_tsvector('simple', body), 'D')) STORED"""
_POSTGRESQL_SEARCH = (
    _SEARCH_COLUMN,
    "CREATE INDEX registry_search ON registry_searchdocument USING GIN (document)",
)
_POSTGRESQL_SEARCH_REMOVE = ("ALTER TABLE registry_searchdocument DROP COLUMN IF EXISTS document",)


def _install_statements(vendor: str, tables: frozenset[str]) -> Iterator[str]:
    guard = _sqlite_guard if vendor == "sqlite" else _postgresql_guard
    yield from (guard(*values) for values in GUARDS if values[2] in tables)
    yield from (_SQLITE_SEARCH if vendor == "sqlite" else _POSTGRESQL_SEARCH)


def _remove_statements(vendor: str, tables: frozenset[str]) -> Iterator[str]:
    for name, _, table, *_ in GUARDS:
        if vendor == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {name}"
        elif table in tables:
            yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
            yield f"DROP FUNCTION IF EXISTS {name}()"
    yield from (_SQLITE_SEARCH_REMOVE if vendor == "sqlite" else _POSTGRESQL_SEARCH_REMOVE)


def _tables(editor: BaseDatabaseSchemaEditor) -> frozenset[str]:
    """Those that are there: an early migration knows fewer than are named here."""
    return frozenset(editor.connection.introspection.table_names())


def triggers_install(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create every trigger and full-text index."""
    for statement in _install_statements(editor.connection.vendor, _tables(editor)):
        editor.execute(statement, params=None)


def triggers_remove(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Remove every trigger and full-text index."""
    for statement in _remove_statements(editor.connection.vendor, _tables(editor)):
        editor.execute(statement, params=None)
