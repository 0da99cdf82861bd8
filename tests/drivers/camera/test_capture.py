from __future__ import annotations

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera.capture import CaptureCamera, VideoSource, without_password
from drivers.camera.watched import SourceEnded
from drivers.health import Backoff
from screening.errors import DeviceUnavailable
from tests.drivers.support import PATIENCE_S, Recorder


@pytest.fixture
def video(tmp_path: Path) -> str:
    """Twelve different pictures, sixty a second."""
    file = tmp_path / "visitors.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 60, (64, 48))
    for number in range(12):
        writer.write(np.full((48, 64, 3), 40 + number * 15, np.uint8))
    writer.release()
    return str(file)


def test_plays_a_video_file_and_then_stays_unavailable(video: str) -> None:
    heard = Recorder()
    camera = CaptureCamera(video, time.monotonic, backoff=Backoff(first_s=0.01, ceiling_s=0.01))
    camera.start(heard.on_reading, heard.on_availability)
    heard.wait_available(True)
    image = camera.wait_newer(3, PATIENCE_S)
    assert image is not None
    assert image.pixels.shape == (48, 64, 3)
    heard.wait_available(False)
    camera.close()
    assert heard.availabilities[-1].last_error == f"{video}: end of file"
    assert len(heard.availabilities) == 2


def test_reads_every_picture_of_a_file_in_order(video: str) -> None:
    source = VideoSource(video, threading.Event())
    levels = [int(source.read().mean()) for _ in range(12)]
    with pytest.raises(SourceEnded):
        source.read()
    source.release()
    assert levels == sorted(levels)
    assert len(set(levels)) == 12


@pytest.mark.parametrize("source", ["87", "/dev/video87", "missing.mp4"])
def test_a_camera_that_is_not_there_is_told_in_one_line(source: str) -> None:
    with pytest.raises(DeviceUnavailable, match=r"does not exist: is the camera plugged in\?"):
        VideoSource(source, threading.Event())


def test_a_file_that_is_no_video_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.mp4"
    file.write_text("no pictures here")
    with pytest.raises(DeviceUnavailable, match="cannot open the camera"):
        VideoSource(str(file), threading.Event())


def test_a_stream_that_nobody_sends_is_told_without_its_password() -> None:
    with pytest.raises(DeviceUnavailable, match=r"cannot open the camera rtsp://127.0.0.1:9/1"):
        VideoSource("rtsp://guard:s3cret@127.0.0.1:9/1", threading.Event())


def test_a_password_in_the_address_is_never_shown() -> None:
    assert without_password("rtsp://admin:s3cret@10.0.0.9:554/1") == "rtsp://10.0.0.9:554/1"
    assert without_password("0") == "0"
