"""Sentences as sound, for browsers without a voice."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.web.speech import LONGEST, MOST_SENTENCES, SYNTHESISER, Clips, installed_synthesiser

CALL = "Nomor L, nol nol empat. Silakan ke loket 3."

SPEAKS = """#!/bin/sh
read -r sentence
echo "$@ $sentence" >> "$(dirname "$0")/said"
printf 'RIFF\\377\\377\\377\\377WAVEfmt 0123456789abcdef....data\\377\\377\\377\\377sound'
"""


def program(folder: Path, script: str = SPEAKS) -> str:
    """A synthesiser of our own."""
    path = folder / "speaks"
    path.write_text(script)
    path.chmod(0o755)
    return str(path)


def key_of(address: str | None) -> str:
    assert address is not None
    return address.removeprefix("/speech/").removesuffix(".wav")


def test_a_sentence_is_made_once_in_its_language(tmp_path: Path) -> None:
    clips = Clips(program(tmp_path))
    key = key_of(clips.address("id", CALL))

    first, again = clips.clip(key), clips.clip(key)

    assert first is not None
    assert first is again
    said = (tmp_path / "said").read_text()
    assert said.count("\n") == 1
    assert "-v id" in said
    assert CALL in said


def test_a_browser_is_told_how_long_it_is(tmp_path: Path) -> None:
    clips = Clips(program(tmp_path))
    made = clips.clip(key_of(clips.address("id", CALL)))
    assert made is not None
    assert int.from_bytes(made[4:8], "little") == len(made) - 8
    assert int.from_bytes(made[40:44], "little") == len("sound")


@pytest.mark.parametrize(
    "script",
    ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho no sound\n", "no program"],
    ids=["fails", "makes no sound", "does not start"],
)
def test_a_synthesiser_that_fails_makes_no_clip(tmp_path: Path, script: str) -> None:
    clips = Clips(program(tmp_path, script))
    assert clips.clip(key_of(clips.address("id", CALL))) is None


def test_only_what_a_page_was_told_to_say_is_made(
    app: FastAPI, client: TestClient, tmp_path: Path
) -> None:
    app.state.clips = Clips(program(tmp_path))
    assert client.get(f"/speech/{'0' * 32}.wav").status_code == 404
    assert client.get("/speech/..%2Fsaid.wav").status_code == 404
    assert not (tmp_path / "said").exists()


def test_a_clip_may_be_kept_by_the_browser(
    app: FastAPI, client: TestClient, tmp_path: Path
) -> None:
    clips = app.state.clips = Clips(program(tmp_path))
    address, other = clips.address("id", CALL), clips.address("en", CALL)
    assert address is not None
    assert address != other
    answer = client.get(address)
    assert answer.headers["content-type"] == "audio/wav"
    assert "immutable" in answer.headers["cache-control"]


def test_without_a_synthesiser_or_a_voice_there_is_no_clip(tmp_path: Path) -> None:
    assert Clips(None).address("id", CALL) is None
    speaking = Clips(program(tmp_path))
    assert speaking.address("jv", CALL) is None
    assert speaking.address("id", "x" * (LONGEST + 1)) is None


def test_old_sentences_are_forgotten(tmp_path: Path) -> None:
    clips = Clips(program(tmp_path))
    first = key_of(clips.address("id", CALL))
    for number in range(MOST_SENTENCES):
        clips.address("id", f"Nomor {number}")
    assert clips.clip(first) is None


def test_the_installed_synthesiser_speaks_both_languages() -> None:
    if installed_synthesiser() is None:
        pytest.skip(f"{SYNTHESISER} is not installed; apt-get install {SYNTHESISER}")
    clips = Clips(installed_synthesiser())
    for language in ("id", "en"):
        made = clips.clip(key_of(clips.address(language, CALL)))
        assert made is not None
        with wave.open(io.BytesIO(made)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        assert 1 < seconds < 15
