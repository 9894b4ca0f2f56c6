"""Which folders of tests/ run how: `ops/test` makes its phases of them, conftest.py its markers."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
# These are about the database, so they run on PostgreSQL; the API on nothing else, for what it is
# made of runs on both. Pages and the doors of other protocols ask by the same services and
# selectors. What is left out, of either engine, takes minutes more: `make test-slow` does it.
DATABASE = ("api", "registry")
POSTGRESQL_ALONE = ("api",)
DOORS = ("doors", "gitting", "harvest", "hub", "web")
# One browser a core; no other folder may drive one.
BROWSER = ("browser", "pages")
# What these measure, kill or wait for would be another test's doing.
ALONE = ("faults", "system")


def paths(suites: tuple[str, ...]) -> tuple[str, ...]:
    """The folders as arguments of pytest. To collect all others as well takes it half a minute."""
    return tuple(f"tests/{suite}" for suite in suites)


def others() -> tuple[str, ...]:
    """Every folder with tests in it that no other phase has to itself."""
    found = {path.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")}
    return tuple(sorted(found - {*BROWSER, *ALONE, *POSTGRESQL_ALONE}))
