from __future__ import annotations

import itertools
import time

import numpy as np
from numpy.typing import NDArray

from drivers.health import Backoff
from drivers.simulated.camera import SimulatedCamera
from tests.drivers.support import PATIENCE_S, Recorder


def test_shows_what_is_drawn_and_is_lost_while_unplugged() -> None:
    levels = itertools.count()

    def draw() -> NDArray[np.uint8]:
        return np.full((24, 32, 3), 50 + next(levels) % 200, np.uint8)

    heard = Recorder()
    camera = SimulatedCamera(
        draw, time.monotonic, fps=100, backoff=Backoff(first_s=0.02, ceiling_s=0.02)
    )
    camera.start(heard.on_reading, heard.on_availability)
    heard.wait_available(True)
    assert camera.wait_newer(0, PATIENCE_S) is not None
    camera.unplug()
    heard.wait_available(False)
    assert camera.newest() is None
    camera.plug_in()
    heard.wait_available(True, times=2)
    camera.close()
    assert heard.availabilities[1].last_error == "the camera is unplugged"
