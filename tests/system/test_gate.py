"""The scripts that gate a change never pass on silence."""

import sys
from collections import Counter
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

OPS = Path(__file__).parents[2] / "ops"
ALL_USED = Counter(docker=1, postgresql=1, redis=1, browser=1)


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script of ops/ as a module. They have no .py, since people type their names."""
    loader = SourceFileLoader(f"ops_{name}", str(OPS / name))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, loader.name, module)  # dataclasses look there
    loader.exec_module(module)
    return module


def tally(monkeypatch, **values):
    return script("test", monkeypatch).Tally(**values)


def test_a_run_in_which_everything_ran_has_no_complaint(monkeypatch):
    run = tally(monkeypatch, totals=Counter(passed=9), marked=ALL_USED)
    assert run.complaints(services=True) == []


def test_a_service_that_no_test_used_is_a_complaint(monkeypatch):
    run = tally(monkeypatch, totals=Counter(passed=9), marked=ALL_USED - Counter(browser=1))
    assert run.complaints(services=True) == ["no test ran that is marked browser"]


def test_a_skipped_test_is_a_complaint(monkeypatch):
    run = tally(monkeypatch, totals=Counter(passed=9, skipped=1), marked=ALL_USED)
    assert "1 tests were skipped" in run.complaints(services=True)[0]


def test_no_count_at_all_is_a_complaint_about_every_service(monkeypatch):
    assert len(tally(monkeypatch).complaints(services=True)) == len(ALL_USED) + 1


def test_an_audit_complains_of_weak_and_of_unknown_packages(monkeypatch):
    findings = [
        {"name": "good", "version": "1", "vulns": []},
        {"name": "weak", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3"]}]},
        {"name": "dark", "skip_reason": "not found"},
    ]
    lines = script("audit", monkeypatch).complaints(findings)
    assert lines == [
        "audit: weak 2: X-1, mended in 3",
        "audit: dark: not audited: not found",
    ]


@pytest.mark.parametrize(
    ("required", "status"), [("required", 1), ("", 0)], ids=["required", "by default"]
)
def test_an_audit_without_a_service_says_so(monkeypatch, capsys, required, status):
    audit = script("audit", monkeypatch)
    monkeypatch.setenv("REPRISE_AUDIT", required)
    monkeypatch.setattr(audit, "audit", lambda requirements, *, service: None)

    assert audit.main() == status
    assert "NOTHING WAS AUDITED" in capsys.readouterr().out


def test_an_audit_that_finds_nothing_in_the_lock_file_fails(monkeypatch):
    audit = script("audit", monkeypatch)
    canary = [{"name": "canary", "version": "1", "vulns": [{"id": "X-1", "fix_versions": []}]}]
    monkeypatch.setattr(
        audit,
        "audit",
        lambda requirements, *, service: [] if requirements == audit.LOCK else canary,
    )

    assert audit.main() == 1


def test_a_lock_file_that_names_an_index_is_a_complaint(monkeypatch):
    check = script("check-tree", monkeypatch)
    assert check.complaints("requirements/base.txt", "--index-url https://index.example/simple\n")
    assert check.complaints("requirements/base.txt", "django==5.2 --hash=sha256:ab\n") == []
