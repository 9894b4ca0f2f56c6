"""The page of the rules says all that the policy says, and names its version and digest."""

from collections.abc import Iterator
from typing import Any

from django.utils.html import escape

from registry.spec.policy import POLICY, document


def sentences(part: Any) -> Iterator[str]:
    """Every sentence of a document; numbers are named in the sentences."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list | tuple):
        for each in part.values() if isinstance(part, dict) else part:
            yield from sentences(each)


def test_every_sentence_of_the_policy_is_on_the_page(client, db):
    page = client.get("/rules/").content.decode()
    every = list(sentences(document()))
    assert len(every) > 50
    assert [text for text in every if escape(text) not in page] == []
    assert POLICY.digest in page


def test_what_a_badge_says_beside_the_level_can_be_linked_to(client, db):
    page = client.get("/rules/").content.decode()
    for name in document()["modifiers"]:
        assert f'id="{name}"' in page
