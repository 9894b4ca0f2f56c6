"""Cursors: what the portal gave out is understood, anything else is refused in words."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from registry.api.pagination import Cursor, cursor_decoded, cursor_encoded

ORDER = ("-updated_at", "-accession")


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_cursor_survives_its_way_through_an_address():
    cursor = Cursor(direction="before", order=ORDER, values=("2026-11-22T00:00:00+00:00", 7))
    assert cursor_decoded(cursor_encoded(cursor), order=ORDER) == cursor


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "after",
        [],
        ["after"],
        ["sideways", ORDER, ["x", 1]],
        ["after", ["owner__password", "-accession"], ["x", 1]],
        ["after", ["-accession"], [1]],
        ["after", ORDER, ["x"]],
        ["after", ORDER, "xy"],
        ["after", ORDER, ["x", None]],
        ["after", ORDER, ["x", True]],
        ["after", ORDER, ["x", float("nan")]],
        ["after", ORDER, ["x", float("inf")]],
        ["after", ORDER, ["x", {"a": 1}]],
        ["after", ORDER, ["a\0b", 1]],
        [["after"], ORDER, ["x", 1]],
        ["after", [["-updated_at"], "-accession"], ["x", 1]],
    ],
)
def test_a_forged_cursor_is_refused(value):
    with pytest.raises(ValidationError):
        cursor_decoded(encoded(value), order=ORDER)


@given(st.text(max_size=2000))
def test_no_text_whatever_breaks_the_reading_of_cursors(text):
    with pytest.raises(ValidationError):
        cursor_decoded(text, order=ORDER)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_no_json_whatever_breaks_the_reading_of_cursors(value):
    with pytest.raises(ValidationError):
        cursor_decoded(encoded(value), order=ORDER)
