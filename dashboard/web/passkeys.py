"""Passkeys (WebAuthn, level 2): what a browser is asked for one, and whether its answer is right.

Whoever answers has shown themselves to their device (user verification), at this office's own
address. What a device says of its maker is not asked for (attestation none).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from dashboard.web.second_factor import sealed
from screening.accounts import Passkey, User

GOOD_FOR = timedelta(minutes=5)
"""The specification recommends five to ten minutes where a person has to do something (15.1)."""
NONCE_BYTES = 16
"""Section 13.4.3 asks for at least 16."""
LONGEST_ANSWER = 16_000
"""Characters of JSON that a browser sends; a key with its certificates has a few thousand."""
LONGEST_KEY_BYTES = 1024
"""An RSA key of 4096 bits has 526."""
LONGEST_LABEL = 40

_END_BYTES = 8
_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
"""What telephones, security keys and Windows Hello have, the shortest first."""
_UNTOLD = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
"""Formats of a device that does not tell who made it."""
_MILLISECONDS = int(GOOD_FOR.total_seconds() * 1000)
_Found = TypeVar("_Found")


class PasskeyRefused(Exception):
    """A browser's answer that shows nothing; the message is for the log."""


class WhyNoPasskeys(Enum):
    """Why a page cannot ask for a passkey."""

    NOT_SET = auto()
    """Nobody has told under which address the office is reached (``web.public_url``)."""
    NUMBER = auto()
    """That address is a number; a passkey belongs to a name."""
    PLAIN = auto()
    """That address begins with http, where no browser gives a passkey out."""
    ELSEWHERE = auto()
    """The page was opened at another address."""


@dataclass(frozen=True, slots=True)
class PasskeyPlace:
    """Where passkeys work: a page's origin, and the name they belong to (the RP ID)."""

    origin: str
    site_name: str


_LOCAL = "localhost"
"""Browsers trust it without https, for whoever tries things out."""


def place_of(public_url: str | None, page: str) -> PasskeyPlace | WhyNoPasskeys:
    """Where passkeys work, for a page that was opened at this address; or why there are none.

    ``public_url`` is the office's own address as it is configured. Without one only pages of
    localhost have passkeys.
    """
    here = _origin(page)
    origin = here if public_url is None else _origin(public_url)
    parts = urlsplit(origin)
    name = parts.hostname or ""
    is_local = name == _LOCAL
    if _is_number(name):
        return WhyNoPasskeys.NUMBER
    if public_url is None and not is_local:
        return WhyNoPasskeys.NOT_SET
    if parts.scheme != "https" and not is_local:
        return WhyNoPasskeys.PLAIN
    return PasskeyPlace(origin, name) if here == origin else WhyNoPasskeys.ELSEWHERE


def _origin(address: str) -> str:
    """As a browser writes it: small letters, no port that its scheme has anyway."""
    parts = urlsplit(address)
    name = (parts.hostname or "").rstrip(".")
    if not name.isascii():
        name = name.encode("idna").decode()
    if ":" in name:
        name = f"[{name}]"
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{name}{port}"


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def new_challenge(user: User, use: str, at: datetime) -> str:
    """What a passkey of this user is asked to sign, for one use and ``GOOD_FOR``; base64url.

    ``use`` says for what, and in which log-in. Nothing is kept until it is answered.
    """
    told = secrets.token_bytes(NONCE_BYTES)
    told += int((at + GOOD_FOR).timestamp()).to_bytes(_END_BYTES)
    return bytes_to_base64url(told + _seal(user, use, told))


def end_of_challenge(user: User, use: str, challenge: str, at: datetime) -> datetime | None:
    """When this challenge expires; None where it has, or was given to somebody else or for another
    use. Worth nothing any more when the password is changed."""
    try:
        given = base64url_to_bytes(challenge)
    except ValueError:
        return None
    told, seal = given[: NONCE_BYTES + _END_BYTES], given[NONCE_BYTES + _END_BYTES :]
    if not hmac.compare_digest(seal, _seal(user, use, told)):
        return None
    end = datetime.fromtimestamp(int.from_bytes(told[NONCE_BYTES:]), UTC)
    return end if at < end else None


