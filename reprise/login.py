"""Which portal is meant, and who one is there: by the environment, else by `reprise login`."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import typer

from reprise.portal import Portal, PortalError

_LOG_IN = "Run `reprise login ADDRESS`, or set REPRISE_URL and REPRISE_TOKEN."


@dataclass(frozen=True)
class Login:
    """A portal and a token for it; "" without one."""

    url: str
    token: str = ""


def kept_at() -> Path:
    """The file that `reprise login` writes."""
    folder = os.environ.get("REPRISE_CONFIG_DIR") or typer.get_app_dir("reprise")
    return Path(folder) / "login.json"


def login_keep(login: Login) -> None:
    """Keep a login where its owner alone can read it."""
    place = kept_at()
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        json.dump({"url": login.url, "token": login.token}, file)


def login_found(url: str = "") -> Login:
    """The login for `url`, or for the portal that one uses. Raises PortalError without any."""
    kept = _kept()
    wanted = url or os.environ.get("REPRISE_URL") or (kept.url if kept else "")
    if not wanted:
        raise PortalError("No portal is named.", _LOG_IN)
    token = os.environ.get("REPRISE_TOKEN", "")
    if not token and kept and kept.url == wanted.rstrip("/"):
        token = kept.token
    return Login(wanted.rstrip("/"), token)


def portal_of(url: str = "", *, named: bool = False) -> Portal:
    """The portal that is meant; `named` where nothing goes without a token. Raises PortalError."""
    login = login_found(url)
    if named and not login.token:
        raise PortalError(f"You are not logged in at {login.url}.", _LOG_IN)
    return Portal(login.url, login.token)


def _kept() -> Login | None:
    try:
        said = json.loads(kept_at().read_text())
        return Login(str(said["url"]), str(said["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise PortalError(f"{kept_at()} cannot be read.", "Log in again.") from error
