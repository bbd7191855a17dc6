"""What a person or agent may ask of a backtest: plan it, run it, keep its files.

Takes a request; gives a `Run` and the files of `DIR`. Pages, REST and the command line call these.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.names import ENDINGS, is_bar_file
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId, parse_instrument, venue_market
from vigie.domain.instrument import FEES
from vigie.domain.time import timeframe_ms
from vigie.engine.run import PlannedSlot, Run, Ticker, execute
from vigie.run_file import SlotTable
from vigie.services import data as bars_service
from vigie.services.runs.asked import NATIVE, BacktestRequest, SlotRequest
from vigie.services.runs.features import features_of
from vigie.services.runs.loading import LoadedSeries, SeriesLoader, stored_bitcoin
from vigie.trading import catalogue
from vigie.trading.strategy import Strategy
from vigie.version import __version__


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


def run_backtest(desk: DataStores, request: BacktestRequest, *, progress: Ticker = silent) -> Run:
    """Load, judge, trade and measure.

    Raises
    ------
    UsageError
        With cause and cure, for everything that cannot be run.
    """
    plans = plan_slots(desk, request)
    return execute(
        plans,
        request.account,
        check=request.check,
        seed=request.seed,
        progress=progress,
        bitcoin=stored_bitcoin(desk, request.venue, [plan.bars for plan in plans]),
    )


def plan_slots(desk: DataStores, request: BacktestRequest) -> list[PlannedSlot]:
    """Turn a request into planned slots, each series loaded once."""
    if not request.slots:
        raise UsageError("a backtest needs at least one slot; give --strategy and --symbols, or --bars")
    strategies: dict[str, Strategy] = {}
    series: dict[tuple[str, str], LoadedSeries] = {}
    numbers: dict[tuple[str, str, str], int] = {}
    asked: list[tuple[Any, ...]] = []
    files = catalogue.available(request.own_strategies)
    paths = {files[slot.strategy] for slot in request.slots if slot.strategy in files}
    features = dict.fromkeys(
        name for path in sorted(paths) for name in features_of(path, series=desk.series, facts=desk.facts)
    )
    loader = SeriesLoader(desk, request, tuple(features))
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
                own_fees=found.own_fees,
                history=found.history,
            )
        )
    loader.refuse_unused({one.bars.instrument for one in series.values()})
    return plans


def slots_of_files(
    desk: DataStores,
    paths: Sequence[Path],
    *,
    strategies: Sequence[str],
    tables: Sequence[SlotTable],
    timeframes: Sequence[str],
    params: Mapping[str, dict[str, Any]],
    venue: str,
    symbol: str,
    form: FileForm = SILENT,
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
    form : FileForm
        How the files are written, as far as that is said.
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
        bars = bars_service.read_bars(
            path, venue=venue, symbol=symbol, form=form, now_ms=desk.clock.market_now()
        )
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
    # Where a fee is stated makes no other run of it.
    plain.pop("said_fees")
    plain.pop("form")
    if told := request.form.plain():
        plain["form"] = told
    if not plain["stated"]:
        del plain["stated"]
    for one in plain.get("stated", ()):
        for name in FEES:
            if one[name] is None:
                del one[name]
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
    return venue_market(venue) if venue else "perp"


def canonical(symbol: str, venue: str) -> str:
    """Return the instrument name for what a person typed."""
    return str(parse_instrument(symbol, market=market_kind(venue)))
