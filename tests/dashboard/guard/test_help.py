"""The guard's help speaks in the words of the guard's page."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape

from dashboard.guard.help_words import ACTS, PICTURES, kind_of
from dashboard.guard.section import GUARD
from dashboard.web import words
from dashboard.web.gate.next_act import BUTTONS
from dashboard.web.language import LANGUAGE_COOKIE, Languages
from screening.decision import DecisionKind, Reason
from tests.dashboard.fakes import FakeOffice, open_session

LANGUAGES = Languages()


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_all_that_the_page_may_say_is_explained(client: TestClient, code: str) -> None:
    client.cookies.set(LANGUAGE_COOKIE, code)
    html = client.get("/help/guard").text
    say = LANGUAGES[code].say
    for reason in Reason:
        wording = words.REASONS[reason]
        for sentence in (wording.headline, wording.visitor, wording.guard):
            assert str(escape(say(sentence))) in html
    for word in (*words.VERDICTS.values(), *words.WITHOUT_DEVICE.values()):
        assert str(escape(say(word))) in html
    for act, button in BUTTONS.items():
        assert str(escape(say(button.word))) in html
        assert str(escape(say(ACTS[act]))) in html


def test_every_key_of_the_guards_page_is_explained(client: TestClient, fake: FakeOffice) -> None:
    html = client.get("/help/guard").text
    client.cookies.set("gerbang_session", open_session(fake, "budi"))
    console = client.get("/gate/utama").text
    keys = set(re.findall(r"<kbd>(.+?)</kbd>", console)) - {"Enter"}
    assert keys
    for key in keys:
        assert f"<kbd>{key}</kbd>" in html


def test_its_pictures_are_there_and_small() -> None:
    for code in LANGUAGES:
        for name in PICTURES:
            assert 0 < (GUARD.static / "help" / f"{code}-{name}.jpg").stat().st_size < 150_000


def test_reasons_stand_under_their_own_state() -> None:
    assert kind_of(Reason.ADMITTED) is DecisionKind.ADMIT
    assert kind_of(Reason.COVER_NOSE) is DecisionKind.FIX
    assert kind_of(Reason.EXPIRED) is DecisionKind.DENY
