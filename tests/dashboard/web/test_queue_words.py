"""Numbers as people say them."""

from __future__ import annotations

import pytest

from dashboard.web.language import Languages
from dashboard.web.queue_words import counter_place, spoken_call, spoken_label
from screening.office.counters import Counter

LANGUAGES = Languages()


@pytest.mark.parametrize(
    ("label", "code", "said"),
    [
        ("L-004", "id", "L, nol nol empat"),
        ("L-004", "en", "L, zero zero four"),
        ("KK-120", "id", "K K, satu dua nol"),
        ("A-1005", "en", "A, one zero zero five"),
    ],
)
def test_a_number_is_said_letter_by_letter_and_digit_by_digit(
    label: str, code: str, said: str
) -> None:
    assert spoken_label(label, LANGUAGES[code]) == said


@pytest.mark.parametrize(
    ("place", "shown", "call"),
    [
        ("3", "Loket 3", "Nomor L, nol nol empat. Silakan ke loket 3."),
        ("B", "Loket B", "Nomor L, nol nol empat. Silakan ke loket B."),
        ("Ruang Foto", "Ruang Foto", "Nomor L, nol nol empat. Silakan ke Ruang Foto."),
        ("Loket 3", "Loket 3", "Nomor L, nol nol empat. Silakan ke Loket 3."),
    ],
)
def test_a_place_that_is_only_a_number_is_a_counter(place: str, shown: str, call: str) -> None:
    counter = Counter(name="x", place=place)
    assert counter_place(counter, LANGUAGES["id"]) == shown
    assert spoken_call("L-004", counter, LANGUAGES["id"]) == call
