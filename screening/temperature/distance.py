"""A face further away reads colder; what is added for that, by the distance the camera tells.

The air between takes next to nothing: a sensor's spot or pixel widens with the distance, and takes
in more of what is beside the face. How much depends on the lens, so a table is measured where the
thermometer hangs, by one person who steps back from it.

A camera beside the thermometer tells the distance: the width of a face in the picture shrinks as
the face goes away, so width times distance is one number for a camera (a pinhole).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from screening.readings import Box
from screening.temperature.rounding import hundredths_up

FACE_SPREAD = 0.10
"""Standard uncertainty of a distance by the camera, as a share of it: faces of adults differ in
width by about a twentieth (standard deviation), the walker's face and the visitor's do so apart,
and a detector's box moves by some hundredths (an assumption, not measured here)."""

READING_SPREAD_CELSIUS = 0.18
"""How far two readings of one face lie from their mean (published data, the face's maximum): a
table's points are no surer."""

LARGEST_CELSIUS = 3.0
"""What needs more is no matter of distance, or so far away that most of the spot is wall."""

NEAREST_CM, FURTHEST_CM = 5.0, 400.0
"""A thermometer at an entrance is neither nearer nor further from a face."""

FILLS_CM = (2.0, 150.0)
"""At which distance a face fills a picture's width: 4 cm before a fisheye, 1 m before a lens for
the far side of a street."""

FACE_SEEN_S = 1.5
"""So far back a face tells where somebody stands, at least: several pictures of a slow camera."""

KEPT_S = 5.0
"""No stable reading begins earlier."""

EDGE = 0.005
"""Of the picture: a face that touches its side is cut off, and its width tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceTable:
    """What is added to a raw value at each distance; straight between the points, nothing beyond.

    ``points`` are (distance in cm, correction in degC), nearest first, two at least. A face fills
    the picture's width at ``fills_picture_cm``. At ``reference_cm``, one of the points, nothing is
    added: staff are compared there. Raises ValueError, telling everything that is wrong.
    """

    fills_picture_cm: float
    reference_cm: float
    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        problems = _problems(self.fills_picture_cm, self.reference_cm, self.points)
        if problems:
            raise ValueError("; ".join(problems))

    @classmethod
    def of_points(
        cls, fills_picture_cm: float, points: Sequence[tuple[float, float]]
    ) -> DistanceTable:
        """The table somebody typed: the reference is where it adds 0. Raises ValueError."""
        zeros = [cm for cm, celsius in points if celsius == 0]
        return cls(
            fills_picture_cm=fills_picture_cm,
            reference_cm=median_low(zeros) if zeros else 0.0,
            points=tuple((float(cm), float(celsius)) for cm, celsius in points),
        )

    @property
    def nearest_cm(self) -> float:
        """Nearer nothing is known."""
        return self.points[0][0]

    @property
    def furthest_cm(self) -> float:
        """Further away nothing is known."""
        return self.points[-1][0]

    @property
    def reach_celsius(self) -> tuple[float, float]:
        """The least and the most that is added."""
        sizes = [celsius for _, celsius in self.points]
        return min(sizes), max(sizes)

    def distance_cm(self, face_width: float) -> float:
        """How far away a face is that takes this share of the picture's width."""
        return self.fills_picture_cm / face_width

    def correction_celsius(self, distance_cm: float) -> float:
        """What a reading from there lacks or has too much, in hundredths: rounded up, so that no
        fever is rounded away. ValueError beyond the table."""
        return hundredths_up(
            sum(weight * celsius for weight, (_, celsius) in self._mixed(distance_cm))
        )

    def uncertainty_celsius(self, distance_cm: float) -> float:
        """The standard uncertainty of what is added at this distance."""
        of_place = self._slope(distance_cm) * FACE_SPREAD * distance_cm
        # Every point is less by one reading of its own and one at the reference.
        shares = [weight for weight, (cm, _) in self._mixed(distance_cm) if cm != self.reference_cm]
        of_readings = READING_SPREAD_CELSIUS * math.hypot(sum(shares), *shares)
        return math.hypot(of_place, of_readings)

    def _mixed(self, distance_cm: float) -> list[tuple[float, tuple[float, float]]]:
        """The points on both sides, each with its share."""
        if not self.nearest_cm <= distance_cm <= self.furthest_cm:
            raise ValueError(f"{distance_cm:.0f} cm is beyond the distance table")
        after = max(1, bisect_left([cm for cm, _ in self.points], distance_cm))
        near, far = self.points[after - 1], self.points[after]
        share = (distance_cm - near[0]) / (far[0] - near[0])
        return [(1 - share, near), (share, far)]

    def _slope(self, distance_cm: float) -> float:
        """The steeper side's at a point (degC for a cm)."""
        return max(
            abs((far[1] - near[1]) / (far[0] - near[0]))
            for near, far in pairwise(self.points)
            if near[0] <= distance_cm <= far[0]
        )


class FaceWidths:
    """How wide the face in front was in the camera's last pictures; times in monotonic seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    def saw(self, face: Box | None, taken_at_s: float) -> None:
        """One more picture; a face that the picture's side cuts does not count."""
        if face is None or face.x <= EDGE or face.x + face.w >= 1 - EDGE or face.w <= 0:
            return
        self._seen.append((taken_at_s, face.w))
        while taken_at_s - self._seen[0][0] > KEPT_S:
            self._seen.popleft()

    def forget(self) -> None:
        """Somebody else stands there, or the camera went away."""
        self._seen.clear()

    def width(self, *, since_s: float, until_s: float) -> float | None:
        """The median share of the picture's width in that time.

        Of an even number the narrower one: further away, so that more is added. None: not seen.
        """
        wide = [w for seen_s, w in self._seen if since_s <= seen_s <= until_s]
        return median_low(wide) if wide else None


def _problems(
    fills_picture_cm: float, reference_cm: float, points: Sequence[tuple[float, float]]
) -> list[str]:
    numbers = [fills_picture_cm, reference_cm, *(number for point in points for number in point)]
    if not all(math.isfinite(number) for number in numbers):
        return ["a distance table holds finite numbers"]
    problems = []
    if not FILLS_CM[0] <= fills_picture_cm <= FILLS_CM[1]:
        problems.append(
            f"a face cannot fill a picture at {fills_picture_cm:g} cm:"
            f" {FILLS_CM[0]:g} to {FILLS_CM[1]:g} is possible"
        )
    if len(points) < 2:
        problems.append("a distance table needs two distances or more")
    distances = [cm for cm, _ in points]
    if any(near >= far for near, far in pairwise(distances)):
        problems.append("the distances of a table rise from one to the next")
    if any(not NEAREST_CM <= cm <= FURTHEST_CM for cm in distances):
        problems.append(f"distances are {NEAREST_CM:g} to {FURTHEST_CM:g} cm")
    if any(abs(celsius) > LARGEST_CELSIUS for _, celsius in points):
        problems.append(f"a correction of more than {LARGEST_CELSIUS:g} degC mends no distance")
    if (reference_cm, 0) not in [(cm, celsius) for cm, celsius in points]:
        problems.append("a distance table adds 0 at the distance where staff are compared")
    return problems
