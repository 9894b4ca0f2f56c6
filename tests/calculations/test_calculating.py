"""Calculations in real containers: other inputs, the same image, and inputs that mean harm."""

import json
from dataclasses import replace

import pytest

from runners.calculating import Order
from runners.faults import Stopped
from tests.calculations.conftest import asked

pytestmark = pytest.mark.docker


def given(code: str = "", x: float = 2) -> dict[str, bytes]:
    return {"in.json": json.dumps({"x": x, "code": code}).encode()}


def test_given_inputs_take_the_place_of_the_declared_ones_and_the_rest_stays(obedient):
    answer = obedient.ask(given())
    assert (answer.calculated.outcome, answer.calculated.explanation) == ("done", "")
    assert json.loads(answer.outputs["out.json"]) == {"total": 12.0}
    both = obedient.ask(given() | {"data/offset.txt": b"0.5"})
    assert json.loads(both.outputs["out.json"]) == {"total": 2.5}
    assert both.calculated.command == ("sh", "-c", "python3 model.py")


def test_inside_are_neither_network_nor_expected_values_nor_anything_of_earlier_calculations(
    obedient,
):
    code = (
        "import os, socket\n"
        "print(sorted(os.listdir('.')), os.getuid(), sorted(os.listdir('/sys/class/net')))\n"
        "print(os.stat('in.json').st_nlink, os.path.islink('in.json'))\n"
    )
    log = obedient.ask(given(code)).log
    assert (
        "['Dockerfile', 'README.md', 'data', 'in.json', 'model.py', 'reprise.toml'] 1000 ['lo']"
        in log
    )
    assert "1 False" in log


def test_an_image_that_is_gone_is_said_and_replaced_by_no_other(obedient):
    order = Order(
        image="sha256:" + "0" * 64,
        manifest=obedient.report.read.manifest,
        inputs={},
        opened=pytest.fail,
    )
    calculated = asked(order).calculated
    assert calculated.outcome == "errored"
    assert "no longer here" in calculated.explanation


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("import os; os._exit(0)", "did not write out.json"),
        ("import os; os.symlink('/etc/passwd', 'out.json'); os._exit(0)", "symbolic link"),
        ("import os; os.mkfifo('out.json'); os._exit(0)", "special file"),
        ("import os; os.mkdir('out.json'); os._exit(0)", "folder"),
        ("import os; open('out.json', 'w').truncate(10**6); os._exit(0)", "1,000,000 bytes"),
        ("for n in range(10**6): open(f'/tmp/{n}', 'w').close()", "exit code"),
        ("open('big', 'wb').write(b'x' * 2**26)", "exit code"),
    ],
    ids=["fails", "nothing", "link", "fifo", "folder", "sparse", "many", "full"],
)
def test_an_input_that_means_harm_ends_within_the_bounds(obedient, code, said):
    answer = obedient.ask(given(code))
    assert answer.calculated.outcome == "failed"
    assert said in answer.calculated.explanation
    assert answer.outputs == {}


def test_endless_output_of_what_ignores_every_signal_is_cut_and_ends_in_time(obedient):
    deaf = "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
    answer = obedient.ask(
        given(deaf + "while True: print('\\0\\x1b]8;;http://x\\x07' + 'y' * 9999)")
    )
    assert answer.calculated.outcome == "failed"
    assert "6 seconds" in answer.calculated.explanation
    assert len(answer.log) < 50_000
    assert "\0" not in answer.log


def test_more_inputs_than_there_is_room_for_are_a_failure_and_no_fault(obedient):
    answer = obedient.ask(given() | {"data/offset.txt": b"1" * 2**26})
    assert answer.calculated.outcome == "failed"
    assert "do not fit" in answer.calculated.explanation


def test_it_stops_when_it_is_told_to(obedient):
    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        obedient.ask(given("import time; time.sleep(600)"), check=stop)


def test_a_stochastic_model_is_run_once_with_the_first_of_its_seeds(obedient):
    manifest = obedient.report.read.manifest
    seeded = replace(manifest, determinism=replace(manifest.determinism, seed=7, seeds=4))
    other = replace(obedient, report=replace(
        obedient.report, read=replace(obedient.report.read, manifest=seeded)))  # fmt: skip
    assert "SEED 7" in other.ask(given("import os; print('SEED', os.environ['REPRISE_SEED'])")).log
