"""Receipts held to the gate camera."""

from __future__ import annotations

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

from screening.vision.codes import read_codes

TOKEN = "GB1:" + "6BFOXN%TS3DHPVO13J /G-/2YRVA.Q/R8WRU2FC1J9M$DI6J" * 4


def qr_picture(text: str, *, scale: int = 3, border: int = 4) -> NDArray[np.uint8]:
    rows = [list(row) for row in segno.make(text, error="m").matrix_iter(scale, border)]
    dark = np.array(rows, np.uint8)
    return np.repeat(np.where(dark > 0, 20, 235).astype(np.uint8)[..., None], 3, axis=2)


def in_a_frame(code: NDArray[np.uint8]) -> NDArray[np.uint8]:
    frame = np.full((480, 640, 3), 120, np.uint8)
    top, left = (480 - code.shape[0]) // 2, (640 - code.shape[1]) // 2
    frame[top : top + code.shape[0], left : left + code.shape[1]] = code
    return frame


def test_a_receipt_held_to_the_camera_is_read() -> None:
    assert read_codes(in_a_frame(qr_picture(TOKEN))) == [TOKEN]


def test_a_tilted_blurred_receipt_is_read() -> None:
    frame = in_a_frame(qr_picture(TOKEN, scale=4))
    turn = cv2.getRotationMatrix2D((320, 240), 17, 1.0)
    tilted = cv2.warpAffine(frame, turn, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    assert read_codes(np.asarray(cv2.GaussianBlur(tilted, (0, 0), 0.8), np.uint8)) == [TOKEN]


def test_two_codes_are_both_read_and_each_once() -> None:
    code = qr_picture("GB1:A")
    row = np.hstack([code, code, qr_picture("GB1:B")])
    assert sorted(read_codes(row)) == ["GB1:A", "GB1:B"]


def test_a_picture_without_a_code_gives_nothing() -> None:
    assert read_codes(np.full((480, 640, 3), 90, np.uint8)) == []


def test_a_cut_off_code_gives_nothing() -> None:
    code = qr_picture(TOKEN)
    assert read_codes(np.ascontiguousarray(code[:, : code.shape[1] // 2])) == []
