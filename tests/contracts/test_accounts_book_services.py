"""What every record promises of accounts, receipts and services."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from screening.accounts import (
    NO_PASSWORD,
    PASSKEYS_AT_MOST,
    Accounts,
    Gate,
    Invitation,
    Passkey,
    Role,
    User,
    WebSession,
)
from screening.decision import Check, DecisionKind, Reason
from screening.errors import AccountError, ReceiptError, UnknownReceipt
from screening.office.changes import at_first_step
from screening.office.services import SEED_SERVICES, Channel, Service
from screening.receipts.links import SECRET_BYTES
from screening.visits import EntryKind, ExitHow
from tests.contracts.builders import MIDNIGHT, NOON, attempt, receipt
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)

ANI = User(name="ani", role=Role.GUARD, password_hash="$argon2id$x", created_at=NOON)


def test_keeps_users_by_name(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(replace(ANI, name="budi", role=Role.MANAGER))
    accounts.add_user(ANI)
    assert accounts.user("ani") == ANI
    assert accounts.user("unheard of") is None
    assert [user.name for user in accounts.users()] == ["ani", "budi"]


def test_a_user_s_name_is_taken_once(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(ANI)
    with pytest.raises(AccountError, match="ani"):
        accounts.add_user(replace(ANI, role=Role.ADMINISTRATOR))
    assert accounts.user("ani") == ANI


def test_only_one_of_many_becomes_the_first_administrator(open_record: Open) -> None:
    record = open_record()
    accounts = record.accounts
    accounts.add_user(ANI)
    names = [f"boss{number}" for number in range(4)]

    def become(name: str) -> bool:
        boss = replace(ANI, name=name, role=Role.ADMINISTRATOR)
        return accounts.add_first_administrator(boss, also=at_first_step("office"))

    with ThreadPoolExecutor(len(names)) as threads:
        became = list(threads.map(become, names))
    assert became.count(True) == 1
    winner = names[became.index(True)]
    assert [user.name for user in accounts.users()] == ["ani", winner]
    assert record.facts.current().first_start == "office"
    assert told(record) == [
        (winner, f"users.{winner}.role: – → administrator"),
        (winner, "first_start: – → office"),
    ]
    assert record.visits.verify().is_intact


def test_nobody_becomes_administrator_under_a_name_that_is_taken(open_record: Open) -> None:
    record = open_record()
    record.accounts.add_user(ANI)
    boss = replace(ANI, role=Role.ADMINISTRATOR)
    with pytest.raises(AccountError, match="ani"):
        record.accounts.add_first_administrator(boss, also=at_first_step("office"))
    assert record.accounts.user("ani") == ANI
    assert record.facts.current().first_start is None


def logged_in(accounts: Accounts, user: str) -> str:
    token_hash = f"{user:0>64}"
    accounts.open_session(
        WebSession(
            token_hash=token_hash,
            user=user,
            role=Role.GUARD,
            csrf_token="c",
            created_at=NOON,
            expires_at=NOON + timedelta(hours=12),
        )
    )
    return token_hash


def test_a_new_password_ends_what_the_old_one_opened(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(ANI)
    accounts.add_user(replace(ANI, name="budi"))
    session, other = logged_in(accounts, "ani"), logged_in(accounts, "budi")
    accounts.change_password("ani", "$argon2id$y", operator="dewi", at=NOON)
    changed = accounts.user("ani")
    assert changed is not None
    assert changed.password_hash == "$argon2id$y"
    assert accounts.session(session, at=NOON) is None
    assert accounts.session(other, at=NOON) is not None
    with pytest.raises(AccountError, match="no user 'unheard of'"):
        accounts.change_password("unheard of", "$argon2id$y", operator="dewi", at=NOON)


def test_a_removed_user_is_gone_with_their_log_ins(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(ANI)
    session = logged_in(accounts, "ani")
    accounts.remove_user("ani", operator="dewi", at=NOON)
    assert accounts.users() == []
    assert accounts.session(session, at=NOON) is None
    with pytest.raises(AccountError, match="no user 'ani'"):
        accounts.remove_user("ani", operator="dewi", at=NOON)


def test_the_only_administrator_stays(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(replace(ANI, role=Role.ADMINISTRATOR))
    accounts.add_user(replace(ANI, name="budi", role=Role.MANAGER))
    with pytest.raises(AccountError, match="only administrator"):
        accounts.remove_user("ani", operator="dewi", at=NOON)
    accounts.add_user(replace(ANI, name="cici", role=Role.ADMINISTRATOR))
    accounts.remove_user("ani", operator="dewi", at=NOON)
    assert [user.name for user in accounts.users()] == ["budi", "cici"]


def told(record: AnyRecord) -> list[tuple[str | None, str | None]]:
    return [(row.operator, row.remark) for row in record.visits.export()]


LINK = Invitation(user="ani", token_hash="ef" * 32, expires_at=NOON + timedelta(days=3))
BOSS = replace(ANI, name="boss", role=Role.ADMINISTRATOR)


def test_the_log_tells_who_changed_what_of_a_person(open_record: Open) -> None:
    record = open_record()
    accounts = record.accounts
    accounts.add_user(BOSS)
    accounts.add_user(ANI, operator="boss")
    accounts.change_role("ani", Role.OFFICER, operator="boss", at=NOON)
    accounts.change_role("ani", Role.OFFICER, operator="boss", at=NOON)
    accounts.set_locked("ani", is_locked=True, operator="boss", at=NOON)
    accounts.set_locked("ani", is_locked=True, operator="boss", at=NOON)
    accounts.set_locked("ani", is_locked=False, operator="boss", at=NOON)
    accounts.change_password("ani", "$argon2id$y", operator="ani", at=NOON)
    accounts.remove_user("ani", operator="boss", at=NOON)
    assert told(record) == [
        ("boss", "users.ani.role: – → guard"),
        ("boss", "users.ani.role: guard → officer"),
        ("boss", "users.ani.locked: False → True"),
        ("boss", "users.ani.locked: True → False"),
        ("ani", "users.ani.password: – → new"),
        ("boss", "users.ani.role: officer → –"),
    ]
    assert "argon2id" not in repr(list(record.visits.export()))


@pytest.mark.parametrize(
    "act",
    [
        lambda accounts: accounts.change_role("ani", Role.MANAGER, operator="boss", at=NOON),
        lambda accounts: accounts.set_locked("ani", is_locked=True, operator="boss", at=NOON),
        lambda accounts: accounts.invite(LINK, operator="boss", at=NOON),
        lambda accounts: accounts.end_sessions("ani", operator="boss", at=NOON),
    ],
    ids=["another role", "a lock", "a new link", "ending"],
)
def test_ends_the_log_ins_of_that_person_alone(
    open_record: Open, act: Callable[[Accounts], object]
) -> None:
    accounts = open_record().accounts
    accounts.add_user(ANI)
    accounts.add_user(replace(ANI, name="budi"))
    own, other = logged_in(accounts, "ani"), logged_in(accounts, "budi")
    act(accounts)
    assert accounts.session(own, at=NOON) is None
    assert accounts.session(other, at=NOON) is not None


def test_the_last_administrator_who_can_log_in_stays_one(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(BOSS)
    accounts.add_user(replace(BOSS, name="cici"))
    accounts.add_user(replace(BOSS, name="dodi", password_hash=NO_PASSWORD))
    accounts.set_locked("cici", is_locked=True, operator="boss", at=NOON)
    with pytest.raises(AccountError, match="only administrator"):
        accounts.set_locked("boss", is_locked=True, operator="boss", at=NOON)
    with pytest.raises(AccountError, match="only administrator"):
        accounts.change_role("boss", Role.MANAGER, operator="boss", at=NOON)
    with pytest.raises(AccountError, match="only administrator"):
        accounts.remove_user("boss", operator="boss", at=NOON)
    with pytest.raises(AccountError, match="only administrator"):
        accounts.invite(replace(LINK, user="boss"), operator="boss", at=NOON)
    boss = accounts.user("boss")
    assert boss is not None
    assert (boss.role, boss.locked_at, boss.password_hash) == (
        Role.ADMINISTRATOR,
        None,
        BOSS.password_hash,
    )
    accounts.set_locked("cici", is_locked=False, operator="boss", at=NOON)
    accounts.change_role("boss", Role.MANAGER, operator="cici", at=NOON)


def test_a_link_gives_a_password_once_and_in_time(open_record: Open) -> None:
    record = open_record()
    accounts = record.accounts
    accounts.add_user(ANI)
    accounts.set_code_secret("ani", "JBSWY3DP", ["11"], operator="ani", at=NOON)
    accounts.invite(replace(LINK, token_hash="00" * 32), operator="boss", at=NOON)
    accounts.invite(LINK, operator="boss", at=NOON)
    assert accounts.user("ani") == replace(ANI, password_hash=NO_PASSWORD)
    assert accounts.recovery_codes_left("ani") == 0
    assert accounts.invitations(at=NOON) == [LINK]
    assert accounts.invitation("00" * 32, at=NOON) is None
    assert accounts.invitation(LINK.token_hash, at=LINK.expires_at) is None
    with pytest.raises(AccountError, match="used already"):
        accounts.accept(LINK.token_hash, "$argon2id$y", at=LINK.expires_at)
    assert accounts.accept(LINK.token_hash, "$argon2id$y", at=NOON) == accounts.user("ani")
    assert accounts.user("ani") == replace(ANI, password_hash="$argon2id$y")
    with pytest.raises(AccountError, match="used already"):
        accounts.accept(LINK.token_hash, "$argon2id$z", at=NOON)
    assert told(record)[-1] == ("ani", "users.ani.password: link → new")
    assert LINK.token_hash not in repr(list(record.visits.export()))


def test_another_password_makes_an_open_link_worthless(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(ANI)
    accounts.invite(LINK, operator="boss", at=NOON)
    accounts.change_password("ani", "$argon2id$y", operator="boss", at=NOON)
    assert accounts.invitations(at=NOON) == []


def test_a_code_of_the_second_factor_is_good_once(open_record: Open) -> None:
    record = open_record()
    accounts = record.accounts
    accounts.add_user(ANI)
    accounts.set_code_secret("ani", "JBSWY3DP", ["11", "22"], operator="ani", at=NOON)
    assert accounts.user("ani") == replace(ANI, code_secret="JBSWY3DP")
    assert [accounts.use_code("ani", step) for step in (7, 7, 6, 8)] == [True, False, False, True]
    assert not accounts.use_code("unheard of", 9)
    used = [accounts.use_recovery_code("ani", code, at=NOON) for code in ("11", "11", "33")]
    assert used == [True, False, False]
    assert accounts.recovery_codes_left("ani") == 1
    accounts.set_code_secret("ani", None, [], operator="boss", at=NOON)
    assert accounts.user("ani") == ANI
    assert accounts.recovery_codes_left("ani") == 0
    assert told(record) == [
        ("ani", "users.ani.second_factor: False → True"),
        ("ani", "users.ani.recovery_codes: 2 → 1"),
        ("boss", "users.ani.second_factor: True → False"),
    ]


PHONE = Passkey(
    user="ani",
    credential_id="cGhvbmU",
    public_key=b"\xa5\x01\x02",
    label="Phone",
    site_name="gate.example",
    created_at=NOON,
    sign_count=4_000_000_000,
    transports=("internal", "hybrid"),
)
STICK = replace(
    PHONE, credential_id="c3RpY2s", label="Stick", sign_count=0, created_at=NOON + timedelta(1)
)


def with_passkeys(record: AnyRecord, *passkeys: Passkey) -> Accounts:
    record.accounts.add_user(ANI)
    for passkey in passkeys:
        record.accounts.add_passkey(passkey, at=NOON)
    return record.accounts


def test_keeps_passkeys_which_are_a_second_factor(open_record: Open) -> None:
    record = open_record()
    accounts = with_passkeys(record, STICK, PHONE)
    ani = accounts.user("ani")
    assert ani == replace(ANI, passkeys=2)
    assert [ani] == accounts.users()
    assert ani.has_second_factor
    assert not ANI.has_second_factor
    assert accounts.passkeys("ani") == [PHONE, STICK]
    assert accounts.passkeys("unheard of") == []
    accounts.remove_passkey("ani", PHONE.credential_id, needs_factor=True, at=NOON)
    assert accounts.passkeys("ani") == [STICK]
    assert told(record) == [
        ("ani", "users.ani.passkeys: – → Stick"),
        ("ani", "users.ani.passkeys: Stick → Stick+Phone"),
        ("ani", "users.ani.passkeys: Phone+Stick → Stick"),
    ]


def test_a_passkey_is_one_person_s_and_has_a_label_of_its_own(open_record: Open) -> None:
    accounts = with_passkeys(open_record(), PHONE)
    accounts.add_user(replace(ANI, name="budi"))
    with pytest.raises(AccountError, match="somebody's already"):
        accounts.add_passkey(replace(PHONE, user="budi", label="Mine"), at=NOON)
    with pytest.raises(AccountError, match="'Phone' already"):
        accounts.add_passkey(replace(STICK, label="Phone"), at=NOON)
    with pytest.raises(AccountError, match="no user"):
        accounts.add_passkey(replace(STICK, user="nobody"), at=NOON)
    with pytest.raises(AccountError, match="no such passkey"):
        accounts.remove_passkey("budi", PHONE.credential_id, needs_factor=False, at=NOON)
    assert not accounts.use_passkey("budi", PHONE.credential_id, 4_000_000_001, at=NOON)
    assert accounts.passkeys("ani") == [PHONE]


def test_nobody_has_passkeys_without_end(open_record: Open) -> None:
    keys = [
        replace(PHONE, credential_id=f"key{number}", label=f"Key {number}")
        for number in range(PASSKEYS_AT_MOST)
    ]
    accounts = with_passkeys(open_record(), *keys)
    with pytest.raises(AccountError, match="more than"):
        accounts.add_passkey(PHONE, at=NOON)


def test_the_last_second_factor_stays_where_one_is_needed(open_record: Open) -> None:
    accounts = with_passkeys(open_record(), PHONE)
    accounts.set_recovery_codes("ani", ["11", "22"], operator="ani", at=NOON)
    with pytest.raises(AccountError, match="needs a second factor"):
        accounts.remove_passkey("ani", PHONE.credential_id, needs_factor=True, at=NOON)
    assert accounts.recovery_codes_left("ani") == 2
    accounts.set_code_secret("ani", "JBSWY3DP", ["33"], operator="ani", at=NOON)
    accounts.set_code_secret("ani", None, [], operator="ani", at=NOON)
    assert accounts.recovery_codes_left("ani") == 1  # a passkey can be lost, too
    accounts.remove_passkey("ani", PHONE.credential_id, needs_factor=False, at=NOON)
    assert accounts.recovery_codes_left("ani") == 0
    assert accounts.user("ani") == ANI


def test_codes_stay_where_they_are_the_last_second_factor_that_is_needed(
    open_record: Open,
) -> None:
    accounts = with_passkeys(open_record(), PHONE)
    accounts.set_code_secret("ani", "JBSWY3DP", ["11"], operator="ani", at=NOON)

    def take_codes_away() -> None:
        accounts.set_code_secret("ani", None, (), operator="ani", at=NOON, needs_factor=True)

    accounts.remove_passkey("ani", PHONE.credential_id, needs_factor=True, at=NOON)
    with pytest.raises(AccountError, match="needs a second factor"):
        take_codes_away()
    assert accounts.user("ani") == replace(ANI, code_secret="JBSWY3DP")
    assert accounts.recovery_codes_left("ani") == 1
    accounts.add_passkey(STICK, at=NOON)
    take_codes_away()
    assert accounts.user("ani") == replace(ANI, passkeys=1)


def test_of_two_who_take_a_factor_each_away_one_is_refused(open_record: Open) -> None:
    accounts = with_passkeys(open_record(), PHONE)
    accounts.set_code_secret("ani", "JBSWY3DP", ["11"], operator="ani", at=NOON)
    barrier = threading.Barrier(2)

    def codes() -> None:
        accounts.set_code_secret("ani", None, (), operator="ani", at=NOON, needs_factor=True)

    def passkey() -> None:
        accounts.remove_passkey("ani", PHONE.credential_id, needs_factor=True, at=NOON)

    def is_taken(take_away: Callable[[], None]) -> bool:
        barrier.wait()
        try:
            take_away()
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(is_taken, (codes, passkey))) == [False, True]
    ani = accounts.user("ani")
    assert ani is not None
    assert ani.has_second_factor


def test_recovery_codes_are_made_anew(open_record: Open) -> None:
    record = open_record()
    accounts = with_passkeys(record, PHONE)
    accounts.set_recovery_codes("ani", ["11"], operator="ani", at=NOON)
    accounts.set_recovery_codes("ani", ["22", "33"], operator="ani", at=NOON)
    assert not accounts.use_recovery_code("ani", "11", at=NOON)
    assert accounts.use_recovery_code("ani", "22", at=NOON)
    assert ("ani", "users.ani.recovery_codes: 1 → 2") in told(record)


def test_a_passkey_counts_on_and_a_copy_of_it_opens_nothing_more(open_record: Open) -> None:
    record = open_record()
    accounts = with_passkeys(record, PHONE, STICK)
    later = NOON + timedelta(hours=1)
    count = PHONE.sign_count + 1
    assert accounts.use_passkey("ani", PHONE.credential_id, count, at=later)
    used = replace(PHONE, sign_count=count, used_at=later)
    assert accounts.passkeys("ani") == [used, STICK]
    assert not accounts.use_passkey("ani", PHONE.credential_id, count, at=later)
    assert accounts.passkeys("ani") == [replace(used, copied_at=later), STICK]
    assert not accounts.use_passkey("ani", PHONE.credential_id, count + 1, at=later)
    assert told(record)[-1] == ("ani", "users.ani.passkey_copied: – → Phone")
    # One that does not count never goes back.
    assert accounts.use_passkey("ani", STICK.credential_id, 0, at=later)
    assert accounts.use_passkey("ani", STICK.credential_id, 0, at=later)
    assert not accounts.use_passkey("ani", "unheard-of", 0, at=later)


@pytest.mark.parametrize(
    "act",
    [
        lambda accounts: accounts.invite(LINK, operator="boss", at=NOON),
        lambda accounts: accounts.drop_second_factor("ani", operator="boss", at=NOON),
        lambda accounts: accounts.remove_user("ani", operator="boss", at=NOON),
    ],
    ids=["a new link", "taken away", "removed"],
)
def test_passkeys_go_with_what_they_open(
    open_record: Open, act: Callable[[Accounts], object]
) -> None:
    accounts = with_passkeys(open_record(), PHONE, STICK)
    accounts.set_code_secret("ani", "JBSWY3DP", ["11"], operator="ani", at=NOON)
    act(accounts)
    assert accounts.passkeys("ani") == []
    assert accounts.recovery_codes_left("ani") == 0
    ani = accounts.user("ani")
    assert ani is None or not ani.has_second_factor


def test_a_challenge_is_answered_once(open_record: Open) -> None:
    accounts = open_record().accounts
    soon = NOON + timedelta(minutes=5)
    taken = [
        accounts.take_challenge(digest, expires_at=soon, at=NOON) for digest in ("a1", "a1", "b2")
    ]
    assert taken == [True, False, True]
    assert not accounts.take_challenge("b2", expires_at=soon, at=soon - timedelta(seconds=1))


def test_tells_which_log_ins_are_open_and_ends_one_of_them(open_record: Open) -> None:
    record = open_record()
    accounts = record.accounts
    accounts.add_user(ANI)
    first = WebSession(
        token_hash="ab" * 32,
        user="ani",
        role=Role.GUARD,
        csrf_token="c",
        created_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        browser="Firefox",
    )
    second = replace(first, token_hash="cd" * 32, browser="")
    accounts.open_session(first)
    accounts.open_session(second)
    assert accounts.user("ani") == replace(ANI, last_login_at=NOON)
    accounts.note_sessions_seen({first.token_hash: NOON, "gone": NOON})
    assert accounts.session(first.token_hash, at=NOON) == replace(first, seen_at=NOON)
    ended = accounts.end_sessions("ani", number=second.number, operator="ani", at=NOON)
    assert ended == [second.token_hash]
    assert accounts.end_sessions("ani", number="none", operator="ani", at=NOON) == []
    assert [one.token_hash for one in accounts.sessions(at=NOON)] == [first.token_hash]
    assert told(record) == [("ani", "users.ani.sessions: 2 → 1")]


@pytest.mark.parametrize("checks", [frozenset(), frozenset(Check), frozenset({Check.RECEIPT})])
def test_keeps_gates_with_their_checks(open_record: Open, checks: frozenset[Check]) -> None:
    accounts = open_record().accounts
    gate = Gate(name="utama", checks=checks, token_hash="ab" * 32)
    accounts.add_gate(gate)
    assert accounts.gate("utama") == gate
    assert accounts.gates() == [gate]
    assert accounts.gate("belakang") is None
    with pytest.raises(AccountError, match="utama"):
        accounts.add_gate(gate)


def test_a_session_ends_by_time_or_by_hand(open_record: Open) -> None:
    accounts = open_record().accounts
    session = WebSession(
        token_hash="ab" * 32,
        user="ani",
        role=Role.GUARD,
        csrf_token="c",
        created_at=NOON,
        expires_at=NOON + timedelta(hours=1),
    )
    accounts.open_session(session)
    assert accounts.session(session.token_hash, at=NOON) == session
    assert accounts.session(session.token_hash, at=session.expires_at) is None
    accounts.close_session(session.token_hash)
    accounts.close_session(session.token_hash)
    assert accounts.session(session.token_hash, at=NOON) is None


@pytest.mark.parametrize(
    "act",
    [
        lambda accounts: accounts.set_locked("ani", is_locked=True, operator="boss", at=NOON),
        lambda accounts: accounts.change_role("ani", Role.OFFICER, operator="boss", at=NOON),
        lambda accounts: accounts.change_password("ani", "$argon2id$y", operator="boss", at=NOON),
        lambda accounts: accounts.remove_user("ani", operator="boss", at=NOON),
    ],
    ids=["locked", "another role", "another password", "removed"],
)
def test_nobody_logs_in_as_they_could_before_they_were_changed(
    open_record: Open, act: Callable[[Accounts], object]
) -> None:
    accounts = open_record().accounts
    accounts.add_user(ANI)
    session = WebSession(
        token_hash="cd" * 32,
        user="ani",
        role=ANI.role,
        csrf_token="csrf",
        created_at=NOON,
        expires_at=NOON + timedelta(hours=1),
    )
    act(accounts)
    with pytest.raises(AccountError, match="a moment ago"):
        accounts.open_session(session, of=ANI)
    assert accounts.sessions(at=NOON) == []
    accounts.add_user(replace(ANI, name="budi"))
    accounts.open_session(replace(session, user="budi"), of=replace(ANI, name="budi"))
    assert len(accounts.sessions(at=NOON)) == 1


def test_finds_a_receipt_by_its_number(open_record: Open) -> None:
    book, claims = open_record().receipts, receipt(slot="0900", party_size=4)
    book.add(claims)
    assert book.by_number(claims.issuer, claims.number) == claims
    assert book.by_number("JKT", claims.number) is None
    assert book.token_id(claims.issuer, claims.number) == claims.token_id
    assert book.token_id("JKT", claims.number) is None
    with pytest.raises(ReceiptError, match=claims.number):
        book.add(replace(claims, holder="Budi"))


def test_a_revoked_receipt_lets_nobody_in(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)
    for reason in ("hilang", "lagi"):
        record.receipts.revoke(claims.issuer, claims.number, reason=reason, operator="ani", at=NOON)
    (row,) = record.visits.entries()
    assert (row.kind, row.receipt_number, row.remark, row.operator) == (
        EntryKind.REVOKE,
        claims.number,
        "hilang",
        "ani",
    )
    assert record.receipts.use_of(claims.issuer, claims.number, since=MIDNIGHT).revoked
    written = record.visits.write(attempt(receipt=claims))
    assert (written.decision, written.reason) == (DecisionKind.DENY, Reason.REVOKED)


def test_only_a_known_receipt_can_be_revoked(open_record: Open) -> None:
    with pytest.raises(UnknownReceipt):
        open_record().receipts.revoke("BGR", "NONE", reason="x", operator="ani", at=NOON)


def test_tells_what_happened_to_a_receipt(open_record: Open) -> None:
    record, claims = open_record(), receipt(party_size=3)
    use = record.receipts.use_of(claims.issuer, claims.number, since=MIDNIGHT)
    assert (use.revoked, use.places_used, use.inside, use.out_today) == (False, 0, 0, 0)
    for _ in range(2):
        record.visits.write(attempt(receipt=claims))
    record.visits.leave(receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=NOON)
    use = record.receipts.use_of(claims.issuer, claims.number, since=MIDNIGHT)
    assert (use.places_used, use.inside, use.out_today) == (2, 1, 1)
    tomorrow = record.receipts.use_of(
        claims.issuer, claims.number, since=MIDNIGHT + timedelta(days=1)
    )
    assert (tomorrow.places_used, tomorrow.inside, tomorrow.out_today) == (2, 0, 0)


def test_the_secret_of_links_is_made_once_and_shown_to_nobody(open_record: Open) -> None:
    record = open_record()
    secret = record.receipts.link_secret()
    assert len(secret) == SECRET_BYTES
    assert record.receipts.link_secret() == secret
    record.facts.change(lambda facts: replace(facts, rows=7), operator="ani", at=NOON)
    assert record.receipts.link_secret() == secret
    assert secret.hex() not in repr([record.facts.current(), *record.visits.entries()])


def test_tells_who_came_in_with_a_receipt(open_record: Open) -> None:
    record, claims = open_record(), receipt(party_size=3)
    record.receipts.add(claims)
    for minute, one in enumerate((claims, receipt(), claims, claims)):
        record.visits.write(
            attempt(receipt=one, attempt_id=f"a-{minute}", at=NOON + timedelta(minutes=minute))
        )
    record.visits.annul("a-2", operator="ani", remark="nobody", at=NOON + timedelta(hours=1))
    left = NOON + timedelta(hours=2)
    record.visits.leave(receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=left)
    came = record.visits.visits_of(claims.issuer, claims.number)
    assert [(visit.attempt_id, visit.left_at) for visit in came] == [("a-0", left), ("a-3", None)]
    assert all(visit.seat and visit.ticket for visit in came)
    assert record.visits.visits_of("JKT", claims.number) == []


def test_starts_with_the_seed_services(open_record: Open) -> None:
    services = open_record().services
    assert tuple(services.services().values()) == SEED_SERVICES
    assert services.service("KTP") == SEED_SERVICES[0]
    assert services.service("NONE") is None


def test_services_can_be_added_and_changed(open_record: Open) -> None:
    services = open_record().services
    new = Service(code="NIKAH", channel=Channel.CLOSED, names={"id": "Nikah", "jv": "Nikahan"})
    services.put(new)
    assert list(services.services())[-1] == "NIKAH"
    opened = replace(new, channel=Channel.WALK_IN, daily_quota=20)
    services.put(opened)
    assert services.service("NIKAH") == opened
