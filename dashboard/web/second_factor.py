"""The second factor: codes of an authenticator (RFC 6238), recovery codes, half log-ins.

A half log-in is a browser whose person has typed the right password and not yet the code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import pyotp

from screening.accounts import STRONG_ROLES, User
from screening.office.facts import OfficeFacts, SecondFactor

PERIOD_S = 30
STEPS_AROUND = 1
"""RFC 6238, section 5.2: one step is allowed for the way, and for a clock that is a little off."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 bits: nobody finds one out of its digest."""
SECRET_BYTES = 20
"""RFC 4226, section 4: 160 bits are recommended."""
HALF_FOR = timedelta(minutes=5)


def is_required(user: User, facts: OfficeFacts) -> bool:
    """Whether this person may not log in without a second factor."""
    return user.role in STRONG_ROLES and facts.second_factor is SecondFactor.REQUIRED


def new_secret(user: User, attempt: str) -> str:
    """The base32 secret that belongs to an attempt of this user to set a second factor up.

    The same again for the same attempt, so that nothing is kept until its first code is right.
    """
    digest = sealed(user, "second factor", attempt)
    return base64.b32encode(digest[:SECRET_BYTES]).decode()


def address_of_secret(secret: str, name: str, site: str) -> str:
    """What an authenticator reads out of the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Gerbang {site}")


def step_of(code: str, secret: str, at: datetime) -> int | None:
    """The step of time that this code belongs to; None where it is no code of now."""
    typed = "".join(code.split())
    if len(typed) != pyotp.TOTP(secret).digits or not (typed.isascii() and typed.isdigit()):
        return None
    now = int(at.timestamp()) // PERIOD_S
    known = pyotp.TOTP(secret, interval=PERIOD_S)
    steps = range(now - STEPS_AROUND, now + STEPS_AROUND + 1)
    right = [step for step in steps if hmac.compare_digest(known.generate_otp(step), typed)]
    return right[0] if right else None


def new_recovery_codes() -> tuple[str, ...]:
    """Codes that stand in for the second factor, once each, as a person reads them."""
    made = (
        base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
        for _ in range(RECOVERY_CODES)
    )
    return tuple("-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in made)


def recovery_hash(name: str, code: str) -> str:
    """How the record keeps a recovery code; however it is typed."""
    plain = "".join(sign for sign in code.lower() if sign.isascii() and sign.isalnum())
    return hashlib.sha256(f"recovery code of {name}\n{plain}".encode()).hexdigest()


def recovery_hashes(name: str, codes: Iterable[str]) -> list[str]:
    """How the record keeps each of them."""
    return [recovery_hash(name, code) for code in codes]


def half_token(user: User, at: datetime) -> str:
    """What a browser keeps whose person has typed the right password."""
    name = base64.urlsafe_b64encode(user.name.encode()).decode()
    told = f"{name}.{int((at + HALF_FOR).timestamp())}.{secrets.token_urlsafe(12)}"
    return f"{told}.{sealed(user, 'half log-in', told).hex()}"


def name_of_half(token: str) -> str:
    """Whose log-in the token claims to be half of; empty where it claims nothing."""
    try:
        name = base64.urlsafe_b64decode(token.partition(".")[0]).decode()
    except ValueError:
        return ""
    return name if name.isprintable() else ""


def is_half(user: User, token: str, at: datetime) -> bool:
    """Whether this user has typed the right password in that browser a moment ago.

    Worth nothing any more when the password is changed.
    """
    told, _, seal = token.rpartition(".")
    if not hmac.compare_digest(seal.encode(), sealed(user, "half log-in", told).hex().encode()):
        return False
    return at.timestamp() < int(told.split(".")[1])


def sealed(user: User, use: str, text: str) -> bytes:
    """What only this office can say of a text, for this user and use, while the password stays."""
    # The password's hash is known to this office only, and changes with the password.
    key = hashlib.sha256(f"{use} of {user.password_hash}".encode()).digest()
    return hmac.new(key, f"{user.name}\n{text}".encode(), hashlib.sha256).digest()