def digest_of(challenge: str) -> str:
    """How the record knows a challenge that was answered."""
    return hashlib.sha256(base64url_to_bytes(challenge)).hexdigest()


def _seal(user: User, use: str, told: bytes) -> bytes:
    return sealed(user, "passkey", f"{use}\n{told.hex()}")


def questions_for_new(
    user: User, known: Sequence[Passkey], place: PasskeyPlace, *, office: str, challenge: str
) -> str:
    """What ``navigator.credentials.create`` takes, as JSON. ``known`` are those they have."""
    who = f"{office}\n{user.name}\n{user.created_at.isoformat()}"
    options = generate_registration_options(
        rp_id=place.site_name,
        rp_name=f"Gerbang {office}",
        user_id=hashlib.sha256(who.encode()).digest(),
        user_name=user.name,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return options_to_json(options)


def questions_for_known(known: Sequence[Passkey], place: PasskeyPlace, *, challenge: str) -> str:
    """What ``navigator.credentials.get`` takes, as JSON; ``known`` are those that will do."""
    options = generate_authentication_options(
        rp_id=place.site_name,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def usable(known: Sequence[Passkey], place: PasskeyPlace | WhyNoPasskeys) -> list[Passkey]:
    """Those that open something at a page of this place."""
    if isinstance(place, WhyNoPasskeys):
        return []
    return [one for one in known if one.site_name == place.site_name and one.copied_at is None]


def made_passkey(
    user: User, label: str, answer: str, place: PasskeyPlace, *, challenge: str, at: datetime
) -> Passkey:
    """The passkey that a browser has just made. Raises PasskeyRefused."""

    def read() -> Passkey:
        credential = parse_registration_credential_json(answer)
        told = parse_attestation_object(credential.response.attestation_object)
        if told.fmt not in _UNTOLD:
            raise PasskeyRefused(f"it tells of its maker in the format {told.fmt}")
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.site_name,
            expected_origin=place.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
        public_key = verified.credential_public_key
        if len(public_key) > LONGEST_KEY_BYTES:
            raise PasskeyRefused(f"its key has {len(public_key)} bytes")
        # A key that cannot be read would be found out at the next log-in.
        decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
        return Passkey(
            user=user.name,
            credential_id=bytes_to_base64url(verified.credential_id),
            public_key=public_key,
            label=label,
            site_name=place.site_name,
            created_at=at,
            sign_count=verified.sign_count,
            transports=tuple(one.value for one in credential.response.transports or ()),
        )

    return _read(read)


def told_passkey(answer: str, known: Sequence[Passkey]) -> Passkey:
    """Which of these a browser's answer claims to be of. Raises PasskeyRefused."""
    claimed = _read(lambda: bytes_to_base64url(parse_authentication_credential_json(answer).raw_id))
    found = next((one for one in known if one.credential_id == claimed), None)
    if found is None:
        raise PasskeyRefused("it is none of this person's passkeys")
    return found


def count_of(answer: str, passkey: Passkey, place: PasskeyPlace, *, challenge: str) -> int:
    """How often the device says that this passkey was used. Raises PasskeyRefused.

    Whether it may say so is for whoever notes it: of a wrong count anybody can tell, of the right
    signature only the key's owner.
    """
    return _read(
        lambda: (
            verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=place.site_name,
                expected_origin=place.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            ).new_sign_count
        )
    )


def _read(read: Callable[[], _Found]) -> _Found:
    try:
        return read()
    except (
        WebAuthnException,
        UnsupportedAlgorithm,
        # The library takes the shape of JSON and CBOR inside an answer for granted.
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        raise PasskeyRefused(str(error)) from error


def _described(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    known = {one.value for one in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[AuthenticatorTransport(way) for way in one.transports if way in known],
        )
        for one in passkeys
    ]
