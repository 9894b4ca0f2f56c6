"""Starting work by task name, after commit. The registry knows no worker, only these names."""

import hashlib
import logging
from collections.abc import Sequence
from functools import partial

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError

VERIFY = "runners.verify"
INSPECT = "runners.inspect"
BISECT = "runners.bisect"
CALCULATE = "runners.calculate"
LOOK_UP = "runners.look_up"
MAKE_ARCHIVE = "runners.make_archive"
MINT_DOI = "runners.mint_doi"
MAIL_NEWS = "runners.mail_news"
SAVE_IMAGE = "runners.save_image"
SEND_WEBHOOK = "runners.send_webhook"
UNPACK_FILE = "runners.unpack_file"
PUSH_IMAGE = "runners.push_image"
TASKS = (
    VERIFY,
    INSPECT,
    BISECT,
    CALCULATE,
    LOOK_UP,
    MAIL_NEWS,
    MINT_DOI,
    PUSH_IMAGE,
    SEND_WEBHOOK,
    MAKE_ARCHIVE,
    SAVE_IMAGE,
    UNPACK_FILE,
)
# Without max_retries, a refused connection is tried for 6 seconds and a mute one for 9 (seen).
PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0}

_JUST_SENT_SECONDS = 60

logger = logging.getLogger(__name__)


def send_after_commit(task_name: str, *args: int | str) -> None:
    """Send a task once the rows that it will read are committed.

    Best effort: the row is the truth, and what a dead broker did not take, reconciling resends.
    """
    transaction.on_commit(partial(_send, task_name, args), robust=True)


def send_unless_just_sent(task_name: str, *args: int | str) -> None:
    """Send a task, but not at each question of callers who ask again and again."""
    named = hashlib.sha256(repr((task_name, *args)).encode()).hexdigest()
    if cache.add(f"sent-{named}", 1, _JUST_SENT_SECONDS):
        send_after_commit(task_name, *args)


def send_each_after_commit(task_name: str, ids: Sequence[int]) -> None:
    """Send one task for each id, as send_after_commit; the first refusal ends it."""
    transaction.on_commit(partial(_send_until_refused, task_name, tuple(ids)), robust=True)


def _send_until_refused(task_name: str, ids: tuple[int, ...]) -> None:
    # A dead broker takes seconds to refuse; asking it again for each row would take minutes.
    all(_send(task_name, (identifier,)) for identifier in ids)


def _send(task_name: str, args: tuple[int | str, ...]) -> bool:
    """Whether the broker took the message, within PATIENCE or so.

    The connection is its own, for its own patience: a worker's may wait and retry for long.
    """
    options = {**current_app.conf.broker_transport_options, **PATIENCE}
    try:
        with current_app.connection_for_write(transport_options=options) as connection:
            current_app.send_task(
                task_name, args=args, connection=connection, retry=False, ignore_result=True
            )
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take %s%s: %s", task_name, args, error)
        return False
    return True
