"""What a screen says aloud: sentences in several languages, and clips for browsers without a voice.

Clips are made by ``espeak-ng`` where the operating system has it: another program, asked for one
sentence at a time and given up after some seconds. Only sentences that a page was told to say are
made, at an address that changes with the sentence, the language and the synthesiser.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.voice import Voices
from screening.office.facts import OfficeFacts
from screening.office.hours import Span

SYNTHESISER = "espeak-ng"
VOICES = frozenset({"id", "en"})
"""Languages in which the synthesiser is understood."""

WORDS_A_MINUTE = 140
TAKES_S = 5.0
"""A synthesiser that takes longer for a sentence has gone wrong."""

MOST_SENTENCES = 512
MOST_CLIPS = 64
"""About 200 KB each."""

LONGEST = 300
"""Characters of a sentence."""

A_DAY_S = 86_400
_SCREEN = re.compile(r"[0-9a-f]{8,64}")
_KEY = re.compile(r"[0-9a-f]{32}")
_RIFF_SIZE, _DATA_SIZE, _HEADER = 4, 40, 44
"""Places in the header of a WAV file, which a synthesiser that writes to a pipe cannot fill in."""

router = APIRouter(include_in_schema=False)


def installed_synthesiser() -> str | None:
    """Where the synthesiser is; None without one."""
    return shutil.which(SYNTHESISER)


def quiet_span(facts: OfficeFacts, here: datetime) -> Span | None:
    """The hours of silence in which this moment of the site's clock lies."""
    return next((span for span in facts.quiet_hours if here.time() in span), None)


@dataclass(frozen=True, slots=True)
class _Sentence:
    language: str
    text: str


class Clips:
    """Sentences as sound; safe to use from any thread. ``synthesiser`` is a program's path."""

    def __init__(self, synthesiser: str | None) -> None:
        self._synthesiser = synthesiser
        self._sentences: OrderedDict[str, _Sentence] = OrderedDict()
        self._clips: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()

    def has_voice(self, language: str) -> bool:
        """Whether there are clips in this language."""
        return self._synthesiser is not None and language in VOICES

    def address(self, language: str, text: str) -> str | None:
        """Where the clip of a sentence is; None where there is none."""
        if not self.has_voice(language) or len(text) > LONGEST:
            return None
        how = f"{self._synthesiser} {WORDS_A_MINUTE} {language} {text}"
        key = hashlib.sha256(how.encode()).hexdigest()[:32]
        with self._lock:
            self._sentences[key] = _Sentence(language, text)
            self._sentences.move_to_end(key)
            if len(self._sentences) > MOST_SENTENCES:
                self._sentences.popitem(last=False)
        return f"/speech/{key}.wav"

    def clip(self, key: str) -> bytes | None:
        """The sound as WAV; None where nobody was told to say it or it cannot be made."""
        with self._lock:
            sentence = self._sentences.get(key)
            made = self._clips.get(key)
        if sentence is None or made is not None:
            return made
        with self._one_at_a_time:
            with self._lock:
                made = self._clips.get(key)
            if made is not None:
                return made
            made = self._made(sentence)
        if made is not None:
            with self._lock:
                self._clips[key] = made
                if len(self._clips) > MOST_CLIPS:
                    self._clips.popitem(last=False)
        return made

    def _made(self, sentence: _Sentence) -> bytes | None:
        if self._synthesiser is None:
            return None
        command = [
            self._synthesiser,
            "-v",
            sentence.language,
            "-s",
            str(WORDS_A_MINUTE),
            "--stdin",
            "--stdout",
        ]
        try:
            done = subprocess.run(
                command,
                input=sentence.text.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=TAKES_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        sound = done.stdout
        is_sound = done.returncode == 0 and sound[:4] == b"RIFF" and len(sound) > _HEADER
        return _with_sizes(sound) if is_sound else None


def _with_sizes(sound: bytes) -> bytes:
    whole = bytearray(sound)
    struct.pack_into("<I", whole, _RIFF_SIZE, len(sound) - _RIFF_SIZE - 4)
    if whole[_DATA_SIZE - 4 : _DATA_SIZE] == b"data":
        struct.pack_into("<I", whole, _DATA_SIZE, len(sound) - _HEADER)
    return bytes(whole)


def clips_of(request: Request) -> Clips:
    """Those of this process."""
    clips: Clips = request.app.state.clips
    return clips


def voices_of(request: Request, screen: str) -> Voices:
    """The voices of all rooms, for a screen by its name; 422 where that is none."""
    if _SCREEN.fullmatch(screen) is None:
        raise HTTPException(422, "A screen names itself by 8 to 64 of 0-9 and a-f.")
    voices: Voices = request.app.state.voices
    return voices


def spoken_in(request: Request) -> list[Language]:
    """Every language, the screen's own first."""
    renderer = renderer_of(request)
    own = renderer.language(request)
    return [own, *(one for one in renderer.languages.values() if one.code != own.code)]


def spoken(request: Request, said: Sequence[tuple[Language, str]]) -> list[dict[str, str | None]]:
    """One sentence in each of its languages, as ``speech.js`` takes it."""
    clips = clips_of(request)
    return [
        {
            "language": language.code,
            "text": text,
            "clip": clips.address(language.code, text),
        }
        for language, text in said
    ]


@router.get("/speech/{key}.wav")
def show_clip(request: Request, key: str) -> Response:
    """A clip; its address is another one when anything of it changes."""
    clip = clips_of(request).clip(key) if _KEY.fullmatch(key) else None
    if clip is None:
        raise HTTPException(404, "There is no such clip.")
    headers = {"Cache-Control": f"public, max-age={A_DAY_S}, immutable"}
    return Response(clip, media_type="audio/wav", headers=headers)
