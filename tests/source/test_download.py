"""One file by its address, from real servers on 127.0.0.1, some of which misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry.spec.ladder import Cause
from runners.faults import PlatformFault, RepositoryFault, Stopped
from runners.source.address import normalise_file
from runners.source.download import Download
from tests.source.servers import GitServer, certificate, serving

DATA = bytes(range(256)) * 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "data.bin").write_bytes(DATA)
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[GitServer]:
    with serving(folder) as server:
        yield server


@pytest.fixture
def secure(folder: Path, tmp_path: Path) -> Iterator[GitServer]:
    with serving(folder, certificate=certificate(tmp_path, "data.test")) as server:
        yield server


def fetched(
    url: str,
    target: Path,
    *,
    allow: str = "",
    ips: tuple[str, ...] = ("127.0.0.1",),
    most_bytes: int = 10**6,
    seconds: float = 20,
    check: Callable[[], None] = lambda: None,
) -> bytes:
    address = normalise_file(url, allow=frozenset({allow} if allow else ()))
    Download(
        address,
        target,
        most_bytes=most_bytes,
        deadline=time.monotonic() + seconds,
        check=check,
        resolver=lambda _host, _port: list(ips),
    ).run()
    return target.read_bytes()


def refused(server: GitServer, path: str, target: Path, **options: object) -> str:
    with pytest.raises(RepositoryFault) as caught:
        fetched(f"http://{server.place}{path}", target, allow=server.place, **options)
    assert caught.value.failure.cause is Cause.DATA
    assert caught.value.failure.hint
    return f"{caught.value.failure.sentence} {caught.value.failure.hint}"


def test_a_file_is_fetched_as_it_is_and_asked_for_as_it_is_written(
    server: GitServer, tmp_path: Path
) -> None:
    url = f"http://{server.place}/file/a%20b(1)/data.bin?download=1&x=%2F"
    assert fetched(url, tmp_path / "t", allow=server.place) == DATA
    assert server.requests == ["/file/a%20b(1)/data.bin?download=1&x=%2F"]


def test_the_connection_goes_to_the_address_that_was_checked(
    secure: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is in no DNS, and the certificate is for the name; the first address is dead."""
    monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "data.test.pem"))
    place = f"data.test:{secure.server_port}"
    url = f"https://{place}/file/data.bin"
    assert fetched(url, tmp_path / "t", allow=place, ips=("127.0.0.9", "127.0.0.1")) == DATA


def test_a_certificate_that_nobody_vouches_for_is_refused(
    secure: GitServer, tmp_path: Path
) -> None:
    place = f"data.test:{secure.server_port}"
    with pytest.raises(RepositoryFault, match="certificate that is not trusted"):
        fetched(f"https://{place}/file/data.bin", tmp_path / "t", allow=place)
    assert secure.requests == []


def test_a_name_that_means_a_private_address_is_refused(server: GitServer, tmp_path: Path) -> None:
    for ips in (("127.0.0.1",), ("140.82.121.3", "10.0.0.1"), ("::ffff:127.0.0.1",)):
        with pytest.raises(RepositoryFault, match="private address") as caught:
            fetched("https://data.test/file/data.bin", tmp_path / "t", ips=ips)
        assert caught.value.failure.cause is Cause.DATA
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/data.csv", "ftp://example.org/data.csv", "file:///etc/passwd",
        "https://example.org:8443/data.csv", "https://127.0.0.1/data.csv", "https://2130706433/x",
        "https://user:secret@example.org/x", "https://example.org/a b", "https://example.org/a#b",
        "https://example.org\\@127.0.0.1/x", "https://example.org", "https://example.org/",
        "https://example.org/a\nb", "https://exämple.org/a", "/etc/passwd", "",
        "https://example.org/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_public_address_of_a_file_is_refused(url: str) -> None:
    with pytest.raises(RepositoryFault) as caught:
        normalise_file(url, allow=frozenset())
    assert "secret" not in caught.value.failure.sentence


