"""What was measured so far while a gate's thermometer is set up.

It lies in one folder a gate, for its owner only. A draft holds degrees of people, though no name:
it is deleted when the commissioning is finished or given up, and at the end of its day.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from screening.errors import RecordError
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.commissioning import Comparison
from screening.temperature.instrument.distance_fit import WalkPoint, fit_distance_table
from screening.temperature.instrument.private_files import (
    delete_unfinished,
    make_private,
    own_folders,
    write_private,
)

DRAFT_LIFE = timedelta(hours=24)
"""Room and sensor of yesterday say nothing about today, and people's degrees are not kept."""

TAKEN_LIFE = timedelta(minutes=10)
"""A clinical reading takes a minute or two; later it is no longer of the same moment."""

DRAFT_FILE = "draft.json"
DAMAGED = ".damaged"
DRAFT_VERSION = 1

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Purpose(StrEnum):
    """What a value of the device was taken for. Written in the draft: add, never rename."""

    STAFF = "staff"
    STEPS = "steps"
    """A black body or a thermos flask of a known temperature."""
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Taken:
    """A stable raw value (degC) that waits for its reference; ``at`` is aware UTC.

    ``face_width`` is how wide the camera saw the face, as a share of its picture; None without.
    """

    key: str
    raw_celsius: float
    at: datetime
    face_width: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One comparison of the draft, by a key of its own so that a form sent twice counts once."""

    key: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Stood:
    """One distance of the walk, by a key of its own."""

    key: str
    point: WalkPoint


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished commissioning. ``is_begun``: somebody asked for a new one.

    ``key`` is its own from when it is first kept until it is deleted.
    ``model`` is the thermometer's whose values it holds, empty before the first. The first of
    ``walk`` stood on the mark, where staff are compared.
    """

    gate: str
    model: str = ""
    key: str = ""
    is_begun: bool = False
    room_celsius: float | None = None
    staff: tuple[Point, ...] = ()
    steps: tuple[Point, ...] = ()
    walk: tuple[Stood, ...] = ()
    taken: Mapping[Purpose, Taken] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_empty(self) -> bool:
        """Whether no commissioning is under way; a value that waits for a check is none."""
        return replace(self, taken={}, model="", key="") == Draft(self.gate, taken={}) and not (
            {Purpose.STAFF, Purpose.STEPS} & set(self.taken)
        )

    def of_model(self, model: str) -> Draft:
        """Without what another model measured: its values say nothing of this one."""
        if self.model in {"", model}:
            return replace(self, model=model)
        return replace(self, model=model, staff=(), steps=(), walk=(), taken={})

    def waiting(self, purpose: Purpose) -> Taken | None:
        """The value that waits for its reference."""
        return self.taken.get(purpose)

    def take(
        self,
        purpose: Purpose,
        raw_celsius: float,
        *,
        at: datetime,
        face_width: float | None = None,
    ) -> Draft:
        """With this value waiting, instead of an earlier one."""
        value = Taken(secrets.token_hex(6), raw_celsius, at, face_width)
        return replace(self, taken={**self.taken, purpose: value})

    def drop(self, purpose: Purpose) -> Draft:
        """Without the value that waits."""
        left = {kind: value for kind, value in self.taken.items() if kind is not purpose}
        return replace(self, taken=left)

    def compare(self, purpose: Purpose, key: str, reference_celsius: float) -> Draft:
        """The waiting value of that key beside its reference.

        Sent again for a value that was compared before, the reference takes the earlier one's
        place; unchanged when the value is not there any more.
        """
        if purpose is Purpose.CHECK:
            raise ValueError("a check is not kept in a draft")
        value, points = self.waiting(purpose), self._points(purpose)
        if value is not None and value.key == key:
            point = Point(key, Comparison(value.raw_celsius, reference_celsius))
            return self._with(purpose, (*points, point)).drop(purpose)
        corrected = (
            Point(key, Comparison(point.comparison.raw_celsius, reference_celsius))
            if point.key == key
            else point
            for point in points
        )
        return self._with(purpose, tuple(corrected))

    def stand(self, point: WalkPoint) -> Draft:
        """With this distance of the walk, in the place of an earlier one of the same distance."""
        stood = Stood(secrets.token_hex(6), point)
        same = [one.point.tape_cm == point.tape_cm for one in self.walk]
        if True not in same:
            return replace(self, walk=(*self.walk, stood))
        place = same.index(True)
        return replace(self, walk=(*self.walk[:place], stood, *self.walk[place + 1 :]))

    def unstand(self, key: str) -> Draft:
        """Without the distance of that key."""
        return replace(self, walk=tuple(one for one in self.walk if one.key != key))

    def distance_table(self) -> DistanceTable | None:
        """What the walk gives; None where nobody walked. Raises DistanceError."""
        if not self.walk:
            return None
        points = [one.point for one in self.walk]
        return fit_distance_table(points, reference_cm=points[0].tape_cm)

    def remove(self, purpose: Purpose, key: str) -> Draft:
        """Without the comparison of that key."""
        left = tuple(point for point in self._points(purpose) if point.key != key)
        return self._with(purpose, left)

    def _points(self, purpose: Purpose) -> tuple[Point, ...]:
        return self.staff if purpose is Purpose.STAFF else self.steps

    def _with(self, purpose: Purpose, points: tuple[Point, ...]) -> Draft:
        if purpose is Purpose.STAFF:
            return replace(self, staff=points)
        return replace(self, steps=points)


