"""One request to a checked address, in a given time: what downloads and webhooks share.

The connection goes to an address that was checked, or through the site's proxy. A thread talks, so
that a server which trickles or says nothing is left when the time is up.
"""

import base64
import http.client
import socket
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from runners.faults import Check, PlatformFault, RepositoryFault
from runners.source.address import Address
from runners.source.guard import site_certificates
from runners.source.resolve import Resolver, checked_ips, proxy_for, system_resolver
from runners.source.walk import printable

_SILENCE_SECONDS = 30.0
_TICK_SECONDS = 0.1
_TRIED_IPS = 4
_DEAD_NETWORK = ("Network is unreachable", "Network is down")
AGENT = "Reprise (a registry of models)"


class Exchange(ABC):
    """A question to `address` and its answer, until `deadline` (monotonic)."""

    # What a server did not do that is out of time, after its name.
    late = "did not answer in the time that is given to it"

    def __init__(
        self,
        address: Address,
        *,
        deadline: float,
        check: Check,
        resolver: Resolver = system_resolver,
    ) -> None:
        self.address = address
        self._deadline, self._check, self._resolver = deadline, check, resolver
        self._socket: socket.socket | None = None

    def run(self) -> None:
        """Ask. Raises RepositoryFault, PlatformFault, or what `check` raises."""
        ips = checked_ips(self.address, resolver=self._resolver)
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(self._ask, ips)
            try:
                self._watch(asking)
            finally:
                self._leave(asking)
        self._settle(asking)

    @abstractmethod
    def converse(self, connection: http.client.HTTPConnection) -> None:
        """In a thread of its own: send the request, and keep what comes."""

    @abstractmethod
    def unavailable(self, words: str) -> RepositoryFault:
        """The fault of a server that `words`, as in “did not answer”."""

    def headers(self) -> dict[str, str]:
        """What every request says."""
        return {
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
            "Host": urlsplit(self.address.remote).netloc,
        }

    @property
    def path(self) -> str:
        """What is asked for at the server."""
        parts = urlsplit(self.address.remote)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def _watch(self, asking: Future[None]) -> None:
        while not asking.done():
            self._check()
            if time.monotonic() > self._deadline:
                raise self.unavailable(self.late)
            wait([asking], _TICK_SECONDS)

    def _leave(self, asking: Future[None]) -> None:
        """Break the connection off, until the thread has noticed."""
        while not asking.done():
            if self._socket:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
            wait([asking], _TICK_SECONDS)

    def _settle(self, asking: Future[None]) -> None:
        try:
            asking.result()
        except ssl.SSLCertVerificationError as error:
            words = f"has a certificate that is not trusted here ({error.verify_message})"
            raise self.unavailable(words) from error
        except (OSError, http.client.HTTPException) as error:
            reason = printable(str(error))[:200] or type(error).__name__
            if any(said in reason for said in _DEAD_NETWORK):
                raise PlatformFault(f"{self.address.host} cannot be reached: {reason}") from error
            raise self.unavailable(f"did not give it ({reason})") from error

    def _ask(self, ips: Sequence[str]) -> None:
        self.converse(self._connected(ips))

    def _connected(self, ips: Sequence[str]) -> http.client.HTTPConnection:
        """A connection to the host at one of its checked addresses, or through the proxy."""
        proxy = proxy_for(self.address)
        connection = self._through(proxy) if proxy else self._direct(ips)
        if self.address.scheme == "https":
            context = ssl.create_default_context(cafile=site_certificates())
            connection.sock = self._socket = context.wrap_socket(
                connection.sock, server_hostname=self.address.host, do_handshake_on_connect=False
            )
            connection.sock.do_handshake()
        return connection

    def _direct(self, ips: Sequence[str]) -> http.client.HTTPConnection:
        *others, last = ips[:_TRIED_IPS]
        for ip in others:
            with suppress(OSError):
                return self._dialled(http.client.HTTPConnection(ip, self.address.port))
        return self._dialled(http.client.HTTPConnection(last, self.address.port))

    def _through(self, proxy: str) -> http.client.HTTPConnection:
        """A tunnel, whatever the scheme, so that the proxy sees nothing but the host."""
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80)
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
        known = {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"}
        headers = known if parts.username else {}
        connection.set_tunnel(self.address.host, self.address.port, headers=headers)
        return self._dialled(connection)

    def _dialled(self, connection: http.client.HTTPConnection) -> http.client.HTTPConnection:
        connection.timeout = _SILENCE_SECONDS
        connection.connect()
        self._socket = connection.sock
        return connection
