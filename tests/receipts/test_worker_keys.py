"""A worker's key: used where it is good, registered at its first use, never a reason to fail."""

import hashlib

import pytest

from registry.models import SigningKey, VerificationRun
from registry.services.errors import ServiceError
from registry.services.keys import key_retire
from registry.services.runs import run_finish
from registry.spec.receipt import RECEIPT, REPORT
from runners.attest import attest
from runners.configuration import signer_of_site
from runners.tasks import registered
from tests.receipts.receipt_helpers import KEY, LIMITS, report, signer
from tests.registry.registry_helpers import claimed, person, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(settings, tmp_path):
    settings.SIGNING_KEY = tmp_path / "key.pem"
    settings.PUBLIC_URL = "https://portal.example/"
    return settings.SIGNING_KEY


def test_a_key_signs_in_the_portals_name_and_is_registered_once(place):
    place.write_bytes(KEY.private_bytes)
    for _ in range(2):
        by = registered(signer_of_site(7))
        assert by is not None
        assert (by.builder, by.run) == ("https://portal.example", "https://portal.example/runs/7/")
    assert SigningKey.objects.get().keyid == KEY.public_key.keyid


@pytest.mark.parametrize("content", [None, b"", b"no key", b"\xff" * 5000])
def test_no_key_or_a_bad_one_leaves_runs_unsigned(place, content):
    if content is not None:
        place.write_bytes(content)
    assert registered(signer_of_site(7)) is None
    assert not SigningKey.objects.exists()


def test_a_retired_key_signs_nothing_more(place):
    place.write_bytes(KEY.private_bytes)
    assert registered(signer_of_site(7)) is not None
    key_retire(keyid=KEY.public_key.keyid)
    assert registered(signer_of_site(7)) is None


def attested(folder, seen):
    return attest(seen, {}, folder=folder, limits=LIMITS, signer=signer())


def test_a_run_keeps_what_attests_to_it_beside_its_files(tmp_path):
    run = published(person())[1]
    seen = report(artifacts=())
    run_finish(claim=claimed(run), report=seen, files=attested(tmp_path, seen))
    kept = dict(run.artifacts.values_list("name", "blob_id"))
    assert kept[REPORT] == hashlib.sha256((tmp_path / REPORT).read_bytes()).hexdigest()
    assert RECEIPT in kept


def test_a_report_of_another_run_is_refused(tmp_path):
    run = published(person())[1]
    files = attested(tmp_path, report(artifacts=(), explanation="Another."))
    with pytest.raises(ServiceError, match=r"report\.json"):
        run_finish(claim=claimed(run), report=report(artifacts=()), files=files)


def test_a_file_that_neither_the_report_nor_a_receipt_may_name_is_refused(tmp_path):
    run = published(person())[1]
    seen = report(artifacts=())
    files = attested(tmp_path, seen)
    with pytest.raises(ServiceError, match="strange"):
        run_finish(claim=claimed(run), report=seen, files=files | {"strange": tmp_path / REPORT})
    assert VerificationRun.objects.get(pk=run.pk).outcome == ""