def test_no_redirect_is_followed_and_its_end_is_named(server: GitServer, tmp_path: Path) -> None:
    server.redirect_to = f"http://{server.place}/file/data.bin"
    said = refused(server, "/moved", tmp_path / "t")
    assert "only forwards" in said
    assert f"{server.place}/file/data.bin" in said
    assert server.requests == ["/moved"]


@pytest.mark.parametrize(
    ("path", "word"),
    [("/private/x", "401"), ("/absent/x", "404"), ("/down/x", "503"), ("/cut/x", "did not give")],
)
def test_what_a_server_does_not_give_is_said(
    server: GitServer, tmp_path: Path, path: str, word: str
) -> None:
    assert word in refused(server, path, tmp_path / "t")


def test_a_file_that_is_too_large_is_left_early(server: GitServer, tmp_path: Path) -> None:
    assert "1,000 bytes" in refused(server, "/file/data.bin", tmp_path / "t", most_bytes=1000)
    assert fetched(
        f"http://{server.place}/file/data.bin",
        tmp_path / "whole",
        allow=server.place,
        most_bytes=len(DATA),
    )


@pytest.mark.parametrize("path", ["/hang/x", "/trickle/x"])
def test_a_server_that_takes_for_ever_is_left_in_time(
    server: GitServer, tmp_path: Path, path: str
) -> None:
    begun = time.monotonic()
    assert "in the time" in refused(server, path, tmp_path / "t", seconds=0.5)
    assert time.monotonic() - begun < 5
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def test_headers_that_trickle_are_left_in_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        place = f"127.0.0.1:{listening.getsockname()[1]}"
        threading.Thread(target=_trickle_headers, args=(listening,), daemon=True).start()
        with pytest.raises(RepositoryFault, match="in the time"):
            fetched(f"http://{place}/x", tmp_path / "t", allow=place, seconds=0.5)


def _trickle_headers(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                connection.sendall(b"a: b\r\n")
                time.sleep(0.1)
        except OSError:
            return


def test_a_stop_is_heard_while_a_server_is_silent(server: GitServer, tmp_path: Path) -> None:
    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        fetched(f"http://{server.place}/hang/x", tmp_path / "t", allow=server.place, check=stop)


def test_nobody_listening_is_the_addresss_fault_and_no_network_is_ours(tmp_path: Path) -> None:
    with pytest.raises(RepositoryFault, match="refused"):
        fetched("http://127.0.0.1:1/x", tmp_path / "t", allow="127.0.0.1:1")

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    address = normalise_file("https://example.org/x", allow=frozenset())
    deadline = time.monotonic() + 5
    with pytest.raises(PlatformFault):
        Download(
            address, tmp_path / "t", most_bytes=1, deadline=deadline, check=lambda: None,
            resolver=unknown,
        ).run()  # fmt: skip


def test_a_proxy_is_asked_for_a_tunnel_to_the_host(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only the proxy knows names, it is the proxy that looks them up."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        target = ("127.0.0.1", server.server_port)
        threading.Thread(target=_proxy, args=(listening, target, seen), daemon=True).start()
        port = listening.getsockname()[1]
        monkeypatch.setenv("http_proxy", f"http://me:word@127.0.0.1:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        got = fetched("http://data.test:80/file/data.bin", tmp_path / "t", allow="data.test:80")
    assert got == DATA
    assert seen[0].startswith(b"CONNECT data.test:80 HTTP/1.")
    assert b"Proxy-Authorization: Basic bWU6d29yZA==" in seen[0]


def _proxy(listening: socket.socket, target: tuple[str, int], seen: list[bytes]) -> None:
    connection, _ = listening.accept()
    with connection, socket.create_connection(target) as onward:
        seen.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        onward.sendall(connection.recv(4096))
        while piece := onward.recv(4096):
            connection.sendall(piece)
