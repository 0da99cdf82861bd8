"""Whose receipts the office believes: edits, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from screening.errors import OfficeError
from screening.office.changes import differences, plain
from screening.office.facts import OfficeFacts
from screening.office.issuers import (
    chosen,
    require_issuer,
    with_issuer_key,
    with_key_times,
    without_issuer,
)
from tests.screening.receipts.builders import NOW, OURS, STRANGER, THEIRS

OLD = THEIRS.trusted()
NEW = replace(STRANGER.trusted(), issuer="JKT")
BOTH = with_issuer_key(NEW)(with_issuer_key(OLD)(OfficeFacts()))


def test_an_issuer_may_have_an_old_key_and_a_new_one() -> None:
    assert BOTH.issuer_keys == (OLD, NEW)
    ended = with_key_times("JKT", OLD.kid, {"until": NOW})(BOTH)
    assert ended.issuer_keys == (replace(OLD, not_after=NOW), NEW)
    ((key, (before, after)),) = differences(plain(BOTH), plain(ended)).items()
    assert key == f"issuers.JKT.{OLD.kid.hex()}"
    assert after == f"{before} until {NOW.isoformat()}"
    endless = with_key_times("JKT", OLD.kid, {"until": None})(ended)
    assert endless.issuer_keys == (OLD, NEW)


def test_one_key_goes_or_all_of_an_issuer_s() -> None:
    assert without_issuer("JKT", OLD.kid)(BOTH).issuer_keys == (NEW,)
    with_list = replace(BOTH, imported={"JKT": 3, "PORTAL": 1})
    assert without_issuer("JKT", OLD.kid)(with_list).imported == {"JKT": 3, "PORTAL": 1}
    gone = without_issuer("JKT", None)(with_list)
    assert (gone.issuer_keys, gone.imported) == ((), {"PORTAL": 1})
    assert without_issuer("PORTAL", None)(gone).imported == {}


def test_which_key_is_meant_must_be_clear() -> None:
    with pytest.raises(OfficeError, match=f"--kid.*{OLD.kid.hex()}"):
        chosen(BOTH, "JKT", None, several=False)
    with pytest.raises(OfficeError, match="no key of an issuer 'BDG'; known: JKT"):
        without_issuer("BDG", None)(BOTH)
    with pytest.raises(OfficeError, match="--kid"):
        without_issuer("JKT", b"other")(BOTH)


def test_a_key_is_added_once_and_begins_before_it_ends() -> None:
    with pytest.raises(OfficeError, match="already"):
        with_issuer_key(OLD)(BOTH)
    with pytest.raises(OfficeError, match="before it ends"):
        with_issuer_key(replace(OLD, not_before=NOW, not_after=NOW))
    late = with_key_times("JKT", OLD.kid, {"from": NOW + timedelta(days=1), "until": NOW})
    with pytest.raises(OfficeError, match="before it ends"):
        late(BOTH)
    with pytest.raises(OfficeError, match="1 to 64 bytes"):
        with_issuer_key(replace(OLD, kid=b""))


@pytest.mark.parametrize("name", ["", "x" * 17, " JKT", "J\nT", OURS.issuer])
def test_an_issuer_has_a_name_that_a_token_has_room_for(name: str) -> None:
    with pytest.raises(OfficeError):
        require_issuer(name, ours=OURS.issuer)
    assert require_issuer("JKT", ours=OURS.issuer) == "JKT"
