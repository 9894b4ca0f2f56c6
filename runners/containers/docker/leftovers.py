"""What of the engine's is ours: how it is told from others', and how it goes."""

import time
from collections.abc import Callable, Mapping

from docker.errors import APIError, NotFound
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

SITE_LABEL = "org.reprise.site"
RUN_LABEL = "org.reprise.run"
DEADLINE_LABEL = "org.reprise.deadline"
REMOVE_TRIES = 5


def made_by(site: str) -> dict[str, list[str]]:
    """The engine's filter for what a run of this site made, and for nothing else."""
    return {"label": [RUN_LABEL, f"{SITE_LABEL}={site}"]}


def is_left_over(labels: Mapping[str, str], live_runs: frozenset[str], now: int) -> bool:
    """Whether what has these labels is of no live run, or past its deadline at `now`, Unix time."""
    deadline = labels.get(DEADLINE_LABEL, "0")
    past = not deadline.isdecimal() or int(deadline) < now
    return labels[RUN_LABEL] not in live_runs or past


def try_removing(remove: Callable[[], object]) -> bool:
    """Try to end or remove something of ours; whether it went.

    What is gone already is fine. What the engine will not let go after a few tries is left to
    remove_leftovers, so that the reason why we are leaving is not hidden behind this.
    """
    for attempt in range(REMOVE_TRIES):
        try:
            remove()
        except NotFound:
            return False
        except APIError as error:
            if error.status_code != 409:  # noqa: PLR2004 — still in use, or on its way out
                return False
        except (RequestException, HTTPError):
            return False
        else:
            return True
        time.sleep(0.1 * attempt)
    return False
