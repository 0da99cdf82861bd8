"""An error that names everything that is wrong at once: nobody mends one thing after another."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from screening.errors import ScreeningError

Code = TypeVar("Code", bound=StrEnum)


class ListedError(ScreeningError, Generic[Code]):
    """``problems`` lists every reason by its published code, with a sentence for each."""

    def __init__(self, problems: Sequence[tuple[Code, str]]) -> None:
        super().__init__("; ".join(sentence for _, sentence in problems))
        self.problems = tuple(code for code, _ in problems)
        self.sentences = tuple(sentence for _, sentence in problems)
