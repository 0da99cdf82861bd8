"""The key folder: made once, readable by its owner, told clearly when it is broken."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from screening.decision import Reason
from screening.errors import ReceiptError
from screening.receipts.keys import (
    PRIVATE_KEY_FILE,
    PUBLIC_KEY_FILE,
    TRUSTED_FILE,
    SigningKey,
    has_keys,
    key_problems,
    load_public_key,
    open_keys,
    renew,
    trust,
)
from screening.receipts.token import read, sign
from tests.screening.receipts.builders import NOW, THEIRS, claims


def public_pem(key: SigningKey) -> str:
    return (
        key.private_key.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def test_the_first_use_makes_a_key_and_the_next_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys"
    first, second = open_keys(folder, "BGR"), open_keys(folder, "BGR")
    assert first.signing.kid == second.signing.kid
    assert read(sign(claims(), first.signing), second.trusted) == claims()
    assert {file.name for file in folder.iterdir()} == {PRIVATE_KEY_FILE, PUBLIC_KEY_FILE}


def test_only_the_owner_can_read_the_key(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    open_keys(folder, "BGR")
    renew(folder, "BGR")
    assert stat.S_IMODE((folder / PRIVATE_KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_many_first_uses_at_once_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        keys = list(threads.map(lambda _: open_keys(tmp_path / "keys", "BGR"), range(16)))
    assert len({key.signing.kid for key in keys}) == 1


def test_printed_receipts_stay_good_when_keys_rotate(tmp_path: Path) -> None:
    old = open_keys(tmp_path, "BGR")
    printed = sign(claims(), old.signing)
    for _ in range(2):
        new = renew(tmp_path, "BGR").keys
    assert new.signing.kid != old.signing.kid
    assert read(printed, new.trusted, at=NOW) == claims()
    assert read(sign(claims(), new.signing), new.trusted) == claims()
    assert len(open_keys(tmp_path, "BGR").trusted.keys) == 3


def test_a_retired_key_can_end(tmp_path: Path) -> None:
    printed = sign(claims(), open_keys(tmp_path, "BGR").signing)
    new = renew(tmp_path, "BGR", not_after=NOW).keys
    assert read(printed, new.trusted, at=NOW - timedelta(hours=1)) == claims()
    assert read(printed, new.trusted, at=NOW) is Reason.ISSUER_KEY_EXPIRED


def test_another_office_is_trusted_for_its_own_receipts(tmp_path: Path) -> None:
    open_keys(tmp_path, "BGR")
    trust(tmp_path, THEIRS.trusted())
    keys = open_keys(tmp_path, "BGR")
    assert read(sign(claims(issuer="JKT"), THEIRS), keys.trusted) == claims(issuer="JKT")


def test_an_administrator_may_write_the_file_by_hand(tmp_path: Path) -> None:
    (tmp_path / TRUSTED_FILE).write_text(
        "# keys of other offices\n"
        '[[key]]\nissuer = "JKT"\nkid = "00ff"\nnot_after = 2027-01-31T00:00:00Z\n'
        f'public_key = """{public_pem(THEIRS)}"""\n'
    )
    (key,) = open_keys(tmp_path, "BGR").trusted.by_kid(b"\x00\xff")
    assert (key.issuer, key.not_after) == ("JKT", datetime(2027, 1, 31, tzinfo=UTC))
    trust(tmp_path, THEIRS.trusted())
    assert "# keys of other offices" in (tmp_path / TRUSTED_FILE).read_text()
    assert len(open_keys(tmp_path, "BGR").trusted.keys) == 3


BROKEN = {
    "not-toml": ("[[key", "not TOML"),
    "other-table": ("[issuers]\n", r"\[\[key\]\]"),
    "no-issuer": ('[[key]]\npublic_key = "x"\n', "key 1: issuer"),
    "unknown-field": ('[[key]]\nissuer = "A"\nalg = "none"\n', "only issuer"),
    "no-pem": ('[[key]]\nissuer = "A"\npublic_key = "x"\n', "key 1: this is not a public key"),
    "local-time": (
        f'[[key]]\nissuer = "A"\npublic_key = """{public_pem(THEIRS)}"""\n'
        "not_after = 2027-01-31T00:00:00\n",
        "with its zone",
    ),
    "kid": (
        f'[[key]]\nissuer = "A"\npublic_key = """{public_pem(THEIRS)}"""\nkid = "xyz"\n',
        "hexadecimal",
    ),
}


@pytest.mark.parametrize(("content", "problem"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_list_of_issuers_says_where(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / TRUSTED_FILE).write_text(content)
    with pytest.raises(ReceiptError, match=problem):
        open_keys(tmp_path, "BGR")


def test_a_broken_private_key_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / PRIVATE_KEY_FILE).write_text("not a key")
    with pytest.raises(ReceiptError, match=PRIVATE_KEY_FILE):
        open_keys(tmp_path, "BGR")
    assert (tmp_path / PRIVATE_KEY_FILE).read_text() == "not a key"


def test_a_p256_key_may_sign_as_well(tmp_path: Path) -> None:
    pem = THEIRS.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / PRIVATE_KEY_FILE).write_bytes(pem)
    keys = open_keys(tmp_path, "JKT")
    assert read(sign(claims(issuer="JKT"), keys.signing), keys.trusted) == claims(issuer="JKT")


def test_keys_of_other_kinds_are_refused(tmp_path: Path) -> None:
    for key in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(ReceiptError, match=r"Ed25519 or P-256"):
            load_public_key(public)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / PRIVATE_KEY_FILE).write_bytes(private)
        with pytest.raises(ReceiptError, match=r"Ed25519 or P-256"):
            open_keys(tmp_path, "BGR")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReceiptError, match="cannot be read"):
        open_keys(tmp_path / "file" / "keys", "BGR")


def half_a_key() -> str:
    pem = THEIRS.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()[: len(pem) // 2]


LOST = {
    "removed": (None, "is missing"),
    "emptied": ("", "is empty"),
    "zeros": ("\0" * 119, "is empty"),
    "half": (half_a_key(), "is not a private key"),
    "other": (public_pem(THEIRS), "is not a private key"),
}


@pytest.mark.parametrize(("content", "told"), LOST.values(), ids=LOST.keys())
def test_a_lost_key_is_told_and_none_is_made_in_its_place(
    tmp_path: Path, content: str | None, told: str
) -> None:
    open_keys(tmp_path, "BGR")
    lose(tmp_path, content)
    before = contents(tmp_path)
    with pytest.raises(ReceiptError, match=rf"{PRIVATE_KEY_FILE} {told}.*gerbang receipt new-key"):
        open_keys(tmp_path, "BGR")
    (problem,) = key_problems(tmp_path, "BGR", is_new=lambda: True)
    assert f"{PRIVATE_KEY_FILE} {told}" in problem
    assert contents(tmp_path) == before
    assert has_keys(tmp_path, "BGR")


@pytest.mark.parametrize("content", [content for content, _ in LOST.values()], ids=LOST.keys())
def test_a_new_key_keeps_printed_receipts_good(tmp_path: Path, content: str | None) -> None:
    old = open_keys(tmp_path, "BGR").signing
    printed = sign(claims(), old)
    lose(tmp_path, content)
    renewed = renew(tmp_path, "BGR")
    assert renewed.retired is not None
    assert renewed.retired.kid == old.kid
    keys = open_keys(tmp_path, "BGR")
    assert keys.signing.kid == renewed.keys.signing.kid != old.kid
    assert read(printed, keys.trusted, at=NOW) == claims()
    assert read(sign(claims(), keys.signing), keys.trusted) == claims()
    if content is not None:
        (kept,) = tmp_path.glob(f"{PRIVATE_KEY_FILE}.damaged-*")
        assert kept.read_text() == content


def test_a_new_key_can_do_without_the_old_one(tmp_path: Path) -> None:
    printed = sign(claims(), open_keys(tmp_path, "BGR").signing)
    lose(tmp_path, None)
    (tmp_path / PUBLIC_KEY_FILE).write_text("")
    renewed = renew(tmp_path, "BGR")
    assert renewed.retired is None
    assert read(printed, renewed.keys.trusted) is Reason.UNKNOWN_ISSUER


def test_a_folder_in_the_key_s_place_is_told_and_set_aside(tmp_path: Path) -> None:
    open_keys(tmp_path, "BGR")
    lose(tmp_path, None)
    (tmp_path / PRIVATE_KEY_FILE).mkdir()
    with pytest.raises(ReceiptError, match=rf"{PRIVATE_KEY_FILE} is a folder"):
        open_keys(tmp_path, "BGR")
    assert renew(tmp_path, "BGR").retired is not None
    assert (tmp_path / PRIVATE_KEY_FILE).is_file()


def test_nothing_is_made_where_the_record_shows_that_something_was_signed(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with pytest.raises(ReceiptError, match="is missing"):
        open_keys(folder, "BGR", is_new=lambda: False)
    assert list(folder.iterdir()) == []
    assert key_problems(folder, "BGR", is_new=lambda: True) == []
    assert len(key_problems(folder, "BGR", is_new=lambda: False)) == 1


def test_a_retired_key_of_ours_shows_that_there_was_one(tmp_path: Path) -> None:
    trust(tmp_path, THEIRS.trusted())
    assert not has_keys(tmp_path, "BGR")
    assert has_keys(tmp_path, "JKT")
    with pytest.raises(ReceiptError, match="is missing"):
        open_keys(tmp_path, "JKT")


def test_looking_at_the_keys_makes_nothing(tmp_path: Path) -> None:
    assert key_problems(tmp_path / "keys", "BGR", is_new=lambda: True) == []
    assert not (tmp_path / "keys").exists()


def test_a_key_that_others_can_read_is_told_but_signs(tmp_path: Path) -> None:
    open_keys(tmp_path, "BGR")
    (tmp_path / PRIVATE_KEY_FILE).chmod(0o644)
    (problem,) = key_problems(tmp_path, "BGR", is_new=lambda: True)
    assert "chmod 600" in problem
    assert open_keys(tmp_path, "BGR").signing.issuer == "BGR"


def test_a_broken_list_of_issuers_is_a_problem(tmp_path: Path) -> None:
    open_keys(tmp_path, "BGR")
    (tmp_path / TRUSTED_FILE).write_text("[[key")
    (problem,) = key_problems(tmp_path, "BGR", is_new=lambda: True)
    assert TRUSTED_FILE in problem


def lose(folder: Path, content: str | None) -> None:
    file = folder / PRIVATE_KEY_FILE
    file.unlink()
    if content is not None:
        file.write_text(content)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}
