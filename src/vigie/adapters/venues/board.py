"""What live messages add up to: the newest quote of each instrument, and bars once they are finished."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from vigie.domain.quote import Quote
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, timeframe_ms
from vigie.ports.source import Bar, FirstPrice

_QUOTE_FIELDS: Final = frozenset(field.name for field in fields(Quote)) - {
    "venue",
    "instrument",
    "ts_event",
    "ts_known",
}
# A bid and ask that came apart from the price are of no use beside a later one.
_MAX_BOOK_AGE_MS: Final = 10_000
# No venue lets more time pass between two settlements.
_MAX_FUNDING_MS: Final = 31 * DAY_MS
Candle = tuple[int, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class MarketMessage:
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
    candle: Candle | None = None
    timeframe: str = ""
    is_finished: bool | None = None


class QuoteBoard:
    """Puts the parts that a venue sends apart together into one quote an instrument."""

    def __init__(self, venue: str, instruments: Mapping[str, str]) -> None:
        self.venue = venue
        self._instruments = dict(instruments)
        self._values_by_symbol: dict[str, dict[str, Any]] = {}

    def add_symbol(self, symbol: str, instrument: str) -> None:
        """Add a symbol that the venue lists; those that were given stay as they are."""
        self._instruments.setdefault(symbol, instrument)

    def instrument(self, symbol: str) -> str | None:
        """Return our name of a symbol, or None for one that is not watched."""
        return self._instruments.get(symbol)

    def take(self, message: MarketMessage, now_ms: int) -> Quote | None:
        """Return the quote with what was heard, or None while there is no price yet."""
        name = self._instruments.get(message.symbol)
        if name is None:
            return None
        newest = self._values_by_symbol.setdefault(message.symbol, {})
        newest.update({key: value for key, value in message.values.items() if value is not None})
        if not newest.get("last"):
            return None
        # The time is that of the price: a mark or a book beside it that go on make it no younger.
        if message.values.get("last") or "ts_event" not in newest:
            newest["ts_event"] = _event_time(newest, message.ts_event or now_ms, now_ms)
        if {"bid", "ask"} & message.values.keys():
            newest["book_ms"] = now_ms
        values: dict[str, Any] = {key: newest.get(key) for key in _QUOTE_FIELDS}
        if now_ms - newest.get("book_ms", 0) > _MAX_BOOK_AGE_MS:
            values["bid"] = values["ask"] = None
        values["funding_next_ts"] = _next_settlement(values, now_ms)
        return Quote(self.venue, name, ts_known=now_ms, ts_event=newest["ts_event"], **values)


class BarBoard:
    """Keeps the candles in progress and gives them once they are finished.

    A venue that never says so has finished one when a later one begins.
    """

    def __init__(self, venue: str) -> None:
        self.venue = venue
        self._in_progress: dict[tuple[str, str], Candle] = {}
        self._delivered: dict[tuple[str, str], int] = {}
        self._started: dict[tuple[str, str], int] = {}

    def take(
        self, instrument: str, message: MarketMessage, now_ms: int, *, ahead_ms: int = MINUTE_MS
    ) -> list[Bar]:
        """Return the bars that a candle finishes: itself, the one before it, or none.

        Raises
        ------
        ValueError
            If it begins later than `ahead_ms` from now: whatever came then would look older than it.
        """
        assert message.candle is not None
        key = (instrument, message.timeframe)
        row = message.candle
        if row[0] > now_ms + ahead_ms:
            raise ValueError(
                Refusal("bar_sent", "a bar of {row} was sent at {now_ms}", row=row[0], now_ms=now_ms)
            )
        in_progress = self._in_progress.get(key)
        if message.is_finished or (in_progress is not None and row[0] < in_progress[0]):
            finished = [row]
            if in_progress is not None and in_progress[0] <= row[0]:
                self._in_progress.pop(key, None)
        else:
            finished = [in_progress] if in_progress is not None and in_progress[0] < row[0] else []
            self._in_progress[key] = row
        is_final = bool(message.is_finished)
        fresh = [ended_row for ended_row in finished if self._is_fresh(key, ended_row, is_final=is_final)]
        return [
            _make_bar(self.venue, instrument, message.timeframe, ended_row, now_ms, is_final=is_final)
            for ended_row in fresh
        ]

    def first_prices(self, instrument: str, message: MarketMessage) -> list[FirstPrice]:
        """Return the first price of a bar in progress, where it is newer than those that were seen in progress."""
        if message.candle is None or message.is_finished:
            return []
        key, row = (instrument, message.timeframe), message.candle
        if row[0] <= self._started.get(key, -1):
            return []
        self._started[key] = row[0]
        return [FirstPrice(self.venue, instrument, message.timeframe, row[0], row[1])]

    def forget(self) -> None:
        """Drop the candles in progress: a connection that was cut may have missed their end."""
        self._in_progress.clear()

    # Said twice with the same close is one bar; the last words on an ended bar are given as its new values.
    def _is_fresh(self, key: tuple[str, str], row: Candle, *, is_final: bool) -> bool:
        mark = hash((row, is_final))
        if self._delivered.get(key) == mark:
            return False
        self._delivered[key] = mark
        return True


# What is told from a time to come was so when we heard it; told again with the same time it is no younger.
def _event_time(newest: dict[str, Any], stated_ts: int, now_ms: int) -> int:
    former: int = min(newest.get("ts_event", 0), now_ms)
    is_repeated = newest.get("said") == stated_ts
    newest["said"] = stated_ts
    return former if is_repeated else max(min(stated_ts, now_ms), former)


# Where the venue does not say when, or said so before the last one: settlements lie at whole multiples of their hours.
def _next_settlement(values: Mapping[str, Any], now_ms: int) -> int | None:
    stated_ts: float | None = values["funding_next_ts"]
    hours: float | None = values["funding_hours"]
    if stated_ts is not None and stated_ts > now_ms + _MAX_FUNDING_MS:
        stated_ts = None
    span = round((hours or 0) * HOUR_MS)
    if MINUTE_MS <= span <= _MAX_FUNDING_MS and (stated_ts is None or stated_ts <= now_ms):
        return int((now_ms // span + 1) * span)
    return None if stated_ts is None else max(int(stated_ts), 0)


def parse_number(value: object) -> float | None:
    """Return a number that a venue wrote as text; None where it says nothing.

    Raises
    ------
    ValueError
        If it is not a number.
    """
    if value is None or value == "":
        return None
    result = float(value)  # type: ignore[arg-type]  # what is no number raises here
    if not math.isfinite(result):
        raise ValueError(Refusal("not_finite", "{value!r} is not finite", value=value))
    return result


def parse_price(value: object) -> float | None:
    """Return a price; zero means that there is none.

    Raises
    ------
    ValueError
        If it is no number, or negative.
    """
    result = parse_number(value) or None
    if result is not None and result < 0.0:
        raise ValueError(Refusal("not_valid_price", "{value!r} is not a valid price", value=value))
    return result


def parse_candle(values: Sequence[object]) -> Candle:
    """Return a candle of text: open time, open, high, low, close, base volume.

    Raises
    ------
    ValueError
        If it cannot be one.
    """
    ts, *rest = values[:6]
    numbers = [parse_number(value) for value in rest]
    if len(numbers) != 5 or any(value is None for value in numbers):
        raise ValueError(
            Refusal("bar_needs_six_numbers", "a bar needs six numbers, was {values!r}", values=list(values))
        )
    o, h, low, c, v = (float(value) for value in numbers if value is not None)
    if not (0 < low <= min(o, c) <= max(o, c) <= h) or v < 0:
        raise ValueError(
            Refusal(
                "invalid_bar",
                "invalid bar: open {o}, high {h}, low {low}, close {c}, volume {v}",
                o=o,
                h=h,
                low=low,
                c=c,
                v=v,
            )
        )
    return int(str(ts)), o, h, low, c, v


def _make_bar(
    venue: str, instrument: str, timeframe: str, row: Candle, now_ms: int, *, is_final: bool
) -> Bar:
    ts = row[0] // timeframe_ms(timeframe) * timeframe_ms(timeframe)
    return Bar(venue, instrument, timeframe, ts, *row[1:], ts_known=now_ms, is_final=is_final)
