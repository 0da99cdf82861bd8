"""An issuer's public key in the forms in which other systems hand it on."""

from __future__ import annotations

import base64
import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from screening.errors import ReceiptError
from screening.receipts.keys import PublicKey
from screening.receipts.public_keys import MAX_FILE_BYTES, read_public_key
from tests.screening.receipts.builders import OURS, THEIRS

ED, EC = OURS.private_key.public_key(), THEIRS.private_key.public_key()
assert isinstance(ED, Ed25519PublicKey)
assert isinstance(EC, EllipticCurvePublicKey)
_POINT = EC.public_numbers()
ED_X = ED.public_bytes(Encoding.Raw, PublicFormat.Raw)
EC_X, EC_Y = _POINT.x.to_bytes(32, "big"), _POINT.y.to_bytes(32, "big")


def pem(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


ED_JWK = {"kty": "OKP", "crv": "Ed25519", "x": b64(ED_X)}
EC_JWK = {"kty": "EC", "crv": "P-256", "x": b64(EC_X), "y": b64(EC_Y), "use": "sig"}
ED_COSE = {1: 1, 3: -8, -1: 6, -2: ED_X}
EC_COSE = {1: 2, -1: 1, -2: EC_X, -3: EC_Y}


def jwk(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        pytest.param(pem(ED), OURS, id="pem"),
        pytest.param(b"\r\n" + pem(EC).replace(b"\n", b"\r\n"), THEIRS, id="pem of windows"),
        pytest.param(jwk(ED_JWK), OURS, id="jwk"),
        pytest.param(jwk(EC_JWK), THEIRS, id="jwk of p-256"),
        pytest.param(jwk({"keys": [EC_JWK]}), THEIRS, id="set of one jwk"),
        pytest.param(cbor2.dumps(ED_COSE), OURS, id="cose"),
        pytest.param(cbor2.dumps(EC_COSE), THEIRS, id="cose of p-256"),
        pytest.param(
            cbor2.dumps({**EC_COSE, -3: bool(EC_Y[-1] % 2)}), THEIRS, id="compressed point"
        ),
        pytest.param(cbor2.dumps([ED_COSE]), OURS, id="set of one cose key"),
        pytest.param(cbor2.dumps(ED_COSE).hex().encode() + b"\n", OURS, id="hexadecimal"),
        pytest.param(base64.b64encode(cbor2.dumps(EC_COSE)) + b"\n", THEIRS, id="base64"),
        pytest.param(b64(cbor2.dumps(EC_COSE)).encode(), THEIRS, id="base64url"),
    ],
)
def test_a_key_is_read_whoever_wrote_it(content: bytes, key: Any) -> None:
    handed = read_public_key(content)
    assert handed.public_key == key.private_key.public_key()
    assert handed.kid == key.kid


@pytest.mark.parametrize(
    "content",
    [jwk({**ED_JWK, "kid": "2026-a"}), cbor2.dumps({**ED_COSE, 2: b"2026-a"})],
    ids=["jwk", "cose"],
)
def test_a_key_id_that_the_issuer_gave_is_kept(content: bytes) -> None:
    assert read_public_key(content).kid == b"2026-a"


PRIVATE_PEM = THEIRS.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
P384 = ec.generate_private_key(ec.SECP384R1()).public_key()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "not a public key", id="empty"),
        pytest.param(b"hello", "not a public key", id="word"),
        pytest.param(b"\xff" * 50, "not a public key", id="bytes"),
        pytest.param(b"x" * (MAX_FILE_BYTES + 1), "not a public key", id="huge"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\n", "not a public key", id="certificate"),
        pytest.param(PRIVATE_PEM, "private key", id="private pem"),
        pytest.param(jwk({**ED_JWK, "d": "AA"}), "private key", id="private jwk"),
        pytest.param(cbor2.dumps({**ED_COSE, -4: b"x"}), "private key", id="private cose"),
        pytest.param(
            RSA.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "Ed25519 or P-256",
            id="rsa",
        ),
        pytest.param(
            P384.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "Ed25519 or P-256",
            id="p-384",
        ),
        pytest.param(jwk({"kty": "RSA", "n": "AA", "e": "AQAB"}), "Ed25519 or P-256", id="rsa jwk"),
        pytest.param(jwk({"keys": [ED_JWK, EC_JWK]}), "set of 2 keys", id="two keys"),
        pytest.param(jwk({**ED_JWK, "x": "AA"}), "32 bytes", id="short"),
        pytest.param(jwk({**ED_JWK, "x": 7}), "base64url", id="number"),
        pytest.param(jwk({**ED_JWK, "kid": 7}), "kid is not text", id="kid"),
        pytest.param(jwk({**EC_JWK, "y": b64(EC_X)}), "not a point", id="no point"),
        pytest.param(b'{"kty": ', "not JSON", id="torn"),
        pytest.param(cbor2.dumps({1: 4, -1: b"secret"}), "Ed25519 or P-256", id="symmetric"),
        pytest.param(cbor2.dumps({**ED_COSE, 2: "text"}), "byte string", id="cose kid"),
        pytest.param(cbor2.dumps([7]), "not a COSE key", id="list"),
    ],
)  # fmt: skip
def test_what_is_no_public_key_is_told(content: bytes, told: str) -> None:
    with pytest.raises(ReceiptError, match=told):
        read_public_key(content)
