"""A portal as its REST API shows it: the only place that speaks HTTP."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

_SECONDS = 60
_PAUSE = 1.0
_ACCEPTED_AGAIN = frozenset({502, 503, 504})
_TRIES = 4
Json = dict[str, Any]


class PortalError(Exception):
    """What went wrong, in a sentence; `hint` says what to do, `status` is HTTP's or 0."""

    def __init__(self, sentence: str, hint: str = "", status: int = 0) -> None:
        super().__init__(sentence)
        self.hint, self.status = hint, status


class Portal:
    """A portal at `url`. Without a token it shows what everybody may see."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "reprise-cli/1"
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: object) -> Json:
        """What is at an API path. Raises PortalError."""
        return self._asked("GET", path, params=query)

    def post(self, path: str, body: Json | None = None) -> Json:
        """Change something; sent again after a broken connection, it still happens once."""
        return self._asked("POST", path, json=body or {})

    def send(self, path: str, archive: Path, **fields: str) -> Json:
        """Send an archive with fields beside it."""
        with archive.open("rb") as file:
            files = {"archive": (archive.name, file)}
            return self._asked("POST", path, data=fields, files=files, tries=1)

    def model(self, named: str) -> Json:
        """A model by number, `owner/name` or the address of its page. Raises PortalError."""
        found = re.search(r"(?:^|/models/)(\d+)/?$", named)
        if found:
            return self.get(f"models/{found[1]}/")
        owner, _, name = named.strip("/").rpartition("/")
        for row in self._rows("models/", owner=owner.rpartition("/")[2]):
            if str(row["name"]).lower() == name.lower():
                return self.get(f"models/{row['accession']}/")
        raise PortalError(
            f"There is no model {named} that you may see at {self.url}.",
            "Give its number, or owner/name as its page shows them.",
        )

    def version_read(self, accession: int, tell: Callable[[str], None]) -> Json:
        """The model, once the portal has read its repository; PortalError where it cannot."""
        while True:
            model = self.get(f"models/{accession}/")
            version = model["draft_version"] or model["version"]
            if version["state"] == "failed":
                failure = version["failure"]
                raise PortalError(failure["sentence"], failure["hint"])
            if version["state"] == "ready":
                return model
            tell("The portal reads the repository.")
            time.sleep(_PAUSE)

    def run_seen(self, run_id: int) -> Iterator[Json]:
        """A run as it goes on, about once a second, to its end."""
        while True:
            run = self.get(f"runs/{run_id}/")
            yield run
            if run["state"] == "finished":
                return
            time.sleep(_PAUSE)

    def log(self, run_id: int) -> Iterator[str]:
        """The log of a run, piece by piece, as far as it is written."""
        after = 0
        while True:
            said = self.get(f"runs/{run_id}/logs/", after=after)
            yield from (chunk["text"] for chunk in said["chunks"])
            if not said["chunks"]:
                return
            after = said["next_after"]

    def _rows(self, path: str, **query: object) -> Iterator[Json]:
        page = self.get(path, page_size=100, **query)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            page = self._asked("GET", page["next"])

    def _asked(self, method: str, path: str, *, tries: int = _TRIES, **more: Any) -> Json:
        """The answer as JSON. Only what is safe to repeat is: changes carry a key for that."""
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        for left in reversed(range(tries)):
            try:
                response = self._session.request(
                    method, self._at(path), headers=headers, timeout=_SECONDS, **more
                )
            except requests.ConnectionError as error:
                if not left:
                    raise PortalError(
                        f"{self.url} cannot be reached.",
                        "Check the address, and whether you are online.",
                    ) from error
            except requests.RequestException as error:
                raise PortalError(f"{self.url} gave no answer: {error}.") from error
            else:
                if response.status_code not in _ACCEPTED_AGAIN or not left:
                    return self._read(response)
            time.sleep(_PAUSE * (_TRIES - left))
        raise AssertionError("the last try returns or raises")

    def _at(self, path: str) -> str:
        return path if path.startswith(self.url) else f"{self.url}/api/v1/{path}"

    def _read(self, response: requests.Response) -> Json:
        try:
            said: Json = response.json()
        except ValueError as error:
            hint = "Give the address of the portal itself, as in https://reprise.example."
            sentence = f"{self.url} does not answer like a Reprise portal."
            raise PortalError(sentence, hint, response.status_code) from error
        if not response.ok:
            detail = str(said.get("detail") or f"The portal answered {response.status_code}.")
            raise PortalError(detail, str(said.get("hint") or ""), response.status_code)
        return said
