import socket
from collections.abc import Callable

import pytest

from runners.faults import PlatformFault, RepositoryFault
from runners.source.address import normalise
from runners.source.resolve import is_public, pins, system_resolver

PUBLIC = normalise("https://github.com/o/n", allow=frozenset())


def resolving(*found: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(found)


def failing(errno: int) -> Callable[[str, int], list[str]]:
    def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(errno, "no answer")

    return resolve


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "192.88.99.1",
        "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "ff02::1",
        "::ffff:8.8.8.8", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
        "2002:808:808::1", "2001:db8::1", "2001::1", "100::1", "not an address", "",
    ],
)  # fmt: skip
def test_addresses_outside_the_public_internet_are_told(ip: str) -> None:
    assert not is_public(ip)
    with pytest.raises(RepositoryFault, match="private address"):
        pins(PUBLIC, resolver=resolving("140.82.121.3", ip))


@pytest.mark.parametrize("ip", ["140.82.121.3", "8.8.8.8", "2606:50c0:8000::153", "2a04:4e42::1"])
def test_public_addresses_are_told(ip: str) -> None:
    assert is_public(ip)


def test_git_is_tied_to_every_checked_address() -> None:
    resolver = resolving("140.82.121.3", "2606:50c0:8000::153")
    expected = "github.com:443:140.82.121.3,[2606:50c0:8000::153]"
    assert pins(PUBLIC, resolver=resolver) == expected


def test_a_name_without_addresses_is_refused() -> None:
    with pytest.raises(RepositoryFault):
        pins(PUBLIC, resolver=resolving())


def test_a_trusted_host_may_resolve_to_anything() -> None:
    address = normalise("http://git.internal:80/m", allow=frozenset({"git.internal:80"}))
    assert pins(address, resolver=resolving("10.0.0.7")) == "git.internal:80:10.0.0.7"


def test_a_local_folder_needs_no_address() -> None:
    address = normalise("/data/model", allow=frozenset({"file"}))
    assert pins(address, resolver=failing(socket.EAI_NONAME)) is None


def test_a_name_that_does_not_exist_is_the_authors_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    with pytest.raises(RepositoryFault, match=r"no server called github\.com"):
        pins(PUBLIC, resolver=failing(socket.EAI_NONAME))


def test_a_resolver_that_does_not_answer_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    with pytest.raises(PlatformFault, match=r"github\.com"):
        pins(PUBLIC, resolver=failing(socket.EAI_AGAIN))


def test_behind_a_proxy_the_proxy_resolves_what_we_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.internal:3128")
    assert pins(PUBLIC, resolver=failing(socket.EAI_NONAME)) is None


def test_the_machines_own_resolver_is_asked() -> None:
    assert "127.0.0.1" in system_resolver("127.0.0.1", 443)
