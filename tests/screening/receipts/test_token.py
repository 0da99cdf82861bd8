"""Signing and reading tokens, and everything somebody may hold in front of the scanner instead."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import base45
import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import assume, given
from hypothesis import strategies as st

from screening.decision import Reason
from screening.errors import ReceiptError
from screening.receipts import qr, token
from screening.receipts.claims import ReceiptClaims
from screening.receipts.holder import shorten_holder
from screening.receipts.keys import SigningKey, TrustedKey, TrustedKeys
from screening.receipts.token import MAX_TOKEN_CHARACTERS, is_cut, normalise, read, sign
from tests.screening.receipts.builders import NOW, OURS, STRANGER, THEIRS, TRUSTED, claims

GOOD = sign(claims(), OURS)
REFUSALS = {Reason.RECEIPT_UNREADABLE, Reason.BAD_SIGNATURE, Reason.UNKNOWN_ISSUER}

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

LONGEST = claims(
    issuer="I" * 16,
    number="N" * 12,
    site="S" * 8,
    service="LEGALISIR9",
    party_size=20,
    holder="H" * 16,
    slot="09:30",
)


def message(code: str) -> list[Any]:
    item: cbor2.CBORTag = cbor2.loads(base45.b45decode(code.removeprefix("GB1:")))
    return list(item.value)


def encode(item: Any) -> str:
    return "GB1:" + base45.b45encode(cbor2.dumps(item)).decode()


def signed(
    payload: Any,
    key: SigningKey = OURS,
    *,
    protected: dict[int, Any] | None = None,
    unprotected: dict[int, Any] | None = None,
) -> str:
    """A token signed with the real key, whatever stands in it."""
    headers = {1: key.algorithm.value, 4: key.kid} if protected is None else protected
    header, body = cbor2.dumps(headers), cbor2.dumps(payload)
    to_sign = cbor2.dumps(["Signature1", header, b"", body])
    return encode(
        cbor2.CBORTag(18, [header, unprotected or {}, body, key.cose_key().sign(to_sign)])
    )


def payload_of() -> dict[int, Any]:
    payload: dict[int, Any] = cbor2.loads(message(GOOD)[2])
    return payload


@pytest.mark.parametrize("key", [OURS, THEIRS], ids=["ed25519", "es256"])
@pytest.mark.parametrize("slot", [None, "0900"])
def test_reads_what_was_signed(key: SigningKey, slot: str | None) -> None:
    one = claims(issuer=key.issuer, slot=slot)
    assert read(sign(one, key), TRUSTED) == one


@given(
    number=st.text("0123456789ABCDEF-", min_size=1, max_size=12),
    holder=st.text(
        st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=16
    ),
    party=st.integers(1, 20),
    days=st.integers(1, 3000),
)
def test_whatever_is_signed_can_be_read(number: str, holder: str, party: int, days: int) -> None:
    one = claims(number=number, holder=holder, party_size=party, expires=NOW + timedelta(days=days))
    assert read(sign(one, OURS), TRUSTED) == one


def test_the_longest_receipt_fits_version_10_at_level_m() -> None:
    longest = sign(LONGEST, SigningKey(LONGEST.issuer, OURS.private_key))
    assert len(longest) <= MAX_TOKEN_CHARACTERS == 311
    symbol = qr._symbol(longest)
    assert (symbol.version, symbol.error, symbol.mode) == (10, "M", "alphanumeric")
    assert set(longest) <= set(BASE45)


@given(
    name=st.text(st.characters(codec="utf-8", categories=["L", "M"]), min_size=1, max_size=40),
    party=st.integers(1, 20),
    slot=st.none() | st.times().map(lambda time: f"{time:%H:%M}"),
    day=st.integers(0, 25_000),
    token_id=st.binary(min_size=16, max_size=16),
)
@pytest.mark.parametrize("kind", [OURS, THEIRS], ids=["ed25519", "es256"])
def test_any_name_behind_the_longest_codes_fits(
    kind: SigningKey, name: str, party: int, slot: str | None, day: int, token_id: bytes
) -> None:
    try:
        holder = shorten_holder(name)
    except ReceiptError:
        assume(False)
    issued = NOW + timedelta(days=day)
    worst = replace(
        LONGEST,
        holder=holder,
        party_size=party,
        slot=slot,
        token_id=token_id,
        issued_at=issued,
        not_before=issued + timedelta(days=1),
        expires=issued + timedelta(days=8),
    )
    code = sign(worst, SigningKey(LONGEST.issuer, kind.private_key))
    assert len(code) <= MAX_TOKEN_CHARACTERS
    assert set(code) <= set(BASE45)


@pytest.mark.parametrize(
    "changes",
    [
        {"holder": "H" * 17},
        {"holder": ""},
        {"holder": "a\nb"},
        {"number": "N" * 13},
        {"issuer": "I" * 17},
        {"site": "S" * 9},
        {"service": "S" * 11},
        {"slot": "S" * 6},
        {"party_size": 0},
        {"party_size": 21},
        {"token_id": b"short"},
        {"expires": claims().not_before},
        {"holder": "é" * 16, "slot": "09:30", "service": "LEGALISIR9", "site": "S" * 8},
        {"issuer": "JKT"},
    ],
    ids=repr,
)
def test_a_receipt_that_would_not_be_read_is_not_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(ReceiptError):
        sign(replace(claims(number="N" * 12, holder="H" * 16), **changes), OURS)


# --- scanners -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scanned",
    [
        GOOD + "\r\n",
        "\x02" + GOOD + "\x03",
        "  " + GOOD + "\t",
        "]Q1" + GOOD,
        "\ufeff" + GOOD,
        GOOD.lower(),
        GOOD.swapcase() + "\n",
        "gb1:" + GOOD[4:],
    ],
    ids=["enter", "stx-etx", "spaces", "aim", "bom", "lower", "caps-lock", "prefix"],
)
def test_what_scanners_do_to_a_code_is_undone(scanned: str) -> None:
    assert read(scanned, TRUSTED) == claims()


def test_spaces_inside_belong_to_the_code() -> None:
    codes = (sign(claims(number=str(n)), OURS) for n in range(200))
    spaced = next(code for code in codes if " " in code and "  " not in code)
    assert normalise(spaced) == spaced
    assert read(spaced, TRUSTED) != Reason.RECEIPT_UNREADABLE
    assert read(spaced.replace(" ", ""), TRUSTED) in REFUSALS


@given(st.binary(min_size=1, max_size=300))
def test_base45_never_ends_with_a_space(data: bytes) -> None:
    assert not base45.b45encode(data).decode().endswith(" ")


def test_another_keyboard_layout_is_unreadable_not_wrong() -> None:
    german = GOOD.translate(str.maketrans(":-/+*YZ", "Öß-ü(ZY"))
    assert read(german, TRUSTED) is Reason.RECEIPT_UNREADABLE


# --- forgeries ------------------------------------------------------------------------------


def test_an_unknown_key_is_an_unknown_issuer() -> None:
    assert read(sign(claims(), STRANGER), TRUSTED) is Reason.UNKNOWN_ISSUER


def test_a_stranger_s_signature_under_our_key_id_is_bad() -> None:
    forged = message(sign(claims(), STRANGER))
    forged[0] = message(GOOD)[0]
    assert read(encode(cbor2.CBORTag(18, forged)), TRUSTED) is Reason.BAD_SIGNATURE


def test_an_issuer_signs_only_for_itself() -> None:
    payload = payload_of()
    assert payload[1] == "BGR"
    assert read(signed(payload, THEIRS), TRUSTED) is Reason.BAD_SIGNATURE
    shared = TrustedKeys([TrustedKey("JKT", OURS.kid, OURS.private_key.public_key())])
    assert read(GOOD, shared) is Reason.BAD_SIGNATURE


def test_a_changed_payload_is_a_bad_signature() -> None:
    parts = message(GOOD)
    parts[2] = cbor2.dumps({**payload_of(), 4: payload_of()[4] + 86400})
    assert read(encode(cbor2.CBORTag(18, parts)), TRUSTED) is Reason.BAD_SIGNATURE


def _public_bytes(key: SigningKey) -> bytes:
    return key.private_key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize("tag", [17, 18])
def test_our_public_key_is_no_hmac_secret(tag: int) -> None:
    header, body = cbor2.dumps({1: 5, 4: OURS.kid}), cbor2.dumps(payload_of())
    for secret in (_public_bytes(OURS), _public_bytes(OURS)[-32:]):
        kind = "MAC0" if tag == 17 else "Signature1"
        mac = hmac.digest(secret, cbor2.dumps([kind, header, b"", body]), "sha256")
        forged = encode(cbor2.CBORTag(tag, [header, {}, body, mac]))
        assert read(forged, TRUSTED) in REFUSALS


@pytest.mark.parametrize("algorithm", [None, 0, -7, -37, 5, "EdDSA", "none", True, -8.0, [-8]])
def test_only_the_key_s_own_algorithm_in_the_signed_header_counts(algorithm: Any) -> None:
    header = {4: OURS.kid} if algorithm is None else {1: algorithm, 4: OURS.kid}
    assert read(signed(payload_of(), protected=header), TRUSTED) in REFUSALS


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, bytes(63), bytes(65)])
@pytest.mark.parametrize("key", [OURS, THEIRS], ids=["ed25519", "es256"])
def test_no_signature_is_a_bad_signature(key: SigningKey, signature: bytes) -> None:
    parts = message(sign(claims(issuer=key.issuer), key))
    parts[3] = signature
    assert read(encode(cbor2.CBORTag(18, parts)), TRUSTED) is Reason.BAD_SIGNATURE


def test_an_algorithm_outside_the_signature_is_refused() -> None:
    moved = signed(payload_of(), protected={4: OURS.kid}, unprotected={1: -8})
    assert read(moved, TRUSTED) in REFUSALS
    doubled = signed(payload_of(), unprotected={1: -8})
    assert read(doubled, TRUSTED) in REFUSALS


def test_a_critical_header_nobody_here_understands_is_refused() -> None:
    header = {1: -8, 4: OURS.kid, 2: [99], 99: 1}
    assert read(signed(payload_of(), protected=header), TRUSTED) is Reason.RECEIPT_UNREADABLE


def test_a_key_id_may_stand_outside_the_signature() -> None:
    moved = signed(payload_of(), protected={1: -8}, unprotected={4: OURS.kid})
    assert read(moved, TRUSTED) == claims()
    without = signed(payload_of(), protected={1: -8})
    assert read(without, TRUSTED) is Reason.RECEIPT_UNREADABLE


def test_reads_the_message_without_its_tag_and_as_a_tagged_cwt() -> None:
    assert read(encode(message(GOOD)), TRUSTED) == claims()
    assert read(encode(cbor2.CBORTag(61, cbor2.CBORTag(18, message(GOOD)))), TRUSTED) == claims()


@pytest.mark.parametrize("tag", [16, 17, 19, 96, 98])
def test_other_messages_are_unreadable(tag: int) -> None:
    assert read(encode(cbor2.CBORTag(tag, message(GOOD))), TRUSTED) is Reason.RECEIPT_UNREADABLE


@given(position=st.integers(4, len(GOOD) - 1), symbol=st.sampled_from(BASE45))
def test_one_wrong_character_is_never_accepted(position: int, symbol: str) -> None:
    altered = GOOD[:position] + symbol + GOOD[position + 1 :]
    if altered != GOOD:
        assert read(altered, TRUSTED) in REFUSALS


@pytest.mark.parametrize(
    "good",
    [GOOD, sign(claims(issuer="JKT", slot="09:30"), THEIRS), encode(message(GOOD))],
    ids=["ed25519", "es256", "without its tag"],
)
def test_no_flipped_bit_is_accepted(good: str) -> None:
    assert isinstance(read(good, TRUSTED), ReceiptClaims)
    data = base45.b45decode(good[4:])
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert read("GB1:" + base45.b45encode(bytes(flipped)).decode(), TRUSTED) in REFUSALS


@pytest.mark.parametrize("cut", [1, 2, 3, 64, 150])
def test_a_cut_or_longer_token_is_refused(cut: int) -> None:
    assert read(GOOD[:-cut], TRUSTED) in REFUSALS
    assert read(GOOD + "00" * cut, TRUSTED) in REFUSALS


BOMBS = {
    "nested-lists": b"\x81" * 600,
    "nested-maps": b"\xa1" * 600,
    "nested-tags": b"\xc1" * 600,
    "huge-list": b"\x9b\x7f" + b"\xff" * 7,
    "huge-map": b"\xbb\x00\x00\x00\x7f\xff\xff\xff\xff",
    "huge-bytes": b"\x5b\x00\x00\x00\x7f\xff\xff\xff\xff",
    "endless-list": b"\x9f" * 300,
    "huge-decimal": cbor2.dumps(cbor2.CBORTag(4, [10**18, 3])),
    "huge-float": cbor2.dumps(cbor2.CBORTag(5, [10**18, 3])),
    "division": cbor2.dumps(cbor2.CBORTag(30, [1, 0])),
    "far-time": cbor2.dumps(cbor2.CBORTag(1, 10**18)),
    "expression": cbor2.dumps(cbor2.CBORTag(35, "(" * 99)),
    "itself": b"\xd8\x1c\x81\xd8\x1d\x00",
    "no-text": b"\x61\xff",
    "nothing": b"",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_unreadable_wherever_it_is(bomb: bytes) -> None:
    assert read("GB1:" + base45.b45encode(bomb).decode(), TRUSTED) is Reason.RECEIPT_UNREADABLE
    in_header = encode(cbor2.CBORTag(18, [bomb, {}, b"", b""]))
    assert read(in_header, TRUSTED) is Reason.RECEIPT_UNREADABLE
    good = message(GOOD)
    to_sign = cbor2.dumps(["Signature1", good[0], b"", bomb])
    in_payload = [good[0], {}, bomb, OURS.cose_key().sign(to_sign)]
    assert read(encode(cbor2.CBORTag(18, in_payload)), TRUSTED) is Reason.RECEIPT_UNREADABLE


@given(st.text(max_size=400))
def test_no_text_makes_reading_fail(text: str) -> None:
    assert read(text, TRUSTED) is Reason.RECEIPT_UNREADABLE
    assert read("GB1:" + text, TRUSTED) in REFUSALS


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_fail(data: bytes) -> None:
    assert read("GB1:" + base45.b45encode(data).decode(), TRUSTED) in REFUSALS


_cbor = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.binary(max_size=8) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-9, 9) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.lists(_cbor, min_size=4, max_size=4))
def test_no_message_makes_reading_fail(parts: list[Any]) -> None:
    assert read(encode(cbor2.CBORTag(18, parts)), TRUSTED) in REFUSALS


@given(st.dictionaries(st.sampled_from([1, 2, 4, 5, 6, 7, token.RECEIPT]), _cbor))
def test_no_claims_however_well_signed_make_reading_fail(changes: dict[int, Any]) -> None:
    answer = read(signed({**payload_of(), **changes}), TRUSTED)
    assert isinstance(answer, ReceiptClaims) or answer in REFUSALS


def test_input_is_not_looked_at_beyond_its_limit() -> None:
    assert read(GOOD + " " * 2000, TRUSTED) is Reason.RECEIPT_UNREADABLE
    assert read("GB1:" + "A" * 10**7, TRUSTED) is Reason.RECEIPT_UNREADABLE


# --- claims ---------------------------------------------------------------------------------


def test_claims_nobody_here_knows_are_ignored() -> None:
    extra = {**payload_of(), 3: "aud", -260: {1: {}}, "x": [1], 99: cbor2.CBORTag(999, 1)}
    extra[token.RECEIPT] = [*extra[token.RECEIPT], "0900", "more"]
    assert read(signed(extra), TRUSTED) == claims(slot="0900")


@pytest.mark.parametrize(
    "changes",
    [
        {1: 7},
        {1: "I" * 17},
        {2: b"N"},
        {2: ""},
        {4: "tomorrow"},
        {4: 1.5},
        {4: True},
        {4: -1},
        {4: 10**12},
        {5: None},
        {6: []},
        {7: "text"},
        {7: b"short"},
        {token.RECEIPT: {}},
        {token.RECEIPT: ["BGR", "KTP", 1]},
        {token.RECEIPT: ["BGR", "KTP", "1", "Sari"]},
        {token.RECEIPT: ["BGR", "KTP", True, "Sari"]},
        {token.RECEIPT: ["BGR", "KTP", 1, "Sari\0"]},
        {token.RECEIPT: ["BGR", "KTP", 1, "Sari", 9]},
    ],
    ids=repr,
)
def test_claims_of_the_wrong_kind_are_unreadable(changes: dict[int, Any]) -> None:
    assert read(signed({**payload_of(), **changes}), TRUSTED) is Reason.RECEIPT_UNREADABLE


@pytest.mark.parametrize("missing", [1, 2, 4, 5, 6, 7, token.RECEIPT])
def test_missing_claims_are_unreadable(missing: int) -> None:
    payload = payload_of()
    del payload[missing]
    assert read(signed(payload), TRUSTED) is Reason.RECEIPT_UNREADABLE


# --- keys over time -------------------------------------------------------------------------


def test_a_key_is_believed_until_its_last_moment() -> None:
    trusted = TrustedKeys([OURS.trusted(not_after=NOW)])
    assert read(GOOD, trusted, at=NOW - timedelta(seconds=1)) == claims()
    assert read(GOOD, trusted, at=NOW) is Reason.ISSUER_KEY_EXPIRED


def test_a_key_is_believed_from_its_first_moment() -> None:
    trusted = TrustedKeys([replace(OURS.trusted(), not_before=NOW)])
    assert read(GOOD, trusted, at=NOW - timedelta(seconds=1)) is Reason.UNKNOWN_ISSUER
    assert read(GOOD, trusted, at=NOW) == claims()


def test_a_forged_receipt_is_not_told_that_a_key_has_ended() -> None:
    ended = TrustedKeys([TrustedKey("BGR", OURS.kid, THEIRS.private_key.public_key(), NOW)])
    assert read(GOOD, ended, at=NOW) is Reason.BAD_SIGNATURE
    others = TrustedKeys([TrustedKey("JKT", OURS.kid, OURS.private_key.public_key(), NOW)])
    assert read(GOOD, others, at=NOW) is Reason.BAD_SIGNATURE


def test_the_key_id_is_the_start_of_the_public_key_s_digest() -> None:
    assert OURS.kid == hashlib.sha256(_public_bytes(OURS)).digest()[:8]


@pytest.mark.parametrize("before", ["", "*", "]Q1"])
def test_a_token_is_cut_until_its_last_character_has_come(before: str) -> None:
    assert not is_cut(before + GOOD)
    assert not is_cut(before + GOOD + GOOD)
    for end in (5, 40, len(GOOD) - 3, len(GOOD) - 1):
        assert is_cut(before + GOOD[:end])


@pytest.mark.parametrize("code", ["", "97KRZ-GVPRV", "WIFI:S:kantor;;", "x" * 2000])
def test_what_is_no_token_is_no_cut_one(code: str) -> None:
    assert not is_cut(code)
