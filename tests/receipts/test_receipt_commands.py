"""`manage.py check-receipt` and `verify --against`: what they say, and with what they exit."""

import hashlib
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from registry.spec.canonical import canonical_json
from registry.spec.envelope import new_secret_key, public_pem
from runners.management.receipts import send_to
from tests.receipts.receipt_helpers import KEY, PUBLIC, opened, report, signed, signer

PEM = public_pem(PUBLIC)


def keys_file(retired: str | None = None) -> bytes:
    said = {"pem": PEM, "created_at": "2025-01-01T00:00:00+00:00", "retired_at": retired}
    return json.dumps({"keys": {PUBLIC.keyid: said}}).encode()


@pytest.fixture
def laid(tmp_path):
    """A folder with a receipt, its key, its report and its file."""
    files = {
        "receipt": signed(),
        "key.pem": PEM.encode(),
        "report.json": canonical_json(report()),
        "other.pem": public_pem(new_secret_key().public_key).encode(),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_it_says_who_signed_and_what_the_run_saw(manage, laid):
    done = manage(
        "check-receipt", laid / "receipt", "--key", laid / "key.pem",
        "--report", laid / "report.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        f"key {PUBLIC.keyid}",
        "https://portal.example, as it calls itself",
        "@ " + "a" * 40,
        "5: reproduced",
        "the repository's tests report 2 passed",
        "energy.csv: equals the expected values",
        "Table 1: met",
        "1 of the 2 files that were signed",
        "It holds.",
    ):
        assert words in done.stdout


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda at: (at / "report.json").write_bytes(b"{}"), "was altered"),
        (lambda at: (at / "receipt").write_bytes(signed().replace(b"A", b"B", 1)), "altered"),
        (lambda at: (at / "receipt").write_bytes(b"no receipt"), "no receipt"),
        (lambda at: (at / "key.pem").write_bytes((at / "other.pem").read_bytes()), "was not given"),
        (lambda at: (at / "key.pem").write_bytes(b"no key"), "no public key"),
    ],
    ids=["report", "receipt", "no receipt", "other key", "no key"],
)
def test_what_does_not_hold_exits_with_one_and_says_why(manage, laid, spoil, said):
    spoil(laid)
    done = manage(
        "check-receipt", laid / "receipt", "--key", laid / "key.pem",
        "--report", laid / "report.json",
    )  # fmt: skip
    assert done.returncode == 1
    assert "It does not hold." in done.stdout
    assert said in done.stdout


def test_files_are_held_against_their_hashes_and_strange_ones_named(manage, laid):
    folder = laid / "files"
    folder.mkdir()
    (folder / "Dockerfile").write_bytes(b"b")
    (folder / "strange").write_bytes(b"x")
    words = ("check-receipt", laid / "receipt", "--key", laid / "key.pem", "--artifacts", folder)
    done = manage(*words)
    assert done.returncode == 0, done.stdout
    assert "not signed   strange" in done.stdout
    (folder / "Dockerfile").write_bytes(b"c")
    assert manage(*words).returncode == 1
    (folder / "Dockerfile").unlink()
    assert "None of the files given" in manage(*words).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("check-receipt",),
        ("check-receipt", "no/such/file", "--key", "no/such/key"),
        ("check-receipt", "x", "--key", "a", "--keys", "b"),
        ("check-receipt", "http://example.org/receipt", "--key", "x"),
        ("check-receipt", "file:///etc/passwd", "--key", "x"),
        ("verify", "x", "--sign", "README.md"),
        ("verify", "x", "--sign", "README.md", "--site", "me"),
        ("verify", "x", "--send", "https://example.org/"),
        ("verify", "x", "--receipt", "y"),
        ("verify", "--against", "x", "--ref", "main"),
        ("verify", "--against", "no/such/file", "--key", "no/such/key"),
    ],
)
def test_bad_usage_exits_with_two(manage, words):
    done = manage(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "rror:" in done.stderr


RETIRED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("retired", "code", "said"),
    [
        ("2026-01-02T00:00:00+00:00", 0, "retired on 02 January 2026"),
        ("2025-12-31T00:00:00+00:00", 1, "after its key was retired"),
    ],
)
def test_a_retired_key_vouches_for_what_it_signed_before(manage, laid, retired, code, said):
    (laid / "keys.json").write_bytes(keys_file(retired))
    done = manage("check-receipt", laid / "receipt", "--keys", laid / "keys.json")
    assert done.returncode == code
    assert said in done.stdout.replace("\n", " ")


def test_a_list_of_keys_that_is_none_is_refused(manage, laid):
    for content in (b"", b"[]", b'{"keys": {"a": {"pem": "x", "retired_at": null}}}'):
        (laid / "keys.json").write_bytes(content)
        done = manage("check-receipt", laid / "receipt", "--keys", laid / "keys.json")
        assert done.returncode == 1, content


def test_what_a_hostile_signer_writes_does_not_steer_the_terminal(manage, laid):
    hostile = replace(report().source, address="https://x.example/\x1b]0;owned\x07\x1b[2J")
    seen = report(source=hostile, explanation="[bold]\x1b[31mfine\x1b[0m")
    (laid / "receipt").write_bytes(signed(seen, by=signer(site="a\x1b[1mb")))
    done = manage("check-receipt", laid / "receipt", "--key", laid / "key.pem")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "[bold]fine" in done.stdout


class _Portal(BaseHTTPRequestHandler):
    """The three addresses that the commands know of a portal."""

    def do_GET(self):
        keys = self.path == "/.well-known/reprise-keys.json"
        self._reply(200, keys_file() if keys else signed())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.headers["Authorization"], json.loads(body)))
        self._reply(201, b"{}")

    def _reply(self, code, body):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def portal():
    server = HTTPServer(("127.0.0.1", 0), _Portal)
    server.taken = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_receipt_of_a_portal_is_checked_with_the_keys_of_that_portal(manage, portal):
    place = f"http://127.0.0.1:{portal.server_port}/api/v1/runs/7/artifacts/receipt.intoto.jsonl/"
    done = manage("check-receipt", place)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_reproduction_is_sent_with_the_key_it_was_signed_with(portal):
    place = f"http://127.0.0.1:{portal.server_port}/api/v1/runs/7/reproductions/"
    said = send_to(place, {"receipt": "r", "public_key": PEM}, token="secret")
    assert said == "It is on the page now."
    assert portal.taken == [("Bearer secret", {"receipt": "r", "public_key": PEM})]


def test_an_address_that_may_not_be_fetched_cannot_be_run_again(manage, laid):
    elsewhere = replace(report().source, address="https://127.0.0.1/m.git")
    (laid / "receipt").write_bytes(signed(report(source=elsewhere)))
    done = manage("verify", "--against", laid / "receipt", "--key", laid / "key.pem")
    assert done.returncode == 1
    assert "(fetch)" in done.stdout


def test_a_receipt_cannot_have_a_folder_of_the_readers_machine_read(manage, laid, settings):
    settings.SOURCE_ALLOW = ()
    local = replace(report().source, address=str(laid))
    (laid / "receipt").write_bytes(signed(report(source=local)))
    done = manage("check-receipt", laid / "receipt", "--key", laid / "key.pem", "--rerun")
    assert done.returncode == 1
    assert "could not be run again" in done.stdout


def test_the_receipts_hash_is_what_a_reproduction_names(laid):
    content = (laid / "receipt").read_bytes()
    assert opened(content).sha256 == hashlib.sha256(content).hexdigest()
    assert KEY.public_key.keyid == opened(content).keyid
