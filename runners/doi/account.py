"""A site's account at DataCite."""

from dataclasses import dataclass, field

_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Account:
    """A site's account at DataCite, and where its API is."""

    url: str
    prefix: str
    repository: str
    password: str = field(repr=False)
    seconds: float = _SECONDS
