"""What live messages add up to: the newest quote of each instrument, and bars once they are finished."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, timeframe_ms
from vigie.ports.source import Bar, FirstPrice

_VALUES: Final = frozenset(field.name for field in fields(Quote)) - {
    "venue",
    "instrument",
    "ts_event",
    "ts_known",
}
# A bid and ask that came apart from the price are of no use beside a later one.
_BOOK_MS: Final = 10_000
# No venue lets more time pass between two settlements.
_LONGEST_FUNDING_MS: Final = 31 * DAY_MS
Numbers = tuple[int, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message says of one symbol: values of its quote, or a candle.

    Attributes
    ----------
    symbol : str
        The venue's own.
    ts_event : int or None
        When the venue says it was so.
    values : mapping
        Fields of `Quote`; None where the venue does not say.
    candle : tuple or None
        Open time, open, high, low, close, base volume.
    timeframe : str
        Of the candle.
    is_finished : bool or None
        Whether the venue says that the candle is finished; None where it never says.
    """

    symbol: str
    ts_event: int | None = None
    values: Mapping[str, float | int | None] = field(default_factory=dict)
    candle: Numbers | None = None
    timeframe: str = ""
    is_finished: bool | None = None


class QuoteBoard:
    """Puts the parts that a venue sends apart together into one quote an instrument."""

    def __init__(self, venue: str, instruments: Mapping[str, str]) -> None:
        self.venue = venue
        self._instruments = dict(instruments)
        self._known: dict[str, dict[str, Any]] = {}

    def learn(self, symbol: str, instrument: str) -> None:
        """Add a symbol that the venue lists; those that were given stay as they are."""
        self._instruments.setdefault(symbol, instrument)

    def instrument(self, symbol: str) -> str | None:
        """Return our name of a symbol, or None for one that is not watched."""
        return self._instruments.get(symbol)

    def take(self, heard: Heard, now_ms: int) -> Quote | None:
        """Return the quote with what was heard, or None while there is no price yet."""
        name = self._instruments.get(heard.symbol)
        if name is None:
            return None
        known = self._known.setdefault(heard.symbol, {})
        known.update({key: value for key, value in heard.values.items() if value is not None})
        if not known.get("last"):
            return None
        # The time is that of the price: a mark or a book beside it that go on make it no younger.
        if heard.values.get("last") or "ts_event" not in known:
            known["ts_event"] = _told_at(known, heard.ts_event or now_ms, now_ms)
        if {"bid", "ask"} & heard.values.keys():
            known["book_ms"] = now_ms
        values: dict[str, Any] = {key: known.get(key) for key in _VALUES}
        if now_ms - known.get("book_ms", 0) > _BOOK_MS:
            values["bid"] = values["ask"] = None
        values["funding_next_ts"] = _next_settlement(values, now_ms)
        return Quote(self.venue, name, ts_known=now_ms, ts_event=known["ts_event"], **values)


