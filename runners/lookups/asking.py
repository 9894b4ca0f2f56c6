"""One small document by its address, by the rules for files; forwarded a few times at most."""

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urljoin

from registry.spec.ladder import Cause
from runners.faults import RepositoryFault
from runners.source.address import Address, normalise_file
from runners.source.download import Download, Forwarded, Refused, TooLarge
from runners.source.resolve import Resolver, system_resolver

# The largest collaborations sign articles with thousands of names and institutes.
MOST_BYTES = 4_000_000
# A DOI is answered by its registrar, to which doi.org forwards, some of them once more.
FORWARDED_MOST = 3


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How a site asks. `allow` is explained at settings.SOURCE_ALLOW."""

    allow: frozenset[str]
    doi_url: str
    seconds: float
    resolver: Resolver = system_resolver

    def document(self, url: str, *, accept: str = "*/*") -> tuple[bytes, str]:
        """What is at `url`, and the address that gave it.

        Each address on the way is checked anew, and connected to as it was checked. Raises
        RepositoryFault, of which Refused says that the server was reached, and PlatformFault.
        """
        deadline = time.monotonic() + self.seconds
        address = self._checked(url)
        for _ in range(FORWARDED_MOST):
            try:
                return self._content(address, accept, deadline), address.text
            except Forwarded as forwarded:
                address = self._checked(urljoin(address.remote, forwarded.target))
        return self._content(address, accept, deadline), address.text

    def _checked(self, url: str) -> Address:
        return normalise_file(url, allow=self.allow)

    def _content(self, address: Address, accept: str, deadline: float) -> bytes:
        with tempfile.TemporaryDirectory(prefix="reprise-lookup-") as folder:
            target = Path(folder) / "answer"
            try:
                Download(
                    address,
                    target,
                    most_bytes=MOST_BYTES,
                    deadline=deadline,
                    check=_go_on,
                    resolver=self.resolver,
                    accept=accept,
                ).run()
            except TooLarge as error:
                raise RepositoryFault(
                    Cause.DATA, f"What is at {address.text} is too large for a description."
                ) from error
            return target.read_bytes()


def hinted(fault: RepositoryFault, hint: str) -> RepositoryFault:
    """The same fault with what to do in the form that asked."""
    failure = replace(fault.failure, hint=hint)
    return RepositoryFault(failure.cause, failure.sentence, hint=hint, lines=failure.lines)


def is_absent(fault: RepositoryFault) -> bool:
    """Whether the server says that it has no such thing."""
    return isinstance(fault, Refused) and fault.status in _ABSENT


_ABSENT = frozenset({404, 410})


def _go_on() -> None:
    """A lookup ends by its own time limit; nothing stops it before."""
