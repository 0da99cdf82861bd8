"""What a thermal array sees of a person before a wall: plausible, not measured on anybody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_NOISE_CELSIUS = 0.06
_COOLER_THAN_CANTHI_CELSIUS = 1.6  # forehead centre against the inner canthi, published means
_NOSE_CELSIUS = 1.5  # so much cooler than the rest of the face
_RIM_CELSIUS = 1.2  # so much cooler where the face turns away
_HAIR_SHARE = 0.45  # how far hair comes from the skin's temperature to the room's
_NECK_CELSIUS = 0.3  # so much warmer than the cheeks
_CLOTHES_CELSIUS = 3.0  # so much warmer than the room
_SOMEBODY_CELSIUS = 1.0  # a hottest spot nearer to the room than this is an empty lane
_FINE = 4  # drawn so many times finer: a pixel on an edge sees both sides of it

Scene = NDArray[np.float64]


def draw_scene(
    rows: int,
    columns: int,
    *,
    hottest_celsius: float,
    room_celsius: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """(rows, columns) in degC with noise; the hottest pixel, an inner canthus, is about as told.

    Where that is the room's own temperature nobody is there. A hottest spot colder than the room
    makes a cold patch in the same place.
    """
    scene = np.full((rows, columns), float(room_celsius))
    if abs(hottest_celsius - room_celsius) >= _SOMEBODY_CELSIUS:
        person = _person(rows * _FINE, columns * _FINE, hottest_celsius, room_celsius)
        scene = person.reshape(rows, _FINE, columns, _FINE).mean(axis=(1, 3))
        if hottest_celsius > room_celsius:
            _warm_canthi(scene, hottest_celsius)
    scene += rng.normal(0, _NOISE_CELSIUS, scene.shape)
    return scene.astype(np.float32)


def _person(rows: int, columns: int, hottest_celsius: float, room_celsius: float) -> Scene:
    """Head, neck and shoulders in the middle of the picture."""
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    y, x = (y + 0.5) / rows - 0.5, (x + 0.5) / columns - 0.5
    scene = np.full((rows, columns), float(room_celsius))
    skin = hottest_celsius - _COOLER_THAN_CANTHI_CELSIUS
    scene[(abs(x) < 0.09) & (y > 0.2) & (y < 0.42)] = skin + _NECK_CELSIUS
    scene[y > 0.36 + 0.35 * x**2 + 8 * np.maximum(0, abs(x) - 0.3) ** 2] = (
        room_celsius + _CLOTHES_CELSIUS
    )
    hair = skin + _HAIR_SHARE * (room_celsius - skin)
    scene[(x / 0.19) ** 2 + ((y + 0.08) / 0.33) ** 2 < 1] = hair
    from_middle = (x / 0.165) ** 2 + ((y - 0.02) / 0.31) ** 2
    face = from_middle < 1
    scene[face] = skin - _RIM_CELSIUS * from_middle[face] ** 3
    scene[(x / 0.04) ** 2 + ((y - 0.05) / 0.06) ** 2 < 1] -= _NOSE_CELSIUS
    return scene


def _warm_canthi(scene: Scene, hottest_celsius: float) -> None:
    """Both, and the skin round them; the left one is the hottest."""
    rows, columns = scene.shape
    np.minimum(scene, hottest_celsius - 0.5, out=scene)  # also the clothes in a warm room
    for side, drop in ((-1, 0.0), (1, 0.3)):
        row, column = round(rows * 0.43), round(columns * (0.5 + side * 0.06))
        around = scene[row - 1 : row + 2, column - 1 : column + 2]
        around[:] = np.maximum(around, hottest_celsius - 0.5 - drop)
        scene[row, column] = hottest_celsius - drop
