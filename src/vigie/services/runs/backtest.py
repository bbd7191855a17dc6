"""What a person or agent may ask of a backtest: plan it, run it, keep its files.

Takes a request; gives a `Run` and the files of `DIR`. Pages, REST and the command line call these.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from vigie.data.asof import with_feature
from vigie.data.desk import DataDesk
from vigie.data.instruments.table import resolve
from vigie.data.intake.names import ENDINGS, is_bar_file
from vigie.domain.account import AccountSettings
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId, market_of, parse_instrument
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.time import iso, timeframe_ms
from vigie.engine.inputs import Settlements, settlements_of
from vigie.engine.run import PlannedSlot, Run, Ticker, execute
from vigie.run_file import SlotTable
from vigie.services import data as bars_service
from vigie.services.runs.price_grid import default_lot, price_step
from vigie.trading import catalogue
from vigie.trading.strategy import Strategy
from vigie.version import __version__

NATIVE = "native"


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """One slot that is asked for.

    Attributes
    ----------
    instrument : str
        As typed, or a file of bars.
    timeframe : str
        Or ``native``.
    strategy : str
        By name.
    params : dict
        Parameters that differ from the defaults.
    require : tuple of str
        Optional criteria that gate the entry; see `vigie.trading.strategy.Strategy.requiring`.
    """

    instrument: str
    timeframe: str
    strategy: str
    params: dict[str, Any] = field(default_factory=dict)
    require: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """Everything a backtest is asked for.

    Attributes
    ----------
    slots : tuple of SlotRequest
        In slot order; ignored instruments when `bars` names files.
    venue : str
        Where stored bars come from.
    bars : tuple of Path
        Files to run on in place of stored bars; the instrument table is then not consulted.
    start_ms, end_ms, last : int, optional
        Cut the bars before indicators are computed.
    warmup_bars : int
        Earlier bars kept for the indicators only.
    symbol : str
        What the one file of `bars` holds, where its name does not say it.
    tick, lot : str, optional
        Pin the grid; the instrument table is then not consulted.
    instruments : Path, optional
        CSV that pins tick, lot and minimums.
    maintenance_rate : float, optional
        Wins over the instrument's own where it is stated.
    detail : str, optional
        Timeframe of stored finer bars that decide which level came first.
    funding, mark : Path, optional
        Settlements, and mark-price bars.
    own_strategies : Path, optional
        Folder of a person's own strategies.
    check : bool
        Whether causality and warm-up are proved.
    seed : int
        Seed of the checks and of the statistics.
    """

    slots: tuple[SlotRequest, ...]
    account: AccountSettings = field(default_factory=AccountSettings)
    venue: str = ""
    bars: tuple[Path, ...] = ()
    start_ms: int | None = None
    end_ms: int | None = None
    last: int | None = None
    warmup_bars: int = 0
    symbol: str = ""
    tick: str | None = None
    lot: str | None = None
    instruments: Path | None = None
    maintenance_rate: float | None = None
    detail: str | None = None
    funding: Path | None = None
    mark: Path | None = None
    own_strategies: Path | None = None
    check: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """Bars of one instrument and timeframe with what goes with them."""

    bars: Bars
    first: int
    versions: tuple[Instrument, ...]
    funding: Settlements
    detail: Bars | None


def expand(
    symbols: Sequence[str],
    timeframes: Sequence[str],
    strategies: Sequence[str],
    params: dict[str, dict[str, Any]],
) -> tuple[SlotRequest, ...]:
    """Return slots in slot order: instrument, then timeframe, then strategy."""
    return tuple(
        SlotRequest(symbol, timeframe, strategy, params.get(strategy, {}))
        for symbol in symbols
        for timeframe in timeframes
        for strategy in strategies
    )


def strategy_names(text: str, own: Path | None) -> list[str]:
    """Read ``NAME,NAME`` or ``all`` (alphabetical); unknown names are refused where they are loaded."""
    if text.strip() == "all":
        return list(catalogue.available(own))
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("strategy must name at least one strategy, was empty")
    return names


def silent(stage: str, done: int, of: int) -> None:
    """Tell nobody how far a run is."""


def run_backtest(desk: DataDesk, request: BacktestRequest, *, progress: Ticker = silent) -> Run:
    """Load, judge, trade and measure.

    Raises
    ------
    UsageError
        With cause and cure, for everything that cannot be run.
    """
    plans = plan_slots(desk, request)
    return execute(plans, request.account, check=request.check, seed=request.seed, progress=progress)


def plan_slots(desk: DataDesk, request: BacktestRequest) -> list[PlannedSlot]:
    """Turn a request into planned slots, each series loaded once."""
    if not request.slots:
        raise UsageError("a backtest needs at least one slot; give --strategy and --symbols, or --bars")
    strategies: dict[str, Strategy] = {}
    series: dict[tuple[str, str], _Series] = {}
    numbers: dict[tuple[str, str, str], int] = {}
    asked: list[tuple[Any, ...]] = []
    loader = _Loader(desk, request)
    plans = []
    for wanted in request.slots:
        strategy = strategies.setdefault(
            wanted.strategy, catalogue.load(wanted.strategy, request.own_strategies)
        ).requiring(wanted.require)
        params = strategy.with_params(wanted.params)
        timeframe = strategy.timeframe if wanted.timeframe == NATIVE else wanted.timeframe
        timeframe_ms(timeframe)
        key = (wanted.instrument, timeframe)
        if key not in series:
            series[key] = loader.load(wanted.instrument, timeframe)
        found = series[key]
        triple = (found.bars.instrument, found.bars.timeframe, strategy.name)
        if (*triple, params, strategy.require) in asked:
            raise UsageError(f"slot {SlotId(*triple)} is asked for twice with the same parameters")
        asked.append((*triple, params, strategy.require))
        numbers[triple] = numbers.get(triple, 0) + 1
        plans.append(
            PlannedSlot(
                slot=SlotId(*triple, numbers[triple]),
                bars=found.bars,
                strategy=strategy,
                params=params,
                versions=found.versions,
                account=request.account,
                funding=found.funding,
                first=found.first,
                detail=found.detail,
            )
        )
    return plans


class _Loader:
    """Loads each series of a request with its rules, funding and finer bars."""

    def __init__(self, desk: DataDesk, request: BacktestRequest) -> None:
        self._desk = desk
        self._request = request
        self._now = desk.clock.market_now()
        self._files = {self._file_key(path): path for path in request.bars}
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

    @staticmethod
    def _file_key(path: Path) -> str:
        return str(path)

    def load(self, instrument: str, timeframe: str) -> _Series:
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
        return _Series(bars, first, self._versions(bars, instrument), settlements, self._finer(bars, first))

    def _bars(self, instrument: str, timeframe: str) -> Bars:
        if instrument in self._files:
            path = self._files[instrument]
            bars = bars_service.read_bars(
                path, venue=self._request.venue, symbol=self._request.symbol, now_ms=self._now
            )
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
        wanted = str(resolve(venue, instrument))
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
        table = bars_service.find_instrument(self._desk, request.venue, instrument)
        if not table:
            raise UsageError(
                f"tick and lot of {name} on {request.venue} are not known; give --tick and --lot"
            )
        return table

    def _finer(self, bars: Bars, first: int) -> Bars | None:
        if self._request.detail is None:
            return None
        if timeframe_ms(self._request.detail) >= bars.span_ms:
            raise UsageError(f"--detail must be finer than {bars.timeframe}, was {self._request.detail}")
        return bars_service.load_bars(
            self._desk.bars,
            self._request.venue or bars.venue,
            bars.instrument,
            self._request.detail,
            start_ms=int(bars.ts[first]),
            end_ms=int(bars.ts[-1]) + bars.span_ms,
        )


def slots_of_files(
    desk: DataDesk,
    paths: Sequence[Path],
    *,
    strategies: Sequence[str],
    tables: Sequence[SlotTable],
    timeframes: Sequence[str],
    params: Mapping[str, dict[str, Any]],
    venue: str,
    symbol: str,
) -> tuple[SlotRequest, ...]:
    """Return the slots of a run on files: each file's own timeframe stands for ``native``.

    Parameters
    ----------
    strategies : sequence of str
        Each runs on every file; where there are none, `tables` say what runs on which.
    tables : sequence of SlotTable
        Of a run file; each runs on the files of its instruments.
    params : mapping
        By strategy; they win over a table's.
    """
    if not strategies and not tables:
        raise UsageError("a backtest needs a strategy; give --strategy NAME or all")
    slots: list[SlotRequest] = []
    used = set()
    for path in paths:
        if path.is_dir():
            raise UsageError(
                f"bars must be a file, {path} is a folder; import a folder with `vigie data import`"
            )
        if not path.is_file():
            raise UsageError(f"bars file must exist, {path} does not")
        if not is_bar_file(path):
            raise UsageError(f"bars are read from {' '.join(ENDINGS)}, was {path.name}")
        bars = bars_service.read_bars(path, venue=venue, symbol=symbol, now_ms=desk.clock.market_now())
        for name in strategies:
            for timeframe in timeframes or [NATIVE]:
                slots.append(SlotRequest(str(path), _of_file(timeframe, bars), name, params.get(name, {})))
        for number, table in enumerate(tables):
            if bars.instrument not in {canonical(name, venue) for name in table.instruments}:
                continue
            used.add(number)
            given = {**table.params, **params.get(table.strategy, {})}
            for timeframe in timeframes or [table.timeframe]:
                frame = _of_file(timeframe, bars)
                slots.append(SlotRequest(str(path), frame, table.strategy, given, tuple(table.require)))
    idle = [" ".join(table.instruments) for number, table in enumerate(tables) if number not in used]
    if idle:
        raise UsageError(f"a slot of the run file names {idle[0]}, no file of bars holds that")
    return tuple(slots)


def _of_file(timeframe: str, bars: Bars) -> str:
    return bars.timeframe if timeframe == NATIVE else timeframe


def configuration(request: BacktestRequest) -> dict[str, Any]:
    """Return the request as plain values, as stored in ``result.json`` and hashed."""
    plain = dataclasses.asdict(request)
    plain.pop("own_strategies")
    for name in ("instruments", "funding", "mark"):
        plain[name] = Path(plain[name]).name if plain[name] else None
    plain["bars"] = [Path(path).name for path in plain["bars"]]
    for slot in plain["slots"]:
        slot["instrument"] = Path(slot["instrument"]).name
        if not slot["require"]:
            del slot["require"]
    return plain


def whole_paths(request: BacktestRequest) -> BacktestRequest:
    """Return a request whose files are named by whole paths, so that it means the same from any folder."""
    whole = {str(path): str(Path(path).resolve()) for path in request.bars}
    given: dict[str, Any] = {
        name: Path(path).resolve()
        for name in ("instruments", "funding", "mark", "own_strategies")
        if (path := getattr(request, name))
    }
    slots = [
        dataclasses.replace(slot, instrument=whole.get(slot.instrument, slot.instrument))
        for slot in request.slots
    ]
    bars = tuple(Path(path) for path in whole.values())
    return dataclasses.replace(request, slots=tuple(slots), bars=bars, **given)


def configuration_hash(request: BacktestRequest) -> str:
    """Return a short hash of a configuration: equal requests on the same files have equal ones."""
    whole = whole_paths(request)
    files = [*whole.bars, whole.instruments, whole.funding, whole.mark]
    named = [str(path) if path else None for path in files]
    text = json.dumps([configuration(request), *named], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def package_version() -> str:
    """Return the version that made a result."""
    return __version__


def market_kind(venue: str) -> str:
    """Return ``perp`` or ``spot`` for messages about symbols."""
    return market_of(venue) if venue else "perp"


def canonical(symbol: str, venue: str) -> str:
    """Return the instrument name for what a person typed."""
    return str(parse_instrument(symbol, market=market_kind(venue)))
