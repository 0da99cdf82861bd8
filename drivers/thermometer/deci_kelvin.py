"""Pixels in tenths of a kelvin without a sign, as SenXor and TeraRanger send them.

Two words are no temperature: 0 is absolute zero and FFFF is 6280.35 degC. That a device sends them
for a pixel, or a whole picture, that it does not know is an assumption of ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_KELVIN = 273.15
_EMPTY, _FULL = 0x0000, 0xFFFF


def celsius_of(words: NDArray[np.uint16]) -> NDArray[np.float32] | None:
    """degC, NaN for a pixel that is not known; None where that is every one."""
    celsius = (words / 10 - _KELVIN).astype(np.float32)
    unknown = (words == _EMPTY) | (words == _FULL)
    if unknown.all():
        return None
    celsius[unknown] = np.nan
    return celsius


def words_of(celsius: NDArray[np.float32]) -> NDArray[np.uint16]:
    """What ``celsius_of`` makes these degrees of."""
    deci = np.rint((celsius.astype(np.float64) + _KELVIN) * 10)
    return np.nan_to_num(deci, nan=_FULL).astype("<u2")