class BarBoard:
    """Keeps the candles in progress and gives them once they are finished.

    A venue that never says so has finished one when a later one begins.
    """

    def __init__(self, venue: str) -> None:
        self.venue = venue
        self._open: dict[tuple[str, str], Numbers] = {}
        self._given: dict[tuple[str, str], int] = {}
        self._begun: dict[tuple[str, str], int] = {}

    def take(self, instrument: str, heard: Heard, now_ms: int, *, ahead_ms: int = MINUTE_MS) -> list[Bar]:
        """Return the bars that a candle finishes: itself, the one before it, or none.

        Raises
        ------
        ValueError
            If it begins later than `ahead_ms` from now: whatever came then would look older than it.
        """
        assert heard.candle is not None
        key = (instrument, heard.timeframe)
        row = heard.candle
        if row[0] > now_ms + ahead_ms:
            raise ValueError(f"a candle of {row[0]} was told at {now_ms}")
        running = self._open.get(key)
        if heard.is_finished or (running is not None and row[0] < running[0]):
            finished = [row]
            if running is not None and running[0] <= row[0]:
                self._open.pop(key, None)
        else:
            finished = [running] if running is not None and running[0] < row[0] else []
            self._open[key] = row
        is_final = bool(heard.is_finished)
        fresh = [one for one in finished if self._is_fresh(key, one, is_final=is_final)]
        return [
            _bar(self.venue, instrument, heard.timeframe, one, now_ms, is_final=is_final) for one in fresh
        ]

    def begun(self, instrument: str, heard: Heard) -> list[FirstPrice]:
        """Return the first price of a bar in progress, where it is newer than those that were seen in progress."""
        if heard.candle is None or heard.is_finished:
            return []
        key, row = (instrument, heard.timeframe), heard.candle
        if row[0] <= self._begun.get(key, -1):
            return []
        self._begun[key] = row[0]
        return [FirstPrice(self.venue, instrument, heard.timeframe, row[0], row[1])]

    def forget(self) -> None:
        """Drop the candles in progress: a connection that was cut may have missed their end."""
        self._open.clear()

    # Said twice with the same close is one bar; the last words on an ended bar are given as its new values.
    def _is_fresh(self, key: tuple[str, str], row: Numbers, *, is_final: bool) -> bool:
        mark = hash((row, is_final))
        if self._given.get(key) == mark:
            return False
        self._given[key] = mark
        return True


# What is told from a time to come was so when we heard it; told again with the same time it is no younger.
def _told_at(known: dict[str, Any], said: int, now_ms: int) -> int:
    before: int = min(known.get("ts_event", 0), now_ms)
    is_repeated = known.get("said") == said
    known["said"] = said
    return before if is_repeated else max(min(said, now_ms), before)


# Where the venue does not say when, or said so before the last one: settlements lie at whole multiples of their hours.
def _next_settlement(values: Mapping[str, Any], now_ms: int) -> int | None:
    said: float | None = values["funding_next_ts"]
    hours: float | None = values["funding_hours"]
    if said is not None and said > now_ms + _LONGEST_FUNDING_MS:
        said = None
    span = round((hours or 0) * HOUR_MS)
    if MINUTE_MS <= span <= _LONGEST_FUNDING_MS and (said is None or said <= now_ms):
        return int((now_ms // span + 1) * span)
    return None if said is None else max(int(said), 0)


def number(value: object) -> float | None:
    """Return a number that a venue wrote as text; None where it says nothing.

    Raises
    ------
    ValueError
        If it is not a number.
    """
    if value is None or value == "":
        return None
    found = float(value)  # type: ignore[arg-type]  # what is no number raises here
    if not math.isfinite(found):
        raise ValueError(f"{value!r} is not finite")
    return found


def price(value: object) -> float | None:
    """Return a price; zero means that there is none.

    Raises
    ------
    ValueError
        If it is no number, or negative.
    """
    found = number(value) or None
    if found is not None and found < 0.0:
        raise ValueError(f"no price is {value!r}")
    return found


def candle_of(values: Sequence[object]) -> Numbers:
    """Return a candle of text: open time, open, high, low, close, base volume.

    Raises
    ------
    ValueError
        If it cannot be one.
    """
    ts, *rest = values[:6]
    numbers = [number(value) for value in rest]
    if len(numbers) != 5 or any(value is None for value in numbers):
        raise ValueError(f"a candle needs six numbers, was {list(values)!r}")
    o, h, low, c, v = (float(value) for value in numbers if value is not None)
    if not (0 < low <= min(o, c) <= max(o, c) <= h) or v < 0:
        raise ValueError(f"no bar is open {o}, high {h}, low {low}, close {c}, volume {v}")
    return int(str(ts)), o, h, low, c, v


def _bar(venue: str, instrument: str, timeframe: str, row: Numbers, now_ms: int, *, is_final: bool) -> Bar:
    ts = row[0] // timeframe_ms(timeframe) * timeframe_ms(timeframe)
    return Bar(venue, instrument, timeframe, ts, *row[1:], ts_known=now_ms, is_final=is_final)
