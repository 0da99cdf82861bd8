"""Receipts held to the gate camera."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import radians, tan
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from screening.receipts.keys import SigningKey, TrustedKeys
from screening.receipts.token import MAX_TOKEN_CHARACTERS, read, sign
from screening.vision.codes import LARGEST_ENLARGED, read_codes
from tests.screening.receipts.builders import claims

LONG = claims(number="7KQ2M9XV4TW3", site="BOGOR-01", service="LEGALISIR9", slot="09:30")
LONG = replace(LONG, holder="Bartholomeus N.", party_size=20)
KEY = SigningKey("BGR", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
"""Always the same, so that the pictures are."""
TOKEN = sign(LONG, KEY)
DOTS = 10
"""Dots of the phone's screen across one module."""
FINER = 3
"""A camera's pixel is the mean of this many points squared."""
FOCAL_PX = 640 / 2 / tan(radians(30))
"""Of a camera with 640 pixels across 60 degrees."""


@dataclass(frozen=True, slots=True)
class Crack:
    """A straight line across the screen, ``offset`` and ``width`` in modules."""

    angle: float
    offset: float = 0.0
    width: float = 0.5
    is_white: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How a phone with a receipt is held before the camera; angles in degrees.

    ``blur`` is the deviation of the lens in pixels, ``glare`` the share of the contrast that a
    lamp takes from one half of the screen.
    """

    module_px: float = 3.0
    angle: float = 0.0
    tilt: float = 0.0
    blur: float = 0.0
    glare: float = 0.0
    cracks: tuple[Crack, ...] = ()
    is_dark: bool = False
    is_inverted: bool = False


def screen(text: str, held: Held) -> NDArray[np.float64]:
    """The receipt's page, light from 0 to 255."""
    symbol = np.array(segno.make_qr(text, error="m").matrix, np.uint8)
    light = np.pad(1 - symbol, 4, constant_values=1)
    light = np.pad(light, 12, constant_values=0 if held.is_dark else 1)
    dots = np.kron(light * 255, np.ones((DOTS, DOTS))).astype(np.uint8)
    if held.is_inverted:
        dots = 255 - dots
    middle = len(dots) / 2
    for crack in held.cracks:
        along = np.array([np.cos(np.radians(crack.angle)), np.sin(np.radians(crack.angle))])
        over = middle + crack.offset * DOTS * np.array([-along[1], along[0]])
        (x, y), (to_x, to_y) = over - along * 2000, over + along * 2000
        colour, width = 255 * crack.is_white, round(crack.width * DOTS)
        cv2.line(dots, (round(x), round(y)), (round(to_x), round(to_y)), colour, width)
    shown = 25 + dots * (200 / 255)
    lamp = 1 / (1 + np.exp(-(np.arange(len(dots)) - middle) / (3 * DOTS)))
    return shown + (250 - shown) * held.glare * lamp


def seen(text: str, held: Held, *, size: tuple[int, int] = (640, 480)) -> NDArray[np.uint8]:
    """What a camera of ``size`` makes of it, with a little noise."""
    noise = np.random.default_rng(7)
    shown = screen(text, held)
    turn, lean = np.radians((held.angle, held.tilt))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)], [0, 0]])
    leaned = np.array([[1, 0, 0], [0, np.cos(lean), 0], [0, np.sin(lean), 1]]) @ turned
    width, height = size[0] * FINER, size[1] * FINER
    lens = np.array(
        [[FOCAL_PX * FINER, 0, width / 2], [0, FOCAL_PX * FINER, height / 2], [0, 0, 1]]
    )
    place = np.column_stack([leaned, [0.1, 0.3, FOCAL_PX / held.module_px]])
    modules = np.array([[1, 0, -len(shown) / DOTS / 2], [0, 1, -len(shown) / DOTS / 2], [0, 0, 1]])
    to_modules = modules @ np.diag([1 / DOTS, 1 / DOTS, 1])
    points = cv2.warpPerspective(
        shown.astype(np.float32), lens @ place @ to_modules, (width, height), borderValue=110
    )
    picture = cv2.resize(points, size, interpolation=cv2.INTER_AREA)
    if held.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), held.blur)
    pixels = np.clip(picture + noise.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)
    return np.repeat(pixels[..., None], 3, axis=2)


