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
from vigie.engine.run import PlannedSlot, ProgressCallback, Run, execute
from vigie.run_file import SlotTable
from vigie.services import bar_reading
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest, SlotRequest
from vigie.services.runs.features import strategy_features
from vigie.services.runs.series_loader import LoadedSeries, SeriesLoader, load_bitcoin_days
from vigie.trading import catalogue
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.plan_slots import check_distances, trades_plans
from vigie.version import __version__


def expand_slots(
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


def parse_strategy_names(text: str, own: Path | None) -> list[str]:
    """Read ``NAME,NAME`` or ``all`` (alphabetical); unknown names are refused where they are loaded."""
    if text.strip() == "all":
        return list(catalogue.available(own))
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("strategy_must_name_least", "strategy must name at least one strategy, was empty")
    return names


def no_progress(stage: str, done: int, total: int) -> None:
    """Tell nobody how far a run is."""


def run_backtest(
    data_stores: DataStores, request: BacktestRequest, *, progress: ProgressCallback = no_progress
) -> Run:
    """Load, judge, trade and measure.

    Raises
    ------
    UsageError
        With cause and cure, for everything that cannot be run.
    """
    plans = plan_slots(data_stores, request)
    return execute(
        plans,
        request.account,
        check=request.check,
        seed=request.seed,
        progress=progress,
        bitcoin=load_bitcoin_days(data_stores, request.venue, [plan.bars for plan in plans]),
    )


def plan_slots(
    data_stores: DataStores, request: BacktestRequest, *, allows_plans: bool = False
) -> list[PlannedSlot]:
    """Turn a request into planned slots, each series loaded once.

    Parameters
    ----------
    allows_plans : bool
        Whether slots may trade what a person planned: an account knows plans, a plain backtest does not.
    """
    if not request.slots:
        raise UsageError(
            "backtest_needs_least_one_slot",
            "a backtest needs at least one slot; give --strategy and --symbols, or --bars",
        )
    strategies: dict[str, Strategy] = {}
    series: dict[tuple[str, str], LoadedSeries] = {}
    slot_numbers: dict[tuple[str, str, str], int] = {}
    planned_keys: list[tuple[Any, ...]] = []
    files = catalogue.available(request.own_strategies)
    paths = {files[slot.strategy] for slot in request.slots if slot.strategy in files}
    features = dict.fromkeys(
        name
        for path in sorted(paths)
        for name in strategy_features(path, series=data_stores.series, facts=data_stores.facts)
    )
    loader = SeriesLoader(data_stores, request, tuple(features))
    plans = []
    for slot_request in request.slots:
        strategy = strategies.setdefault(
            slot_request.strategy, catalogue.load(slot_request.strategy, request.own_strategies)
        ).requiring(slot_request.require)
        params = strategy.with_params(slot_request.params)
        _check_plan_slot(strategy, params, request, allows_plans=allows_plans)
        timeframe = strategy.timeframe if slot_request.timeframe == NATIVE else slot_request.timeframe
        timeframe_ms(timeframe)
        key = (slot_request.instrument, timeframe)
        if key not in series:
            series[key] = loader.load(slot_request.instrument, timeframe)
        loaded = series[key]
        slot_key = (loaded.bars.instrument, loaded.bars.timeframe, strategy.name)
        if (*slot_key, params, strategy.require) in planned_keys:
            raise UsageError(
                "slot_given_twice_same_parameters",
                "slot {slot_key} is given twice with the same parameters",
                slot_key=SlotId(*slot_key),
            )
        planned_keys.append((*slot_key, params, strategy.require))
        slot_numbers[slot_key] = slot_numbers.get(slot_key, 0) + 1
        plans.append(
            PlannedSlot(
                slot=SlotId(*slot_key, slot_numbers[slot_key]),
                bars=loaded.bars,
                strategy=strategy,
                params=params,
                versions=loaded.versions,
                account=request.account,
                funding=loaded.funding,
                first=loaded.first,
                detail=loaded.detail,
                own_fees=loaded.own_fees,
                history=loaded.history,
            )
        )
    loader.refuse_unused({entry.bars.instrument for entry in series.values()})
    return plans


def _check_plan_slot(
    strategy: Strategy, params: object, request: BacktestRequest, *, allows_plans: bool
) -> None:
    if trades_plans(strategy) and not allows_plans:
        raise UsageError(
            "plans_belong_to_accounts",
            "plan trades the plans of an account and cannot be tested by itself; its backtest is in the journal "
            "of the account",
        )
    check_distances(strategy, params, request.account.sizing)


def slots_from_files(
    data_stores: DataStores,
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
        raise UsageError(
            "backtest_needs_strategy", "a backtest needs a strategy; give --strategy NAME or all"
        )
    slots: list[SlotRequest] = []
    used = set()
    for path in paths:
        if path.is_dir():
            raise UsageError(
                "bars_must_file",
                "bars must be a file, {path} is a folder; import a folder with `vigie data import`",
                path=path,
            )
        if not path.is_file():
            raise UsageError("bars_file_must_exist", "bars file must exist, {path} does not", path=path)
        if not is_bar_file(path):
            raise UsageError(
                "bars_read",
                "bars are read from {endings}, was {name}",
                endings=" ".join(ENDINGS),
                name=path.name,
            )
        bars = bar_reading.read_bars(
            path, venue=venue, symbol=symbol, form=form, now_ms=data_stores.clock.market_now()
        )
        for name in strategies:
            for timeframe in timeframes or [NATIVE]:
                slots.append(
                    SlotRequest(str(path), _resolve_timeframe(timeframe, bars), name, params.get(name, {}))
                )
        for number, table in enumerate(tables):
            if bars.instrument not in {canonical_instrument(name, venue) for name in table.instruments}:
                continue
            used.add(number)
            values = {**table.params, **params.get(table.strategy, {})}
            for timeframe in timeframes or [table.timeframe]:
                slot_timeframe = _resolve_timeframe(timeframe, bars)
                slots.append(
                    SlotRequest(str(path), slot_timeframe, table.strategy, values, tuple(table.require))
                )
    unused = [" ".join(table.instruments) for number, table in enumerate(tables) if number not in used]
    if unused:
        raise UsageError(
            "slot_run_file_uses",
            "a slot of the run file uses {unused}, which is in no bar file",
            unused=unused[0],
        )
    return tuple(slots)


def _resolve_timeframe(timeframe: str, bars: Bars) -> str:
    return bars.timeframe if timeframe == NATIVE else timeframe


def backtest_configuration(request: BacktestRequest) -> dict[str, Any]:
    """Return the request as plain values, as stored in ``result.json`` and hashed."""
    config = dataclasses.asdict(request)
    config.pop("own_strategies")
    for name in ("instruments", "funding", "mark"):
        config[name] = Path(config[name]).name if config[name] else None
    config["bars"] = [Path(path).name for path in config["bars"]]
    # Where a fee is stated makes no other run of it.
    config.pop("said_fees")
    config.pop("form")
    if form_values := request.form.to_plain():
        config["form"] = form_values
    if not config["stated"]:
        del config["stated"]
    for rules in config.get("stated", ()):
        for name in FEES:
            if rules[name] is None:
                del rules[name]
    for slot in config["slots"]:
        slot["instrument"] = Path(slot["instrument"]).name
        if not slot["require"]:
            del slot["require"]
    return config


def resolve_paths(request: BacktestRequest) -> BacktestRequest:
    """Return a request whose files are named by whole paths, so that it means the same from any folder."""
    resolved = {str(path): str(Path(path).resolve()) for path in request.bars}
    changes: dict[str, Any] = {
        name: Path(path).resolve()
        for name in ("instruments", "funding", "mark", "own_strategies")
        if (path := getattr(request, name))
    }
    slots = [
        dataclasses.replace(slot, instrument=resolved.get(slot.instrument, slot.instrument))
        for slot in request.slots
    ]
    bars = tuple(Path(path) for path in resolved.values())
    return dataclasses.replace(request, slots=tuple(slots), bars=bars, **changes)


def configuration_hash(request: BacktestRequest) -> str:
    """Return a short hash of a configuration: equal requests on the same files have equal ones."""
    resolved = resolve_paths(request)
    files = [*resolved.bars, resolved.instruments, resolved.funding, resolved.mark]
    names = [str(path) if path else None for path in files]
    text = json.dumps([backtest_configuration(request), *names], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def package_version() -> str:
    """Return the version that made a result."""
    return __version__


def market_kind(venue: str) -> str:
    """Return ``perp`` or ``spot`` for messages about symbols."""
    return venue_market(venue) if venue else "perp"


def canonical_instrument(symbol: str, venue: str) -> str:
    """Return the instrument name for what a person typed."""
    return str(parse_instrument(symbol, market=market_kind(venue)))
