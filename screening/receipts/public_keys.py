"""An issuer's public key as other systems hand it on: PEM, JWK (RFC 7517), COSE_Key (RFC 9052).

A file may also hold a set with a single key in it. A COSE key is CBOR, or the same written in
hexadecimal or base64.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from screening.errors import ReceiptError
from screening.receipts.keys import PublicKey, key_id, load_public_key

MAX_FILE_BYTES: Final = 64 * 1024

# RFC 9052 section 7.1 and RFC 9053 section 7; key type and curve of each kind of key.
_KTY, _KID, _CRV, _X, _Y, _D = 1, 2, -1, -2, -3, -4
_OKP_ED25519, _EC2_P256 = (1, 6), (2, 1)

_PRIVATE = "this is a private key, which stays with its issuer: ask for the public one"
_NEITHER = "the key must be Ed25519 or P-256"


@dataclass(frozen=True, slots=True)
class HandedKey:
    """A public key and the key id that its tokens name it by."""

    public_key: PublicKey = field(repr=False)
    kid: bytes


def read_public_key(content: bytes) -> HandedKey:
    """The key in a file. Where it names none, its id is the usual one, ``keys.key_id``.

    Raises ReceiptError telling what the content is instead.
    """
    plain = content.strip()
    if not plain or len(content) > MAX_FILE_BYTES:
        raise ReceiptError("this is not a public key: PEM, JWK or COSE key")
    if plain.startswith(b"-----BEGIN"):
        if b"PRIVATE KEY" in plain:
            raise ReceiptError(_PRIVATE)
        public_key, kid = load_public_key(plain), None
    elif plain.startswith(b"{"):
        public_key, kid = _of_jwk(_only(_json(plain), "keys"))
    else:
        public_key, kid = _of_cose(_cbor(content))
    return HandedKey(public_key, kid or key_id(public_key))


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise ReceiptError(f"this begins like a JWK and is not JSON: {error}") from error


def _only(found: Any, name: str) -> Mapping[str, Any]:
    """The key itself, also out of a set."""
    if isinstance(found, dict) and isinstance(found.get(name), list):
        (found,) = _single(found[name])
    if not isinstance(found, dict):
        raise ReceiptError("this is not a JWK")
    return found


def _single(keys: list[Any]) -> list[Any]:
    if len(keys) != 1:
        raise ReceiptError(f"this is a set of {len(keys)} keys: put each into a file of its own")
    return keys


def _of_jwk(jwk: Mapping[str, Any]) -> tuple[PublicKey, bytes | None]:
    if "d" in jwk or "k" in jwk:
        raise ReceiptError(_PRIVATE)
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise ReceiptError("the JWK's kid is not text")
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            key = _ed25519(_coordinate(jwk, "x"))
        case "EC", "P-256":
            key = _p256(_coordinate(jwk, "x"), _coordinate(jwk, "y"))
        case _:
            raise ReceiptError(_NEITHER)
    return key, kid.encode() if kid else None


def _coordinate(jwk: Mapping[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    problem = f"the JWK's {name} is not base64url"
    if not isinstance(text, str):
        raise ReceiptError(problem)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise ReceiptError(problem) from error


def _cbor(content: bytes) -> Any:
    """CBOR as it is, or written as hexadecimal or base64."""
    text = b"".join(content.split())
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: content,
        lambda: bytes.fromhex(text.decode("ascii")),
        lambda: base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")) + b"==="),
    )
    for way in ways:
        try:
            stream = io.BytesIO(way())
            found = cbor2.CBORDecoder(stream).decode()
        except (ValueError, binascii.Error, cbor2.CBORDecodeError, TypeError, ArithmeticError):
            continue
        if isinstance(found, dict | list) and not stream.read(1):
            return found
    raise ReceiptError("this is not a public key: PEM, JWK or COSE key")


def _of_cose(found: Any) -> tuple[PublicKey, bytes | None]:
    key = _single(found)[0] if isinstance(found, list) else found
    if not isinstance(key, dict):
        raise ReceiptError("this is not a COSE key")
    if _D in key:
        raise ReceiptError(_PRIVATE)
    kid = key.get(_KID)
    if kid is not None and not isinstance(kid, bytes):
        raise ReceiptError("the COSE key's kid is not a byte string")
    kind, x, y = (key.get(_KTY), key.get(_CRV)), key.get(_X), key.get(_Y)
    if kind == _OKP_ED25519 and isinstance(x, bytes):
        return _ed25519(x), kid or None
    if kind == _EC2_P256 and isinstance(x, bytes) and isinstance(y, bytes | bool):
        return _p256(x, y), kid or None
    raise ReceiptError(_NEITHER)


def _ed25519(x: bytes) -> PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(x)
    except ValueError as error:
        raise ReceiptError("this is not an Ed25519 key: it must have 32 bytes") from error


def _p256(x: bytes, y: bytes | bool) -> PublicKey:
    """``y`` may be the sign alone, as in a compressed point."""
    try:
        if isinstance(y, bool):
            compressed = bytes([2 + y]) + x  # SEC 1 section 2.3.3
            return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), compressed)
        numbers = EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), SECP256R1()
        )
        return numbers.public_key()
    except ValueError as error:
        raise ReceiptError("this is not a point of P-256") from error
