"""Starting work by task name: after commit, never at the cost of the request."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app
from registry_helpers import messages

from registry.dispatch import INSPECT, TASKS, VERIFY, send_after_commit, send_each_after_commit

PATIENT_ENOUGH = 3.0


@pytest.fixture(params=["refuses", "never answers"])
def dead_broker(request, monkeypatch) -> Iterator[None]:
    """A broker that nobody serves, as `request.param` says."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        if request.param == "never answers":
            server.listen(8)
        monkeypatch.setattr(current_app.conf, "broker_url", address)
        yield


def test_every_name_that_is_sent_is_a_registered_task():
    current_app.loader.import_default_modules()
    assert set(TASKS) <= set(current_app.tasks)


@pytest.mark.django_db
def test_a_dead_broker_delays_a_request_by_less_than_three_seconds(
    dead_broker, django_capture_on_commit_callbacks, caplog
):
    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        send_after_commit(VERIFY, 1)
    assert time.monotonic() - began < PATIENT_ENOUGH
    assert "did not take runners.verify" in caplog.text


@pytest.mark.django_db
def test_a_dead_broker_is_asked_once_for_many_messages(
    dead_broker, django_capture_on_commit_callbacks, caplog
):
    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        send_each_after_commit(VERIFY, range(100))
    assert time.monotonic() - began < PATIENT_ENOUGH
    assert caplog.text.count("did not take") == 1


@pytest.mark.django_db
def test_each_task_goes_to_its_queue(django_capture_on_commit_callbacks):
    messages("verify"), messages("light")
    with django_capture_on_commit_callbacks(execute=True):
        send_each_after_commit(VERIFY, [7, 8])
        send_after_commit(INSPECT, 9)
    assert messages("verify") == [[7], [8]]
    assert messages("light") == [[9]]


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_the_message_leaves_at_once():
    messages("verify")
    send_after_commit(VERIFY, 1)
    assert messages("verify") == [[1]]


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_real_redis_takes_the_message(redis_url, monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_url", redis_url)
    messages("verify")
    send_after_commit(VERIFY, 42)
    assert messages("verify") == [[42]]
