"""The token as a QR code: alphanumeric mode, level M."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import segno

from screening.errors import ReceiptError

QUIET_ZONE = 4
"""Modules of white around the symbol that ISO/IEC 18004 asks for."""


def qr_terminal(token: str) -> str:
    """Lines of block characters that a phone can scan from a terminal."""
    out = io.StringIO()
    _symbol(token).terminal(out, border=QUIET_ZONE, compact=True)
    return out.getvalue()


def save_qr(token: str, path: Path) -> None:
    """Write a .png or .svg file. Raises ReceiptError for another ending or an unwritable place."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("png", "svg"):
        raise ReceiptError(f"{path}: a QR code is written as .png or .svg")
    try:
        _symbol(token).save(str(path), kind=kind, scale=8, border=QUIET_ZONE, light="white")
    except OSError as error:
        raise ReceiptError(f"{path} cannot be written: {error.strerror}") from error


def _symbol(token: str) -> Any:
    try:
        return segno.make_qr(token, error="m", mode="alphanumeric", boost_error=False)
    except (ValueError, segno.DataOverflowError) as error:
        raise ReceiptError("this text does not fit a receipt's QR code") from error
