"""What every record promises of accounts, receipts and services."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from screening.accounts import Accounts, Gate, Role, User, WebSession
from screening.decision import Check, DecisionKind, Reason
from screening.errors import AccountError, ReceiptError, UnknownReceipt
from screening.office.services import SEED_SERVICES, Channel, Service
from screening.receipts.links import SECRET_BYTES
from screening.visits import EntryKind, ExitHow
from tests.contracts.builders import MIDNIGHT, NOON, attempt, receipt
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
    accounts.change_password("ani", "$argon2id$y")
    assert accounts.user("ani") == replace(ANI, password_hash="$argon2id$y")
    assert accounts.session(session, at=NOON) is None
    assert accounts.session(other, at=NOON) is not None
    with pytest.raises(AccountError, match="no user 'unheard of'"):
        accounts.change_password("unheard of", "$argon2id$y")


def test_a_removed_user_is_gone_with_their_log_ins(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(ANI)
    session = logged_in(accounts, "ani")
    accounts.remove_user("ani")
    assert accounts.users() == []
    assert accounts.session(session, at=NOON) is None
    with pytest.raises(AccountError, match="no user 'ani'"):
        accounts.remove_user("ani")


def test_the_only_administrator_stays(open_record: Open) -> None:
    accounts = open_record().accounts
    accounts.add_user(replace(ANI, role=Role.ADMINISTRATOR))
    accounts.add_user(replace(ANI, name="budi", role=Role.MANAGER))
    with pytest.raises(AccountError, match="only administrator"):
        accounts.remove_user("ani")
    accounts.add_user(replace(ANI, name="cici", role=Role.ADMINISTRATOR))
    accounts.remove_user("ani")
    assert [user.name for user in accounts.users()] == ["budi", "cici"]


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


def test_finds_a_receipt_by_its_number(open_record: Open) -> None:
    book, claims = open_record().receipts, receipt(slot="0900", party_size=4)
    book.add(claims)
    assert book.by_number(claims.issuer, claims.number) == claims
    assert book.by_number("JKT", claims.number) is None
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
