"""The part of the public Python door that searches: `sweep` and `walk_forward`.

``import vigie`` gives these names. Nothing is written but the registry of trials, which every search feeds; without
it (``count=False``, or a home folder that cannot be written) there is no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from vigie.api import UNNAMED, load_strategy, refuse_unknown_features
from vigie.api_settings import make_instrument, parse_protections, split_settings
from vigie.data.asof import add_feature
from vigie.domain.account import AccountSettings, Protections
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId
from vigie.engine.run import PlannedSlot
from vigie.ports.executor import Executor
from vigie.reading import AnyBars, as_bars, as_settlements
from vigie.research.sweep.loop import Search, check_plan, run_search
from vigie.research.sweep.objective import MIN_TRADES, parse_objective
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.shuffled import no_progress
from vigie.research.sweep.space import parse_grid
from vigie.research.sweep.tpe import run_tpe
from vigie.research.validation import FoldSettings, Validation, cross_validate
from vigie.research.walk_forward import WalkForward
from vigie.research.walk_forward import walk_forward as walk
from vigie.research.walk_windows import WalkSettings
from vigie.services.runs.trial_counting import CountingRowStore, count_search
from vigie.services.searches.search_results import SweepResult, WalkResult
from vigie.trading.loaded_strategy import Strategy
from vigie.wiring.results import open_executor, open_trials

Grid = str | Mapping[str, Any] | None


def sweep(
    bars: AnyBars,
    strategy: str | Strategy,
    *,
    grid: Grid = None,
    random: int | None = None,
    tpe: int | None = None,
    objective: str = "sharpe",
    min_trades: int = MIN_TRADES,
    params: Mapping[str, Any] | None = None,
    require: Sequence[str] = (),
    tick: Any,
    lot: Any,
    mode: str = "isolated",
    threads: int = 1,
    dask: str | None = None,
    instrument: str = "",
    venue: str = "",
    timeframe: str | None = None,
    funding: Any = None,
    mark: Any = None,
    protections: Protections | Mapping[str, Any] | bool | None = None,
    check: bool = True,
    count: bool = True,
    seed: int = 0,
    **settings: Any,
) -> SweepResult:
    """Try many parameters of one strategy.

    Parameters
    ----------
    bars : see `vigie.api.as_bars`, or a list of Bars
        One history, or several that every combination is run on.
    strategy : str or Strategy
        A name (shipped, or a person's own) or a loaded strategy.
    grid : str or mapping, optional
        ``"fast=5:60:5,slow=20:200:10"`` or ``{"fast": range(5, 61, 5), "stop_atr": [1.0, 2.0]}``; the strategy's
        own ranges when left out. Settings of the account may be varied too.
    random, tpe : int, optional
        Try so many drawn at random, or chosen by Optuna's TPE, in place of all.
    objective : str
        ``sharpe``, ``return``, ``calmar`` or ``profit_factor``.
    min_trades : int
        Combinations with fewer trades rank last.
    params : mapping, optional
        Parameters that differ from the defaults and are not varied.
    require : sequence of str
        As in `vigie.backtest`.
    tick, lot : str or number, or a mapping of them by instrument
        The grid of prices and quantities.
    mode : str
        ``isolated``, or ``portfolio`` for all histories on one account.
    threads : int
        Threads of this machine; results do not depend on it.
    dask : str, optional
        Address of a Dask scheduler, in place of threads.
    check : bool
        Whether to prove on a sample that nothing looks ahead.
    count : bool
        Whether every combination is counted as a trial, in the home folder; without it there is no verdict.
    instrument, venue, timeframe : str
        As in `vigie.backtest`.
    seed : int
        Of draws, checks and statistics.
    **settings
        As in `vigie.simulate`.

    Returns
    -------
    SweepResult

    Raises
    ------
    UsageError
        With the name, what it was and what it may be.
    """
    if random is not None and tpe is not None:
        raise UsageError("random and tpe exclude one another")
    search_plan = _make_search(random, tpe, seed)
    plan = _make_plan(
        bars, load_strategy(strategy).requiring(require), grid, objective, params, (tick, lot), mode,
        {"instrument": instrument, "venue": venue, "timeframe": timeframe}, (funding, mark), protections, settings,
    )  # fmt: skip
    check_plan(plan, check=check, seed=seed)
    counted_rows = CountingRowStore(plan, open_trials() if count else None)
    with open_executor(threads=threads, dask=dask) as executor:
        (run_tpe if search_plan.method == "tpe" else run_search)(
            plan, search_plan, executor, counted_rows, no_progress
        )
    workers = partial(_open_workers, dask)
    return SweepResult(plan, search_plan, counted_rows.rows, counted_rows.counted, workers, min_trades, seed)


def walk_forward(
    bars: AnyBars,
    strategy: str | Strategy,
    *,
    scheme: str = "rolling",
    train: int | None = None,
    test: int | None = None,
    folds: int = 6,
    test_groups: int = 2,
    purge: int = 0,
    embargo: int = 0,
    grid: Grid = None,
    random: int | None = None,
    tpe: int | None = None,
    objective: str = "sharpe",
    min_trades: int = MIN_TRADES,
    params: Mapping[str, Any] | None = None,
    require: Sequence[str] = (),
    tick: Any,
    lot: Any,
    mode: str = "isolated",
    threads: int = 1,
    dask: str | None = None,
    instrument: str = "",
    venue: str = "",
    timeframe: str | None = None,
    funding: Any = None,
    mark: Any = None,
    protections: Protections | Mapping[str, Any] | bool | None = None,
    check: bool = True,
    count: bool = True,
    seed: int = 0,
    **settings: Any,
) -> WalkResult:
    """Choose parameters on one part of history and judge them on another.

    Parameters
    ----------
    scheme : str
        ``rolling`` and ``anchored`` choose on the past and trade what came next; ``kfold`` and ``cpcv`` divide
        the days of whole runs.
    train, test : int
        Bars, for the first two.
    folds, test_groups : int
        Parts of time, and how many are tested at once (cpcv), for the other two.
    purge, embargo : int
        Bars left out around tests.
    bars, strategy, grid and others
        As in `sweep`.

    Returns
    -------
    WalkResult

    Raises
    ------
    UsageError
        If two ways of searching are asked for at once.
    """
    if random is not None and tpe is not None:
        raise UsageError("random and tpe exclude one another")
    search_plan = _make_search(random, tpe, seed)
    plan = _make_plan(
        bars, load_strategy(strategy).requiring(require), grid, objective, params, (tick, lot), mode,
        {"instrument": instrument, "venue": venue, "timeframe": timeframe}, (funding, mark), protections, settings,
    )  # fmt: skip
    check_plan(plan, check=check, seed=seed)
    with open_executor(threads=threads, dask=dask) as executor:
        result: WalkForward | Validation
        if scheme in ("kfold", "cpcv"):
            fold_settings = FoldSettings(scheme, folds, test_groups, purge, embargo, min_trades)  # type: ignore[arg-type]  # a word that `FoldSettings` refuses itself
            result = cross_validate(plan, search_plan, fold_settings, executor)
        else:
            result = _run_walk(plan, search_plan, scheme, train, test, purge, min_trades, executor)
    counted = count_search(plan, result.tried.tolist(), open_trials() if count else None)
    return WalkResult(plan, result, counted, seed)


def _run_walk(
    plan: SweepPlan,
    search_plan: Search,
    scheme: str,
    train: int | None,
    test: int | None,
    gap: int,
    min_trades: int,
    executor: Executor,
) -> WalkForward:
    if train is None or test is None:
        raise UsageError(f"{scheme} needs train and test, in bars")
    return walk(plan, search_plan, WalkSettings(train, test, scheme, gap, min_trades), executor)  # type: ignore[arg-type]  # a word that `WalkSettings` refuses itself


def _open_workers(dask: str | None, threads: int) -> Executor:
    return open_executor(threads=threads, dask=dask)


def _make_search(random: int | None, tpe: int | None, seed: int) -> Search:
    if random is not None:
        return Search("random", random, seed)
    return Search("tpe", tpe, seed) if tpe is not None else Search()


def _make_plan(
    bars: AnyBars,
    strategy: Strategy,
    grid: Grid,
    objective: str,
    params: Mapping[str, Any] | None,
    steps: tuple[Any, Any],
    mode: str,
    names: Mapping[str, Any],
    funding: tuple[Any, Any],
    protections: Protections | Mapping[str, Any] | bool | None,
    settings: Mapping[str, Any],
) -> SweepPlan:
    account, rules = split_settings(settings)
    account = AccountSettings(
        mode=mode,  # type: ignore[arg-type]  # a word that the settings refuse themselves
        costs=account.costs,
        sizing=account.sizing,
        protections=parse_protections(protections),
    )
    has_many = (
        isinstance(bars, list | tuple) and len(bars) > 0 and all(isinstance(item, Bars) for item in bars)
    )
    histories = list(bars) if has_many else [as_bars(bars, **names)]
    if len(histories) > 1 and funding[0] is not None:
        raise UsageError("funding goes with one history; give several the feature funding_rate themselves")
    slots = [
        _make_slot(history, strategy, params or {}, steps, funding, account, rules) for history in histories
    ]
    return SweepPlan(tuple(slots), account, parse_grid(grid, strategy), parse_objective(objective))


def _make_slot(
    history: Bars,
    strategy: Strategy,
    params: Mapping[str, Any],
    steps: tuple[Any, Any],
    funding: tuple[Any, Any],
    account: AccountSettings,
    rules: Mapping[str, Any],
) -> PlannedSlot:
    series = as_settlements(*funding, bars=history)
    if len(series.ts):
        history = add_feature(history, "funding_rate", series.ts, series.rate)
    refuse_unknown_features(strategy, history)
    name = history.instrument or UNNAMED
    tick, lot = (step[name] if isinstance(step, Mapping) else step for step in steps)
    return PlannedSlot(
        slot=SlotId(name, history.timeframe, strategy.name),
        bars=history,
        strategy=strategy,
        params=strategy.with_params(params),
        versions=(make_instrument(history, tick, lot, rules, account.sizing),),
        account=account,
        funding=series,
    )
