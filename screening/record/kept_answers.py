"""What other systems were answered to their writes, on a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, select

from screening.record.engine import Database
from screening.record.tables import KeptAnswerRow
from screening.record.writer import Transaction, Writer
from screening.repeats import KEPT_FOR, Answer, AnsweredBefore, Asked, KeyReused, Result

_FIND = select(KeptAnswerRow.digest, KeptAnswerRow.status, KeptAnswerRow.body).where(
    KeptAnswerRow.site == bindparam("b_site"),
    KeptAnswerRow.caller == bindparam("b_caller"),
    KeptAnswerRow.idempotency_key == bindparam("b_key"),
    KeptAnswerRow.at > bindparam("b_old"),
)
_FORGET = delete(KeptAnswerRow).where(
    KeptAnswerRow.site == bindparam("b_site"), KeptAnswerRow.at <= bindparam("b_old")
)
_PUT = insert(KeptAnswerRow)


class SqlKeptAnswers:
    """KeptAnswers on a database; safe to use from any thread."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def kept(self, asked: Asked[Result], *, at: datetime) -> Answer | None:
        """The answer to the same request. Raises KeyReused, RecordError."""
        with self._database.reading() as session:
            found = session.execute(_FIND, _find(self._database.site, asked, at)).first()
            return _answer(found, asked)

    def keep(self, asked: Asked[Result], answer: Answer, *, at: datetime) -> Answer:
        """Keep the answer to a request that wrote nothing; the first one comes back."""

        def keep(transaction: Transaction) -> Answer:
            first = first_answer(transaction, asked, at=at)
            if first is None:
                keep_answer(transaction, asked, answer, at=at)
            return first or answer

        return self._writer.submit(keep, may_repeat=True).result()


def once(
    transaction: Transaction, asked: Asked[Result], work: Callable[[], Result], *, at: datetime
) -> Result:
    """Do the work and keep its answer, both committed with the transaction.

    Raises AnsweredBefore where that was done already, KeyReused where something else was. A job
    that does this may be repeated.
    """
    first = first_answer(transaction, asked, at=at)
    if first is not None:
        raise AnsweredBefore(first)
    result = work()
    keep_answer(transaction, asked, asked.answer(result), at=at)
    return result


def first_answer(transaction: Transaction, asked: Asked[Any], *, at: datetime) -> Answer | None:
    """What the same request was answered. Raises KeyReused."""
    values = _find(transaction.office.site, asked, at)
    return _answer(transaction.connection.execute(_FIND, values).first(), asked)


def is_old_answer(site: str, at: datetime) -> ColumnElement[bool]:
    """Of the site and kept long enough."""
    return (KeptAnswerRow.site == site) & (KeptAnswerRow.at <= at - KEPT_FOR)


def _find(site: str, asked: Asked[Any], at: datetime) -> dict[str, Any]:
    return {"b_site": site, "b_caller": asked.caller, "b_key": asked.key, "b_old": at - KEPT_FOR}


def _answer(row: Any | None, asked: Asked[Any]) -> Answer | None:
    if row is None:
        return None
    if row.digest != asked.digest:
        raise KeyReused
    return Answer(row.status, row.body)


def keep_answer(
    transaction: Transaction, asked: Asked[Any], answer: Answer, *, at: datetime
) -> None:
    """Keep it with the transaction; what is old goes, the same key's earlier answer, too."""
    site = transaction.office.site
    transaction.connection.execute(_FORGET, {"b_site": site, "b_old": at - KEPT_FOR})
    columns = {
        "site": site,
        "caller": asked.caller,
        "idempotency_key": asked.key,
        "digest": asked.digest,
        "status": answer.status,
        "body": answer.body,
        "at": at,
    }
    transaction.connection.execute(_PUT, columns)
