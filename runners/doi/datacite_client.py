"""Registering DOIs through DataCite's REST API, by its own client. No Django.

https://support.datacite.org/docs/api-create-dois
"""

import json
from typing import Any

from datacite import DataCiteRESTClient, schema45
from datacite.errors import DataCiteError, DataCiteNotFoundError, HttpError
from datacite.request import DataCiteRequest
from requests import Response

from runners.doi.account import Account
from runners.faults import PlatformFault

_TOO_MANY, _SERVER_FAULT = 429, 500


class DoiRefused(Exception):
    """DataCite, or its schema, says no for good: a sentence for the owner."""


class _Request(DataCiteRequest):  # type: ignore[misc] # the library has no types
    """A request that tells a server's trouble from its refusal; the library calls both the same."""

    def request(self, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().request(*args, **kwargs)
        if response.status_code >= _SERVER_FAULT or response.status_code == _TOO_MANY:
            raise HttpError(f"it answered {response.status_code}")
        return response


class _Client(DataCiteRESTClient):  # type: ignore[misc] # the library has no types
    def _create_request(self) -> _Request:
        return _Request(
            base_url=self.api_url,
            username=self.username,
            password=self.password,
            timeout=self.timeout,
        )


def tell_datacite(
    account: Account,
    *,
    doi: str,
    url: str,
    metadata: dict[str, Any],
    is_new: bool,
    is_findable: bool,
) -> None:
    """Make DataCite know a DOI as it is given, whatever it knew of it before.

    1. Hold the metadata to DataCite's schema.
    2. Ask whether the DOI exists: an answer to an earlier request may have been lost. A new one
       that leads elsewhere is somebody else's.
    3. Register it, or renew what is said of it. A DOI that is not findable still leads to its
       page; only DataCite's search leaves it out.

    Raises DoiRefused for what will be refused again, PlatformFault for what may go well later.
    """
    _check(metadata)
    client = _client(account)
    try:
        known = _known(client, doi)
        if is_new and known and known["url"] not in (None, url):
            raise DoiRefused(f"{doi} exists already and leads to {known['url']}.")
        if known is None:
            register = client.public_doi if is_findable else client.private_doi
            register(dict(metadata), url, doi=doi)
        else:
            event = "publish" if is_findable else "hide"
            client.update_doi(doi, metadata={**metadata, "event": event}, url=url)
    except HttpError as error:
        raise PlatformFault(f"DataCite cannot be reached: {error}") from error
    except DataCiteError as error:
        raise DoiRefused(f"DataCite refused it: {_reason(error)}.") from error


def _client(account: Account) -> _Client:
    return _Client(
        username=account.repository,
        password=account.password,
        prefix=account.prefix,
        url=account.url,
        timeout=account.seconds,
    )


def _check(metadata: dict[str, Any]) -> None:
    faults = sorted(schema45.validator.iter_errors(metadata), key=lambda error: error.json_path)
    if faults:
        where = faults[0].json_path
        raise DoiRefused(f"The metadata does not fit DataCite's schema at {where}.")


def _known(client: _Client, doi: str) -> dict[str, Any] | None:
    """What DataCite says of a DOI; None of one that does not exist."""
    try:
        attributes: dict[str, Any] = client.get_metadata(doi)
    except DataCiteNotFoundError:
        return None
    return attributes


def _reason(error: DataCiteError) -> str:
    """Why, as DataCite's JSON:API errors say it; else the kind of answer."""
    try:
        errors = json.loads(str(error))["errors"]
        return "; ".join(str(one.get("title") or one.get("detail")) for one in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return type(error).__name__.removeprefix("DataCite").removesuffix("Error").lower()
