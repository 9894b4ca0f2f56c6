"""A receipt checked by strangers: an empty folder, the receipt, the public key, nothing of ours.

The programs are those printed in docs/receipts.md, word for word.
"""

import os
import re
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

from registry.spec.envelope import new_secret_key, public_pem
from tests.receipts.receipt_helpers import KEY, signed
from tests.repositories import make_repository

DOCUMENT = (Path(__file__).parents[2] / "docs" / "receipts.md").read_text()
LIBRARIES = ("securesystemslib[crypto]", "in-toto-attestation")


def printed(language: str, heading: str) -> str:
    """The program of a language under a heading of the document."""
    return re.search(rf"### {heading}\n.*?```{language}\n(.*?)```", DOCUMENT, re.DOTALL)[1]


PYTHON, SHELL = printed("python", "With in-toto's libraries"), printed("sh", "With OpenSSL alone")


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory) -> Path:
    """An interpreter that has in-toto's libraries from the package index, and nothing of ours."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *LIBRARIES]
    subprocess.run(install, check=True, cwd=home)
    return python


@pytest.fixture
def folder(tmp_path):
    return laid(tmp_path, signed(), public_pem(KEY.public_key))


def laid(folder: Path, receipt: bytes, pem: str) -> Path:
    (folder / "receipt.intoto.jsonl").write_bytes(receipt)
    (folder / "key.pem").write_text(pem)
    return folder


def bare(*command, folder):
    """Run without a variable, path or file of this project."""
    environment = {"PATH": os.defpath, "HOME": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def by_python(python, folder):
    return bare(python, "-I", "-c", PYTHON, folder=folder)


def by_openssl(folder):
    return bare(shutil.which("sh"), "-c", SHELL, folder=folder)


def test_in_totos_libraries_accept_it_in_a_bare_environment(bare_python, folder):
    done = by_python(bare_python, folder)
    assert done.returncode == 0, done.stderr
    assert "https://in-toto.io/attestation/test-result/v0.1" in done.stdout
    assert "{'gitCommit': '" + "a" * 40 in done.stdout
    assert bare(bare_python, "-I", "-c", "import registry", folder=folder).returncode == 1


def test_openssl_alone_accepts_it(folder):
    done = by_openssl(folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert '"level_name"' not in done.stdout
    assert '"levelName":"reproduced"' in done.stdout


def altered(receipt: bytes) -> dict[str, bytes]:
    payload = receipt.index(b'"payload":"') + 40
    sig = receipt.rindex(b'"sig":"') + 20
    turned = {"payload": payload, "signature": sig}
    return {
        name: receipt[:at] + (b"A" if receipt[at : at + 1] != b"A" else b"B") + receipt[at + 1 :]
        for name, at in turned.items()
    }


@pytest.mark.parametrize("what", ["payload", "signature", "key"])
def test_neither_accepts_it_altered_or_under_another_key(bare_python, tmp_path, what):
    receipt = altered(signed()).get(what, signed())
    key = new_secret_key() if what == "key" else KEY
    folder = laid(tmp_path, receipt, public_pem(key.public_key))
    assert by_python(bare_python, folder).returncode != 0
    assert by_openssl(folder).returncode != 0


RUN = {
    "README.md": "# A model\n",
    "run.py": "print(1, file=open('out.txt', 'w'))\n",
    "expected.txt": "1\n",
    "reprise.toml": (
        'run = "python run.py"\n[[outputs]]\npath = "out.txt"\nexpected = "expected.txt"\n'
    ),
}


@pytest.mark.docker
def test_a_real_run_is_signed_here_checked_by_strangers_and_run_again(
    manage, bare_python, tmp_path
):
    """One machine state makes the receipt; a bare one checks it; a rerun bears it out, or not."""
    repository, key = make_repository(tmp_path, RUN), tmp_path / "secret.pem"
    openssl = [shutil.which("openssl"), "genpkey", "-algorithm", "ed25519", "-out", key]
    subprocess.run(openssl, check=True)
    public = [shutil.which("openssl"), "pkey", "-in", key, "-pubout"]
    pem = subprocess.run(public, check=True, capture_output=True, text=True).stdout
    made = tmp_path / "made.jsonl"
    done = manage(
        "verify", repository, "--sign", key, "--site", "Here", "--receipt", made,
        "--expect", "reproduced",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr

    empty = tmp_path / "empty"
    empty.mkdir()
    laid(empty, made.read_bytes(), pem)
    assert by_python(bare_python, empty).returncode == 0
    assert by_openssl(empty).returncode == 0

    again = tmp_path / "again.jsonl"
    words = ("--sign", key, "--site", "There", "--receipt", again, "--key", empty / "key.pem")
    rerun = manage("verify", repository, "--against", made, *words)
    assert rerun.returncode == 0, rerun.stdout + rerun.stderr
    assert "out.txt: the same to the byte" in rerun.stdout
    assert "It agrees with the receipt." in rerun.stdout
    laid(empty, again.read_bytes(), pem)
    assert '"reproduces":{"receipt":"' in by_openssl(empty).stdout
