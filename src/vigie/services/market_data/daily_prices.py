"""The daily history of prices and rates: what a coin cost at the end of each day, and who says so.

Takes an asset or a currency, a span of days and an instant; gives what was known then, day by day, with the source
of each day and the days without a value. The order of sources is `SOURCES`: the first one that has a day gives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.ids import parse_instrument
from vigie.domain.time import DAY_MS
from vigie.intelligence.holdings.price_table import MOST_DAYS, Close, Rate
from vigie.ports.facts import FactStore

DOLLAR: Final = "USD"
COIN_METRICS: Final = "coinmetrics"
BINANCE_SPOT: Final = "binance_spot"
COINGECKO: Final = "coingecko"
ECB: Final = "ecb"
# Series of closes by source, in the order in which they are asked; each fact is of the day that begins at its time.
SOURCES: Final = (
    (COIN_METRICS, "onchain/{asset}/price_usd"),
    (BINANCE_SPOT, "market/{asset}/spot_close_usdt"),
    (COINGECKO, "market/{asset}/close_usd"),
)
_SPOT_VENUE: Final = "binance-spot"
# Their tokens count as dollars: what they are worth less is in no source's close.
_DOLLARS: Final = ("USD", "USDT", "USDC", "FDUSD", "BUSD")
_DAY: Final = "1d"
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DECIMALS: Final = 18


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """Days next to each other that one source gave, or that nobody gave.

    Attributes
    ----------
    source : str
        Id of a source, or a place such as ``bitget-perp:btc-usdt-perp``; empty for days without a value.
    first, last : date
        Both inclusive.
    """

    source: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, eq=False)
class DayValues:
    """Values of days with the source of each.

    Attributes
    ----------
    name : str
        An asset's catalogue id, or a currency in upper case.
    first, last : date
        The span that was asked for, without days that had not ended.
    days : int64 array, shape (n,)
        Days since 1970-01-01 UTC that have a value, ascending.
    values : float64 array, shape (n,)
        Dollars for one coin, or units of the currency for one euro.
    origins : int64 array, shape (n,)
        Which of `sources` gave each.
    sources : tuple of str
        Ids, in the order in which they were asked.
    """

    name: str
    first: date
    last: date
    days: IntArray
    values: FloatArray
    origins: IntArray
    sources: tuple[str, ...]

    @property
    def newest(self) -> date:
        """The last day that has a value."""
        return _day(int(self.days[-1]))

    @property
    def missing(self) -> list[date]:
        """The days of the span without a value of their own."""
        wanted = np.arange(_number(self.first), _number(self.last) + 1)
        return [_day(number) for number in np.setdiff1d(wanted, self.days).tolist()]

    @property
    def spans(self) -> list[SourceSpan]:
        """Which source gave which days, and which days nobody gave, oldest first."""
        start, count = _number(self.first), (self.last - self.first).days + 1
        if count <= 0:
            return []
        by_day = np.full(count, -1, dtype=np.int64)
        by_day[self.days - start] = self.origins
        edges = [0, *(np.flatnonzero(np.diff(by_day)) + 1).tolist(), count]
        return [
            SourceSpan(
                self.sources[by_day[begin]] if by_day[begin] >= 0 else "",
                _day(start + begin),
                _day(start + end - 1),
            )
            for begin, end in pairwise(edges)
        ]

    def texts(self) -> list[tuple[date, str]]:
        """Return each day with its value as a plain decimal without exponent, as the engine of holdings reads it."""
        return [
            (_day(number), plain_text(value))
            for number, value in zip(self.days.tolist(), self.values.tolist(), strict=True)
        ]


def daily_closes(
    facts: FactStore, bar_reader: BarReader, asset: str, *, first: date, last: date, at: int
) -> DayValues:
    """Return the closes of an asset's days in dollars.

    Parameters
    ----------
    facts : FactStore
        Holds what the sources of daily closes brought.
    bar_reader : BarReader
        Bars of Binance spot that were fetched or imported stand behind its source; bars of any other market that is
        counted in dollars come last.
    asset : str
        Catalogue id, ``bitcoin``.
    first, last : date
        UTC days, both inclusive.
    at : int
        Epoch milliseconds: what was known then. Days that had not ended by then are left out.

    Returns
    -------
    DayValues
        Days without a price are missing in it, never filled.
    """
    return closes_of_assets(facts, bar_reader, [asset], first=first, last=last, at=at)[asset]


def closes_of_assets(
    facts: FactStore, bar_reader: BarReader, assets: Sequence[str], *, first: date, last: date, at: int
) -> dict[str, DayValues]:
    """Return the closes of several assets as `daily_closes` does, by asset; read together, which is faster."""
    last = min(last, _day(at // DAY_MS - 1))
    read = iter(_read_facts(facts, _close_series(assets), first, last, at))
    found = {}
    for asset in assets:
        columns = [(source, *next(read)) for source, _ in SOURCES]
        columns += [
            (_source_of(bars), *_closes_of(bars, first, last, at)) for bars in _stored_bars(bar_reader, asset)
        ]
        found[asset] = _combine(asset, first, last, sorted(columns, key=lambda column: _rank(column[0])))
    return found


def daily_rates(facts: FactStore, currency: str, *, first: date, last: date, at: int) -> DayValues:
    """Return the units of a currency for one euro on each day, as the European Central Bank set them.

    Weekends and holidays have none; whoever converts takes the last one before, at most seven days back. CoinGecko's
    rates stand in only for days that no rate of the bank reaches.

    Parameters
    ----------
    facts : FactStore
        Holds the rates.
    currency : str
        ``USD``; of the euro itself nothing is stored, it is 1.
    first, last : date
        UTC days, both inclusive.
    at : int
        Epoch milliseconds: what was known then.

    Returns
    -------
    DayValues
        Ascending days.
    """
    last, code = min(last, _day(at // DAY_MS)), currency.lower()
    [(days, values)] = _read_facts(facts, [f"fx/{code}/per_eur"], first, last, at)
    columns = [(ECB, days, values)]
    reached = np.unique((days[:, None] + np.arange(MOST_DAYS + 1)).ravel())
    wanted = np.setdiff1d(np.arange(_number(first), _number(last) + 1), reached)
    if len(wanted):
        columns.append((COINGECKO, *_rates_over_dollars(facts, code, wanted, at)))
    return _combine(currency.upper(), first, last, columns)


def closes_version(facts: FactStore, bar_reader: BarReader, assets: Sequence[str]) -> object:
    """Return something hashable that differs as soon as a stored close of one of the assets does."""
    # Bars are the same ones as long as nothing about them changed.
    bars = tuple(bars for asset in assets for bars in _stored_bars(bar_reader, asset))
    return facts.version(_close_series(assets)), bars


def rates_version(facts: FactStore, currencies: Sequence[str]) -> object:
    """Return something hashable that differs as soon as a stored rate of one of the currencies does."""
    codes = [currency.lower() for currency in currencies]
    return facts.version(
        [f"fx/{code}/{per}" for code in dict.fromkeys([*codes, "eur"]) for per in ("per_eur", "per_usd")]
    )


def closes_for_engine(closes: DayValues) -> list[Close]:
    """Return closes as the engine of holdings takes them."""
    return [(closes.name, day, Decimal(text), DOLLAR) for day, text in closes.texts()]


def rates_for_engine(rates: DayValues) -> list[Rate]:
    """Return rates as the engine of holdings takes them."""
    return [(rates.name, day, Decimal(text)) for day, text in rates.texts()]


def plain_text(value: float) -> str:
    """Return a positive number as a decimal without exponent, with at most 18 decimals."""
    text = f"{Decimal(repr(value)):f}"
    return text if len(text.partition(".")[2]) <= _DECIMALS else f"{value:.{_DECIMALS}f}"


_Column = tuple[IntArray, FloatArray]


def _close_series(assets: Sequence[str]) -> list[str]:
    return [pattern.format(asset=asset) for asset in assets for _, pattern in SOURCES]


def _read_facts(facts: FactStore, series: Sequence[str], first: date, last: date, at: int) -> list[_Column]:
    """Return days and values of each series; the last value of a day counts, what is not positive is no price."""
    frame = facts.read(
        series, start_ms=_number(first) * DAY_MS, end_ms=(_number(last) + 1) * DAY_MS, as_of=at
    )
    by_series = frame.filter(frame["value"] > 0).partition_by("series", as_dict=True, maintain_order=True)
    columns: list[_Column] = []
    for name in series:
        own = by_series.get((name,), frame.clear())
        days: IntArray = own["ts_event"].to_numpy() // DAY_MS
        is_last = np.append(np.diff(days) > 0, np.ones(min(len(days), 1), dtype=bool))
        columns.append((days[is_last], own["value"].to_numpy()[is_last]))
    return columns


def _rates_over_dollars(facts: FactStore, code: str, wanted: IntArray, at: int) -> _Column:
    """Return CoinGecko's units of a currency for one euro on some days, from what both cost in dollars."""
    series = [f"fx/{code}/per_usd", "fx/eur/per_usd"]
    (unit_days, units), (euro_days, euros) = _read_facts(
        facts, series, _day(int(wanted[0])), _day(int(wanted[-1])), at
    )
    if code == "usd":
        unit_days, units = euro_days, np.ones(len(euro_days))
    days = np.intersect1d(np.intersect1d(unit_days, euro_days), wanted)
    return days, units[np.searchsorted(unit_days, days)] / euros[np.searchsorted(euro_days, days)]


