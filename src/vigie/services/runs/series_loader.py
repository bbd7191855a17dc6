"""Each series of a run with what goes with it: bars cut to the span, rules, funding, finer bars."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from vigie.data.asof import add_feature
from vigie.data.features import add_features
from vigie.data.instruments.table import resolve_instrument
from vigie.data.instruments.versions import apply_stated, stated_fees
from vigie.data.intake.names import is_bar_file, read_name
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.daily_closes import DailyCloses, compute_daily_closes
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS, iso, timeframe_ms
from vigie.engine.inputs import Settlements, settlements_of
from vigie.services import bar_reading
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest
from vigie.services.runs.price_grid import default_lot, price_step


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSeries:
    """Bars of one instrument and timeframe with what goes with them."""

    bars: Bars
    first: int
    history: DailyCloses
    versions: tuple[Instrument, ...]
    funding: Settlements
    detail: Bars | None
    own_fees: dict[str, float]


class SeriesLoader:
    """Loads each series of a request with its rules, funding and finer bars."""

    def __init__(
        self, data_stores: DataStores, request: BacktestRequest, features: Sequence[str] = ()
    ) -> None:
        self._features = features
        self._data_stores = data_stores
        self._request = request
        self._now = data_stores.clock.market_now()
        self._files = {str(path): path for path in request.bars}
        self._funding = bar_reading.read_funding(request.funding) if request.funding else {}
        self._marks: dict[str, Bars] = {}
        if request.mark:
            mark = bar_reading.read_marks(request.mark, now_ms=self._now)
            self._marks[mark.instrument] = mark
        self._rules = (
            bar_reading.read_instruments(request.instruments, venue=request.venue)
            if request.instruments
            else {}
        )

    def load(self, instrument: str, timeframe: str) -> LoadedSeries:
        """Load one series.

        Raises
        ------
        UsageError
            If its bars, rules or finer bars are not there, or none lie in the span.
        """
        all_bars = self._load_bars(instrument, timeframe)
        bars, first = self._cut_to_span(all_bars)
        name = bars.instrument
        settlements = Settlements()
        if self._request.funding:
            funding = self._funding.get(name)
            if funding is not None:
                mark = self._marks.get(name)
                settlements = settlements_of(
                    funding.ts, funding.rate, mark.ts if mark else None, mark.open if mark else None
                )
                bars = add_feature(bars, "funding_rate", settlements.ts, settlements.rate)
        if self._data_stores.facts is not None:
            bars = add_features(bars, self._data_stores.bars, self._data_stores.facts, self._features)
        return LoadedSeries(
            bars,
            first,
            compute_daily_closes(all_bars),
            self._rule_versions(bars, instrument),
            settlements,
            self._finer_bars(bars, first, instrument),
            stated_fees(self._request.stated, self._request.venue, name) if self._request.stated else {},
        )

    def refuse_unused(self, traded: Collection[str]) -> None:
        """Refuse files of funding and of mark prices that hold nothing of what is traded.

        Raises
        ------
        UsageError
            If there is one: a person who gives it takes it to be charged.
        """
        request = self._request
        # Pairs, not a table by path: one file may be given as both.
        given_files = ((request.funding, list(self._funding)), (request.mark, list(self._marks)))
        for path, names in given_files:
            if path is not None and not set(names) & set(traded):
                raise UsageError(
                    "no_data",
                    "{path} has no data for {traded}; it has {names}",
                    path=path,
                    traded=" ".join(sorted(traded)),
                    names=" ".join(names) or Refusal("no_row_at_all", "no row"),
                )
        if request.mark is not None and request.funding is None:
            raise UsageError(
                "mark_price_used_charge_funding",
                "--mark is the price used to charge funding; also give --funding",
            )

    def _load_bars(self, instrument: str, timeframe: str) -> Bars:
        if instrument in self._files:
            path = self._files[instrument]
            bars = bar_reading.read_bars(
                path, venue=self._request.venue, symbol=self._request.symbol, form=self._request.form,
                now_ms=self._now,
            )  # fmt: skip
            if timeframe_ms(timeframe) != bars.span_ms:
                raise UsageError(
                    "bars_but_requested",
                    "{name} has {timeframe} bars, but {timeframe_2} was requested; use "
                    "--timeframe {timeframe}",
                    name=path.name,
                    timeframe=bars.timeframe,
                    timeframe_2=timeframe,
                )
            return bars
        if not self._request.venue:
            raise UsageError(
                "stored_bars_need_venue",
                "stored bars need --venue, such as binance-perp; or give files with --bars",
            )
        try:
            return bar_reading.load_bars(
                self._data_stores.bars,
                self._request.venue,
                instrument,
                timeframe,
                start_ms=None if self._request.warmup_bars else self._request.start_ms,
                end_ms=self._request.end_ms,
                last=self._request.last + self._request.warmup_bars
                if self._request.last and self._request.start_ms is None
                else None,
            )
        except UsageError as fault:
            suggestion = self._nearest_instrument(instrument)
            if not suggestion:
                raise
            raise UsageError(
                "did_mean", "{fault}; did you mean {suggestion}?", fault=fault, suggestion=suggestion
            ) from fault

    def _nearest_instrument(self, instrument: str) -> str:
        """Return the stored instrument that a misspelt one comes nearest to; empty where it is stored itself."""
        venue = self._request.venue
        stored = {
            holding.series.instrument
            for holding in self._data_stores.bars.holdings()
            if holding.series.venue == venue
        }
        instrument_name = str(resolve_instrument(venue, instrument))
        # By the coin alone: the endings are alike everywhere.
        coins = {name.partition("-")[0]: name for name in sorted(stored)}
        matches = get_close_matches(instrument_name.partition("-")[0], coins, n=1)
        return coins[matches[0]] if matches and instrument_name not in stored else ""

    def _cut_to_span(self, bars: Bars) -> tuple[Bars, int]:
        """Cut to the span that is traded, keeping warm-up bars before it; return the bars and where trading begins."""
        request = self._request
        begin = 0 if request.start_ms is None else int(np.searchsorted(bars.ts, request.start_ms))
        end = len(bars) if request.end_ms is None else int(np.searchsorted(bars.ts, request.end_ms))
        if request.last is not None:
            begin = max(begin, end - request.last)
        if begin >= end:
            raise _no_bars_in_span(bars)
        warmup_begin = max(0, begin - request.warmup_bars)
        return bars.slice(warmup_begin, end), begin - warmup_begin

    def _rule_versions(self, bars: Bars, instrument: str) -> tuple[Instrument, ...]:
        request = self._request
        table = self._known_rules(bars.instrument, instrument)
        stated_rate = request.maintenance_rate
        if table and request.tick is None and request.lot is None:
            if stated_rate is None:
                return tuple(table)
            return tuple(dataclasses.replace(version, maintenance_rate=stated_rate) for version in table)
        first_version = table[0] if table else None
        tick = (
            parse_step(request.tick)
            if request.tick
            else first_version.tick
            if first_version
            else price_step(bars)
        )
        lot = (
            parse_step(request.lot, name="lot")
            if request.lot
            else first_version.lot
            if first_version
            else default_lot(bars)
        )
        rate = request.account.sizing.maintenance_rate
        if first_version is not None and stated_rate is None:
            rate = first_version.maintenance_rate
        return (
            Instrument(venue=request.venue, name=bars.instrument, tick=tick, lot=lot, maintenance_rate=rate),
        )

    def _known_rules(self, name: str, instrument: str) -> list[Instrument]:
        """Return the rules that are known of an instrument; empty where the grid is given or read off a file."""
        request = self._request
        if self._rules:
            if name not in self._rules:
                raise UsageError(
                    "no_row",
                    "{instruments} has no row for {name}; it has {rules}",
                    instruments=request.instruments,
                    name=name,
                    rules=" ".join(self._rules),
                )
            return [self._rules[name]]
        if request.bars or request.tick is not None or request.lot is not None:
            return []
        versions = bar_reading.find_instrument(self._data_stores, request.venue, instrument)
        table = apply_stated(versions, request.stated, request.venue, instrument)
        if not table:
            raise UsageError(
                "tick_lot_unknown_give_them",
                "tick and lot of {name} on {venue} are unknown; give --tick and --lot, or set "
                'them in vigie.toml under [instruments."{name}"]',
                name=name,
                venue=request.venue,
            )
        return table

    def _finer_bars(self, bars: Bars, first: int, instrument: str) -> Bars | None:
        detail = self._request.detail
        if detail is None:
            return None
        if timeframe_ms(detail) >= bars.span_ms:
            if any(_is_longer(slot.timeframe, detail) for slot in self._request.slots):
                return None
            raise UsageError(
                "detail_must_finer",
                "--detail must be finer than {timeframe}, was {detail_text}",
                timeframe=bars.timeframe,
                detail_text=detail,
            )
        start_ms, end_ms = int(bars.ts[first]), int(bars.ts[-1]) + bars.span_ms
        venue = self._request.venue
        if instrument in self._files:
            path = self._files[instrument]
            detail_file = _find_detail_file(path, bars.instrument, detail)
            if detail_file is not None:
                finer = bar_reading.read_bars(
                    detail_file, venue=venue, symbol=bars.instrument, timeframe=detail, form=self._request.form,
                    now_ms=self._now,
                )  # fmt: skip
                return finer.slice(*np.searchsorted(finer.ts, (start_ms, end_ms)).tolist())
            if not (venue or bars.venue):
                raise UsageError(
                    "detail_needs_finer_bars",
                    "--detail {detail_text} needs finer bars of {instrument}: put a file such as "
                    "BTCUSDT-{detail_text}.csv beside {name}, or give the --venue of stored ones",
                    detail_text=detail,
                    instrument=bars.instrument,
                    name=path.name,
                )
        return bar_reading.load_bars(
            self._data_stores.bars,
            venue or bars.venue,
            bars.instrument,
            detail,
            start_ms=start_ms,
            end_ms=end_ms,
        )


def load_bitcoin_days(data_stores: DataStores, venue: str, traded: Sequence[Bars]) -> Bars | None:
    """Return the stored days of bitcoin on a venue over the span of these bars, for alpha and beta.

    None where bitcoin is among them, where they come from files without a venue, or where none is stored.
    """
    if not venue or any(bars.instrument.startswith("btc-") for bars in traded):
        return None
    start_ms = min(int(bars.ts[0]) for bars in traded) - DAY_MS
    end_ms = max(int(bars.ts[-1]) + bars.span_ms for bars in traded)
    with suppress(UsageError):  # nothing is stored of it
        return bar_reading.load_bars(data_stores.bars, venue, "BTC", "1d", start_ms=start_ms, end_ms=end_ms)
    return None


def _is_longer(timeframe: str, detail: str) -> bool:
    """Tell whether bars of a slot are longer than finer ones, where the slot itself says of which it is."""
    return timeframe != NATIVE and timeframe_ms(timeframe) > timeframe_ms(detail)


def _find_detail_file(path: Path, instrument: str, timeframe: str) -> Path | None:
    """Return the file in the same folder whose name says that it holds these bars."""
    for other in sorted(path.parent.iterdir()):
        if not is_bar_file(other):
            continue
        with suppress(UsageError):  # a name that says nothing, or of another kind of file
            parsed = read_name(other, needs_venue=False)
            if (parsed.instrument, parsed.timeframe) == (instrument, timeframe):
                return other
    return None


def _no_bars_in_span(bars: Bars) -> UsageError:
    series = f"{bars.instrument} {bars.timeframe}"
    if not len(bars):
        return UsageError(
            "no_bars_in_span", "no bars of {series} lie in the span asked for; there are none", series=series
        )
    return UsageError(
        "bars_outside_span",
        "no bars of {series} lie in the span asked for; there are {first} to {last}",
        series=series,
        first=iso(int(bars.ts[0])),
        last=iso(int(bars.ts[-1])),
    )
