"""Reads the QR codes that visitors hold to the gate camera."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

LARGEST_ENLARGED = 1920 * 1080
"""Pixels. A larger picture shows a receipt large enough, and twice its size takes too long."""


def read_codes(pixels: NDArray[np.uint8]) -> list[str]:
    """The texts of the QR codes in a BGR picture, each once, in the order found.

    A picture without any is read again at twice its size, where the reader finds modules that are
    a third smaller or more blurred; docs/camera.md tells how far away a receipt is read.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    found = _read(grey)
    if not found and grey.size <= LARGEST_ENLARGED:
        found = _read(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    return found


def _read(grey: cv2.typing.MatLike) -> list[str]:
    # Made anew: the library complains of one that is still there when the program ends.
    qr_codes = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(np.ascontiguousarray(grey), formats=qr_codes)
    return list(dict.fromkeys(code.text for code in found if code.valid and code.text))