class Drafts:
    """The drafts of one process's gates, on disk. May raise RecordError where that fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def get(self, gate: str, *, now: datetime) -> Draft:
        """The draft of this gate without what is too old."""
        with self._lock:
            return self._read(gate, now)

    def change(self, gate: str, change: Callable[[Draft], Draft], *, now: datetime) -> Draft:
        """Apply ``change`` to the newest draft and keep what it makes."""
        with self._lock:
            before = self._read(gate, now)
            draft = change(before if before.key else replace(before, key=secrets.token_hex(8)))
            folder = make_private(self._folder / gate)
            write_private(folder / DRAFT_FILE, json.dumps(_written(draft, now)))
            return draft

    def finish(self, gate: str, act: Callable[[Draft], T], *, now: datetime) -> T:
        """Delete it once ``act`` is done with it; two who finish at once do so one by one."""
        with self._lock:
            result = act(self._read(gate, now))
            self._delete(gate)
            return result

    def forget(self, gate: str) -> None:
        """Delete it, if there is one."""
        with self._lock:
            self._delete(gate)

    def forget_before(self, limit: datetime) -> None:
        """Delete every draft that was last changed before ``limit``, and the damaged ones."""
        with self._lock:
            for own in own_folders(self._folder):
                kept = self._load(own.name)
                if kept is not None and kept[0] < limit:
                    self._delete(own.name)
                (own / DRAFT_FILE).with_suffix(DAMAGED).unlink(missing_ok=True)
            delete_unfinished(self._folder, before=limit)

    def _read(self, gate: str, now: datetime) -> Draft:
        kept = self._load(gate)
        if kept is None:
            return Draft(gate)
        changed_at, draft = kept
        if abs(now - changed_at) > DRAFT_LIFE:
            return Draft(gate)  # deleted with the day: the clock may be wrong just now
        # Far in the future it was taken before the clock was set back: its age is not known.
        fresh = {kind: one for kind, one in draft.taken.items() if abs(now - one.at) <= TAKEN_LIFE}
        return replace(draft, taken=fresh)

    def _load(self, gate: str) -> tuple[datetime, Draft] | None:
        """The draft as it was kept and when; a damaged one is put aside."""
        path = self._folder / gate / DRAFT_FILE
        try:
            written = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _disk_trouble(path, "read", error) from error
        try:
            return _read(gate, json.loads(written.decode()))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            _log.warning("%s cannot be read and was put aside: %s", path, error)
        try:
            path.replace(path.with_suffix(DAMAGED))
        except OSError as error:
            raise _disk_trouble(path, "put aside", error) from error
        return None

    def _delete(self, gate: str) -> None:
        path = self._folder / gate / DRAFT_FILE
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise _disk_trouble(path, "deleted", error) from error


def _disk_trouble(path: Path, done: str, error: OSError) -> RecordError:
    return RecordError(f"{path}: cannot be {done}: {error.strerror}", is_of_disk=True)


def _written(draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        "version": DRAFT_VERSION,
        "changed_at": now.isoformat(),
        "model": draft.model,
        "key": draft.key,
        "room_celsius": draft.room_celsius,
        "is_begun": draft.is_begun,
        "staff": [_point(point) for point in draft.staff],
        "steps": [_point(point) for point in draft.steps],
        "walk": [_stood(one) for one in draft.walk],
        "taken": {
            kind.value: {
                "key": one.key,
                "raw": one.raw_celsius,
                "at": one.at.isoformat(),
                "face": one.face_width,
            }
            for kind, one in draft.taken.items()
        },
    }


def _point(point: Point) -> dict[str, Any]:
    compared = point.comparison
    return {
        "key": point.key,
        "raw": compared.raw_celsius,
        "reference": compared.reference_celsius,
    }


def _stood(one: Stood) -> dict[str, Any]:
    point = one.point
    return {
        "key": one.key,
        "tape": point.tape_cm,
        "raw": point.raw_celsius,
        "face": point.face_width,
    }


def _read(gate: str, values: dict[str, Any]) -> tuple[datetime, Draft]:
    if values["version"] != DRAFT_VERSION:
        raise ValueError(f"version {values['version']}")
    room = values["room_celsius"]
    draft = Draft(
        gate,
        model=str(values.get("model", "")),
        key=str(values.get("key", "")),
        room_celsius=None if room is None else float(room),
        is_begun=bool(values["is_begun"]),
        staff=tuple(_read_point(point) for point in values["staff"]),
        steps=tuple(_read_point(point) for point in values["steps"]),
        walk=tuple(_read_stood(one) for one in values.get("walk", ())),
        taken={Purpose(kind): _read_taken(one) for kind, one in values["taken"].items()},
    )
    return _aware(values["changed_at"]), draft


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no zone")
    return at


def _read_taken(one: dict[str, Any]) -> Taken:
    face = one.get("face")
    return Taken(
        one["key"], float(one["raw"]), _aware(one["at"]), None if face is None else float(face)
    )


def _read_stood(one: dict[str, Any]) -> Stood:
    point = WalkPoint(float(one["tape"]), float(one["raw"]), float(one["face"]))
    return Stood(one["key"], point)


def _read_point(point: dict[str, Any]) -> Point:
    return Point(point["key"], Comparison(float(point["raw"]), float(point["reference"])))
