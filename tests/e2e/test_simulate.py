"""A day that nobody has to live through, as somebody asks for it in a terminal."""

from __future__ import annotations

import pytest

from tests.e2e.command import Gerbang


def test_the_command_tells_a_day_in_numbers_or_in_words(gerbang: Gerbang) -> None:
    told = gerbang("simulate", "day", "--visits", "20", "--seed", "3", "--json")
    words = gerbang("simulate", "day", "--visits", "20", "--seed", "3")

    assert (told.status, words.status) == (0, 0)
    assert told.json["visits"] == 20
    assert f"{told.json['entries']} of 20 let in" in words.out


def test_the_command_leaves_the_office_it_is_called_in_alone(
    gerbang: Gerbang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GERBANG_ROOM__ROWS", "no number")

    assert gerbang("simulate", "day", "--visits", "5").status == 0


@pytest.mark.parametrize(
    "wrong",
    [("--visits", "0"), ("--visits", "many"), ("--seed", "-1")],
    ids=["nobody", "no number", "no seed"],
)
def test_what_cannot_be_meant_is_wrong_usage(gerbang: Gerbang, wrong: tuple[str, ...]) -> None:
    found = gerbang("simulate", "day", *wrong)

    assert found.status == 2
    assert len(found.err.splitlines()) == 1


def test_the_figures_are_measured_again_by_a_command(gerbang: Gerbang) -> None:
    found = gerbang(
        "simulate", "evaluate", "--visits", "100", "--days", "2", "--every", "4", "--json"
    )

    assert found.status == 0
    assert found.json["100"]["waits"]["days"] == 2
    assert 0 < found.json["100"]["with_tickets"]["hit_rate"] <= 1


def test_a_measure_of_too_few_says_so(gerbang: Gerbang) -> None:
    found = gerbang("simulate", "evaluate", "--visits", "20", "--days", "1", "--every", "20")

    assert found.status == 1
    assert "tickets waited" in found.err
