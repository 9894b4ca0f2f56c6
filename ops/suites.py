"""Which folders of tests/ run how: `ops/test` makes its phases of them, conftest.py its markers."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
# These are about the database, so the whole of them runs on PostgreSQL too. Pages and the doors of
# other protocols ask by the same services and selectors; theirs takes minutes more, so `make
# test-slow` does it.
DATABASE = ("api", "registry")
DOORS = ("doors", "gitting", "harvest", "hub", "web")
# One browser a core; no other folder may drive one.
BROWSER = ("browser", "pages")
# What these measure, kill or wait for would be another test's doing.
ALONE = ("faults", "system")


def paths(suites: tuple[str, ...]) -> tuple[str, ...]:
    """The folders as arguments of pytest. To collect all others as well takes it half a minute."""
    return tuple(f"tests/{suite}" for suite in suites)


def others() -> tuple[str, ...]:
    """Every other folder with tests in it."""
    found = {path.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")}
    return tuple(sorted(found - {*BROWSER, *ALONE}))
