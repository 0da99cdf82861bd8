"""Which folders hold collected pictures, so that a running office deletes what has expired."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

from screening.errors import EvaluationError
from screening.vision.site_pictures import SitePictures
from screening.whole_files import write_whole

FILE = "mask-pictures.json"

_log = logging.getLogger(__name__)


class PictureFolders:
    """The list of them in the ``data`` folder, for its owner only."""

    def __init__(self, data: Path) -> None:
        self._file = data / FILE

    def remember(self, folder: Path) -> None:
        """Adds a folder to those that are looked after. Raises EvaluationError."""
        known = self._read()
        place = str(folder.absolute())
        if place not in known:
            self._write([*known, place])

    def delete_expired(self, now: datetime) -> None:
        """Deletes the pictures whose consent has ended at ``now``; trouble is logged, not raised.

        A folder that is gone, or in which no consent is left, is not looked after any longer.
        """
        known = self._read()
        kept = [place for place in known if self._holds_something(Path(place), now)]
        if kept == known:
            return
        try:
            self._write(kept)
        except EvaluationError as error:
            _log.warning("%s", error)

    def _holds_something(self, folder: Path, now: datetime) -> bool:
        if not folder.is_dir():
            return False
        try:
            with SitePictures.open(folder, now=now) as pictures:
                # Codes may be names, and a log is read by others.
                if pictures.expired:
                    _log.info("%s: %s", folder, _told(len(pictures.expired)))
                return bool(pictures.consents)
        except EvaluationError as error:
            _log.warning("expired pictures of staff could not be looked for: %s", error)
            return True

    def _read(self) -> list[str]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
            folders = content["folders"]
            if all(isinstance(one, str) for one in folders):
                return list(folders)
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            _log.warning("%s is not as it was written: %s", self._file, error)
            return []
        _log.warning("%s is not as it was written", self._file)
        return []

    def _write(self, folders: list[str]) -> None:
        partial = self._file.with_name(f".{FILE}.partial")
        try:
            content = json.dumps({"folders": folders}).encode()
            write_whole(self._file, content, unfinished=partial)
        except OSError as error:
            raise EvaluationError(f"{self._file} cannot be written: {error.strerror}") from error


def _told(expired: int) -> str:
    consents = "1 consent has" if expired == 1 else f"{expired} consents have"
    return f"{consents} expired, the pictures are deleted"
