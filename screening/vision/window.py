"""Turns what single pictures say of the visitor in front into one stable result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from screening.readings import Box, FaceObservation, MaskAdvice, MaskLabel, MaskReading

# Sizes are the shorter side of a face's box, scaled to a picture 640 pixels wide.
REFERENCE_WIDTH_PX = 640
# Smaller faces are people in the background.
LEAST_FACE_PX = 32
# Below this the mask's edge cannot be judged: the visitor is asked to come closer.
LEAST_NEAR_FACE_PX = 64
# A second face this large beside the first (areas) stands in front with it.
COMPARABLE_AREA = 0.5
# Someone this much larger than the one who was followed (areas) has stepped in front.
STEPPED_IN_AREA = 1.8
# The box of one person overlaps that much (IoU) from picture to picture.
SAME_PERSON_OVERLAP = 0.25
# This many pictures in a row must agree that something changed before it counts as a change.
CHANGE_IMAGES = 2
# What a single picture must claim to count for its label; a mask must be claimed more firmly,
# because a wrong mask lets somebody in.
LEAST_CONFIDENCE = 0.55
LEAST_MEAN_CONFIDENCE = {
    MaskLabel.MASK: 0.75,
    MaskLabel.NO_MASK: 0.65,
    MaskLabel.INCORRECT: 0.65,
}
# One picture in this many may disagree.
AGREEING_PER_ODD = 3


@dataclass(frozen=True, slots=True)
class _Evidence:
    taken_at_s: float
    label: MaskLabel | None  # None: not sure enough to count for any
    confidence: float


class MaskWindow:
    """Follows the largest face from picture to picture and decides when enough pictures agree.

    ``min_images`` pictures of one person within ``span_s`` seconds must agree; ``least_span_s`` is
    the shortest time they may cover, so that a burst of near-identical pictures is not evidence.
    No clock: time is what ``add`` is told.
    """

    def __init__(
        self, *, min_images: int = 3, span_s: float = 1.5, least_span_s: float = 0.15
    ) -> None:
        if min_images < 2:
            raise ValueError("one picture never decides: min_images must be 2 or more")
        if not 0 <= least_span_s < span_s:
            raise ValueError("span_s must be longer than least_span_s, and both positive")
        self._min_images = min_images
        self._span_s = span_s
        self._least_span_s = least_span_s
        self.reset()

    def reset(self) -> None:
        """Forgets the visitor; the next picture starts anew."""
        self._evidence: list[_Evidence] = []
        self._followed: Box | None = None
        self._seen_at_s = 0.0
        self._empty_images = 0
        self._companion_images = 0

    def add(
        self, faces: Sequence[FaceObservation], image_size: tuple[int, int], captured_at_s: float
    ) -> MaskReading:
        """The result after one more picture; ``image_size`` is its (width, height) in pixels.

        Pictures come in order of their time; one that is not newer than the last adds nothing.
        """
        if self._evidence and captured_at_s <= self._evidence[-1].taken_at_s:
            return self._reading(captured_at_s)
        scale = REFERENCE_WIDTH_PX / image_size[0]
        faces = [face for face in faces if _side(face.box) * scale >= LEAST_FACE_PX]
        if self._followed is not None and captured_at_s - self._seen_at_s > self._span_s:
            self.reset()
        if not faces or (self._empty_images == 0 and self._is_hidden(faces)):
            return self._nobody(captured_at_s)
        self._empty_images = 0
        front = self._front(faces)
        self._followed, self._seen_at_s = front.box, captured_at_s
        if _side(front.box) * scale < LEAST_NEAR_FACE_PX:
            self._evidence.clear()
            return _advice(MaskAdvice.TOO_FAR, captured_at_s)
        self._remember(front, captured_at_s)
        has_companion = any(
            face is not front and face.box.area >= COMPARABLE_AREA * front.box.area
            for face in faces
        )
        self._companion_images = self._companion_images + 1 if has_companion else 0
        if self._companion_images >= CHANGE_IMAGES:
            return _advice(MaskAdvice.TWO_FACES, captured_at_s, images=len(self._evidence))
        return self._reading(captured_at_s)

    def _nobody(self, captured_at_s: float) -> MaskReading:
        """One picture without the face may be a blink of the detector; two are an empty lane."""
        self._empty_images += 1
        if self._empty_images >= CHANGE_IMAGES or not self._evidence:
            empty_images = self._empty_images
            self.reset()
            self._empty_images = empty_images
            return _advice(MaskAdvice.NO_FACE, captured_at_s)
        return self._reading(captured_at_s)

    def _is_hidden(self, faces: Sequence[FaceObservation]) -> bool:
        """Only people far behind the one who was followed are seen."""
        before = self._followed
        return before is not None and all(
            _overlap(face.box, before) < SAME_PERSON_OVERLAP
            and face.box.area < COMPARABLE_AREA * before.area
            for face in faces
        )

    def _front(self, faces: Sequence[FaceObservation]) -> FaceObservation:
        """The person followed so far, or the largest face; another person starts new evidence."""
        largest = max(faces, key=lambda face: face.box.area)
        if self._followed is not None:
            before = self._followed
            nearest = max(faces, key=lambda face: _overlap(face.box, before))
            is_same = _overlap(nearest.box, before) >= SAME_PERSON_OVERLAP
            if is_same and largest.box.area < STEPPED_IN_AREA * nearest.box.area:
                return nearest
        self._evidence.clear()
        self._companion_images = 0
        return largest

    def _remember(self, front: FaceObservation, captured_at_s: float) -> None:
        sure = front.confidence >= LEAST_CONFIDENCE
        self._evidence.append(
            _Evidence(captured_at_s, front.label if sure else None, front.confidence)
        )
        oldest_s = captured_at_s - self._span_s
        self._evidence = [one for one in self._evidence if one.taken_at_s >= oldest_s]
        # The visitor changed something: what the older pictures showed is no longer so.
        recent, older = self._evidence[-CHANGE_IMAGES:], self._evidence[:-CHANGE_IMAGES]
        labels = {one.label for one in recent}
        if len(labels) == 1 and None not in labels and len(recent) == CHANGE_IMAGES:
            (label,) = labels
            usual = _most_common(older)
            if usual is not None and usual is not label:
                self._evidence = recent

    def _reading(self, captured_at_s: float) -> MaskReading:
        label = _most_common(self._evidence)
        agreeing = [one for one in self._evidence if one.label is label]
        if label is None:
            agreeing = []
        odd = len(self._evidence) - len(agreeing)
        mean = sum(one.confidence for one in agreeing) / len(agreeing) if agreeing else 0.0
        support = mean * len(agreeing) / max(1, len(self._evidence))
        is_decided = (
            label is not None
            and len(agreeing) >= self._min_images
            and odd * AGREEING_PER_ODD <= len(agreeing)
            and agreeing[-1].taken_at_s - agreeing[0].taken_at_s >= self._least_span_s
            and mean >= LEAST_MEAN_CONFIDENCE[label]
        )
        if not is_decided:
            return _advice(
                MaskAdvice.UNSURE, captured_at_s, images=len(self._evidence), confidence=support
            )
        return MaskReading(label, None, support, len(self._evidence), captured_at_s)


def _advice(
    advice: MaskAdvice, taken_at_s: float, *, images: int = 0, confidence: float = 0.0
) -> MaskReading:
    return MaskReading(None, advice, confidence, images, taken_at_s)


def _most_common(evidence: Sequence[_Evidence]) -> MaskLabel | None:
    counts = Counter(one.label for one in evidence if one.label is not None)
    return counts.most_common(1)[0][0] if counts else None


def _side(box: Box) -> float:
    return min(box.w, box.h)


def _overlap(first: Box, second: Box) -> float:
    shared_w = min(first.x + first.w, second.x + second.w) - max(first.x, second.x)
    shared_h = min(first.y + first.h, second.y + second.h) - max(first.y, second.y)
    if shared_w <= 0 or shared_h <= 0:
        return 0.0
    shared = shared_w * shared_h
    return shared / (first.area + second.area - shared)