ACROSS = Crack(angle=38, offset=3, width=0.7)
WIDE = Crack(angle=38, offset=12, width=2)
SMALL = Held(module_px=1.5, angle=40, blur=0.5)
HELD = {
    "straight": Held(),
    **{f"turned by {angle}": Held(angle=angle) for angle in (7, 23, 45, 90, 137, 180, 211, 301)},
    "leaning": Held(angle=12, tilt=40),
    "blurred": Held(angle=12, blur=1.2),
    "much blurred": Held(angle=66, blur=1.3),
    "half in glare": Held(angle=12, blur=0.8, glare=0.8),
    "on a dark page": Held(angle=12, blur=0.8, is_dark=True),
    "with colours turned round": Held(angle=12, blur=0.8, is_inverted=True),
    "with colours turned round on a dark page": Held(is_inverted=True, is_dark=True),
    "a black crack across": Held(angle=12, blur=0.8, cracks=(ACROSS,)),
    "a white crack across": Held(angle=12, blur=0.8, cracks=(replace(ACROSS, is_white=True),)),
    "two cracks across": Held(angle=12, blur=0.8, cracks=(Crack(38, 9), Crack(-30, is_white=True))),
    "a wide crack across": Held(angle=12, blur=0.8, cracks=(WIDE,)),
    "all of it": Held(angle=23, tilt=20, blur=0.8, glare=0.6, is_dark=True, cracks=(ACROSS,)),
    "small": SMALL,
    "small and blurred": Held(module_px=2.0, angle=40, blur=0.8),
}


@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
def test_a_receipt_on_a_phone_held_to_the_camera_is_read_and_verified(held: Held) -> None:
    (code,) = read_codes(seen(TOKEN, held))
    assert read(code, TrustedKeys([KEY.trusted()])) == LONG


def test_the_table_of_reach_follows_from_its_formula() -> None:
    text = (Path(__file__).parents[3] / "docs" / "camera.md").read_text(encoding="utf-8")
    cameras = [
        (int(across), int(angle)) for across, angle in re.findall(r"(\d+)×\d+, (\d+)°", text)
    ]
    phones = re.findall(r"inch \((\d+) px\) \| (\d+) mm \| ([\d.]+) mm \| (.*) \|", text)
    assert len(phones) == len(cameras) == 4
    for page, screen_mm, module_mm, reaches in phones:
        module = min(int(page) - 19, 400) / int(page) * int(screen_mm) / 65
        assert module_mm == f"{module:.2f}"
        told = [
            f"{module * across / (2 * tan(radians(angle / 2)) * 3) / 10:.0f} cm"
            for across, angle in cameras
        ]
        assert reaches.split(" | ") == told


def test_the_receipt_of_these_tests_is_as_large_as_receipts_become() -> None:
    symbol = segno.make_qr(TOKEN, error="m")
    assert (symbol.version, symbol.mode) == (10, "alphanumeric")
    assert len(TOKEN) <= MAX_TOKEN_CHARACTERS


def test_a_small_receipt_is_read_in_pictures_of_1920_by_1080_but_not_of_more() -> None:
    picture = seen(TOKEN, SMALL, size=(1920, 1080))
    assert picture[..., 0].size == LARGEST_ENLARGED
    assert read_codes(picture) == [TOKEN]
    assert read_codes(np.pad(picture, ((0, 2), (0, 0), (0, 0)), mode="edge")) == []


def test_two_codes_are_both_read_and_each_once() -> None:
    one, other = (seen(text, Held(module_px=4), size=(200, 200)) for text in ("GB1:A", "GB1:B"))
    assert sorted(read_codes(np.hstack([one, one, other]))) == ["GB1:A", "GB1:B"]


def test_a_mirrored_picture_is_read() -> None:
    assert read_codes(np.ascontiguousarray(seen(TOKEN, Held(angle=12))[:, ::-1])) == [TOKEN]


def test_a_picture_without_a_code_gives_nothing() -> None:
    assert read_codes(np.full((480, 640, 3), 90, np.uint8)) == []


def test_a_cut_off_code_gives_nothing() -> None:
    code = seen(TOKEN, Held())
    assert read_codes(np.ascontiguousarray(code[:, :320])) == []
