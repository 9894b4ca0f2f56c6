"""Fetching over HTTP from real servers on 127.0.0.1, some of which misbehave."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from runners.faults import PlatformFault, RepositoryFault, Stopped
from runners.limits import SourceLimits
from runners.source.address import normalise
from runners.source.mirror import MirrorStore
from runners.source.remote import holds_one_commit
from tests.source.conftest import Fetch
from tests.source.repositories import Repository
from tests.source.servers import GitServer, certificate, serving
from tests.source.test_guard import gone, running


def refusal(fetch: Fetch, server: GitServer, path: str, **options: object) -> str:
    with pytest.raises(RepositoryFault) as caught:
        fetch(f"http://{server.place}{path}", allow=(server.place,), **options)
    assert caught.value.failure.cause is Cause.FETCH
    return f"{caught.value.failure.sentence} {caught.value.failure.hint}"


def test_a_commit_is_fetched_by_name_number_and_abbreviation(
    repository: Repository, fetch: Fetch, server: GitServer
) -> None:
    old = repository.commit({"a": "old", "large": os.urandom(10_000)})
    new = repository.commit({"a": "new"})
    address = f"http://{server.place}/git/model.git"
    assert fetch(address, allow=(server.place,)).commit == new
    assert fetch(address, old[:9], allow=(server.place,)).tree.read("a") == b"old"
    asked = len(server.requests)
    assert fetch(address, old, allow=(server.place,)).commit == old
    assert len(server.requests) == asked
    repository.git("update-ref", "refs/heads/main", new)
    assert fetch(address, new, allow=(server.place,)).commit == new


def test_a_server_that_gives_only_what_it_advertises_is_fetched_whole(
    repository: Repository, fetch: Fetch, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = repository.commit({"a": "old"})
    repository.commit({"a": "new"})
    monkeypatch.setitem(server.environment, "GIT_PROTOCOL", "")
    address = f"http://{server.place}/git/model.git"
    assert fetch(address, old, allow=(server.place,)).commit == old


def test_a_mirror_holds_one_commit_also_where_all_had_to_be_fetched(
    repository: Repository,
    fetch: Fetch,
    store: MirrorStore,
    server: GitServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mirrors are given out: what an author took out later must not be in one."""
    repository.commit({"password": "hunter2"})
    old = repository.commit({"a": "old"})
    repository.commit({"a": "new"})
    monkeypatch.setitem(server.environment, "GIT_PROTOCOL", "")
    found = fetch(f"http://{server.place}/git/model.git", old, allow=(server.place,))
    assert found.tree.read("a") == b"old"
    mirror = store.objects(found.address, old).repository
    listed = ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]
    kept = subprocess.check_output(["git", f"--git-dir={mirror}", *listed], text=True)
    assert sorted(kept.split()) == ["blob", "commit", "tree"]
    assert holds_one_commit(mirror)


def test_git_connects_to_the_address_that_was_checked_and_to_no_other(
    repository: Repository, server: GitServer, tmp_path: Path
) -> None:
    """The name is in no DNS: git can only reach it through the answer that we were given."""
    commit = repository.commit({"a": "1"})
    place = f"models.test:{server.server_port}"
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    store = MirrorStore(tmp_path / "m", resolver=lambda _host, _port: next(answers))
    limits = SourceLimits(seconds=30, bytes=10**6, files=10, allow=frozenset({place}))
    address = normalise(f"http://{place}/git/model.git", allow=limits.allow)
    found = store.fetch(address, None, limits=limits, log=lambda _: None, check=lambda: None)
    assert found.commit == commit
    assert next(answers) == ["192.0.2.1"]


@pytest.fixture
def secure(repository: Repository, tmp_path: Path) -> Iterator[GitServer]:
    pem = certificate(tmp_path, "models.test")
    with serving(repository.folder.parent, certificate=pem) as server:
        yield server


def fetch_securely(server: GitServer, root: Path) -> str:
    """Fetch by https from the name that the certificate is for."""
    place = f"models.test:{server.server_port}"
    limits = SourceLimits(seconds=30, bytes=10**6, files=10, allow=frozenset({place}))
    address = normalise(f"https://{place}/git/model.git", allow=limits.allow)
    store = MirrorStore(root, resolver=lambda _host, _port: ["127.0.0.1"])
    found = store.fetch(address, None, limits=limits, log=lambda _: None, check=lambda: None)
    return found.commit


@pytest.mark.parametrize("variable", ["GIT_SSL_CAINFO", "SSL_CERT_FILE"])
def test_a_sites_own_certificates_are_honoured(
    repository: Repository,
    secure: GitServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    commit = repository.commit({"a": "1"})
    monkeypatch.delenv("GIT_SSL_CAINFO", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "models.test.pem"))
    assert fetch_securely(secure, tmp_path / "mirrors") == commit


