"""Text that a scanner typed as if it were a keyboard: Caps Lock, line ends, foreign layouts."""

from __future__ import annotations

TOKEN_PREFIX = "GB1:"
_BASE45 = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")  # RFC 9285, table 1
_SHORTEST_TOKEN = 40
"""No signed receipt is shorter: its signature alone takes 96 characters."""


def tidy(typed: str) -> str:
    """The code in upper case without the line ends a scanner adds; blanks inside a token stay.

    Tokens and receipt numbers know upper case only, so Caps Lock and shift do no harm.
    """
    code = typed.strip("\r\n\t").upper()
    return code if code.startswith(TOKEN_PREFIX) else code.strip()


def has_wrong_layout(code: str) -> bool:
    """Whether a scanner set to another keyboard's country typed this tidy code."""
    if code.startswith(TOKEN_PREFIX):
        return not set(code) <= _BASE45
    return code.startswith("G") and len(code) >= _SHORTEST_TOKEN
