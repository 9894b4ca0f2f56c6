"""A receipt accepts itself and nothing else: not one altered byte, not one moved line."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError

from registry.spec.envelope import BadReceipt, new_secret_key, opened, sealed
from tests.receipts.receipt_helpers import KEYS, PUBLIC, report, signed, signer
from tests.receipts.receipt_helpers import opened as receipt_of

WHOLE = signed()
TOP = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def refused(data: bytes) -> bool:
    try:
        receipt_of(data)
    except BadReceipt:
        return True
    return False


def alterations(position: int) -> list[bytes]:
    """A bit turned, a neighbour in base64, a space, a line's end, nothing, and one byte more."""
    before, byte, after = WHOLE[:position], WHOLE[position], WHOLE[position + 1 :]
    place = TOP.find(byte)
    near = TOP[place ^ 1] if place >= 0 else byte ^ 1
    others = {byte ^ 1, byte ^ 0x80, near, 0x20, 0x0A, 0x0D, ord("-"), ord("_")} - {byte}
    swapped = [before + bytes([other]) + after for other in sorted(others)]
    return [
        *swapped,
        before + after,
        before + bytes([byte, byte]) + after,
        before + b" " + bytes([byte]) + after,
    ]


def third_party(line: bytes) -> Envelope | None:
    """What securesystemslib alone takes a line for, if it accepts it."""
    try:
        envelope = Envelope.from_dict(json.loads(line))
        envelope.verify([PUBLIC], 1)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, VerificationError):
        return None
    return envelope


def test_a_receipt_is_accepted_as_it_was_made():
    receipt = receipt_of(WHOLE)
    assert receipt.keyid == PUBLIC.keyid
    assert receipt.seen.level == 5


def test_every_byte_that_is_altered_is_refused():
    accepted = [
        (position, altered)
        for position in range(len(WHOLE))
        for altered in alterations(position)
        if not refused(altered)
    ]
    assert accepted == []


def test_securesystemslib_accepts_only_what_decodes_to_the_very_same():
    """Spaces between names, base64 of URLs, unused bits of a signature: they say nothing."""
    lines = WHOLE.splitlines(keepends=True)
    true = third_party(lines[0])
    assert true is not None
    for position in range(len(lines[0])):
        for altered in alterations(position):
            taken = third_party(altered.splitlines()[0])
            if taken is not None:
                assert (taken.payload, taken.signatures) == (true.payload, true.signatures)


def test_the_payload_has_no_unused_bits():
    for line in WHOLE.splitlines():
        assert not json.loads(line)["payload"].endswith("=")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_patch_of_any_kind_is_accepted(data):
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 50)))
    patch = data.draw(st.binary(max_size=50))
    altered = WHOLE[:start] + patch + WHOLE[end:]
    assert altered == WHOLE or refused(altered)


FIRST, SECOND = WHOLE.splitlines(keepends=True)
OTHER_FIRST, OTHER_SECOND = signed(by=signer(run="urn:other")).splitlines(keepends=True)


# By name: the bytes hold a key of the moment, and every process must find tests of the same names.
ALTERED = {
    "empty": b"",
    "an empty line": b"\n",
    "the first alone": FIRST,
    "the second alone": SECOND,
    "turned round": SECOND + FIRST,
    "the first twice": FIRST + FIRST,
    "a third": WHOLE + FIRST,
    "a line more": WHOLE + b"\n",
    "no last line feed": WHOLE[:-1],
    "other line feeds": WHOLE.replace(b"\n", b"\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "the second of another": FIRST + OTHER_SECOND,
    "the first of another": OTHER_FIRST + SECOND,
    "half": WHOLE[: len(WHOLE) // 2],
    "deep": b"[" * 100_000,
    "long": b"{}" + b" " * 5_000_000,
    "unsigned": b'{"payload":"' + b"A" * 400 + b'","payloadType":"x","signatures":[]}\n',
}


@pytest.mark.parametrize("name", ALTERED)
def test_what_is_cut_extended_swapped_or_mixed_is_refused(name):
    assert refused(ALTERED[name])


def test_two_runs_of_the_same_commit_cannot_be_mixed():
    """Their subjects are equal; their names and their reports are not."""
    later = signed(report(finished_at="2026-02-01T00:01:00+00:00"))
    assert refused(FIRST + later.splitlines(keepends=True)[1])


def test_names_in_another_order_and_members_besides_are_refused():
    line = json.loads(FIRST)
    turned = json.dumps(dict(reversed(line.items())), separators=(",", ":")).encode() + b"\n"
    more = json.dumps(line | {"note": "x"}, separators=(",", ":")).encode() + b"\n"
    assert refused(turned + SECOND)
    assert refused(more + SECOND)


def test_a_second_signature_is_refused():
    line = json.loads(FIRST)
    line["signatures"] *= 2
    assert refused(json.dumps(line, separators=(",", ":")).encode() + b"\n" + SECOND)


def test_another_key_is_refused_and_named():
    other = new_secret_key()
    with pytest.raises(BadReceipt, match=other.public_key.keyid):
        receipt_of(signed(by=signer(key=other)))


def test_a_key_cannot_stand_in_under_the_name_of_another():
    forger = new_secret_key()
    forged = signed(by=signer(key=forger)).replace(
        forger.public_key.keyid.encode(), PUBLIC.keyid.encode()
    )
    assert refused(forged)


@pytest.mark.parametrize("statement", [b"{}", b"[]", b"1", b"\xff", b"[" * 3000, b'{"_type":"x"}'])
def test_what_is_signed_but_no_receipt_is_refused(statement):
    assert refused(sealed([statement, statement], signer().key))


def test_json_of_any_length_comes_back_as_it_was_signed():
    key = signer().key
    for length in range(9):
        statement = json.dumps("x" * length).encode()
        (payload,) = opened(sealed([statement], key), KEYS)[1]
        assert json.loads(payload) == "x" * length


def test_unused_bits_of_a_signature_are_the_one_thing_that_a_lenient_reader_overlooks():
    line = json.loads(FIRST)
    sig = line["signatures"][0]["sig"]
    loose = sig[:-3] + chr(TOP[TOP.index(ord(sig[-3])) ^ 1]) + "=="
    assert b64decode(loose) == b64decode(sig)
    assert b64encode(b64decode(loose)).decode() == sig
    assert third_party(FIRST.replace(sig.encode(), loose.encode())) is not None
    assert refused(WHOLE.replace(sig.encode(), loose.encode()))


def test_a_run_without_a_commit_has_no_receipt():
    bare = replace(report().source, commit=None)
    with pytest.raises(ValueError, match="commit"):
        signed(report(source=bare))
