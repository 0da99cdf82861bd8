"""The office's own signing key and the issuers it trusts, as files in one folder.

    issuer.pem              our private key (PKCS #8, for its owner only), made on first use
    issuer.pub              its public half: what it signed can be checked when the key is lost
    trusted-issuers.toml    public keys of other offices, outside systems, and our retired ones

    [[key]]
    issuer = "BGR"
    public_key = '''-----BEGIN PUBLIC KEY-----...'''
    kid = "0123456789abcdef"            # optional, where the issuer numbers its keys itself
    not_before = 2026-12-01T00:00:00Z   # optional: trusted from then on
    not_after = 2027-01-31T00:00:00Z    # optional: not trusted from then on

A key that is lost or damaged is told, and nothing is made in its place but by ``renew``.
An issuer may have several keys: ``renew`` makes a new one and keeps the old one trusted, so that
receipts already printed stay good. A key id is the first 8 bytes of the SHA-256 of the public key
(DER, SubjectPublicKeyInfo).
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cwt import COSEKey
from cwt.cose_key_interface import COSEKeyInterface

from screening.errors import ReceiptError
from screening.whole_files import sync, write_new, write_whole

PRIVATE_KEY_FILE = "issuer.pem"
PUBLIC_KEY_FILE = "issuer.pub"
TRUSTED_FILE = "trusted-issuers.toml"
KID_BYTES = 8
_KEYS_OF_A_KEY = {"issuer", "public_key", "kid", "not_before", "not_after"}

WHAT_TO_DO = (
    "put it back from the backup of the keys folder, or make a new key: gerbang receipt new-key"
)

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


class Algorithm(Enum):
    """The signature algorithms a receipt may have (IANA COSE numbers); a key is good for one."""

    EDDSA = -8
    ES256 = -7

    @property
    def name_in_cose(self) -> str:
        """The name the COSE library and the IANA registry use."""
        return "EdDSA" if self is Algorithm.EDDSA else "ES256"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key whose signatures are believed, for one issuer's receipts only."""

    issuer: str
    kid: bytes
    public_key: PublicKey = field(repr=False)
    not_after: datetime | None = None
    not_before: datetime | None = None

    @property
    def algorithm(self) -> Algorithm:
        return _algorithm(self.public_key)

    def is_good(self, at: datetime | None) -> bool:
        """Whether the key is trusted at ``at``; without a time, whatever it says."""
        if at is None:
            return True
        is_early = self.not_before is not None and at < self.not_before
        return not is_early and not self.is_over(at)

    def is_over(self, at: datetime | None) -> bool:
        """Whether it was trusted before ``at`` and is no more."""
        return at is not None and self.not_after is not None and at >= self.not_after

    def cose_key(self) -> COSEKeyInterface:
        """The key as the COSE library takes it."""
        return _cose_key(_public_pem(self.public_key), self.algorithm.name_in_cose, self.kid)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs an issuer's receipts."""

    issuer: str
    private_key: PrivateKey = field(repr=False)

    @property
    def kid(self) -> bytes:
        return key_id(self.private_key.public_key())

    @property
    def algorithm(self) -> Algorithm:
        return _algorithm(self.private_key.public_key())

    def cose_key(self) -> COSEKeyInterface:
        """The key as the COSE library takes it."""
        return COSEKey.from_pem(
            _private_pem(self.private_key), alg=self.algorithm.name_in_cose, kid=self.kid
        )

    def trusted(self, *, not_after: datetime | None = None) -> TrustedKey:
        """Its public half."""
        return TrustedKey(self.issuer, self.kid, self.private_key.public_key(), not_after)


class TrustedKeys:
    """The keys believed here; several may share a key id, an issuer may have several."""

    def __init__(self, keys: Iterable[TrustedKey]) -> None:
        self.keys = tuple(keys)

    def by_kid(self, kid: bytes) -> list[TrustedKey]:
        return [key for key in self.keys if key.kid == kid]


@dataclass(frozen=True, slots=True)
class ReceiptKeys:
    """Our key and everything believed, ours included."""

    signing: SigningKey
    trusted: TrustedKeys


def key_id(public_key: PublicKey) -> bytes:
    """The first 8 bytes of the SHA-256 of the public key (DER, SubjectPublicKeyInfo)."""
    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest()[:KID_BYTES]


