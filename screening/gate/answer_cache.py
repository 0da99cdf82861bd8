"""The answers to the last scans, so that a station that asks twice hears the same twice."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from screening.gate.verdict import Visitor, nonce_reused
from screening.gate.view import ScanAnswer

REMEMBERED_ANSWERS = 1000
"""Scans whose answer is repeated from memory; older ones are found in the record by their nonce."""


@dataclass(frozen=True, slots=True)
class _Answered:
    code: str
    answer: ScanAnswer


class AnswerCache:
    """By the nonce of the presentation they answered."""

    def __init__(self) -> None:
        self._by_nonce: OrderedDict[str, _Answered] = OrderedDict()

    def remember(self, visitor: Visitor, answer: ScanAnswer) -> None:
        """What this visitor's presentation came to so far; nothing without a nonce."""
        if visitor.nonce is None:
            return
        self._by_nonce[visitor.nonce] = _Answered(visitor.code, answer)
        while len(self._by_nonce) > REMEMBERED_ANSWERS:
            self._by_nonce.popitem(last=False)

    def repeated(self, nonce: str | None, code: str) -> ScanAnswer | None:
        """The answer this presentation had before. Raises LaneConflict for another code."""
        answered = self._by_nonce.get(nonce) if nonce is not None else None
        if answered is None:
            return None
        if answered.code != code:
            raise nonce_reused()
        return answered.answer