def _stored_bars(bar_reader: BarReader, asset: str) -> list[Bars]:
    """Return the daily bars of Binance spot, and of the market counted in dollars that reaches furthest."""
    places = [
        (venue, instrument)
        for venue, instrument in bar_reader.instruments().get(asset, ())
        if parse_instrument(instrument).quote in _DOLLARS
    ]
    groups = (
        [place for place in places if (place[0] == _SPOT_VENUE) is is_spot] for is_spot in (True, False)
    )
    return [bars for group in groups if (bars := bar_reader.newest(group, _DAY)) is not None]


def _source_of(bars: Bars) -> str:
    return BINANCE_SPOT if bars.venue == _SPOT_VENUE else f"{bars.venue}:{bars.instrument}"


def _closes_of(bars: Bars, first: date, last: date, at: int) -> _Column:
    days = bars.ts // DAY_MS
    # Prices of some venues are of a thousand coins.
    scale = float(parse_instrument(bars.instrument).multiplier)
    is_wanted = (
        (days >= _number(first)) & (days <= _number(last)) & (bars.ts + DAY_MS <= at) & (bars.close > 0)
    )
    return days[is_wanted], bars.close[is_wanted] / scale


def _rank(source: str) -> int:
    names = [name for name, _ in SOURCES]
    return names.index(source) if source in names else len(names)


def _combine(
    name: str, first: date, last: date, columns: Sequence[tuple[str, IntArray, FloatArray]]
) -> DayValues:
    """Return each day from the first source that has it."""
    sources = tuple(dict.fromkeys(source for source, days, _ in columns if len(days)))
    empty = np.empty(0, dtype=np.int64)
    days = np.concatenate([empty, *(days for _, days, _ in columns)])
    values = np.concatenate([np.empty(0), *(values for _, _, values in columns)])
    origins = np.concatenate(
        [empty, *(np.full(len(d), sources.index(s) if len(d) else 0, np.int64) for s, d, _ in columns)]
    )
    found, indexes = np.unique(days, return_index=True)  # the first of equal days: the earlier source
    return DayValues(name, first, last, found, values[indexes], origins[indexes], sources)


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH


def _day(number: int) -> date:
    return date.fromordinal(_EPOCH + number)
