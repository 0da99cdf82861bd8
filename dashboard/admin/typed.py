"""What was typed into a form whose fields follow from the office's facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request


@dataclass(frozen=True, slots=True)
class TypedForm:
    """Fields by name; one that was ticked several times has several values."""

    fields: Mapping[str, tuple[str, ...]]

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def text(self, name: str, default: str = "") -> str:
        """What was typed there, without blanks around it."""
        return self.fields.get(name, (default,))[0].strip()

    def ticked(self, name: str) -> str:
        """All that was ticked, with commas between."""
        return ",".join(part for text in self.fields.get(name, ()) for part in text.split(","))


async def _typed(request: Request) -> TypedForm:
    form = await request.form()
    return TypedForm(
        {name: tuple(text for text in form.getlist(name) if isinstance(text, str)) for name in form}
    )


Typed = Annotated[TypedForm, Depends(_typed)]
