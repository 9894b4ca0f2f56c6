"""The public validator of RO-Crates, offline."""

import json
import warnings
from io import BytesIO
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from urllib3 import HTTPResponse

from tests.exports.contexts import CONTEXTS

PROFILES = ("ro-crate-1.1", "process-run-crate-0.5")


class Pages(HTTPAdapter):
    """Answers with the contexts and reaches nothing."""

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object):
        body = json.dumps({"@context": CONTEXTS[request.url]}).encode()
        headers = {"Content-Type": "application/ld+json"}
        raw = HTTPResponse(BytesIO(body), headers, status=200, preload_content=False)
        return self.build_response(request, raw)


def context_cache(folder: Path) -> Path:
    """A cache of web pages as the validator keeps one, holding the contexts of our crates."""
    path = folder / "contexts"
    with CachedSession(str(path), backend="sqlite", expire_after=-1) as session:
        session.mount("https://", Pages())
        for address in CONTEXTS:
            session.get(address)
    return path


def complaints(
    crate: Path, profile: str, *, cache: Path, least: Severity = Severity.REQUIRED
) -> set[str]:
    """What the validator says against a crate, a folder or a zip, under a profile."""
    settings = ValidationSettings(
        rocrate_uri=str(crate),
        profile_identifier=profile,
        requirement_severity=least,
        cache_path=cache,
        offline=True,
    )
    with warnings.catch_warnings(action="ignore"):  # of what the libraries think of each other
        result = services.validate(settings)
    assert result.executed_checks
    return {f"{issue.violatingEntity}: {issue.message}" for issue in result.get_issues(least)}
