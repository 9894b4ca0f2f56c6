"""Giving a model's published versions out by git: values, and the protocol of whoever serves.

The registry knows no git. Settings name the class that serves the site's mirrors (GIT_SERVER);
registry.views.gitting is the door, where it is decided who may ask for what.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from registry.sources import SourcePlace

# The full name of a ref → the commit that it means. HEAD is `refs/heads/main`, always among them.
Refs = Mapping[str, SourcePlace]


class GitUnavailableError(Exception):
    """Git cannot serve now; the message is a sentence for people."""


class GitRefusedError(Exception):
    """Git made nothing of what the client sent; the message is a sentence for people."""


class GitAnswer(Protocol):
    """What git says, in pieces. Close it: until then git may be running.

    `given` are the offered commits that the client asked for, where it gets objects at all.
    """

    given: frozenset[str]

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, read as git writes them."""
        ...

    def close(self) -> None:
        """End git, and leave nothing of the answer behind. May be called twice."""
        ...


class GitServer(Protocol):
    """Speaks git's smart HTTP, to read. Nothing but `refs` is shown, and no other object is given.

    The class that settings name takes the mirrors' folder, and `caller`: so that nobody takes all
    places, what is begun under one name is bounded. `version` is the client's Git-Protocol header.
    Raises GitUnavailableError where the mirrors are not here or too many are served at once.
    """

    def advertise(self, refs: Refs, *, version: str) -> GitAnswer:
        """The answer to `info/refs`."""
        ...

    def upload_pack(self, refs: Refs, *, version: str, asked: Path) -> GitAnswer:
        """The answer to a request, which is in the file `asked`. Raises GitRefusedError."""
        ...
