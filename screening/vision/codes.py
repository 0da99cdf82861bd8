"""Reads the QR codes that visitors hold to the gate camera."""

from __future__ import annotations

import numpy as np
import zxingcpp
from numpy.typing import NDArray


def read_codes(pixels: NDArray[np.uint8]) -> list[str]:
    """The texts of the QR codes in a BGR picture, each once, in the order found."""
    # Made anew: the library complains of one that is still there when the program ends.
    qr_codes = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(np.ascontiguousarray(pixels), formats=qr_codes)
    return list(dict.fromkeys(code.text for code in found if code.valid and code.text))
