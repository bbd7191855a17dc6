"""Each series of a run with what goes with it: bars cut to the span, rules, funding, finer bars."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from vigie.data.asof import with_feature
from vigie.data.features import add_facts
from vigie.data.instruments.table import resolve_instrument
from vigie.data.instruments.versions import apply_stated, stated_fees
from vigie.data.intake.names import is_bar_file, read_name
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.daily_closes import DailyCloses, compute_daily_closes
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.time import DAY_MS, iso, timeframe_ms
from vigie.engine.inputs import Settlements, settlements_of
from vigie.services import data as bars_service
from vigie.services.runs.asked import NATIVE, BacktestRequest
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

    def __init__(self, desk: DataStores, request: BacktestRequest, features: Sequence[str] = ()) -> None:
        self._features = features
        self._desk = desk
        self._request = request
        self._now = desk.clock.market_now()
        self._files = {str(path): path for path in request.bars}
        self._funding = bars_service.read_funding(request.funding) if request.funding else {}
        self._marks: dict[str, Bars] = {}
        if request.mark:
            mark = bars_service.read_marks(request.mark, now_ms=self._now)
            self._marks[mark.instrument] = mark
        self._rules = (
            bars_service.read_instruments(request.instruments, venue=request.venue)
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
        whole = self._bars(instrument, timeframe)
        bars, first = self._cut(whole)
        name = bars.instrument
        settlements = Settlements()
        if self._request.funding:
            found = self._funding.get(name)
            if found is not None:
                mark = self._marks.get(name)
                settlements = settlements_of(
                    found.ts, found.rate, mark.ts if mark else None, mark.open if mark else None
                )
                bars = with_feature(bars, "funding_rate", settlements.ts, settlements.rate)
        if self._desk.facts is not None:
            bars = add_facts(bars, self._desk.facts, self._features)
        return LoadedSeries(
            bars,
            first,
            compute_daily_closes(whole),
            self._versions(bars, instrument),
            settlements,
            self._finer(bars, first, instrument),
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
        held = ((request.funding, list(self._funding)), (request.mark, list(self._marks)))
        for path, names in held:
            if path is not None and not set(names) & set(traded):
                raise UsageError(
                    f"{path} has nothing of {' '.join(sorted(traded))}; it has {' '.join(names) or 'no row'}"
                )
        if request.mark is not None and request.funding is None:
            raise UsageError("--mark is the price at which funding is charged; give --funding, too")

    def _bars(self, instrument: str, timeframe: str) -> Bars:
        if instrument in self._files:
            path = self._files[instrument]
            bars = bars_service.read_bars(
                path, venue=self._request.venue, symbol=self._request.symbol, form=self._request.form,
                now_ms=self._now,
            )  # fmt: skip
            if timeframe_ms(timeframe) != bars.span_ms:
                raise UsageError(
                    f"{path.name} holds bars of {bars.timeframe}, {timeframe} was asked for; "
                    f"give --timeframe {bars.timeframe}"
                )
            return bars
        if not self._request.venue:
            raise UsageError("stored bars need --venue, such as binance-perp; or give files with --bars")
        try:
            return bars_service.load_bars(
                self._desk.bars,
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
            near = self._nearest(instrument)
            if not near:
                raise
            raise UsageError(f"{fault}; did you mean {near}?") from fault

    def _nearest(self, instrument: str) -> str:
        """Return the stored instrument that a misspelt one comes nearest to; empty where it is stored itself."""
        venue = self._request.venue
        stored = {one.series.instrument for one in self._desk.bars.holdings() if one.series.venue == venue}
        wanted = str(resolve_instrument(venue, instrument))
        # By the coin alone: the endings are alike everywhere.
        coins = {name.partition("-")[0]: name for name in sorted(stored)}
        near = get_close_matches(wanted.partition("-")[0], coins, n=1)
        return coins[near[0]] if near and wanted not in stored else ""

    def _cut(self, bars: Bars) -> tuple[Bars, int]:
        """Cut to the span that is traded, keeping warm-up bars before it; return the bars and where trading begins."""
        request = self._request
        begin = 0 if request.start_ms is None else int(np.searchsorted(bars.ts, request.start_ms))
        end = len(bars) if request.end_ms is None else int(np.searchsorted(bars.ts, request.end_ms))
        if request.last is not None:
            begin = max(begin, end - request.last)
        if begin >= end:
            raise UsageError(
                f"no bars of {bars.instrument} {bars.timeframe} lie in the span asked for; "
                + (
                    f"there are {iso(int(bars.ts[0]))} to {iso(int(bars.ts[-1]))}"
                    if len(bars)
                    else "there are none"
                )
            )
        keep = max(0, begin - request.warmup_bars)
        return bars.slice(keep, end), begin - keep

    def _versions(self, bars: Bars, instrument: str) -> tuple[Instrument, ...]:
        request = self._request
        table = self._table(bars.instrument, instrument)
        stated = request.maintenance_rate
        if table and request.tick is None and request.lot is None:
            if stated is None:
                return tuple(table)
            return tuple(dataclasses.replace(version, maintenance_rate=stated) for version in table)
        base = table[0] if table else None
        tick = parse_step(request.tick) if request.tick else base.tick if base else price_step(bars)
        lot = parse_step(request.lot, name="lot") if request.lot else base.lot if base else default_lot(bars)
        rate = request.account.sizing.maintenance_rate
        if base is not None and stated is None:
            rate = base.maintenance_rate
        return (
            Instrument(venue=request.venue, name=bars.instrument, tick=tick, lot=lot, maintenance_rate=rate),
        )

    def _table(self, name: str, instrument: str) -> list[Instrument]:
        """Return the rules that are known of an instrument; empty where the grid is given or read off a file."""
        request = self._request
        if self._rules:
            if name not in self._rules:
                raise UsageError(
                    f"{request.instruments} has no row for {name}; it has {' '.join(self._rules)}"
                )
            return [self._rules[name]]
        if request.bars or request.tick is not None or request.lot is not None:
            return []
        known = bars_service.find_instrument(self._desk, request.venue, instrument)
        table = apply_stated(known, request.stated, request.venue, instrument)
        if not table:
            raise UsageError(
                f"tick and lot of {name} on {request.venue} are not known; give --tick and --lot, "
                f'or state them in vigie.toml under [instruments."{name}"]'
            )
        return table

    def _finer(self, bars: Bars, first: int, instrument: str) -> Bars | None:
        detail = self._request.detail
        if detail is None:
            return None
        if timeframe_ms(detail) >= bars.span_ms:
            if any(_is_longer(one.timeframe, detail) for one in self._request.slots):
                return None
            raise UsageError(f"--detail must be finer than {bars.timeframe}, was {detail}")
        start_ms, end_ms = int(bars.ts[first]), int(bars.ts[-1]) + bars.span_ms
        venue = self._request.venue
        if instrument in self._files:
            path = self._files[instrument]
            beside = _file_beside(path, bars.instrument, detail)
            if beside is not None:
                finer = bars_service.read_bars(
                    beside, venue=venue, symbol=bars.instrument, timeframe=detail, form=self._request.form,
                    now_ms=self._now,
                )  # fmt: skip
                return finer.slice(*np.searchsorted(finer.ts, (start_ms, end_ms)).tolist())
            if not (venue or bars.venue):
                raise UsageError(
                    f"--detail {detail} needs finer bars of {bars.instrument}: put a file such as "
                    f"BTCUSDT-{detail}.csv beside {path.name}, or give the --venue of stored ones"
                )
        return bars_service.load_bars(
            self._desk.bars, venue or bars.venue, bars.instrument, detail, start_ms=start_ms, end_ms=end_ms
        )


def stored_bitcoin(desk: DataStores, venue: str, traded: Sequence[Bars]) -> Bars | None:
    """Return the stored days of bitcoin on a venue over the span of these bars, for alpha and beta.

    None where bitcoin is among them, where they come from files without a venue, or where none is stored.
    """
    if not venue or any(bars.instrument.startswith("btc-") for bars in traded):
        return None
    start_ms = min(int(bars.ts[0]) for bars in traded) - DAY_MS
    end_ms = max(int(bars.ts[-1]) + bars.span_ms for bars in traded)
    with suppress(UsageError):  # nothing is stored of it
        return bars_service.load_bars(desk.bars, venue, "BTC", "1d", start_ms=start_ms, end_ms=end_ms)
    return None


def _is_longer(timeframe: str, detail: str) -> bool:
    """Tell whether bars of a slot are longer than finer ones, where the slot itself says of which it is."""
    return timeframe != NATIVE and timeframe_ms(timeframe) > timeframe_ms(detail)


def _file_beside(path: Path, instrument: str, timeframe: str) -> Path | None:
    """Return the file in the same folder whose name says that it holds these bars."""
    for other in sorted(path.parent.iterdir()):
        if not is_bar_file(other):
            continue
        with suppress(UsageError):  # a name that says nothing, or of another kind of file
            named = read_name(other, needs_venue=False)
            if (named.instrument, named.timeframe) == (instrument, timeframe):
                return other
    return None
