"""One file by its address: by the rules for repositories, and with no redirect at all."""

import http.client
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from registry.spec.ladder import Cause
from runners.faults import Check, RepositoryFault
from runners.source.address import Address
from runners.source.exchange import Exchange
from runners.source.resolve import Resolver, system_resolver
from runners.source.walk import printable

_PIECE_BYTES = 1 << 16
_LATER = "Try again later. If it stays so, give another address, or upload the file for the entry."


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


class Download(Exchange):
    """A file that is fetched to `target`, a path where nothing is. `deadline` is monotonic.

    `accept` is the media type that is asked for, where a server has several for one address.
    """

    late = "did not send it in the time that is given to it"

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
        super().__init__(address, deadline=deadline, check=check, resolver=resolver)
        self._target, self._most_bytes, self._accept = target, most_bytes, accept

    def run(self) -> None:
        """Fetch it. Raises RepositoryFault (data), PlatformFault, or what `check` raises."""
        try:
            super().run()
        except RepositoryFault as fault:
            if fault.failure.cause is Cause.DATA:
                raise
            raise as_data(fault) from fault

    def converse(self, connection: http.client.HTTPConnection) -> None:
        """Ask for the file, and keep it."""
        connection.request("GET", self.path, headers=self.headers() | {"Accept": self._accept})
        response = connection.getresponse()
        if response.status != HTTPStatus.OK:
            raise self._refused(response)
        self._keep(response)

    def unavailable(self, words: str) -> RepositoryFault:
        """The fault of a server that `words`."""
        return RepositoryFault(Cause.DATA, self._sentence(words), hint=_LATER)

    def _keep(self, response: http.client.HTTPResponse) -> None:
        room = self._most_bytes
        with self._target.open("xb") as file:
            while piece := response.read1(_PIECE_BYTES):
                room -= file.write(piece)
                if room < 0:
                    raise too_large(self.address.text, self._most_bytes)
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
            f"{self.address.text} only forwards to another address.",
            hint=f"Give the address that the file itself has. It forwards to: {shown}",
            target=target,
        )

    def _sentence(self, words: str) -> str:
        return f"{self.address.text} could not be had: {self.address.host} {words}."


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
