"""A model that does whatever its input tells it to, verified once on the real engine."""

import io
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from registry.spec.calculations import Calculated
from registry.spec.evidence import Report
from runners.calculating import Order, calculate
from runners.configuration import bounds_of_site, engine_of_site, tools_for
from runners.faults import Check
from tests.bench import Bench

FILES = {
    "README.md": "# A model\n\nIt obeys.\n",
    "model.py": (
        "import json\nfrom pathlib import Path\n\nasked = json.loads(Path('in.json').read_text())\n"
        "exec(asked.get('code', ''))\n"
        "total = asked['x'] + float(Path('data/offset.txt').read_text())\n"
        "Path('out.json').write_text(json.dumps({'total': total}))\n"
    ),
    "in.json": '{"x": 1.5}',
    "data/offset.txt": "10",
    "expected.json": '{"total": 11.5}',
    "reprise.toml": (
        'run = "python3 model.py"\n[[inputs]]\npath = "in.json"\n'
        '[[inputs]]\npath = "data/offset.txt"\n'
        '[[outputs]]\npath = "out.json"\nexpected = "expected.json"\n'
    ),
}
SMALL = {"seconds": 6.0, "log_bytes": 2_000, "output_bytes": 100_000, "workdir_bytes": 2**25}


@dataclass(frozen=True)
class Obedient:
    """The verified model; `ask` runs it on inputs, in a folder of its own."""

    report: Report
    folder: Path

    def ask(self, inputs: dict[str, bytes], *, check: Check = lambda: None) -> "Answer":
        """What came of it, with the outputs read before their folder is gone."""
        order = Order(
            image=self.report.environment.image_digest or "",
            manifest=self.report.read.manifest,
            inputs={path: path for path in inputs},
            opened=lambda path: io.BytesIO(inputs[path]),
        )
        return asked(order, check=check)


@dataclass(frozen=True)
class Answer:
    calculated: Calculated
    outputs: dict[str, bytes]
    log: str


def asked(order: Order, *, check: Check = lambda: None) -> Answer:
    bounds, log = bounds_of_site(), []
    bounds = replace(bounds, run=replace(bounds.run, **SMALL))
    run = f"c{time.time_ns()}"
    with tools_for(site="calculating", run=run, attempt=1, bounds=bounds, check=check) as tools:
        calculated = calculate(order, tools, log.append)
        outputs = {path: file.read_bytes() for path, file in calculated.files.items()}
    return Answer(calculated, outputs, "".join(log))


@pytest.fixture(scope="session")
def obedient(tmp_path_factory) -> Obedient:
    folder = tmp_path_factory.mktemp("obedient")
    report = Bench(folder, engine_of_site()).verify(FILES)
    assert report.level_name == "reproduced", report
    return Obedient(report, folder)
