"""Tells a live picture from a dead one by what arrives when. Pure: time comes in as a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Together with the 0.1 s between two looks each of these is noticed within 2 s.
NO_PICTURE_S = 1.8
FROZEN_S = 1.5
BLACK_S = 1.5
FIRST_PICTURE_S = 5.0  # USB cameras and streams take their time until the first one
_BLACK_LEVEL = 12  # of 255; a dark room seen by a working sensor is noisier than a covered one


class ImageWatchdog:
    """Judges the pictures of one connection.

    A picture that equals the one before byte for byte proves nothing: every live sensor has noise,
    and a driver whose camera was pulled out may repeat its last picture for ever.
    """

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None
        self._seen_s = self._changed_s = self._lit_s = 0.0
        self._is_live = False

    def opened(self, now_s: float) -> None:
        """A connection begins; nothing of the one before counts."""
        self._last = None
        self._is_live = False
        self._seen_s = self._changed_s = self._lit_s = now_s

    def took(self, pixels: NDArray[np.uint8], now_s: float) -> bool:
        """A picture arrived; whether it is another one than before."""
        has_changed = self._last is None or not np.array_equal(self._last, pixels)
        is_lit = bool(pixels[::8, ::8].max(initial=0) > _BLACK_LEVEL)
        if has_changed:
            self._changed_s = now_s
        if is_lit:
            self._lit_s = now_s
        self._is_live |= has_changed and is_lit and self._last is not None
        self._last = pixels
        self._seen_s = now_s
        return has_changed

    @property
    def is_live(self) -> bool:
        """Two different pictures with light in them have been seen on this connection."""
        return self._is_live

    def problem(self, now_s: float) -> str | None:
        """Why the connection is no good any more, or None."""
        patience_s = FIRST_PICTURE_S if self._last is None else NO_PICTURE_S
        if now_s - self._seen_s > patience_s:
            return f"no picture for {patience_s:g} s"
        if self._last is None:
            return None
        if self._seen_s - self._lit_s > BLACK_S:
            return "the picture is black"
        if self._seen_s - self._changed_s > FROZEN_S:
            return "the picture does not change"
        return None