def test_an_unknown_certificate_is_never_accepted(
    repository: Repository, secure: GitServer, tmp_path: Path
) -> None:
    repository.commit({"a": "1"})
    with pytest.raises(PlatformFault, match="certificate"):
        fetch_securely(secure, tmp_path / "mirrors")


def test_a_private_repository_and_a_misspelt_one_look_alike(
    fetch: Fetch, server: GitServer
) -> None:
    for path in ("/private/model.git", "/git/absent.git"):
        message = refusal(fetch, server, path)
        assert "no public repository" in message
        assert "misspelt, or private" in message
        assert "made public, or its folder be uploaded" in message


def test_a_page_that_is_no_repository_is_said_so(fetch: Fetch, server: GitServer) -> None:
    assert "this is not its address" in refusal(fetch, server, "/page/model")


def test_no_redirect_is_followed(repository: Repository, fetch: Fetch, server: GitServer) -> None:
    repository.commit({"a": "1"})
    for target in (
        f"http://{server.place}/git",
        "http://127.0.0.1:1/git",
        "file:///tmp",
        "ext::id",
    ):
        server.redirect_to = target
        assert "only forwards to another address" in refusal(fetch, server, "/moved/model.git")
    assert not [path for path in server.requests if path.startswith("/git/")]


def test_alternates_of_a_dumb_server_are_not_followed(
    repository: Repository, fetch: Fetch, server: GitServer
) -> None:
    commit = repository.commit({"a": "1"})
    server.dumb_refs = f"{commit}\trefs/heads/main\n"
    assert "is not a git repository" in refusal(fetch, server, "/dumb/model.git")
    assert not [path for path in server.requests if "secret" in path]


def test_a_server_that_is_down_is_not_the_authors_fault(fetch: Fetch, server: GitServer) -> None:
    with pytest.raises(PlatformFault, match="503"):
        fetch(f"http://{server.place}/down/model.git", allow=(server.place,))


def test_a_place_where_nobody_listens_is_said_so(fetch: Fetch) -> None:
    with pytest.raises(RepositoryFault, match="No server answers"):
        fetch("http://127.0.0.1:1/model.git", allow=("127.0.0.1:1",))


@pytest.mark.parametrize("trouble", ["hang", "trickle"])
def test_a_slow_server_is_given_up_in_time(fetch: Fetch, server: GitServer, trouble: str) -> None:
    began = time.monotonic()
    message = refusal(fetch, server, f"/{trouble}/model.git", seconds=2)
    assert "not fetched in the time" in message
    assert time.monotonic() - began < 5


def test_an_endless_advertisement_is_given_up(fetch: Fetch, server: GitServer) -> None:
    message = refusal(fetch, server, "/endless/model.git", seconds=3)
    assert "too many branches" in message or "not fetched in the time" in message


def test_a_stop_ends_a_fetch_that_hangs(fetch: Fetch, server: GitServer) -> None:
    began = time.monotonic()

    def check() -> None:
        if time.monotonic() - began > 1:
            raise Stopped

    with pytest.raises(Stopped):
        fetch(f"http://{server.place}/hang/model.git", allow=(server.place,), check=check)
    assert time.monotonic() - began < 3


def test_no_git_outlives_its_limit_when_the_worker_is_killed(
    server: GitServer, repository: Repository, tmp_path: Path
) -> None:
    """And the next worker can fetch: nothing half done is in the way."""
    root = tmp_path / "mirrors"
    program = (
        "import sys; from pathlib import Path\n"
        "from runners.source import guard; from runners.source.mirror import MirrorStore\n"
        "from runners.source.address import normalise; from runners.limits import SourceLimits\n"
        "guard._GRACE_SECONDS = 1\n"
        "limits = SourceLimits(seconds=2, bytes=10**6, files=9, allow=frozenset({sys.argv[2]}))\n"
        "MirrorStore(Path(sys.argv[1])).fetch(\n"
        "  normalise(f'http://{sys.argv[2]}/hang/model.git', allow=limits.allow), None,\n"
        "  limits=limits, log=print, check=lambda: None)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program, str(root), server.place])
    deadline = time.monotonic() + 30
    while not server.requests and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert running(str(root))
    assert gone(str(root), within=20)
    commit = repository.commit({"a": "1"})
    limits = SourceLimits(seconds=30, bytes=10**6, files=9, allow=frozenset({server.place}))
    address = normalise(f"http://{server.place}/git/model.git", allow=limits.allow)
    found = MirrorStore(root).fetch(
        address, None, limits=limits, log=lambda _: None, check=lambda: None
    )
    assert found.commit == commit


def test_no_secret_reaches_the_server_or_a_message(
    fetch: Fetch, server: GitServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SECRET", "hunter2")
    assert "hunter2" not in refusal(fetch, server, "/private/model.git")
    assert not server.credentials
