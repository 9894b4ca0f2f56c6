"""What a run leaves beside its report: files whose hashes the receipt holds."""

import hashlib
import json
from dataclasses import replace

import msgspec
import pytest

from registry.spec.receipt import CRATE, RECEIPT, REPORT
from runners.attest import attest
from tests.receipts.receipt_helpers import LIMITS, opened, report, signer


@pytest.fixture
def attested(tmp_path):
    def attest_to(seen, by):
        dockerfile = tmp_path / "Dockerfile"
        dockerfile.write_bytes(b"b")
        return attest(seen, {"Dockerfile": dockerfile}, folder=tmp_path, limits=LIMITS, signer=by)

    return attest_to


def test_every_file_is_under_its_hash_in_the_receipt(attested):
    written = attested(report(), signer())
    assert list(written) == [REPORT, CRATE, RECEIPT]
    receipt = opened(written[RECEIPT].read_bytes())
    for name in (REPORT, CRATE):
        assert receipt.files[name] == hashlib.sha256(written[name].read_bytes()).hexdigest()
    assert set(receipt.files) == {REPORT, CRATE, "Dockerfile"}


def test_the_report_is_written_in_one_form(attested):
    written = attested(report(), None)[REPORT].read_bytes()
    said = json.loads(written)
    assert said["level_name"] == "reproduced"
    assert msgspec.json.encode(said, order="sorted") == written


def test_text_that_is_no_text_is_written_all_the_same(attested):
    written = attested(report(explanation="\ud800 and \0"), signer())
    assert opened(written[RECEIPT].read_bytes()).seen.explanation == "? and "


@pytest.mark.parametrize("by", [None, signer()])
def test_without_a_key_or_a_commit_there_is_no_receipt_and_no_error(attested, by):
    source = replace(report().source, commit=report().source.commit if by is None else None)
    assert list(attested(report(source=source), by)) == [REPORT, CRATE]
