"""Follows the visitor in front from picture to picture and tells what the pictures show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screening.readings import Box, FaceObservation, MaskAdvice, MaskLabel, MaskReading
from screening.vision.sequential import DOUBT, DOUBT_IN_BAD_LIGHT, SPAN_S, SequentialTest

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
# This many pictures in a row without the face, with a second one or in bad light, are no chance.
CHANGE_IMAGES = 2


class MaskWindow:
    """Follows the largest face and tells its result once the pictures of it suffice.

    How much they have to show says ``SequentialTest``. No clock: time is what ``add`` is told.
    """

    def __init__(self) -> None:
        self._test = SequentialTest()
        self.reset()

    def reset(self) -> None:
        """Forgets the visitor; the next picture starts anew."""
        self._followed: Box | None = None
        self._seen_at_s = 0.0
        self._empty_images = 0
        self._forget()

    def _forget(self) -> None:
        """Drops the evidence, not where the face was."""
        self._test.restart()
        self._companion_images = 0
        self._badly_lit_images = 0
        self._light: MaskAdvice | None = None

    def add(
        self,
        faces: Sequence[FaceObservation],
        image_size: tuple[int, int],
        captured_at_s: float,
        *,
        light_of: Callable[[Box], MaskAdvice | None] = lambda _: None,
    ) -> MaskReading:
        """The result after one more picture; ``image_size`` is its (width, height) in pixels.

        Pictures come in order of their time; one that is not newer than the last adds nothing.
        ``light_of`` tells what is wrong with the light on a box in this picture and is asked of
        the face in front. A picture in bad light counts for less. Two of them in a row without a
        verdict are told as what they are; a verdict that was reached all the same stands.
        """
        last_s = self._test.last_taken_at_s
        if last_s is not None and captured_at_s <= last_s:
            return self._reading(captured_at_s)
        scale = REFERENCE_WIDTH_PX / image_size[0]
        faces = [face for face in faces if _side(face.box) * scale >= LEAST_FACE_PX]
        if self._followed is not None and captured_at_s - self._seen_at_s > SPAN_S:
            self.reset()
        if not faces or (self._empty_images == 0 and self._is_hidden(faces)):
            return self._nobody(captured_at_s)
        self._empty_images = 0
        front = self._front(faces)
        self._followed, self._seen_at_s = front.box, captured_at_s
        if _side(front.box) * scale < LEAST_NEAR_FACE_PX:
            self._forget()
            return _advice(MaskAdvice.TOO_FAR, captured_at_s)
        self._look_at(front, captured_at_s, light_of(front.box))
        has_companion = any(
            face is not front and face.box.area >= COMPARABLE_AREA * front.box.area
            for face in faces
        )
        self._companion_images = self._companion_images + 1 if has_companion else 0
        if self._companion_images >= CHANGE_IMAGES:
            return _advice(MaskAdvice.TWO_FACES, captured_at_s, images=self._test.pictures)
        return self._reading(captured_at_s)

    def face_at(self, captured_at_s: float) -> Box | None:
        """The box of the face in front in the picture of that time; None where it was not seen."""
        return self._followed if self._seen_at_s == captured_at_s else None

    def _nobody(self, captured_at_s: float) -> MaskReading:
        """One picture without the face may be a blink of the detector; two are an empty lane."""
        self._empty_images += 1
        if self._empty_images >= CHANGE_IMAGES or not self._test.pictures:
            empty_images = self._empty_images
            self.reset()
            self._empty_images = empty_images
            return _advice(MaskAdvice.NO_FACE, captured_at_s)
        return self._reading(captured_at_s)

    def _is_hidden(self, faces: Sequence[FaceObservation]) -> bool:
        """Only people far behind the one who was followed are seen."""
        before = self._followed
        return before is not None and all(
            face.box.overlap(before) < SAME_PERSON_OVERLAP
            and face.box.area < COMPARABLE_AREA * before.area
            for face in faces
        )

    def _front(self, faces: Sequence[FaceObservation]) -> FaceObservation:
        """The person followed so far, or the largest face; another person starts new evidence."""
        largest = max(faces, key=lambda face: face.box.area)
        if self._followed is not None:
            before = self._followed
            nearest = max(faces, key=lambda face: face.box.overlap(before))
            is_same = nearest.box.overlap(before) >= SAME_PERSON_OVERLAP
            if is_same and largest.box.area < STEPPED_IN_AREA * nearest.box.area:
                return nearest
        self._forget()
        return largest

    def _look_at(
        self, front: FaceObservation, captured_at_s: float, light: MaskAdvice | None
    ) -> None:
        self._light = light
        self._badly_lit_images = 0 if light is None else self._badly_lit_images + 1
        doubt = DOUBT if light is None else DOUBT_IN_BAD_LIGHT
        self._test.add(_probabilities(front), captured_at_s, doubt=doubt)

    def _reading(self, captured_at_s: float) -> MaskReading:
        confidence, images = self._test.confidence, self._test.pictures
        if self._test.verdict is not None:
            return MaskReading(self._test.verdict, None, confidence, images, captured_at_s)
        advice = MaskAdvice.UNSURE
        if self._light is not None and self._badly_lit_images >= CHANGE_IMAGES:
            advice = self._light
        return _advice(advice, captured_at_s, images=images, confidence=confidence)


def _advice(
    advice: MaskAdvice, taken_at_s: float, *, images: int = 0, confidence: float = 0.0
) -> MaskReading:
    return MaskReading(None, advice, confidence, images, taken_at_s)


def _probabilities(face: FaceObservation) -> tuple[float, ...]:
    """Of all three labels; where only the label's own is known, the others share the rest."""
    if face.probabilities is not None:
        return face.probabilities
    others = (1 - face.confidence) / (len(MaskLabel) - 1)
    return tuple(face.confidence if label is face.label else others for label in MaskLabel)


def _side(box: Box) -> float:
    return min(box.w, box.h)
