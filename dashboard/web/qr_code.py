"""A QR code as areas that pages and papers draw."""

from __future__ import annotations

from functools import lru_cache

import segno

CODES_KEPT = 512
"""Codes are remembered: to choose the best mask for one takes thirty milliseconds."""


@lru_cache(maxsize=CODES_KEPT)
def qr_rows(token: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The code's dark modules, for each row as runs of (first, how many)."""
    rows = []
    for cells in segno.make_qr(token, error="m").matrix:
        runs: list[tuple[int, int]] = []
        for column, is_dark in enumerate(cells):
            if is_dark and runs and sum(runs[-1]) == column:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            elif is_dark:
                runs.append((column, 1))
        rows.append(tuple(runs))
    return tuple(rows)


def qr_path(token: str) -> tuple[int, str]:
    """The side of the code in modules, and its dark modules as an SVG path of areas."""
    rows = qr_rows(token)
    path = "".join(
        f"M{first} {row}h{length}v1h-{length}z"
        for row, runs in enumerate(rows)
        for first, length in runs
    )
    return len(rows), path
