"""Public holidays and days of collective leave of Indonesia, as the yearly decree has them.

They come with the ``holidays`` package; what it only expects is named "(perkiraan)", "(estimated)".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from holidays import GOVERNMENT, PUBLIC, country_holidays

COUNTRY = "ID"
_LANGUAGES = {"id": "id", "en": "en_US"}
"""The package's name of each; any other language reads them in Indonesian."""


def public_holidays(year: int, language: str) -> Mapping[date, str]:
    """The public holidays of a year and their names, in order of date."""
    return _days(PUBLIC, year, _LANGUAGES.get(language, "id"))


@lru_cache(maxsize=16)
def coming_holidays(today: date, language: str) -> Mapping[date, str]:
    """The public holidays of this year and the next one."""
    years = range(today.year, min(today.year + 1, date.max.year) + 1)
    return MappingProxyType(
        {day: name for year in years for day, name in public_holidays(year, language).items()}
    )


def leave_days(year: int, language: str) -> Mapping[date, str]:
    """The days of collective leave that an office may take, and their names, in order of date."""
    return _days(GOVERNMENT, year, _LANGUAGES.get(language, "id"))


@lru_cache(maxsize=64)
def _days(category: str, year: int, language: str) -> Mapping[date, str]:
    found = country_holidays(COUNTRY, years=year, language=language, categories=(category,))
    days = {day: name for day, name in sorted(found.items()) if day.year == year}
    return MappingProxyType(days)
