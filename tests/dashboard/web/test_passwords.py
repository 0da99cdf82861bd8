"""Passwords that are tried first are not taken."""

from __future__ import annotations

import pytest

from dashboard.web.passwords import weakness


@pytest.mark.parametrize(
    "password",
    [
        "short-1",
        "12345678",
        "1234567890",
        "87654321",
        "17081945",
        "081234567890",
        "3271012345678901",
        "aaaaaaaa",
        "abababab",
        "abcabcabc",
        "11111111",
        "abcdefgh",
        "qwertyuiop",
        "qwerty123",
        "1q2w3e4r",
        "1qaz2wsx",
        "zxcvbnm,",
        "asdf1234",
        "abcd1234",
        "password",
        "Password1!",
        "P@ssw0rd",
        "p4$$w0rd123",
        "passwordpassword",
        "admin123",
        "admin-2026",
        "Administrator",
        "rahasia1",
        "rahasia123!",
        "katasandi",
        "Indonesia45",
        "bismillah",
        "sayang123",
        "gerbang123",
        "disdukcapil",
        "iloveyou2",
        "budi-rumah",
        "xxBudi1999",
        "idub-rumah",
        "BUDI.santoso.7",
        "santoso!1987",
        "pässwörd",
    ],
)
def test_what_is_tried_first_is_not_taken(password: str) -> None:
    assert weakness(password, "budi.santoso") is not None


@pytest.mark.parametrize(
    "password",
    [
        "masker-dulu",
        "kursi hijau dekat jendela",
        "a long password",
        "another long password",
        "tR7#mq0z",
        "hujan sore di kebun",
        "correct horse battery staple",
        "rahasia dapur nenek",
    ],
)
def test_what_a_person_made_up_is_taken(password: str) -> None:
    assert weakness(password, "siti") is None
