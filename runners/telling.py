"""Messages to webhooks: one POST to a checked address; the answer is looked at, not followed."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.lookups.asking import Asking
from runners.source.address import Address, normalise_file
from runners.source.exchange import Exchange

# Of an answer only so much is kept, to be shown to whoever set the webhook up.
ANSWER_BYTES = 1000


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a receiver said to a message."""

    status: int
    text: str


def tell(url: str, body: bytes, headers: Mapping[str, str], *, asking: Asking) -> Answer:
    """Send a message as the site asks (`asking`), and return the answer, whatever its status.

    Raises RepositoryFault where the address may not be asked or gives no answer, and
    PlatformFault where this site has no network.
    """
    address = normalise_file(url, allow=asking.allow)
    posting = _Posting(address, body, headers, asking=asking)
    posting.run()
    return posting.answer


class _Posting(Exchange):
    """A message on its way."""

    def __init__(
        self,
        address: Address,
        body: bytes,
        headers: Mapping[str, str],
        *,
        asking: Asking,
    ) -> None:
        deadline = time.monotonic() + asking.seconds
        super().__init__(address, deadline=deadline, check=_go_on, resolver=asking.resolver)
        self._body, self._more = body, headers
        self.answer = Answer(status=0, text="")

    def converse(self, connection: http.client.HTTPConnection) -> None:
        """Send the message, and read the beginning of the answer."""
        headers = self.headers() | {"Content-Type": "application/json"} | dict(self._more)
        connection.request("POST", self.path, body=self._body, headers=headers)
        response = connection.getresponse()
        text = response.read(ANSWER_BYTES).decode("utf-8", "replace")
        self.answer = Answer(status=response.status, text=text)

    def unavailable(self, words: str) -> RepositoryFault:
        """The fault of a receiver that `words`."""
        return RepositoryFault(Cause.DATA, f"{self.address.host} {words}.")


def _go_on() -> None:
    """A message ends by its own time limit; nothing stops it before."""
