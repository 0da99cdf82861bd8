from __future__ import annotations

import struct
import threading
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera.folder import FolderCamera, FolderSource
from screening.errors import DeviceUnavailable, SettingsError
from tests.drivers.support import PATIENCE_S, Recorder, SettableClock


def put(folder: Path, name: str, level: int) -> None:
    cv2.imwrite(str(folder / name), np.full((24, 32, 3), level, np.uint8))


def levels(folder: Path, count: int) -> list[int]:
    source = FolderSource(folder, 0.0, threading.Event())
    return [int(source.read().mean()) for _ in range(count)]


def test_shows_the_pictures_in_the_order_of_their_names_again_and_again(tmp_path: Path) -> None:
    put(tmp_path, "b.png", 120)
    put(tmp_path, "a.png", 60)
    put(tmp_path, "c.JPG", 180)
    (tmp_path / "notes.txt").write_text("no picture")
    assert levels(tmp_path, 4) == [60, 120, 180, 60]


def test_passes_over_a_damaged_picture(tmp_path: Path) -> None:
    put(tmp_path, "a.png", 60)
    (tmp_path / "b.png").write_bytes(b"damaged")
    (tmp_path / "c.png").write_bytes(b"")
    assert levels(tmp_path, 2) == [60, 60]


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        sealed = kind + body
        return struct.pack(">I", len(body)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + pixels + chunk(b"IEND", b"")


def test_passes_over_a_picture_that_claims_to_be_huge(tmp_path: Path) -> None:
    put(tmp_path, "a.png", 60)
    (tmp_path / "b.png").write_bytes(png_that_claims(100_000, 100_000))
    (tmp_path / "c.png").write_bytes(png_that_claims(2**31 - 1, 2**31 - 1))
    assert levels(tmp_path, 2) == [60, 60]


def test_a_folder_of_damaged_pictures_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"damaged")
    with pytest.raises(DeviceUnavailable, match=r"no picture in .* can be read"):
        levels(tmp_path, 1)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable, match="holds no pictures"):
        levels(tmp_path, 1)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable, match="No such file or directory"):
        levels(tmp_path / "none", 1)


def test_is_available_while_its_pictures_differ(tmp_path: Path) -> None:
    put(tmp_path, "a.png", 60)
    put(tmp_path, "b.png", 120)
    heard = Recorder()
    camera = FolderCamera(tmp_path, time.monotonic, fps=50)
    camera.start(heard.on_reading, heard.on_availability)
    heard.wait_available(True)
    assert camera.wait_newer(4, PATIENCE_S) is not None
    camera.close()


def test_a_single_picture_is_a_frozen_camera(tmp_path: Path) -> None:
    put(tmp_path, "a.png", 60)
    clock = SettableClock()

    def hurried() -> float:
        clock.now_s += 0.1
        return clock.now_s

    heard = Recorder()
    camera = FolderCamera(tmp_path, hurried, fps=50)
    camera.start(heard.on_reading, heard.on_availability)
    heard.wait_available(False)
    camera.close()
    assert heard.availabilities[0].last_error == "the picture does not change"


def test_so_few_pictures_a_second_that_it_looks_frozen_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="look frozen"):
        FolderCamera(tmp_path, time.monotonic, fps=0.5)
