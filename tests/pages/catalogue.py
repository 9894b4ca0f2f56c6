"""Every page of the portal with something on it: a room makes its scene and names its pages."""

from collections.abc import Callable
from pathlib import Path

from registry.models import User
from tests.pages.looking import Walked
from tests.web import scenery

Room = Callable[[User, Path], list[Walked]]
# Whose pages they are: "" a stranger's, else who is signed in. Curators are staff.
STRANGER, OWNER, CURATOR = "", "ada", "curator"


def _walked(template: str, address: str, status: int = 200) -> Walked:
    return Walked(template=template, address=address, status=status)


def front(ada: User, folder: Path) -> list[Walked]:
    """What a stranger meets first."""
    _, run = scenery.published(ada)
    scenery.verified(run, folder)
    return [
        _walked("registry/entry_list.html", "/models/"),
        _walked("registry/entry_list.html", "/models/?q=nothing+at+all"),
        _walked("registry/rules.html", "/rules/"),
        _walked("registry/statistics.html", "/statistics/"),
        _walked("404.html", "/models/999/", 404),
    ]


def entries(ada: User, folder: Path) -> list[Walked]:
    """A model that reproduces, one that does not, one under way, one that was withdrawn."""
    entry, run = scenery.published(ada)
    scenery.verified(run, folder)
    wrong, wrong_run = scenery.published(ada, "https://github.com/ada/antenna", title="Antenna")
    scenery.verified(wrong_run, folder, scenery.mismatch)
    _, live = scenery.published(ada, "https://github.com/ada/ising", title="Ising")
    scenery.started(live)
    return [
        _walked("registry/entry.html", f"/models/{entry.pk}/"),
        _walked("registry/entry.html", f"/models/{wrong.pk}/"),
        _walked("registry/badge.html", f"/models/{entry.pk}/badge/"),
        _walked("registry/cite.html", f"/models/{entry.pk}/cite/"),
        _walked("registry/history.html", f"/models/{entry.pk}/history/"),
        _walked("registry/run.html", f"/runs/{run.pk}/"),
        _walked("registry/run.html", f"/runs/{wrong_run.pk}/"),
        _walked("registry/run.html", f"/runs/{live.pk}/"),
    ]


def drafts(ada: User, folder: Path) -> list[Walked]:
    """What an owner does with models."""
    del folder
    draft = scenery.ready(ada, "https://github.com/ada/" + "very-long-name" * 6)
    failed = scenery.unreadable(ada)
    entry, _ = scenery.published(ada, "https://github.com/ada/wind", title="Wind")
    return [
        _walked("registry/publish.html", "/publish/"),
        _walked("registry/edit.html", f"/models/{draft.pk}/edit/"),
        _walked("registry/edit.html", f"/models/{failed.pk}/edit/"),
        _walked("registry/version_new.html", f"/models/{entry.pk}/versions/new/"),
        _walked("registry/watch.html", f"/models/{entry.pk}/watch/"),
        _walked("registry/withdraw.html", f"/models/{entry.pk}/withdraw/"),
    ]


def people(ada: User, folder: Path) -> list[Walked]:
    """What people keep here."""
    del ada, folder
    return [
        _walked("registry/profile.html", "/settings/profile/"),
        _walked("registry/tokens.html", "/settings/tokens/"),
        _walked("account/email.html", "/accounts/email/"),
        _walked("account/password_change.html", "/accounts/password/change/"),
    ]


def doors(ada: User, folder: Path) -> list[Walked]:
    """How one comes in."""
    del ada, folder
    return [
        _walked("account/login.html", "/accounts/login/"),
        _walked("account/signup.html", "/accounts/signup/"),
        _walked("account/password_reset.html", "/accounts/password/reset/"),
    ]


ROOMS: dict[str, tuple[str, Room]] = {
    "front": (STRANGER, front),
    "doors": (STRANGER, doors),
    "entries": (OWNER, entries),
    "drafts": (OWNER, drafts),
    "people": (OWNER, people),
}
