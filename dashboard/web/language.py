"""The languages of the pages: gettext catalogues compiled in memory when the application starts.

English sentences are the message ids. A new language is one more folder beside ``locale/id``,
which ``python -m dashboard.web.locale CODE`` makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from screening.month import Month

CATALOGUES = Path(__file__).parent / "locale"
CATALOGUE_NAME = "gerbang.po"
LANGUAGE_COOKIE = "gerbang_language"


@dataclass(frozen=True, slots=True)
class Language:
    """One language with its catalogue and its way to write numbers and times."""

    code: str
    name: str
    translations: GNUTranslations
    locale: Locale

    def say(self, message: str) -> str:
        """The sentence in this language; an unknown one comes back as it is."""
        return self.translations.gettext(message) if message else ""

    def count(self, one: str, many: str, number: int) -> str:
        """The sentence that fits ``number``, with ``%(num)d`` filled in."""
        return self.translations.ngettext(one, many, number) % {"num": number}

    def whole(self, number: int) -> str:
        """A count."""
        return format_decimal(number, "#,##0", locale=self.locale)

    def decimal(self, value: float, digits: int = 1) -> str:
        """A number with ``digits`` decimals."""
        return format_decimal(value, f"#,##0.{'0' * digits}", locale=self.locale)

    def signed(self, value: float, digits: int = 1) -> str:
        """A correction: always with its sign."""
        return format_decimal(value, f"+0.{'0' * digits};-0.{'0' * digits}", locale=self.locale)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of one in hundredths, with ``digits`` decimals."""
        decimals = f".{'0' * digits}" if digits else ""
        return format_percent(share, f"#,##0{decimals}%", locale=self.locale)

    def duration(self, seconds: float) -> str:
        """So much time in its largest unit, such as 400 days' "1 year"."""
        return format_timedelta(
            round(seconds), granularity="second", threshold=1.5, locale=self.locale
        )

    def month(self, month: Month) -> str:
        """The month's name and the year."""
        return format_date(date(month.year, month.month, 1), "MMMM y", locale=self.locale)

    def time(self, at: datetime, zone: ZoneInfo) -> str:
        """Hours and minutes on the site's clock."""
        return format_time(at, f"HH{self._between}mm", zone, self.locale)

    def seconds(self, at: datetime, zone: ZoneInfo) -> str:
        """Hours, minutes and seconds on the site's clock."""
        return format_time(at, f"HH{self._between}mm{self._between}ss", zone, self.locale)

    def day(self, at: datetime, zone: ZoneInfo) -> str:
        """The weekday and the date in the site's zone."""
        return format_date(at.astimezone(zone), "EEEE, d MMMM y", locale=self.locale)

    def near_day(self, day: date, today: date) -> str:
        """The weekday and the date, without the year where it is this one."""
        year = "" if day.year == today.year else " y"
        return format_date(day, f"EEEE, d MMMM{year}", locale=self.locale)

    def short_day(self, day: date) -> str:
        """The weekday and the date, for a table."""
        return format_date(day, "EEE, d MMM y", locale=self.locale)

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """A date with its time, short."""
        return format_datetime(at, f"d MMM y, HH{self._between}mm", zone, self.locale)

    def clock(self, moment: time_of_day) -> str:
        """Hours and minutes of a moment that is the site's already."""
        return f"{moment:%H}{self._between}{moment:%M}"

    def weekday(self, number: int) -> str:
        """The name of a weekday, by ``date.weekday``."""
        name: str = self.locale.days["stand-alone"]["wide"][number]
        return name

    @property
    def _between(self) -> str:
        """What stands between hours and minutes."""
        separator: str = self.locale.number_symbols["latn"].get("timeSeparator", ":")
        return separator


def catalogue_files(folder: Path | None = None) -> list[Path]:
    """Every catalogue in the folder, the product's when None, in order of code."""
    return sorted((folder or CATALOGUES).glob(f"*/LC_MESSAGES/{CATALOGUE_NAME}"))


def known_languages(folder: Path | None = None) -> tuple[str, ...]:
    """The codes of the languages there are; nothing is read for it."""
    return tuple(path.parent.parent.name for path in catalogue_files(folder))


class Languages(Mapping[str, Language]):
    """Every language of the product, or of a folder of catalogues, by its code.

    The product's own are read once in a process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        load = _load_shipped if folder is None else _load
        self._languages = {path.parent.parent.name: load(path) for path in catalogue_files(folder)}

    def __getitem__(self, code: str) -> Language:
        return self._languages[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def choose(self, wanted: str | None, default: str) -> Language:
        """The wanted language where there is one, the site's otherwise."""
        return self._languages.get(wanted or default) or self._languages[default]


def _load(path: Path) -> Language:
    code = path.parent.parent.name
    locale = Locale.parse(code)
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(
        code, (locale.display_name or code).capitalize(), GNUTranslations(compiled), locale
    )


_load_shipped = cache(_load)
