"""Two runs side by side: every kind of difference, in words, for those who may see both."""

import hashlib
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from registry.models import ModelEntry
from registry.models.entries import Visibility
from registry.models.runs import Trigger
from registry.services.runs import run_finish, run_queue
from registry.spec.evidence import Inference, OutputFile
from tests.registry.registry_helpers import artifact
from tests.web import scenery

HOSTILE = "numpy==<script>alert(1)</script>"


def again(run):
    return run_queue(version=run.version, trigger=Trigger.SCHEDULE, requested_by=None)


def text_of(client, older, newer):
    response = client.get(f"/runs/compare?a={older.pk}&b={newer.pk}")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def wrote(run, folder, files, **changes):
    """The run finished, with these files as its outputs."""
    folder.mkdir()
    kept, outputs = {}, []
    for number, (path, content) in enumerate(files.items()):
        name = f"outputs/1/{number}-{path}"
        kept[name] = folder / f"{number}"
        kept[name].write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        outputs.append(OutputFile(path=path, sha256=sha256, size=len(content)))
    ran = Inference(
        repetition=1, command=("python", "x.py"), exit_code=0, seconds=2.0, outputs=tuple(outputs)
    )
    seen = scenery.report(
        inference=(ran,), artifacts=tuple(artifact(name, path) for name, path in kept.items()),
        **changes,
    )  # fmt: skip
    run_finish(claim=scenery.claimed(run), report=seen, files=kept)
    run.refresh_from_db()
    return run


def npy(*values):
    stream = io.BytesIO()
    np.save(stream, np.array(values))
    return stream.getvalue()


@pytest.fixture
def first(ada):
    return scenery.published(ada)[1]


def test_packages_are_told_apart_and_nothing_hostile_gets_through(client, first, tmp_path):
    older = scenery.verified(first, tmp_path)
    changed = replace(scenery.ENVIRONMENT, packages=("scipy==1.13.0", HOSTILE), python="3.12")
    newer = scenery.verified(
        again(first), tmp_path, lambda: replace(scenery.failing_tests(), environment=changed)
    )
    page = text_of(client, older, newer)
    assert "2 differ." in page
    assert "torch Run 1 2.3.0+cpu Run 2 not there" in page.replace(
        f"Run {older.pk}", "Run 1"
    ).replace(f"Run {newer.pk}", "Run 2")
    assert "Python differs" in page
    assert (
        "<script>alert"
        not in client.get(f"/runs/compare?a={older.pk}&b={newer.pk}").content.decode()
    )


def test_tests_are_told_apart_by_name(client, first, tmp_path):
    older = scenery.verified(first, tmp_path, lambda: scenery.failing_tests(2, 5))
    newer = scenery.verified(again(first), tmp_path, lambda: scenery.failing_tests(1, 7))
    page = text_of(client, older, newer)
    assert f"Only in Run {older.pk}: 1 tests/test_action.py::test_energy_is_bounded[1]" in page
    named = "tests/test_flow.py::test_jacobian[5] tests/test_flow.py::test_jacobian[6]"
    assert f"Only in Run {newer.pk}: 2 {named}" in page
    assert "6 ended alike in both." in page


def test_a_test_that_fails_from_now_on_comes_first(client, first, tmp_path):
    older = scenery.verified(first, tmp_path)
    tests = scenery.reported_tests()
    broken = (replace(tests.outcomes[0], state="failed"), *tests.outcomes[1:])
    newer = scenery.verified(
        again(first), tmp_path, lambda: scenery.report(tests=replace(tests, outcomes=broken))
    )
    assert "Newly failing: 1 tests/test_flow.py::test_jacobian[0]" in text_of(client, older, newer)
    back = scenery.verified(again(first), tmp_path, lambda: scenery.report(tests=tests))
    assert "Newly passing: 1 tests/test_flow.py::test_jacobian[0]" in text_of(client, newer, back)