def open_keys(
    folder: Path, issuer: str, *, is_new: Callable[[], bool] = lambda: True
) -> ReceiptKeys:
    """Read the folder, making it and our key on first use (two processes may do so at once).

    ``is_new`` is asked where there is no key: whether this issuer has never signed anything.
    Raises ReceiptError naming the file, what is wrong with it and what to do.
    """
    with _told_by_file(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_file = folder / PRIVATE_KEY_FILE
        if not private_file.exists():
            if not (_is_untouched(folder, issuer) and is_new()) and not private_file.exists():
                raise ReceiptError(_lost(private_file))
            _make_private_key(private_file)
        signing = SigningKey(issuer, _read_private_key(private_file))
        others = _read_trusted(folder / TRUSTED_FILE)
        _keep_public_key(folder, signing)
    return ReceiptKeys(signing, TrustedKeys([signing.trusted(), *others]))


def key_problems(folder: Path, issuer: str, *, is_new: Callable[[], bool]) -> list[str]:
    """What is wrong with the folder, a line each; nothing is made. As ``open_keys`` would tell.

    A private key that other users of the machine may read is a problem too.
    """
    private_file = folder / PRIVATE_KEY_FILE
    problems = []
    try:
        with _told_by_file(folder):
            if private_file.exists():
                _read_private_key(private_file)
                if os.name == "posix" and private_file.stat().st_mode & 0o077:
                    problems.append(
                        f"{private_file} can be read by others: chmod 600 {private_file}"
                    )
            elif not (_is_untouched(folder, issuer) and is_new()):
                problems.append(_lost(private_file))
    except ReceiptError as error:
        problems.append(str(error))
    try:
        with _told_by_file(folder):
            _read_trusted(folder / TRUSTED_FILE)
    except ReceiptError as error:
        problems.append(str(error))
    return problems


def has_keys(folder: Path, issuer: str) -> bool:
    """Whether this issuer's key is here, or something that shows that it was."""
    with _told_by_file(folder):
        return (folder / PRIVATE_KEY_FILE).exists() or not _is_untouched(folder, issuer)


def trust(folder: Path, key: TrustedKey) -> None:
    """Add a key to the folder's trusted issuers; what is in the file stays as it is."""
    file = folder / TRUSTED_FILE
    _read_trusted(file)
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    write_whole(file, (before + _trusted_block(key)).encode(), mode=0o644)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A new signing key. ``retired`` is the public key before, where it was known."""

    keys: ReceiptKeys
    retired: TrustedKey | None


def renew(folder: Path, issuer: str, *, not_after: datetime | None = None) -> Renewed:
    """Make a new signing key, whatever became of the old one, which is kept beside it.

    The old public key, as far as it is known, stays trusted (until ``not_after``, where given).
    Raises ReceiptError where a file cannot be read or written.
    """
    file = folder / PRIVATE_KEY_FILE
    with _told_by_file(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = retiring_key(folder, issuer)
        if old is not None:
            retired = replace(old, not_after=not_after)
            known = [key for key in _read_trusted(folder / TRUSTED_FILE) if key.issuer == issuer]
            if old.kid not in [key.kid for key in known]:
                trust(folder, retired)
        if file.exists() and not _holds_private_key(file):
            file.replace(file.with_name(f"{file.name}.damaged-{secrets.token_hex(4)}"))
        write_whole(file, _private_pem(Ed25519PrivateKey.generate()), mode=0o600)
    return Renewed(keys=open_keys(folder, issuer), retired=old)


def retiring_key(folder: Path, issuer: str) -> TrustedKey | None:
    """The public key that ``renew`` would go on trusting; None where it is not known any more."""
    with _told_by_file(folder):
        file = folder / PRIVATE_KEY_FILE
        if file.exists() and _holds_private_key(file):
            return SigningKey(issuer, _read_private_key(file)).trusted()
        return _read_public_key(folder, issuer)


def written_key(key: TrustedKey) -> dict[str, str | None]:
    """The key as plain values, for a record; ``read_key`` reads them."""
    return {
        "issuer": key.issuer,
        "kid": key.kid.hex(),
        "public_key": _public_pem(key.public_key).decode(),
        "not_before": None if key.not_before is None else key.not_before.isoformat(),
        "not_after": None if key.not_after is None else key.not_after.isoformat(),
    }


def read_key(written: Mapping[str, str | None]) -> TrustedKey:
    """A key that ``written_key`` wrote. Raises ReceiptError, KeyError, ValueError."""
    times = {name: written[name] for name in ("not_before", "not_after")}
    return TrustedKey(
        issuer=written["issuer"] or "",
        kid=bytes.fromhex(written["kid"] or ""),
        public_key=load_public_key(written["public_key"] or ""),
        **{name: None if at is None else datetime.fromisoformat(at) for name, at in times.items()},
    )


def load_public_key(pem: str | bytes) -> PublicKey:
    """An Ed25519 or P-256 public key. Raises ReceiptError for anything else."""
    try:
        key = load_pem_public_key(pem.encode() if isinstance(pem, str) else pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ReceiptError("this is not a public key in PEM") from error
    if isinstance(key, Ed25519PublicKey) or (
        isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
    ):
        return key
    raise ReceiptError("the key must be Ed25519 or P-256")


def _algorithm(key: PublicKey) -> Algorithm:
    return Algorithm.EDDSA if isinstance(key, Ed25519PublicKey) else Algorithm.ES256


def _make_private_key(file: Path) -> None:
    made = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    write_new(made, _private_pem(Ed25519PrivateKey.generate()))
    try:
        os.link(made, file)  # unlike a rename, this leaves a key that another process made first
    except FileExistsError:
        pass
    finally:
        made.unlink()
    sync(file.parent)


def _read_private_key(file: Path) -> PrivateKey:
    content = file.read_bytes()
    if not content.strip(b"\0 \r\n"):
        raise ReceiptError(f"{file} is empty, as after a power cut: {WHAT_TO_DO}")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ReceiptError(
            f"{file} is not a private key in PEM without password: {WHAT_TO_DO}"
        ) from error
    if isinstance(key, Ed25519PrivateKey) or (
        isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
    ):
        return key
    raise ReceiptError(f"{file} must hold an Ed25519 or P-256 key: {WHAT_TO_DO}")


def _holds_private_key(file: Path) -> bool:
    """OSError where it cannot be told, for lack of permission for instance."""
    if file.is_dir():
        return False
    try:
        _read_private_key(file)
    except ReceiptError:
        return False
    return True


def _lost(file: Path) -> str:
    return f"{file} is missing, though receipts were signed with it: {WHAT_TO_DO}"


def _is_untouched(folder: Path, issuer: str) -> bool:
    """Whether nothing in the folder shows that this issuer ever had a key."""
    if (folder / PUBLIC_KEY_FILE).exists():
        return False
    return all(key.issuer != issuer for key in _read_trusted(folder / TRUSTED_FILE))


def _keep_public_key(folder: Path, signing: SigningKey) -> None:
    file, pem = folder / PUBLIC_KEY_FILE, _public_pem(signing.private_key.public_key())
    with suppress(OSError):  # a folder that can only be read holds the key all the same
        if not file.exists() or file.read_bytes() != pem:
            write_whole(file, pem, mode=0o644)


def _read_public_key(folder: Path, issuer: str) -> TrustedKey | None:
    file = folder / PUBLIC_KEY_FILE
    if not file.is_file():
        return None
    try:
        public_key = load_public_key(file.read_bytes())
    except ReceiptError:  # damaged as well: then it is not known any more
        return None
    return TrustedKey(issuer, key_id(public_key), public_key)


@contextmanager
def _told_by_file(folder: Path) -> Iterator[None]:
    """Whatever the system refuses becomes a ReceiptError that names the file."""
    try:
        yield
    except OSError as error:
        file = Path(error.filename or folder)
        problem = f"{file} cannot be read: {error.strerror}"
        if isinstance(error, IsADirectoryError):
            problem = f"{file} is a folder and no key: {WHAT_TO_DO}"
        elif isinstance(error, PermissionError):
            problem += f"; it must belong to the user that runs this program{_owned_by(file)}"
        raise ReceiptError(problem) from error


def _owned_by(file: Path) -> str:
    """Whose it is, as far as the system tells: a user may have no name, or it knows no owners."""
    try:
        return f", and belongs to {file.owner()}"
    except (OSError, KeyError, NotImplementedError):
        return ""


def _read_trusted(file: Path) -> list[TrustedKey]:
    if not file.exists():
        return []
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReceiptError(f"{file} is not TOML: {error}") from error
    entries = table.get("key", [])
    if not isinstance(entries, list) or set(table) - {"key"}:
        raise ReceiptError(f"{file} may only have [[key]] tables")
    return [_trusted_key(entry, f"{file}, key {n}") for n, entry in enumerate(entries, 1)]


def _trusted_key(entry: Any, where: str) -> TrustedKey:
    if not isinstance(entry, dict) or set(entry) - _KEYS_OF_A_KEY:
        known = ", ".join(sorted(_KEYS_OF_A_KEY))
        raise ReceiptError(f"{where}: only {known} belong here")
    issuer, pem = entry.get("issuer"), entry.get("public_key")
    if not isinstance(issuer, str) or not issuer or not isinstance(pem, str):
        raise ReceiptError(f"{where}: issuer and public_key are needed, both in quotes")
    times = {name: entry.get(name) for name in ("not_before", "not_after")}
    for name, moment in times.items():
        if moment is not None and not (isinstance(moment, datetime) and moment.tzinfo):
            raise ReceiptError(
                f"{where}: {name} must be a time with its zone, such as 2027-01-31T00:00:00Z"
            )
    try:
        public_key = load_public_key(pem)
        kid = bytes.fromhex(entry["kid"]) if "kid" in entry else key_id(public_key)
    except ReceiptError as error:
        raise ReceiptError(f"{where}: {error}") from error
    except (ValueError, TypeError) as error:
        raise ReceiptError(f"{where}: kid must be hexadecimal, in quotes") from error
    return TrustedKey(issuer, kid, public_key, **times)


def _trusted_block(key: TrustedKey) -> str:
    quoted = key.issuer.replace("\\", "\\\\").replace('"', '\\"')
    lines = ["", "[[key]]", f'issuer = "{quoted}"', f'kid = "{key.kid.hex()}"']
    for name, moment in (("not_before", key.not_before), ("not_after", key.not_after)):
        if moment is not None:
            lines.append(f"{name} = {moment.astimezone(UTC).isoformat()}")
    return "\n".join([*lines, f'public_key = """\n{_public_pem(key.public_key).decode()}"""', ""])


@lru_cache(maxsize=64)
def _cose_key(pem: bytes, algorithm: str, kid: bytes) -> COSEKeyInterface:
    """Reading a key takes longer than using it."""
    return COSEKey.from_pem(pem, alg=algorithm, kid=kid)


def _private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
