"""What anybody may read without logging in."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptShown:
    """``visitor/receipt.html``. ``qr`` is an SVG path with its size in modules."""

    shell: Shell
    number: str
    service: str
    party_size: int
    first_day: str
    expires: str
    is_revoked: bool
    needs_mask: bool
    qr_path: str
    qr_size: int
