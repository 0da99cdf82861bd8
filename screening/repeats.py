"""A write that another system may send again: done once, and answered alike each time.

The caller names its request by an idempotency key. The answer is kept in the transaction of the
write itself, so there is never one without the other; writers take turns, so of two at once the
second finds what the first was answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from screening.errors import ScreeningError

KEPT_FOR = timedelta(hours=24)
"""An answer is given again for so long, and erased afterwards."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP, byte for byte."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Result]):
    """One request: whose, its idempotency key, and the SHA-256 hex of what it asks for.

    ``answer`` makes the answer of what was done; it is called in the transaction and must depend on
    nothing else.
    """

    caller: str
    key: str
    digest: str
    answer: Callable[[Result], Answer] = field(repr=False, compare=False)


class AnsweredBefore(ScreeningError):
    """The same was asked for before, and done then; ``answer`` is what was told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("this was done before; the answer is the first one")
        self.answer = answer


class KeyReused(ScreeningError):
    """Another request was sent under the same idempotency key."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request")


class KeptAnswers(Protocol):
    """Answers of the last ``KEPT_FOR``."""

    def kept(self, asked: Asked[Result], *, at: datetime) -> Answer | None:
        """The answer to the same request. Raises KeyReused, RecordError."""

    def keep(self, asked: Asked[Result], answer: Answer, *, at: datetime) -> Answer:
        """Keep the answer to a request that wrote nothing, a refusal for instance.

        What comes back is the first answer, where one was kept meanwhile. Raises KeyReused.
        """
