"""Models that can be run here, and calculations as they may have ended."""

from pathlib import Path

from registry.models import Calculation, ModelEntry, User
from registry.services.calculation_offers import entry_calculations_set
from registry.services.calculations import (
    calculation_claim,
    calculation_finish,
    calculation_log_append,
)
from registry.services.runs import run_finish
from registry.spec.calculations import Calculated
from registry.spec.manifest import Input, Manifest, Output, ReadManifest
from tests.registry.registry_helpers import claimed, report
from tests.web import scenery

MANIFEST = Manifest(
    run="python run.py",
    inputs=(Input(path="in.json"), Input(path="data/table.csv")),
    outputs=(Output(path="orbit.csv"), Output(path="page.html")),
)


def calculable(owner: User) -> ModelEntry:
    """A public model that was seen to run; its owner has not opened it."""
    entry, run = scenery.published(owner)
    run_finish(claim=claimed(run), report=report(read=ReadManifest(manifest=MANIFEST)), files={})
    return ModelEntry.objects.get(pk=entry.pk)


def opened(owner: User) -> ModelEntry:
    """One that everybody may run."""
    entry = calculable(owner)
    entry_calculations_set(actor=owner, entry=entry, wanted=True)
    return entry


def ended(calculation: Calculation, folder: Path) -> Calculation:
    """Done, with a table, a page and a log that would like to be active."""
    claim = calculation_claim(calculation_id=calculation.pk, lease_seconds=60)
    assert claim is not None
    calculation_log_append(claim=claim, text="<script>alert(1)</script>\x1b[31mred\x1b[0m\u202e\n")
    (folder / "table").write_text("t,x\n" + "".join(f"{n},{n * n}\n" for n in range(20)))
    (folder / "page").write_text("<script>alert(1)</script>")
    files = {"orbit.csv": folder / "table", "page.html": folder / "page"}
    calculation_finish(claim=claim, calculated=Calculated(outcome="done", seconds=2, files=files))
    return Calculation.objects.get(pk=calculation.pk)