def test_outputs_are_held_against_each_other(client, first, tmp_path):
    old = {"a.csv": b"t,x\n0,1.0\n1,2.0\n", "b.npy": npy(1.0, 2.0), "same.txt": b"hello\n",
           "gone.txt": b"1\n", "words.txt": b"one\ntwo\n"}  # fmt: skip
    new = {"a.csv": b"t,x\n0,1.0\n1,2.5\n", "b.npy": npy(1.0, 2.25), "same.txt": b"hello\n",
           "words.txt": b"one\n<b>three\n"}  # fmt: skip
    older = wrote(first, tmp_path / "old", old)
    newer = wrote(again(first), tmp_path / "new", new)
    page = text_of(client, older, newer)
    assert "1 of 4 numbers differ, by 0.5 at most (0.25 relative)." in page
    assert "The worst is number 4: 2.0 became 2.5 ." in page
    assert "1 of 2 numbers differ, by 0.25 at most (0.125 relative)." in page
    assert "same.txt The same bytes in both." in page
    assert "gone.txt Written by one of the two only." in page
    assert "- two" in page
    assert "+ &lt;b&gt;three" in page
    address = f"/api/v1/runs/compare/?a={older.pk}&b={newer.pk}"
    told = {one["path"]: one for one in client.get(address).json()["outputs"]}
    assert told["a.csv"]["numbers"] == {
        "compared": 4, "differ": 1, "absolute": 0.5, "relative": 0.25, "number": 4,
        "before": "2.0", "after": "2.5",
    }  # fmt: skip
    assert told["words.txt"]["lines"] == ["@@ -1,2 +1,2 @@", " one", "-two", "+<b>three"]
    for path in ("same.txt", "gone.txt"):
        assert (told[path]["numbers"], told[path]["lines"]) == (None, [])


def test_an_array_that_would_run_code_is_not_read(client, first, tmp_path):
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    older = wrote(first, tmp_path / "old", {"b.npy": stream.getvalue()})
    newer = wrote(again(first), tmp_path / "new", {"b.npy": npy(1.0)})
    page = text_of(client, older, newer)
    assert "Not the same bytes." in page
    assert "numbers differ" not in page


def test_commands_times_and_costs_stand_side_by_side(client, first, tmp_path):
    older, newer = scenery.verified(first, tmp_path), scenery.verified(again(first), tmp_path)
    page = text_of(client, older, newer)
    for words in ("Command of the tests", "python -m pytest --junitxml=report.xml",
                  "Build the environment", "1 min 3 s", "413 MB", "812 MB",
                  "The same packages in the same versions.",
                  "All 41 tests that the two name ended alike."):  # fmt: skip
        assert words in page, words


def test_a_run_without_a_report_is_compared_as_far_as_it_goes(client, owner, first, tmp_path):
    older = scenery.verified(first, tmp_path)
    newer = again(first)
    page = text_of(client, older, newer)
    assert "One of the two came to no report" in page
    assert "queued" in page


def test_runs_of_two_models_can_be_compared(client, ada, first, tmp_path):
    older = scenery.verified(first, tmp_path)
    other = scenery.published(ada, "https://github.com/ada/antenna", title="Antenna")[1]
    newer = scenery.verified(other, tmp_path, scenery.mismatch)
    page = text_of(client, older, newer)
    assert "Two models" in page
    assert "Search for what broke it" not in page


def test_the_search_for_what_broke_it_begins_here(owner, client, first, tmp_path):
    older = scenery.verified(first, tmp_path)
    newer = scenery.verified(again(first), tmp_path, scenery.mismatch)
    assert "Search for what broke it" in text_of(owner, older, newer)
    assert "Nobody has searched yet" in text_of(client, older, newer)
    accession = newer.version.entry_id
    owner.post(f"/models/{accession}/history/bisect", {"a": older.pk, "b": newer.pk})
    assert "Waits until no verification does." in text_of(client, newer, older)
    for run in (older, newer):
        page = client.get(f"/runs/{run.pk}/").content.decode()
        assert "Waits until no verification does." in page


def test_a_runs_page_offers_the_others_of_its_model(client, first, tmp_path):
    older = scenery.verified(first, tmp_path)
    assert "Compare with" not in client.get(f"/runs/{older.pk}/").content.decode()
    newer = scenery.verified(again(first), tmp_path)
    page = client.get(f"/runs/{newer.pk}/").content.decode()
    assert f'<option value="{older.pk}">run {older.pk}, ' in page


@pytest.mark.parametrize(
    "query", ["", "a=1", "a=x&b=y", "a=0&b=1", "a=1&b=1", "a=1&b=999999", "a=²&b=1"]
)
def test_what_names_no_two_runs_is_not_found(client, first, query):
    assert client.get(f"/runs/compare?{query}").status_code == 404


def test_runs_that_one_may_not_see_are_not_compared(client, other, owner, first, tmp_path):
    older, newer = scenery.verified(first, tmp_path), scenery.verified(again(first), tmp_path)
    ModelEntry.objects.update(visibility=Visibility.PRIVATE)
    address = f"/runs/compare?a={older.pk}&b={newer.pk}"
    assert [who.get(address).status_code for who in (client, other, owner)] == [404, 404, 200]
