"""An office's history in words: each figure's table, what it counts, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from dashboard.manager.history_contexts import Figure, Report, Sentence, Total
from dashboard.manager.history_plots import (
    Bar,
    Bars,
    Distribution,
    HeatMap,
    Series,
    Square,
    Tick,
    level_of,
    percent,
    round_top,
    some_labels,
)
from dashboard.web.language import Language
from dashboard.web.office_words import Words
from dashboard.web.spreadsheets import Sheet
from dashboard.web.words import N_
from screening.figures.comparison import SHARES, Change, Measure, Verdict
from screening.figures.history import History, Range, Row, Side, changes, look_back
from screening.figures.roll_ups import BIN_MINUTES, BINS, Figures, Minutes
from screening.month import Month

COLUMNS: dict[str, str] = {
    "booked": N_("Booked"),
    "came": N_("Came in"),
    "walked_in": N_("Walked in"),
    "attempts": N_("Attempts"),
    "admitted": N_("Admissions"),
    "refused": N_("Refused"),
    "referred": N_("Referred"),
    "no_show": N_("Did not come"),
    "served": N_("Served"),
}
TIMES: dict[str, str] = {
    "wait_p50": N_("Wait, half up to (min)"),
    "wait_p90": N_("Wait, 9 of 10 up to (min)"),
    "service_p50": N_("At the counter, half up to (min)"),
    "service_p90": N_("At the counter, 9 of 10 up to (min)"),
}
MEANINGS: tuple[tuple[str, str], ...] = (
    (COLUMNS["booked"], N_("People with a receipt for that day that was not given up.")),
    (COLUMNS["came"], N_("People who were let in. Whoever went out and came back counts once.")),
    (
        COLUMNS["walked_in"],
        N_("People who came without a receipt of this office; known once the day is over."),
    ),
    (COLUMNS["admitted"], N_("How often somebody was let in, without what was undone.")),
    (
        COLUMNS["refused"],
        N_("Attempts that a gate refused. Who was sent to an officer for a clinical reading is not"
           " among them."),
    ),
    (COLUMNS["referred"], N_("Attempts that a gate sent to an officer.")),
    (COLUMNS["no_show"], N_("Booked people who never came; known once the day is over.")),
    (COLUMNS["served"], N_("People whose last step at a counter was done.")),
    (
        N_("Waits and times at the counter"),
        N_("Of steps that were done. A wait ends with the call. Half, or nine of ten, took no"
           " longer than that; exact to the minute up to an hour, to five minutes above."),
    ),
    (
        N_("What changed"),
        N_("Days differ from each other anyway. Only a difference that days like these show once in"
           " two hundred times by chance is called one; the range says how large it truly is."
           " Days that are not over are left out."),
    ),
)  # fmt: skip

SIDES: dict[Side, str] = {
    Side.HOUR: N_("By hour"),
    Side.WEEKDAY: N_("By weekday"),
    Side.SERVICE: N_("By service"),
    Side.GATE: N_("By gate"),
    Side.COUNTER: N_("By counter"),
    Side.REASON: N_("By reason"),
}
KEYS: dict[Side, str] = {
    Side.HOUR: N_("Hour"),
    Side.WEEKDAY: N_("Weekday"),
    Side.SERVICE: N_("Service"),
    Side.GATE: N_("Gate"),
    Side.COUNTER: N_("Counter"),
    Side.REASON: N_("Reason"),
}
NO_KEY: dict[Side, str] = {
    Side.SERVICE: N_("without a service"),
    Side.GATE: N_("without a gate"),
    Side.COUNTER: N_("without a counter"),
    Side.REASON: N_("without a reason"),
}
_ALL = ("booked", "came", "walked_in", "admitted", "refused", "referred", "no_show", "served")
_NO_BOOKING = ("came", "admitted", "refused", "referred", "served")
SHOWN: dict[Side, tuple[str, ...]] = {
    Side.HOUR: ("booked", "came", "admitted", "refused", "referred", "no_show", "served", *TIMES),
    Side.WEEKDAY: (*_ALL, *TIMES),
    Side.SERVICE: (*_ALL, *TIMES),
    Side.GATE: (*_NO_BOOKING, *TIMES),
    Side.COUNTER: ("served", *TIMES),
    Side.REASON: ("attempts", "came", "admitted", "refused", "referred"),
}
"""The columns of a side: a booking names no gate, and a counter nobody who was not there."""
DRAWN: dict[Side, str] = {Side.COUNTER: "served", Side.REASON: "attempts"}
"""What is drawn of a side; of all others it is how many came."""
SIDE_NOTES: dict[str, str] = {
    "came": N_("Drawn: people who came."),
    "served": N_("Drawn: people whose last step was done there."),
    "attempts": N_("Drawn: attempts at the gates, by what was decided."),
}
_IN_ORDER = frozenset({Side.HOUR, Side.WEEKDAY})

CHANGES: dict[Measure, str] = {
    Measure.VISITORS: N_("%(now)s people came a day on average, %(before)s %(when)s."),
    Measure.REFUSED: N_("%(now)s of the attempts were refused, %(before)s %(when)s."),
    Measure.REFERRED: N_("%(now)s of the attempts were referred, %(before)s %(when)s."),
    Measure.NO_SHOW: N_("%(now)s of the booked people did not come, %(before)s %(when)s."),
    Measure.WAIT: N_("People waited %(now)s minutes on average, %(before)s %(when)s."),
    Measure.SERVICE: N_("A counter took %(now)s minutes on average, %(before)s %(when)s."),
}
OF_A_DAY = N_("%(now)s people came, %(before)s on average %(when)s.")
ALONE: dict[Measure, str] = {
    Measure.VISITORS: N_("%(now)s people came a day on average."),
    Measure.REFUSED: N_("%(now)s of the attempts were refused."),
    Measure.REFERRED: N_("%(now)s of the attempts were referred."),
    Measure.NO_SHOW: N_("%(now)s of the booked people did not come."),
    Measure.WAIT: N_("People waited %(now)s minutes on average."),
    Measure.SERVICE: N_("A counter took %(now)s minutes on average."),
}
UNITS: dict[Measure, str] = {
    Measure.VISITORS: N_("people a day"),
    Measure.WAIT: N_("minutes"),
    Measure.SERVICE: N_("minutes"),
}
VERDICTS: dict[Verdict, str] = {
    Verdict.MORE: N_("That is more, by %(low)s to %(high)s %(unit)s."),
    Verdict.LESS: N_("That is less, by %(low)s to %(high)s %(unit)s."),
    Verdict.NO_CHANGE: N_("That may be chance."),
    Verdict.UNKNOWN: N_("There are too few days to compare with."),
}
_FIRST = (Verdict.MORE, Verdict.LESS, Verdict.NO_CHANGE, Verdict.UNKNOWN)

ALIGNED_DAYS = 14
USUALLY = N_("on the same weekday of the eight weeks before")
THEN = N_("in the days compared with")


def report_of(
    figures: Figures,
    words: Words,
    *,
    asked: Range,
    compared: Range | None,
    sides: Sequence[Side],
    at: datetime,
    title: str = N_("History"),
) -> Report:
    """The report of a range as it stands ``at`` (aware UTC). Raises RecordError."""
    today = at.astimezone(words.zone).date()
    now = look_back(figures, asked, sides, today=today)
    before = None if compared is None else look_back(figures, compared, sides, today=today)
    found = changes(figures, now, before, today=today)
    return HistoryWords(words).report(title, now, before, found, at=at)


@lru_cache(maxsize=8192, typed=True)
def shown(cell: Any, language: Language) -> str:
    """A cell of a sheet as people read it; a dash where nothing is known.

    A year has five thousand cells, most of them alike, and to write each takes longer than to read
    the year.
    """
    if cell is None:
        return "–"
    if isinstance(cell, date):
        return language.short_day(cell)
    if isinstance(cell, float):
        return language.decimal(cell)
    return language.whole(cell) if isinstance(cell, int) else str(cell)


def sides_of(days: Range) -> tuple[Side, ...]:
    """From which sides files and paper show a range: a single day is but one weekday."""
    return tuple(side for side in Side if days.days > 1 or side is not Side.WEEKDAY)


@dataclass(frozen=True, slots=True)
class HistoryWords:
    """Writes histories in one language."""

    words: Words

    @property
    def language(self) -> Language:
        return self.words.language

    def report(
        self,
        title: str,
        now: History,
        before: History | None,
        found: Sequence[Change],
        *,
        at: datetime,
    ) -> Report:
        """Everything about a range."""
        is_over = now.range.last < at.astimezone(self.words.zone).date()
        figures = [self._summary(now, before)]
        if now.range.days > 1:
            figures.append(self._days(now, before))
        figures += [self._side(side, now, before) for side in now.groups]
        figures += self._weeks(now, before) if now.range.days > 1 else []
        figures.append(self._spread("waits", now, before))
        figures.append(self._spread("services", now, before))
        return Report(
            title=self._say(title),
            period=self.period(now.range),
            compared="" if before is None else self.period(before.range),
            counted=self._counted(at, is_over=is_over),
            sentences=self._sentences(now, found),
            totals=self._totals(now, before),
            figures=tuple(figures),
            notes=tuple((self._say(term), self._say(words)) for term, words in MEANINGS),
        )

    def period(self, days: Range) -> str:
        """A range of days, a month by its name."""
        if days.is_month:
            return self.language.month(Month(days.first.year, days.first.month))
        first, last = map(self.language.short_day, (days.first, days.last))
        return first if days.days == 1 else f"{first} – {last}"

    def _say(self, message: str, **values: str) -> str:
        said = self.language.say(message)
        return said % values if values else said

    def _counted(self, at: datetime, *, is_over: bool) -> str:
        when = self.language.moment(at, self.words.zone)
        told = self._say(N_("Counted from the log on %(at)s."), at=when)
        if is_over:
            return told
        rest = self._say(N_("Days that are not over have only what was written so far."))
        return f"{told} {rest}"

    def _figure(self, code: str, note: str, sheet: Sheet, plot: Any = None) -> Figure:
        rows = tuple(tuple(shown(cell, self.language) for cell in row) for row in sheet.rows)
        return Figure(code=code, note=note, plot=plot, sheet=sheet, rows=rows)

    def _sentences(self, now: History, found: Sequence[Change]) -> tuple[Sentence, ...]:
        came = now.total.figures.came
        is_day = now.range.days == 1
        lead = self._say(N_("People let in: %(came)s."), came=self.language.whole(came))
        if not is_day:
            days = self.language.whole(now.open_days)
            open_days = self._say(N_("Days with anybody at a gate: %(days)s."), days=days)
            lead = f"{lead} {open_days}"
        told = [Sentence(verdict="told", words=lead)]
        for change in sorted(found, key=lambda one: _FIRST.index(one.verdict)):
            if change.now is not None and (change.now or change.before):
                told.append(
                    Sentence(verdict=change.verdict, words=self._change(change, is_day=is_day))
                )
        if found and came and all(change.now is None for change in found):
            words = self._say(N_("What changed is told once the day is over."))
            told.append(Sentence(verdict=Verdict.UNKNOWN, words=words))
        return tuple(told)

    def _change(self, change: Change, *, is_day: bool) -> str:
        measure = change.measure
        now, verdict = self._amount(measure, change.now or 0), self._verdict(change)
        if change.before is None:
            return f"{self._say(ALONE[measure], now=now)} {verdict}"
        sentence = OF_A_DAY if is_day and measure is Measure.VISITORS else CHANGES[measure]
        before = self._amount(measure, change.before)
        when = self._say(USUALLY if is_day else THEN)
        return f"{self._say(sentence, now=now, before=before, when=when)} {verdict}"

    def _amount(self, measure: Measure, value: float) -> str:
        if measure in SHARES:
            return self.language.percent(value, 1)
        is_whole = measure is Measure.VISITORS and (value >= 10 or value == int(value))
        return self.language.whole(round(value)) if is_whole else self.language.decimal(value)

    def _verdict(self, change: Change) -> str:
        if change.verdict not in (Verdict.MORE, Verdict.LESS):
            return self._say(VERDICTS[change.verdict])
        scale = 100 if change.measure in SHARES else 1
        ends = sorted((abs(change.low), abs(change.high)))
        low, high = (self.language.decimal(scale * end) for end in ends)
        unit = self._say(UNITS.get(change.measure, N_("percentage points")))
        return self._say(VERDICTS[change.verdict], low=low, high=high, unit=unit)

    def _totals(self, now: History, before: History | None) -> tuple[Total, ...]:
        told = []
        for name in ("came", "booked", "walked_in", "no_show", "refused", "served"):
            value = _cell(now.total, name)
            then = None if before is None else _cell(before.total, name)
            told.append(
                Total(
                    words=self._say(COLUMNS[name]),
                    value=shown(value, self.language),
                    before="" if before is None else shown(then, self.language),
                )
            )
        return tuple(told)

    def _summary(self, now: History, before: History | None) -> Figure:
        header = [self._say(N_("Figure")), self.period(now.range)]
        sides = [now.total]
        if before is not None:
            header.append(self.period(before.range))
            sides.append(before.total)
        rows = [
            (self._column(name), *(_cell(side, name) for side in sides)) for name in (*_ALL, *TIMES)
        ]
        rows.insert(
            0,
            (
                self._say(N_("Days with anybody at a gate")),
                now.open_days,
                *(() if before is None else (before.open_days,)),
            ),
        )
        sheet = Sheet(self._say(N_("All together")), header, rows)
        return self._figure("all", "", sheet)

    def _days(self, now: History, before: History | None) -> Figure:
        names = (*_ALL, *TIMES)
        header = [self._say(N_("Day")), *map(self._column, names)]
        then = _beside(now, before)
        if before is not None:
            header += [self._say(N_("Day compared with")), self._then("came")]
        rows = [
            (
                date.fromisoformat(row.figures.key),
                *(_cell(row, name) for name in names),
                *(() if before is None else _day_and_came(other)),
            )
            for row, other in zip(now.days, then, strict=True)
        ]
        came = [row.figures.came for row in now.days]
        earlier = [None if row is None else row.figures.came for row in then]
        top = round_top(max([1, *came, *(value or 0 for value in earlier)]))
        labels = [shown(row[0], self.language) for row in rows]
        plot = Series(
            heights=tuple(percent(value, top) for value in came),
            before=()
            if before is None
            else tuple(None if value is None else percent(value, top) for value in earlier),
            ticks=self._ticks(top),
            labels=some_labels(labels),
        )
        note = self._say(N_("Drawn: people who came each day."))
        return self._figure("days", note, Sheet(self._say(N_("Day by day")), header, rows), plot)

    def _side(self, side: Side, now: History, before: History | None) -> Figure:
        names, drawn = SHOWN[side], DRAWN.get(side, "came")
        rows = now.groups[side]
        if side not in _IN_ORDER:
            rows = sorted(rows, key=lambda row: -_cell(row, drawn))
        earlier = {row.figures.key: row for row in before.groups[side]} if before else {}
        header = [self._say(KEYS[side]), *map(self._column, names)]
        if before is not None:
            header.append(self._then(drawn))
        labels = [self._key(side, row.figures.key) for row in rows]
        values = [_cell(row, drawn) for row in rows]
        then = [
            _cell(earlier[row.figures.key], drawn) if row.figures.key in earlier else 0
            for row in rows
        ]
        cells = [
            (
                label,
                *(_cell(row, name) for name in names),
                *(() if before is None else (other,)),
            )
            for label, row, other in zip(labels, rows, then, strict=True)
        ]
        most = max([1, *values, *(then if before else ())])
        plot = Bars(
            bars=tuple(
                Bar(
                    label=label,
                    value=self.language.whole(value),
                    length=percent(value, most),
                    before=None if before is None else percent(other, most),
                )
                for label, value, other in zip(labels, values, then, strict=True)
            )
        )
        sheet = Sheet(self._say(SIDES[side]), header, cells)
        return self._figure(side.value, self._say(SIDE_NOTES[drawn]), sheet, plot)

    def _weeks(self, now: History, before: History | None) -> list[Figure]:
        weeks = [("week", N_("The week"), now.week)]
        if before is not None:
            weeks.append(("week-then", N_("The week compared with"), before.week))
        known = [(code, title, week) for code, title, week in weeks if week]
        most = max([0.1, *(value for _, _, week in known for value in week.values())])
        return [self._week(code, title, week, most) for code, title, week in known]

    def _week(
        self, code: str, title: str, week: Mapping[tuple[int, str], float], most: float
    ) -> Figure:
        names = tuple(self.language.weekday(number).capitalize() for number in range(7))
        hours = sorted({hour for _, hour in week})
        cells = [[week.get((number, hour)) for number in range(7)] for hour in hours]
        rows = [(self._hour(hour), *row) for hour, row in zip(hours, cells, strict=True)]
        plot = HeatMap(
            columns=names,
            rows=tuple(
                (
                    self._hour(hour),
                    tuple(
                        Square(
                            words=shown(value, self.language),
                            level=None if value is None else level_of(value, most),
                        )
                        for value in row
                    ),
                )
                for hour, row in zip(hours, cells, strict=True)
            ),
        )
        note = self._say(
            N_(
                "People who came in that hour, on average over the days of that weekday on which"
                " anybody stood at a gate."
            )
        )
        header = [self._say(KEYS[Side.HOUR]), *names]
        return self._figure(code, note, Sheet(self._say(title), header, rows), plot)

    def _spread(self, code: str, now: History, before: History | None) -> Figure:
        counts: tuple[int, ...] = getattr(now, code)
        then: tuple[int, ...] = getattr(before, code) if before is not None else (0,) * BINS
        share, share_then = _shares(counts), _shares(then)
        header = [N_("Minutes"), N_("Steps"), N_("Share in %")]
        if before is not None:
            header += [N_("Steps compared with"), N_("Share compared with in %")]
        labels = [*(f"{n * BIN_MINUTES}–{(n + 1) * BIN_MINUTES}" for n in range(BINS - 1))]
        labels.append(f"{(BINS - 1) * BIN_MINUTES}+")
        rows = [
            (label, count, here, *(() if before is None else (other, there)))
            for label, count, here, other, there in zip(
                labels, counts, share, then, share_then, strict=True
            )
        ]
        top = round_top(max([1.0, *share, *share_then]))
        plot = Distribution(
            bars=tuple(
                Bar(
                    label=label,
                    value=self.language.whole(count),
                    length=percent(here, top),
                    before=None if before is None else percent(there, top),
                )
                for label, count, here, there in zip(labels, counts, share, share_then, strict=True)
            ),
            ticks=self._ticks(top, " %"),
        )
        is_wait = code == "waits"
        title = N_("How long people waited") if is_wait else N_("How long a counter took")
        note = N_("Steps at a counter that were done, by minutes.")
        sheet = Sheet(self._say(title), [self._say(one) for one in header], rows)
        return self._figure(code, self._say(note), sheet, plot)

    def _ticks(self, top: int, unit: str = "") -> tuple[Tick, ...]:
        middle = [Tick(at=50, words=f"{self.language.whole(top // 2)}{unit}")]
        return (
            *(middle if top % 2 == 0 else ()),
            Tick(at=100, words=f"{self.language.whole(top)}{unit}"),
        )

    def _column(self, name: str) -> str:
        return self._say(TIMES[name] if name in TIMES else COLUMNS[name])

    def _then(self, name: str) -> str:
        return self._say(N_("%(what)s, compared with"), what=self._column(name))

    def _hour(self, key: str) -> str:
        return self.language.clock(datetime.strptime(key, "%H:%M").time())  # noqa: DTZ007

    def _key(self, side: Side, key: str) -> str:
        if side is Side.HOUR:
            return self._hour(key)
        if side is Side.WEEKDAY:
            return self.language.weekday(int(key)).capitalize()
        if not key:
            return self._say(NO_KEY[side])
        if side is Side.SERVICE:
            return self.words.service(key) or key
        if side is Side.GATE:
            return self.words.gate(key)
        return self.words.reason(key) if side is Side.REASON else key


def _cell(row: Row, name: str) -> Any:
    """A count, or minutes with a decimal; None where nobody knows it."""
    if name == "walked_in":
        return row.walked_in
    figures = row.figures
    if name == "attempts":
        return figures.admitted + figures.refused + figures.referred
    if name in TIMES:
        kind, _, which = name.partition("_")
        minutes: Minutes | None = getattr(figures, f"{kind}_minutes")
        return None if minutes is None else round(float(getattr(minutes, which)), 1)
    return getattr(figures, name)


def _beside(now: History, before: History | None) -> list[Row | None]:
    """The day compared with each day, if any: of two weeks and more the same weekday, by whole
    weeks, of fewer days the first beside the first."""
    if before is None:
        return [None] * len(now.days)
    apart = (now.range.first - before.range.first).days
    if now.range.days >= ALIGNED_DAYS:
        apart = 7 * round(apart / 7)
    then = {row.figures.key: row for row in before.days}
    begin = now.range.first.toordinal() - apart
    keys = (date.fromordinal(begin + n).isoformat() for n in range(len(now.days)))
    return [then.get(key) for key in keys]


def _day_and_came(row: Row | None) -> tuple[Any, Any]:
    return (None, None) if row is None else (date.fromisoformat(row.figures.key), row.figures.came)


def _shares(counts: Sequence[int]) -> list[float]:
    together = sum(counts)
    return [round(100 * count / together, 1) if together else 0.0 for count in counts]
