"""What a receipt says: formats that others read, and no more than was seen."""

import json
from dataclasses import replace

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from registry.spec.evidence import Environment, TestOutcome
from registry.spec.ladder import Cause, Level, Outcome
from registry.spec.receipt import REPORT
from tests.receipts.receipt_helpers import LIMITS, SHA, opened, report, signed, signer


def statements(data: bytes) -> list[dict]:
    from registry.spec.envelope import opened as payloads
    from tests.receipts.receipt_helpers import KEYS

    return [json.loads(payload) for payload in payloads(data, KEYS)[1]]


def test_in_totos_own_library_finds_both_statements_valid():
    for statement in statements(signed()):
        parsed = json_format.Parse(json.dumps(statement), statement_pb2.Statement())
        Statement.copy_from_pb(parsed).validate()


@pytest.mark.parametrize(
    ("number", "predicate", "ours"),
    [
        (0, test_result_pb2.TestResult, {"reprise_verdict"}),
        (1, provenance_pb2.Provenance, set()),
    ],
)
def test_both_predicates_are_what_their_protobuf_says(number, predicate, ours):
    said = statements(signed())[number]["predicate"]
    known = {name: value for name, value in said.items() if name not in ours}
    assert set(said) - set(known) == ours
    json_format.ParseDict(known, predicate())


def test_the_subjects_are_the_commit_its_files_and_the_image():
    seen = report()
    first, second = statements(signed(seen))
    assert first["subject"] == second["subject"]
    assert [thing["digest"] for thing in first["subject"]] == [
        {"gitCommit": seen.source.commit},
        {"gitTree": "c" * 40},
        {"sha256": "d" * 64},
    ]
    assert first["subject"][1]["name"] == seen.source.tree_swhid


def test_everything_that_went_in_and_came_out_is_named_with_its_hash():
    provenance = statements(signed())[1]["predicate"]
    needed = provenance["buildDefinition"]["resolvedDependencies"]
    left = provenance["runDetails"]["byproducts"]
    assert {"uri": "pkg:pypi/numpy@2.0.0"} in needed
    assert {"name": "python:3.11-slim-bookworm", "digest": {"sha256": "e" * 64}} in needed
    assert [one["name"] for one in left] == ["Dockerfile", REPORT]
    assert left[0]["digest"] == {"sha256": SHA["b"]}
    assert provenance["buildDefinition"]["internalParameters"]["network"] == "none"


def test_the_verdict_repeats_the_report_word_for_word():
    seen, said = report(), opened(signed()).seen
    assert (said.level, said.level_name, said.explanation) == (5, "reproduced", seen.explanation)
    assert said.tests is not None
    assert (said.tests.reported_by, said.tests.passed) == ("the repository", 2)
    assert (said.outputs[0].sha256, said.outputs[0].expected) == ((SHA["a"],) * 2, True)
    assert (said.claims[0].label, said.claims[0].agrees) == ("Table 1", True)
    assert (said.host.cpu_model, said.limits) == ("A CPU", LIMITS)


FAILED = (TestOutcome(name="test_b", state="failed", seconds=0.1),)


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "PASSED"),
        ({"level": 3, "level_name": "runs"}, "PASSED"),
        ({"tests_pass": None}, "PASSED"),
        ({"modifiers": ("repaired",)}, "WARNED"),
        ({"tests_pass": False}, "FAILED"),
        ({"level": 2, "level_name": "builds"}, "FAILED"),
        ({"cause": Cause.MISMATCH, "level": 4}, "FAILED"),
        ({"cause": Cause.MISMATCH, "modifiers": ("repaired",)}, "FAILED"),
    ],
)
def test_passed_is_said_only_where_nothing_fell_short(changes, result):
    assert opened(signed(report(**changes))).test.predicate.result == result


def test_tests_are_listed_as_the_repository_names_them_and_skipped_ones_nowhere():
    states = ("passed", "failed", "error", "skipped")
    outcomes = tuple(TestOutcome(name=name, state=name, seconds=0.0) for name in states)
    told = replace(report().tests, outcomes=outcomes)
    predicate = opened(signed(report(tests=told))).test.predicate
    assert (predicate.passed_tests, predicate.failed_tests) == (("passed",), ("failed", "error"))
    assert predicate.warned_tests == ()


def test_what_a_repository_names_its_tests_is_bounded():
    outcomes = tuple(
        TestOutcome(name=f"{number}\0\ud800" + "x" * 10_000, state="passed", seconds=0.0)
        for number in range(5_000)
    )
    receipt = signed(report(tests=replace(report().tests, outcomes=outcomes)))
    named = opened(receipt).test.predicate.passed_tests
    assert len(named) == 1_000
    assert max(map(len, named)) <= 200
    assert "\0" not in "".join(named)


def test_a_run_that_built_nothing_has_a_receipt_of_what_is_known():
    bare = report(
        source=replace(report().source, tree_swhid=None),
        environment=Environment(),
        read=None,
        tests=None,
        host=None,
        inference=(),
        comparisons=(),
        claims=(),
        level=int(Level.REGISTERED),
        level_name="registered",
        outcome=Outcome.NOT_REPRODUCED,
        cause=Cause.FETCH,
    )
    receipt = opened(signed(bare))
    assert [thing.digest for thing in receipt.test.subject] == [{"gitCommit": "a" * 40}]
    assert receipt.test.predicate.result == "FAILED"


def test_who_is_no_web_address_is_a_uri_all_the_same():
    receipt = opened(signed(by=signer(site="Ada’s laptop / home")))
    builder = receipt.provenance.predicate.run_details.builder
    assert builder.id == "urn:reprise:site:Ada%E2%80%99s%20laptop%20%2F%20home"
    assert receipt.seen.site == "Ada’s laptop / home"


def test_not_a_number_is_signed_as_nothing():
    odd = replace(report().claims[0], seen=float("nan"), agrees=False)
    assert opened(signed(report(claims=(odd,)))).seen.claims[0].seen is None
