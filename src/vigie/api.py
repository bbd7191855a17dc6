"""The public Python door: bars, indicators, simulate, backtest, sweep; results as Polars frames.

``import vigie`` gives these names; each is documented in docs/python.md with output that is run in the tests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from vigie.api_settings import make_instrument, parse_protections, split_settings
from vigie.config import resolve_paths
from vigie.data.asof import add_feature
from vigie.domain.account import (
    Protections,
)
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId
from vigie.domain.signal import Criteria
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.backtest import Outcome, run_slot
from vigie.engine.inputs import Settlements, SlotInput, check_input
from vigie.engine.run import PlannedSlot, execute
from vigie.quant.indicators import registry
from vigie.reading import AnyBars, as_bars, as_flags, as_series, as_settlements, as_unit, frame_of
from vigie.research import tables
from vigie.services.runs.features import strategy_features
from vigie.services.runs.run_result import Result
from vigie.services.runs.trial_counting import count_run
from vigie.trading import catalogue
from vigie.trading.loaded_strategy import Strategy
from vigie.wiring.data import open_data
from vigie.wiring.results import open_trials

UNNAMED = "asset-usdt-perp"


class Simulation(NamedTuple):
    """What `simulate` gives: trades and refusals as frames.

    Attributes
    ----------
    trades : polars.DataFrame
        One row a closed trade, in booking order; columns as `simulate` says.
    refusals : polars.DataFrame
        One row an entry that was refused, in event order, with code, limit and value.
    """

    trades: pl.DataFrame
    refusals: pl.DataFrame


def simulate(
    bars: AnyBars,
    *,
    tick: str | float,
    lot: str | float,
    long_entry: Any = None,
    short_entry: Any = None,
    long_exit: Any = None,
    short_exit: Any = None,
    atr: Any,
    funding: Any = None,
    mark: Any = None,
    bar_ts: Sequence[int] | None = None,
    timeframe: str | None = None,
    timeframe_ms: int | None = None,
    detail: AnyBars | None = None,
    protections: Protections | Mapping[str, Any] | bool | None = None,
    **settings: Any,
) -> Simulation:
    """Trade given signals over bars by the fill model; nothing is computed but the trades.

    Parameters
    ----------
    bars : see `as_bars`
        The history.
    tick, lot : str or number
        The grid.
    long_entry, short_entry, long_exit, short_exit : bools or 0 and 1, shape (n_bars,), or indices of bars
        Signals at the close of each bar.
    atr : float64, shape (n_bars,)
        Distance unit of stop and target; NaN or None where not known.
    funding, mark : pairs of (epoch milliseconds, rate), and of (epoch milliseconds, open), optional
        Settlements, and mark-price bars.
    detail : see `as_bars`, optional
        Finer bars of the same instrument.
    protections : bool, mapping or Protections, optional
        True for the defaults of portfolio mode.
    **settings
        ``capital risk_fraction leverage stop_atr target_atr taker maker slippage_bps maintenance_rate
        target_execution max_bars min_qty max_qty min_notional significant_figures``.

    Returns
    -------
    Simulation
        Frames ``trades`` (columns of ``trades.csv``, then ``equity``: cash after the exit, and ``lots``) and
        ``refusals``.

    Raises
    ------
    UsageError
        With the name, what it was and what it may be.
    """
    history = as_bars(bars, bar_ts=bar_ts, timeframe=timeframe, span_ms=timeframe_ms)
    outcome = simulate_outcome(
        history,
        tick=tick,
        lot=lot,
        signals=(long_entry, short_entry, long_exit, short_exit),
        atr=atr,
        funding=as_settlements(funding, mark, bars=history),
        detail=None if detail is None else as_bars(detail),
        protections=parse_protections(protections),
        settings=settings,
    )
    return Simulation(tables.trades_frame(outcome.trades), tables.refusals_frame(outcome.log, outcome.values))


def simulate_outcome(
    history: Bars,
    *,
    tick: str | float,
    lot: str | float,
    signals: tuple[Any, Any, Any, Any],
    atr: Any,
    funding: Settlements,
    detail: Bars | None,
    protections: Protections | None,
    settings: Mapping[str, Any],
) -> Outcome:
    """Trade given signals and return the kernel's own records.

    Parameters
    ----------
    history, detail : Bars
        The base bars, and finer ones of the same instrument or None.
    signals : tuple of four signals
        Long entry, short entry, long exit, short exit, each as in `simulate`.
    funding : Settlements
        Funding rates and mark prices, empty for none.
    tick, lot, atr, protections, settings
        As in `simulate`, where None stands for no protections.

    Returns
    -------
    Outcome
        Records of one slot, in booking order.
    """
    n = len(history)
    names = ("long_entry", "short_entry", "long_exit", "short_exit")
    bits = (LONG_ENTRY, SHORT_ENTRY, LONG_EXIT, SHORT_EXIT)
    flags = np.zeros(n, np.uint8)
    for name, bit, signal in zip(names, bits, signals, strict=True):
        flags |= as_flags(name, signal, n).view(np.uint8) * np.uint8(bit)
    unit = as_unit("atr", atr, n)
    account, rules = split_settings(settings)
    slot_input = SlotInput(
        bars=history,
        flags=flags,
        stop_unit=unit,
        target_unit=unit,
        versions=(make_instrument(history, tick, lot, rules, account.sizing),),
        sizing=account.sizing,
        costs=account.costs,
        funding=funding,
        detail=detail,
    )
    check_input(slot_input)
    return run_slot(slot_input, protections=protections)


def backtest(
    bars: AnyBars,
    strategy: str | Strategy,
    *,
    params: Mapping[str, Any] | None = None,
    require: Sequence[str] = (),
    tick: str | float,
    lot: str | float,
    instrument: str = "",
    venue: str = "",
    timeframe: str | None = None,
    funding: Any = None,
    mark: Any = None,
    detail: AnyBars | None = None,
    protections: Protections | Mapping[str, Any] | bool | None = None,
    check: bool = True,
    count: bool = True,
    seed: int = 0,
    **settings: Any,
) -> Result:
    """Backtest one strategy over bars.

    Parameters
    ----------
    bars : see `as_bars`
        The history.
    strategy : str or Strategy
        A name (shipped, or a person's own) or a loaded strategy.
    params : mapping, optional
        Parameters that differ from the defaults.
    require : sequence of str
        Optional criteria that gate the entry, by a word of their names: ``["trend", "volume"]``, or ``["all"]``.
    tick, lot : str or number
        The grid.
    instrument, venue, timeframe : str
        What the bars are, where they do not say it. Trials are counted by the history that the bars are of,
        whatever it is called; parts of it that share no day are known by these names.
    funding, mark, detail, protections
        As in `simulate`; a strategy reads the funding as ``bars.feature("funding_rate")``.
    check : bool
        Whether to prove that nothing looks ahead.
    count : bool
        Whether this run is counted as a trial, in the home folder; without it there is no verdict.
    seed : int
        Where the proof cuts the history; of the verdict's statistics.
    **settings
        As in `simulate`.

    Returns
    -------
    Result
    """
    history = as_bars(bars, timeframe=timeframe, instrument=instrument, venue=venue)
    account, rules = split_settings(settings)
    account = replace(account, protections=parse_protections(protections))
    # The strategy and the count both ask where the home is: it is looked for once.
    paths = resolve_paths() if count else None
    loaded = load_strategy(strategy, None if paths is None else paths.strategies).requiring(require)
    series = as_settlements(funding, mark, bars=history)
    if len(series.ts):
        history = add_feature(history, "funding_rate", series.ts, series.rate)
    refuse_unknown_features(loaded, history)
    plan = PlannedSlot(
        slot=SlotId(history.instrument or UNNAMED, history.timeframe, loaded.name),
        bars=history,
        strategy=loaded,
        params=loaded.with_params(params or {}),
        versions=(make_instrument(history, tick, lot, rules, account.sizing),),
        account=account,
        funding=series,
        detail=None if detail is None else as_bars(detail),
    )
    run = execute([plan], account, check=check, seed=seed)
    return Result(run, count_run(run, None if paths is None else open_trials(paths)), seed)


def load_strategy(strategy: str | Strategy, own_folder: Path | None = None) -> Strategy:
    """Return a strategy by name, a person's own included; `own_folder` is their folder, found where it is not given.

    Parameters
    ----------
    strategy : str or Strategy
        A name, or a strategy itself, which is returned as it is.
    own_folder : Path, optional
        Where a person's own strategies lie.

    Returns
    -------
    Strategy
    """
    if isinstance(strategy, Strategy):
        return strategy
    own_folder = own_folder or resolve_paths().strategies
    # A person's own file wins. Listing both folders takes longer than a short backtest.
    if strategy in _list_shipped() and not os.path.exists(os.path.join(own_folder, f"{strategy}.py")):
        return _load_shipped(strategy)
    return catalogue.load(strategy, own_folder)


def refuse_unknown_features(strategy: Strategy, history: Bars) -> None:
    """Refuse a strategy that reads a feature which neither exists nor comes with its bars.

    Parameters
    ----------
    strategy, history : Strategy, Bars
        A shipped strategy passes unread; features that the history carries exist.

    Raises
    ------
    UsageError
        With the nearest one that exists.
    """
    if not catalogue.is_shipped(strategy):
        # The home is opened only where a name needs the series of its sources.
        strategy_features(strategy.path, series=lambda: open_data().series(), provided=history.features)


@cache
def _list_shipped() -> frozenset[str]:
    return frozenset(catalogue.available())


@cache
def _load_shipped(name: str) -> Strategy:
    return catalogue.load(name)


def bars(symbol: str, timeframe: str, *, venue: str, last: int | None = None) -> pl.DataFrame:
    """Return stored bars as a frame.

    Parameters
    ----------
    symbol : str
        BTC, BTCUSDT or btc-usdt-perp.
    timeframe, venue : str
        ``1h``, ``binance-perp``.
    last : int, optional
        Only the newest so many.

    Returns
    -------
    polars.DataFrame
        ``timestamp`` (open, UTC), prices and base volume, ascending; `UsageError` where nothing is stored.
    """
    from vigie.services.bar_reading import load_bars

    return frame_of(load_bars(open_data().bars, venue, symbol, timeframe, last=last))


def indicator(
    name: str, bars: AnyBars, *, values: str | Any = "close", other: str | Any = None, **parameters: Any
) -> pl.DataFrame:
    """Compute an indicator over bars.

    Parameters
    ----------
    name : str
        One of `vigie.indicators()`.
    bars : see `as_bars`
        The history.
    values, other : column name, or float64 array, shape (n_bars,)
        What an indicator of any series reads, such as an average; `other` is the second series of a correlation.
    **parameters
        As the indicator names them; defaults otherwise.

    Returns
    -------
    polars.DataFrame
        ``timestamp`` and a column an output; NaN in the warm-up.

    Raises
    ------
    UsageError
        If there is no such indicator, column or parameter.
    """
    specs = registry()
    if name not in specs:
        raise UsageError(f"indicator must be one of {' '.join(sorted(specs))}, was {name!r}")
    spec = specs[name]
    for parameter in parameters:
        if parameter not in spec.parameters:
            names = " ".join(spec.parameters) or "none"
            raise UsageError(f"parameter of {name} must be one of {names}, was {parameter!r}")
    history = as_bars(bars)
    named_series = {"values": values, "other": other}
    inputs = [as_series(column, named_series.get(column, column), history) for column in spec.inputs]
    result = spec.function(*inputs, **parameters)
    outputs = result if isinstance(result, tuple) else (result,)
    stamp = pl.Series("timestamp", history.ts).cast(pl.Datetime("ms", "UTC"))
    series = [
        pl.Series(label, series_values) for label, series_values in zip(spec.outputs, outputs, strict=True)
    ]
    return pl.DataFrame([stamp, *series])


def indicators() -> list[str]:
    """Return the names of all indicators.

    Returns
    -------
    list of str
    """
    return sorted(registry())


def judge(strategy: str | Strategy, bars: AnyBars, **params: Any) -> Criteria:
    """Return what a strategy says about bars: every criterion with value, threshold and whether it holds.

    Parameters
    ----------
    strategy, bars, **params
        As in `backtest`; `params` differ from the defaults.

    Returns
    -------
    Criteria
        For every bar and both sides; nothing is traded, and no trial is counted.
    """
    loaded = load_strategy(strategy)
    return loaded.criteria(as_bars(bars), loaded.with_params(params))
