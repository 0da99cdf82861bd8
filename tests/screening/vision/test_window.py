"""From single pictures to a stable mask result."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.readings import Box, FaceObservation, MaskAdvice, MaskLabel, MaskReading
from screening.vision.window import MaskWindow

SIZE = (640, 480)
NEAR = Box(240, 120, 150, 190)
STEP_S = 0.2
WATCHED_STEP_S = 0.125
LABEL_OF = {"m": MaskLabel.MASK, "n": MaskLabel.NO_MASK, "i": MaskLabel.INCORRECT}


def face(
    label: MaskLabel = MaskLabel.MASK, *, box: Box = NEAR, confidence: float = 0.95
) -> FaceObservation:
    return FaceObservation(box, label, confidence, face_score=0.9)


def run(
    window: MaskWindow,
    pictures: list[list[FaceObservation]],
    start_s: float = 10.0,
    *,
    step_s: float = STEP_S,
    light: MaskAdvice | None = None,
) -> list[MaskReading]:
    return [
        window.add(faces, SIZE, start_s + index * step_s, light_of=lambda _: light)
        for index, faces in enumerate(pictures)
    ]


def spell(text: str) -> list[list[FaceObservation]]:
    """One letter a picture: m, n and i are labels, ? an unsure mask, . an empty lane."""
    faces = {
        "?": [face(confidence=0.45)],
        ".": [],
        **{letter: [face(label)] for letter, label in LABEL_OF.items()},
    }
    return [faces[letter] for letter in text]


def test_a_clean_face_is_decided_in_less_than_half_a_second() -> None:
    readings = run(MaskWindow(), spell("mmmm"), step_s=WATCHED_STEP_S)
    assert [reading.advice for reading in readings] == [MaskAdvice.UNSURE] * 3 + [None]
    assert readings[-1].label is MaskLabel.MASK
    assert readings[-1].images == 4
    assert readings[-1].taken_at_s - readings[0].taken_at_s < 0.5


def test_the_confidence_of_a_mask_leaves_the_error_that_is_stated() -> None:
    readings = run(MaskWindow(), spell("mmmm"), step_s=WATCHED_STEP_S)
    assert readings[-1].confidence >= 0.99
    assert all(reading.confidence < 0.99 for reading in readings[:-1])


@pytest.mark.parametrize("letter", ["m", "n", "i"])
def test_each_label_can_be_the_result(letter: str) -> None:
    assert run(MaskWindow(), spell(letter * 4))[-1].label is LABEL_OF[letter]


def test_one_lucky_picture_never_decides() -> None:
    assert run(MaskWindow(), spell("m"))[-1].advice is MaskAdvice.UNSURE
    assert all(reading.label is not MaskLabel.MASK for reading in run(MaskWindow(), spell("nnmnn")))


@pytest.mark.parametrize("label", list(MaskLabel))
def test_a_burst_of_pictures_of_one_moment_does_not_decide(label: MaskLabel) -> None:
    window = MaskWindow()
    readings = [window.add([face(label)], SIZE, 10 + index * 0.01) for index in range(8)]
    assert {reading.advice for reading in readings} == {MaskAdvice.UNSURE}


def test_the_same_picture_again_is_no_further_evidence() -> None:
    window = MaskWindow()
    readings = [window.add([face()], SIZE, 10.0) for _ in range(5)]
    assert readings[-1].images == 1
    assert readings[-1].advice is MaskAdvice.UNSURE


def test_a_single_odd_picture_does_not_flip_the_result() -> None:
    readings = run(MaskWindow(), spell("mmmnmm"))
    assert [reading.label for reading in readings[2:]] == [MaskLabel.MASK] * 4


def test_a_single_picture_without_the_face_does_not_lose_the_result() -> None:
    assert run(MaskWindow(), spell("mmm.m"))[3].label is MaskLabel.MASK


def test_a_passer_by_seen_while_the_face_is_hidden_does_not_lose_the_result() -> None:
    passer_by = [face(MaskLabel.NO_MASK, box=Box(500, 100, 70, 90))]
    readings = run(MaskWindow(), [*spell("mmm"), passer_by, *spell("m")])
    assert [reading.label for reading in readings[2:]] == [MaskLabel.MASK] * 3
    gone = run(MaskWindow(), [*spell("mmm"), passer_by, passer_by])
    assert gone[-1].images == 1


def test_disagreeing_pictures_are_unsure() -> None:
    assert run(MaskWindow(), spell("mnmnmn"))[-1].advice is MaskAdvice.UNSURE


def test_low_confidence_is_unsure() -> None:
    assert run(MaskWindow(), spell("????"))[-1].advice is MaskAdvice.UNSURE


def test_a_mask_needs_more_confidence_than_its_absence() -> None:
    hesitant = 0.85
    mask = [[face(MaskLabel.MASK, confidence=hesitant)]] * 5
    bare = [[face(MaskLabel.NO_MASK, confidence=hesitant)]] * 5
    assert run(MaskWindow(), mask)[-1].advice is MaskAdvice.UNSURE
    assert run(MaskWindow(), bare)[-1].label is MaskLabel.NO_MASK


def test_a_hesitant_mask_is_never_told_however_long_the_face_stands() -> None:
    hesitant = [[face(MaskLabel.MASK, confidence=0.75)]] * 40
    readings = run(MaskWindow(), hesitant, step_s=WATCHED_STEP_S)
    assert {reading.advice for reading in readings} == {MaskAdvice.UNSURE}


def test_a_mask_that_may_be_worn_wrong_is_not_told_as_a_mask() -> None:
    doubtful = FaceObservation(NEAR, MaskLabel.MASK, 0.8, 0.9, (0.8, 0.0, 0.2))
    readings = run(MaskWindow(), [[doubtful]] * 20, step_s=WATCHED_STEP_S)
    assert {reading.label for reading in readings} == {None}


@pytest.mark.parametrize("before", ["n", "i"])
def test_a_mask_that_is_put_right_is_believed_in_half_a_second(before: str) -> None:
    readings = run(MaskWindow(), spell(before * 20 + "mmmm"), step_s=WATCHED_STEP_S)
    assert readings[-2].label is None
    assert readings[-1].label is MaskLabel.MASK


def test_taking_the_mask_off_ends_the_result_with_the_second_picture() -> None:
    readings = run(MaskWindow(), spell("m" * 20 + "nnn"), step_s=WATCHED_STEP_S)
    assert readings[-2].label is not MaskLabel.MASK
    assert readings[-1].label is MaskLabel.NO_MASK


def test_putting_the_mask_on_is_believed_after_three_pictures() -> None:
    readings = run(MaskWindow(), spell("nnnnmmm"))
    assert readings[-2].advice is MaskAdvice.UNSURE
    assert readings[-1].label is MaskLabel.MASK


# Light


def test_bad_light_is_told_while_nothing_is_decided() -> None:
    hesitant = [[face(confidence=0.8)]] * 12
    for light in (MaskAdvice.TOO_DARK, MaskAdvice.BACKLIT):
        readings = run(MaskWindow(), hesitant, light=light)
        assert [reading.advice for reading in readings[1:]] == [light] * 11


def test_one_dark_picture_is_not_told() -> None:
    window = MaskWindow()
    window.add([face(confidence=0.8)], SIZE, 10.0, light_of=lambda _: MaskAdvice.TOO_DARK)
    assert window.add([face(confidence=0.8)], SIZE, 10.2).advice is MaskAdvice.UNSURE
    again = window.add([face(confidence=0.8)], SIZE, 10.4, light_of=lambda _: MaskAdvice.TOO_DARK)
    assert again.advice is MaskAdvice.UNSURE


def test_in_bad_light_a_face_has_to_be_seen_longer() -> None:
    in_good_light = run(MaskWindow(), spell("m" * 12), step_s=WATCHED_STEP_S)
    in_bad_light = run(
        MaskWindow(), spell("m" * 12), step_s=WATCHED_STEP_S, light=MaskAdvice.TOO_DARK
    )
    assert [reading.label for reading in in_good_light].count(None) == 3
    assert 3 < [reading.label for reading in in_bad_light].count(None) < 12


def test_the_light_on_the_face_in_front_is_what_matters() -> None:
    asked: list[Box] = []
    behind = face(box=Box(500, 100, 60, 75))
    MaskWindow().add([behind, face()], SIZE, 10.0, light_of=asked.append)
    assert asked == [NEAR]


# Who stands in front


def test_an_empty_lane_is_no_face() -> None:
    assert run(MaskWindow(), spell("."))[-1].advice is MaskAdvice.NO_FACE
    assert run(MaskWindow(), spell("mmm.."))[-1].advice is MaskAdvice.NO_FACE


def test_evidence_does_not_survive_an_empty_lane() -> None:
    readings = run(MaskWindow(), spell("mmm..mm"))
    assert readings[-1].advice is MaskAdvice.UNSURE
    assert readings[-1].images == 2


def test_evidence_does_not_survive_a_pause_of_the_camera() -> None:
    window = MaskWindow()
    run(window, spell("mmm"))
    assert window.add([face()], SIZE, 30.0).images == 1


def test_another_person_elsewhere_starts_new_evidence() -> None:
    window = MaskWindow()
    run(window, spell("mmm"))
    elsewhere = face(MaskLabel.MASK, box=Box(20, 100, 150, 190))
    reading = window.add([elsewhere], SIZE, 10.6)
    assert (reading.advice, reading.images) == (MaskAdvice.UNSURE, 1)


def test_somebody_stepping_in_front_starts_new_evidence() -> None:
    window = MaskWindow()
    run(window, spell("mmm"))
    in_front = face(MaskLabel.NO_MASK, box=Box(380, 60, 240, 310))
    reading = window.add([face(), in_front], SIZE, 10.6)
    assert (reading.advice, reading.images) == (MaskAdvice.UNSURE, 1)


def test_a_visitor_who_moves_a_little_stays_the_same_person() -> None:
    pictures = [[face(box=Box(240 + 20 * step, 120, 150, 190))] for step in range(4)]
    assert run(MaskWindow(), pictures)[-1].images == 4


def test_a_second_face_of_comparable_size_is_noticed() -> None:
    pair = [face(), face(box=Box(430, 130, 130, 170))]
    readings = run(MaskWindow(), [pair] * 4)
    assert [reading.advice for reading in readings[1:]] == [MaskAdvice.TWO_FACES] * 3


def test_a_second_face_in_one_picture_only_is_not_a_second_person() -> None:
    pair = [face(), face(box=Box(430, 130, 130, 170))]
    assert run(MaskWindow(), [*spell("mmm"), pair])[-1].label is MaskLabel.MASK


def test_people_in_the_background_do_not_matter() -> None:
    crowd = [face(), face(MaskLabel.NO_MASK, box=Box(500, 100, 60, 75))]
    assert run(MaskWindow(), [crowd] * 3)[-1].label is MaskLabel.MASK


def test_a_small_face_is_too_far() -> None:
    small = [face(box=Box(300, 200, 50, 64))]
    assert run(MaskWindow(), [small] * 4)[-1].advice is MaskAdvice.TOO_FAR


def test_coming_closer_starts_new_evidence() -> None:
    window = MaskWindow()
    run(window, [[face(box=Box(300, 200, 60, 76))]] * 4)
    assert window.add([face(box=Box(295, 195, 70, 90))], SIZE, 10.9).images == 1


def test_sizes_are_relative_to_the_picture() -> None:
    window = MaskWindow()
    large_picture = (1920, 1080)
    reading = window.add([face()], large_picture, 10.0)
    assert reading.advice is MaskAdvice.TOO_FAR


def test_reset_forgets_the_visitor() -> None:
    window = MaskWindow()
    run(window, spell("mmmm"))
    window.reset()
    assert window.add([face()], SIZE, 11.0).images == 1


@settings(deadline=None)
@given(st.text(alphabet="mni?.", max_size=30))
def test_a_mask_is_only_told_when_several_recent_pictures_show_one(text: str) -> None:
    was_told = False
    for index, reading in enumerate(run(MaskWindow(), spell(text))):
        assert (reading.label is None) != (reading.advice is None)
        is_told = reading.label is MaskLabel.MASK
        if is_told:
            recent = text[max(0, index - 8) : index + 1]
            assert recent.count("m") >= (1 if was_told else 2)
            assert "nn" not in text[max(0, index - 1) : index + 1]
            assert "ii" not in text[max(0, index - 1) : index + 1]
        was_told = is_told
