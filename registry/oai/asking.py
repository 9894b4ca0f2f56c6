"""What a harvester asks for, read strictly; and the tokens by which it goes on with a list.

A token holds all that its list was asked for and the number of the last record told. Nothing of it
is kept here, it never ends, and whoever alters one asks for what anybody may ask for.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from registry.selectors.harvest import Window

DAY, SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
_FORMS = {
    DAY: re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    SECOND: re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII),
}
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*", re.ASCII)
_SET_CHARACTERS = 300
_TOKEN_CHARACTERS = 1000
# No accession is larger; a larger number is an error to the database.
_LARGEST = 2**63 - 1
TOKEN = "resumptionToken"  # noqa: S105 — the protocol's name for it
_SELECTIVE = frozenset({"from", "until", "set", TOKEN})


@dataclass(frozen=True, kw_only=True)
class _Arguments:
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


VERBS = {
    "Identify": _Arguments(),
    "ListMetadataFormats": _Arguments(optional=frozenset({"identifier"})),
    "ListSets": _Arguments(optional=frozenset({TOKEN})),
    "GetRecord": _Arguments(required=frozenset({"identifier", "metadataPrefix"})),
    "ListIdentifiers": _Arguments(required=frozenset({"metadataPrefix"}), optional=_SELECTIVE),
    "ListRecords": _Arguments(required=frozenset({"metadataPrefix"}), optional=_SELECTIVE),
}


class Refused(Exception):
    """Why there is no answer: one of the protocol's codes, and a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question: its verb and arguments as they came, each once."""

    verb: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list that is told page by page: what of, in which format, and how far it has come."""

    verb: str
    prefix: str
    window: Window
    after: int = 0
    told: int = 0


def asked_read(given: Iterable[tuple[str, Sequence[str]]]) -> Asked:
    """The question in arguments as they came. Raises Refused."""
    values = dict(given)
    verbs = values.pop("verb", [])
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise Refused("badVerb", f"Say one verb of: {', '.join(VERBS)}.")
    verb = verbs[0]
    _refuse_unfit(VERBS[verb], values)
    return Asked(verb=verb, arguments={name: said[0] for name, said in values.items()})


def _refuse_unfit(known: _Arguments, values: Mapping[str, Sequence[str]]) -> None:
    for name, said in values.items():
        if name not in known.required | known.optional:
            raise Refused("badArgument", f"This verb has no argument “{name[:100]}”.")
        if len(said) != 1:
            raise Refused("badArgument", f"Say the argument “{name}” once.")
    if TOKEN in values and len(values) > 1:
        raise Refused("badArgument", f"Beside “{TOKEN}” there is no other argument.")
    missing = known.required - values.keys()
    if missing and TOKEN not in values:
        raise Refused("badArgument", f"Missing: {', '.join(sorted(missing))}.")


def listing_read(asked: Asked) -> Listing:
    """The list that is asked for, from its beginning or from a token. Raises Refused."""
    said = asked.arguments
    if TOKEN in said:
        return token_read(said[TOKEN], verb=asked.verb)
    window = _window(said.get("from"), said.get("until"), said.get("set"))
    return Listing(verb=asked.verb, prefix=said["metadataPrefix"], window=window)


def token_of(listing: Listing) -> str:
    """The token by which a list goes on."""
    window = listing.window
    dates = [moment and moment.strftime(SECOND) for moment in (window.since, window.until)]
    said = [listing.verb, listing.prefix, *dates, window.spec, listing.after, listing.told]
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def token_read(text: str, *, verb: str) -> Listing:
    """The list in a token that was given out for `verb`. Raises Refused."""
    try:
        said = json.loads(base64.b64decode(text[:_TOKEN_CHARACTERS], altchars=b"-_"))
        made_for, prefix, since, until, spec, after, told = said
        window = _window(since, until, spec or None)
    except (binascii.Error, ValueError, TypeError, RecursionError, Refused) as error:
        raise _bad_token() from error
    if made_for != verb or type(prefix) is not str or not _are_places(after, told):
        raise _bad_token()
    return Listing(verb=verb, prefix=prefix, window=window, after=after, told=told)


def _bad_token() -> Refused:
    return Refused(
        "badResumptionToken", "This token is none that was given out for this verb. Start again."
    )


def _are_places(*values: Any) -> bool:
    return all(type(value) is int and 0 <= value <= _LARGEST for value in values)


def _window(since: str | None, until: str | None, spec: str | None) -> Window:
    """Which records arguments ask for. Raises Refused."""
    if spec is not None and not (len(spec) <= _SET_CHARACTERS and _SET.fullmatch(spec)):
        raise Refused("badArgument", "This is not the form of a set's name.")
    first, last = _moment(since), _moment(until)
    if since and until and len(since) != len(until):
        raise Refused("badArgument", "Give both dates to the day, or both to the second.")
    if last and until and len(until) < len("2026-01-01T"):
        last = datetime.combine(last, time(23, 59, 59), UTC)
    if first and last and first > last:
        raise Refused("badArgument", "“from” is later than “until”.")
    return Window(since=first, until=last, spec=spec or "")


def _moment(text: str | None) -> datetime | None:
    """A date as the protocol writes one. Raises Refused."""
    if text is None:
        return None
    form = next((form for form, pattern in _FORMS.items() if pattern.fullmatch(text)), "")
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(
            "badArgument", "A date is YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, in UTC."
        ) from error
