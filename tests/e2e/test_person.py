"""What is kept of a person, and that it is erased, on the command line."""

from __future__ import annotations

import pytest

from tests.e2e.command import Gerbang


def registered(gerbang: Gerbang) -> tuple[str, str]:
    """Number and key of a receipt that somebody registered for."""
    told = gerbang(
        "register",
        "service=LEGALISIR",
        "name=Siti Aminah Putri",
        "contact=siti@example.id",
        "--json",
    )
    assert told.status == 0, told.err
    _, _, number, key = told.json["link"].rsplit("/", 3)
    return number, key


def test_tells_and_erases_with_the_key(gerbang: Gerbang) -> None:
    number, key = registered(gerbang)

    told = gerbang("person", "export", number, key).json
    assert told["holder"][0]["contact"] == "siti@example.id"

    erased = gerbang("person", "erase", number, key, "--operator", "rina", "--json")
    assert (erased.status, erased.json["number"]) == (0, number)
    assert erased.json["erased"]["registration"] == 1

    after = gerbang("person", "export", number, key, "--json").out
    assert "Siti" not in after
    assert "siti@" not in after
    assert gerbang("log", "verify").status == 0
    assert '"rina"' in after
    assert "nothing was left" in gerbang("person", "erase", number, key).out


@pytest.mark.parametrize("act", ["export", "erase"])
def test_a_wrong_key_and_a_wrong_number_are_told_alike(gerbang: Gerbang, act: str) -> None:
    number, key = registered(gerbang)
    wrong = [gerbang("person", act, number, "a" * 26), gerbang("person", act, "7KQ2M9XV4T", key)]

    assert [(one.status, one.out) for one in wrong] == [(1, "")] * 2
    assert wrong[0].err == wrong[1].err
    assert "Siti Aminah Putri" in gerbang("person", "export", number, key).out


def test_what_is_due_is_erased_and_the_run_is_noted(gerbang: Gerbang) -> None:
    done = gerbang("retention", "run", "--json")

    assert set(done.json) == {
        "readings",
        "names",
        "priority_groups",
        "remarks",
        "receipts",
        "sessions",
        "answers",
        "survey_marks",
    }
    assert all(isinstance(rows, int) for rows in done.json.values())
    assert gerbang("retention", "run").out == "erased: nothing\n"
    runs = gerbang("retention", "runs", "--json").lines
    assert len(runs) == 2
    assert runs[0]["erased"] == done.json
