"""One file by its address: by the rules for repositories, and with no redirect at all.

The connection goes to an address that was checked, or through the site's proxy. A thread reads, so
that a server which trickles or says nothing is left when the time is up.
"""

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from registry.spec.ladder import Cause
from runners.faults import Check, PlatformFault, RepositoryFault
from runners.source.address import Address
from runners.source.guard import site_certificates
from runners.source.resolve import Resolver, checked_ips, proxy_for, system_resolver
from runners.source.walk import printable

_PIECE_BYTES = 1 << 16
_SILENCE_SECONDS = 30.0
_TICK_SECONDS = 0.1
_TRIED_IPS = 4
_HEADERS = {
    "User-Agent": "Reprise (a registry of models)",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_LATER = "Try again later. If it stays so, give another address, or upload the file for the entry."
_DEAD_NETWORK = ("Network is unreachable", "Network is down")


class Forwarded(RepositoryFault):
    """The server named another address instead: `target`, as it wrote it."""

    def __init__(self, cause: Cause, sentence: str, *, hint: str, target: str) -> None:
        super().__init__(cause, sentence, hint=hint)
        self.target = target


class Refused(RepositoryFault):
    """The server answered, but with a `status` that says that it gives no file."""

    def __init__(self, cause: Cause, sentence: str, *, hint: str, status: int) -> None:
        super().__init__(cause, sentence, hint=hint)
        self.status = status


class TooLarge(RepositoryFault):
    """There is more of it than may be had."""


class Download:
    """A file that is fetched to `target`, a path where nothing is. `deadline` is monotonic.

    `accept` is the media type that is asked for, where a server has several for one address.
    """

    def __init__(
        self,
        address: Address,
        target: Path,
        *,
        most_bytes: int,
        deadline: float,
        check: Check,
        resolver: Resolver = system_resolver,
        accept: str = "*/*",
    ) -> None:
        self._address, self._target, self._most_bytes = address, target, most_bytes
        self._deadline, self._check, self._resolver = deadline, check, resolver
        self._accept = accept
        self._socket: socket.socket | None = None

    def run(self) -> None:
        """Fetch it. Raises RepositoryFault (data), PlatformFault, or what `check` raises."""
        try:
            ips = checked_ips(self._address, resolver=self._resolver)
        except RepositoryFault as fault:
            raise as_data(fault) from fault
        with ThreadPoolExecutor(1) as pool:
            fetching = pool.submit(self._fetch, ips)
            try:
                self._watch(fetching)
            finally:
                self._leave(fetching)
        self._settle(fetching)

    def _watch(self, fetching: Future[None]) -> None:
        while not fetching.done():
            self._check()
            if time.monotonic() > self._deadline:
                raise self._unavailable("did not send it in the time that is given to it")
            wait([fetching], _TICK_SECONDS)

    def _leave(self, fetching: Future[None]) -> None:
        """Break the connection off, until the thread has noticed."""
        while not fetching.done():
            if self._socket:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
            wait([fetching], _TICK_SECONDS)

    def _settle(self, fetching: Future[None]) -> None:
        try:
            fetching.result()
        except ssl.SSLCertVerificationError as error:
            words = f"has a certificate that is not trusted here ({error.verify_message})"
            raise self._unavailable(words) from error
        except (OSError, http.client.HTTPException) as error:
            reason = printable(str(error))[:200] or type(error).__name__
            if any(said in reason for said in _DEAD_NETWORK):
                raise PlatformFault(f"{self._address.host} cannot be reached: {reason}") from error
            raise self._unavailable(f"did not give it ({reason})") from error

    def _fetch(self, ips: Sequence[str]) -> None:
        """In a thread of its own: ask, and keep what comes."""
        connection = self._connected(ips)
        parts = urlsplit(self._address.remote)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", path, headers=self._headers(parts.netloc))
        response = connection.getresponse()
        if response.status != HTTPStatus.OK:
            raise self._refused(response)
        self._keep(response)

    def _headers(self, host: str) -> dict[str, str]:
        return {**_HEADERS, "Accept": self._accept, "Host": host}

    def _connected(self, ips: Sequence[str]) -> http.client.HTTPConnection:
        """A connection to the host at one of its checked addresses, or through the proxy."""
        proxy = proxy_for(self._address)
        connection = self._through(proxy) if proxy else self._direct(ips)
        if self._address.scheme == "https":
            context = ssl.create_default_context(cafile=site_certificates())
            connection.sock = self._socket = context.wrap_socket(
                connection.sock, server_hostname=self._address.host, do_handshake_on_connect=False
            )
            connection.sock.do_handshake()
        return connection

    def _direct(self, ips: Sequence[str]) -> http.client.HTTPConnection:
        *others, last = ips[:_TRIED_IPS]
        for ip in others:
            with suppress(OSError):
                return self._dialled(http.client.HTTPConnection(ip, self._address.port))
        return self._dialled(http.client.HTTPConnection(last, self._address.port))

    def _through(self, proxy: str) -> http.client.HTTPConnection:
        """A tunnel, whatever the scheme, so that the proxy sees nothing but the host."""
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80)
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
        known = {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"}
        headers = known if parts.username else {}
        connection.set_tunnel(self._address.host, self._address.port, headers=headers)
        return self._dialled(connection)

    def _dialled(self, connection: http.client.HTTPConnection) -> http.client.HTTPConnection:
        connection.timeout = _SILENCE_SECONDS
        connection.connect()
        self._socket = connection.sock
        return connection

    def _keep(self, response: http.client.HTTPResponse) -> None:
        room = self._most_bytes
        with self._target.open("xb") as file:
            while piece := response.read1(_PIECE_BYTES):
                room -= file.write(piece)
                if room < 0:
                    raise too_large(self._address.text, self._most_bytes)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)

    def _refused(self, response: http.client.HTTPResponse) -> RepositoryFault:
        """The fault of an answer that is not the file."""
        moved = HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST
        if not moved:
            sentence = self._sentence(f"answered with {response.status}")
            return Refused(Cause.DATA, sentence, hint=_LATER, status=response.status)
        target = response.getheader("Location") or ""
        shown = printable(target)[:300]
        return Forwarded(
            Cause.DATA,
            f"{self._address.text} only forwards to another address.",
            hint=f"Give the address that the file itself has. It forwards to: {shown}",
            target=target,
        )

    def _unavailable(self, words: str) -> RepositoryFault:
        return RepositoryFault(Cause.DATA, self._sentence(words), hint=_LATER)

    def _sentence(self, words: str) -> str:
        return f"{self._address.text} could not be had: {self._address.host} {words}."


def as_data(fault: RepositoryFault) -> RepositoryFault:
    """The same fault as one of a file that the code needs, not of the repository."""
    failure = replace(fault.failure, cause=Cause.DATA)
    return RepositoryFault(failure.cause, failure.sentence, hint=failure.hint, lines=failure.lines)


def too_large(name: str, room: int) -> TooLarge:
    """The fault of an input for which there is no room."""
    return TooLarge(
        Cause.DATA,
        f"{name} is larger than the {room:,} bytes that are left for inputs.",
        hint="Use a smaller file for the check.",
    )
