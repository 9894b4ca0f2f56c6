"""What other programs can be told of, and how such a message is signed.

The form is that of Standard Webhooks (https://www.standardwebhooks.com), so that receivers find a
library for it: the headers webhook-id, webhook-timestamp, webhook-signature; HMAC-SHA256.
"""

import base64
import hashlib
import hmac
from enum import StrEnum

SECRET_PREFIX = "whsec_"  # noqa: S105 — the form of a secret, not one


class Event(StrEnum):
    """What can happen to a model. The names are stable."""

    VERSION_PUBLISHED = "version.published"
    RUN_FINISHED = "run.finished"
    VERDICT_CHANGED = "verdict.changed"
    VERDICT_FELL = "verdict.fell"
    ENTRY_WITHDRAWN = "entry.withdrawn"
    TEST = "webhook.test"


SAID = {
    Event.VERSION_PUBLISHED: "A version was published",
    Event.RUN_FINISHED: "A verification ended, however it ended",
    Event.VERDICT_CHANGED: "The badge says something else than before",
    Event.VERDICT_FELL: "What once worked does not any more, seen twice",
    Event.ENTRY_WITHDRAWN: "The model was withdrawn",
}


def webhook_secret(*, key: str, webhook: int, generation: int) -> str:
    """The secret of a webhook: derived, so that no database holds it."""
    message = f"webhook:{webhook}:{generation}".encode()
    derived = hmac.new(key.encode(), message, hashlib.sha256).digest()
    return SECRET_PREFIX + base64.b64encode(derived).decode()


def webhook_headers(*, secret: str, message: str, timestamp: int, body: str) -> dict[str, str]:
    """The headers that let a receiver know who sent `body`, when (Unix seconds), and if anew."""
    signed = f"{message}.{timestamp}.{body}".encode()
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
