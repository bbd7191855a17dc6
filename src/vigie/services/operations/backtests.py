"""Backtests in the desk: order one, list kept results, read one, remove one and take that back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.data.stores import DataStores
from vigie.domain.ids import parse_instrument
from vigie.domain.job import FINISHED
from vigie.domain.person import Caller
from vigie.domain.time import TIMEFRAME_MS
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.home import HomeFolder, IsSimulated, ResultsHome
from vigie.ports.jobs import JobQueue
from vigie.ports.plugins import PluginDirectory
from vigie.ports.runs import RunIndex, RunRecord
from vigie.services.judging.strategies import list_strategies
from vigie.services.languages import Language
from vigie.services.operation import (
    OperationInput,
    OperationResult,
    Table,
    operation,
)
from vigie.services.operations.jobs import JobResult, queue_job
from vigie.services.people.ownership import find_run, owner_of
from vigie.services.rows import table_of
from vigie.services.running.expected_jobs import expect_job
from vigie.services.running.work import backtest as backtest_work
from vigie.services.running.work import quick as quick_work
from vigie.services.runs import run_pages, trash
from vigie.services.runs.judged_markets import OtherMarket
from vigie.services.runs.results import read_result
from vigie.services.runs.run_orders import OrderSources, RunOrder, check_order, list_tradable_instruments
from vigie.services.runs.run_rows import run_row
from vigie.services.runs.run_tables import (
    RunFigure,
    RunListRow,
    figures_of,
    outside_figures,
)

# Among so many of the newest jobs is an earlier quick result looked for.
LATEST_JOBS: Final = 20
RUN_ID: Final = r"^r[0-9a-f]{1,15}$"


class BacktestChoice(BaseModel):
    """One thing that can be chosen, and what it is called."""

    id: str
    name: str
    note: str = ""


class BacktestChoices(OperationResult):
    """What a backtest can be ordered of."""

    venues: list[BacktestChoice]
    assets: list[BacktestChoice]
    strategies: list[BacktestChoice]
    timeframes: list[BacktestChoice]
    defaults: dict[str, Any]


class ListRunsInput(OperationInput):
    """Which results, from where on."""

    kind: Literal["", "backtest", "sweep"] = ""
    cursor: str = Field(default="", max_length=20, description="`next_cursor` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class RunInput(OperationInput):
    """One result, in one language."""

    run: str = Field(pattern=RUN_ID, description="Id of a result.", examples=["r019b0c0ffee0"])
    language: Language = "en"


class RunVerdict(BaseModel):
    """Whether a result can be told from luck, and why."""

    is_luck: bool
    chance: float | None = Field(
        description="Share of cases in which the best of as many worthless trials would do as well: 1 - DSR."
    )
    trials: int = Field(description="All trials ever made on these histories.")
    about: str
    sentence: str
    lines: list[str]
    reasons: list[str]


class BacktestCurve(BaseModel):
    """An account over time, with few points that keep every extreme."""

    ts: list[int] = []
    equity: list[float] = []
    hold: list[float] = []
    drawdown: list[float] = []
    capital: float = 0.0


class FundingGap(BaseModel):
    """An instrument whose settlements do not cover its bars: days they begin or end on, both empty for none."""

    instrument: str
    since: str
    until: str


class PartialFineBars(BaseModel):
    """A series of which finer bars show some bars only; in the others the stop comes before the target."""

    series: str
    bars: int
    shown: int


class MissingBars(BaseModel):
    """A series of which bars are missing between those that were traded; after a gap all goes on at the next one."""

    series: str
    bars: int
    missing: int
    gaps: int


class EmptyFeature(BaseModel):
    """A feature that a strategy reads and that has no value on the bars of a series that were traded."""

    strategy: str
    feature: str
    series: str


class RunRef(OperationResult):
    """A result in short."""

    id: str
    title: str
    kind: str
    ts_created: int


class BacktestDetails(RunRef):
    """Everything the page of a backtest shows."""

    job: str
    simulated: bool
    mode: str
    quote: str
    first_ts: int
    last_ts: int
    checked: bool
    version: str
    decision_hash: str
    data_fingerprint: str
    order: dict[str, Any]
    lead: list[str]
    verdict: RunVerdict | None
    figures: list[RunFigure]
    curve: BacktestCurve
    rules: list[str]
    funding: str = ""
    funding_gaps: list[FundingGap] | None = Field(None, description="Null of results of earlier versions.")
    has_perpetuals: bool = Field(False, description="Whether anything traded is charged funding.")
    cost: float = Field(description="Fees, slippage and funding of all trades, negative where paid.")
    break_even: str
    beyond_plan: str
    left_out: list[str]
    too_short: list[str]
    partly_finer: list[PartialFineBars] = Field(
        default=[], description="Empty in results of earlier versions."
    )
    missing_bars: list[MissingBars] = Field(default=[], description="Empty in results of earlier versions.")
    empty_features: list[EmptyFeature] = Field(
        default=[], description="Empty in results of earlier versions."
    )
    other_markets: list[OtherMarket] = Field(
        default=[], description="Models on bars that they were not judged on."
    )


class BacktestChoicesInput(OperationInput):
    """What is done next with the answer."""

    orders_now: bool = Field(False, description="A quick result is ordered next: have its process ready.")


@operation("backtests.choices", example={})
def list_choices(
    caller: Caller,
    params: BacktestChoicesInput,
    catalog: BarCatalog,
    data: DataStores,
    results: ResultsHome,
    home: HomeFolder,
) -> BacktestChoices:
    """Say what a backtest can be ordered of: venues, assets with bars, strategies, timeframes, defaults."""
    if params.orders_now and caller.may("write"):
        expect_job(home)
    instruments_by_venue = list_tradable_instruments(data)
    names = {asset.id: (asset.name, asset.symbol) for asset in catalog.assets()}
    assets = dict.fromkeys(
        parse_instrument(name).asset for instruments in instruments_by_venue.values() for name in instruments
    )
    defaults = RunOrder().model_dump(mode="json")
    if assets and "bitcoin" not in assets:
        defaults["assets"] = next(iter(assets))
    return BacktestChoices(
        venues=[
            BacktestChoice(id=venue, name=venue, note=str(len(instruments)))
            for venue, instruments in instruments_by_venue.items()
        ],
        assets=[
            BacktestChoice(id=asset_id, name=name, note=symbol)
            for asset_id, (name, symbol) in ((name, names.get(name, (name, ""))) for name in assets)
        ],
        strategies=[
            BacktestChoice(id=line.name, name=line.title, note=line.timeframe)
            for line in list_strategies(results.strategies, data)
            if not line.problem
        ],
        timeframes=[BacktestChoice(id=name, name=name) for name in TIMEFRAME_MS],
        defaults=defaults,
    )


@operation("backtests.start", scope="write", example={"strategies": "ema_cross", "assets": "bitcoin"})
def start_backtest(
    caller: Caller,
    params: RunOrder,
    sources: OrderSources,
    jobs: JobQueue,
    accounts: UserStore,
    audit: AuditLog,
) -> JobResult:
    """Order a backtest; it runs as a job."""
    check_order(sources, params)
    return queue_job(jobs, accounts, audit, caller, backtest_work.KIND, params)


@operation("backtests.quick", scope="write", example={"strategies": "ema_cross", "assets": "bitcoin"})
def start_quick_result(
    caller: Caller,
    params: RunOrder,
    sources: OrderSources,
    jobs: JobQueue,
    accounts: UserStore,
    audit: AuditLog,
) -> JobResult:
    """Order the result of one market over a year, for a form that is being filled in; an earlier one is stopped."""
    check_order(sources, params)
    for row in jobs.list(owner=caller.user, limit=LATEST_JOBS):
        if row.kind == quick_work.KIND and row.state not in FINISHED:
            jobs.cancel(row.id)
    return queue_job(jobs, accounts, audit, caller, quick_work.KIND, params)


@operation("backtests.list", example={"limit": 5})
def list_runs(
    caller: Caller,
    params: ListRunsInput,
    run_index: RunIndex,
    accounts: UserStore,
    is_simulated: IsSimulated,
) -> Table[RunListRow]:
    """List kept results, newest first."""
    runs = run_index.list(
        owner=owner_of(accounts, caller),
        kind=params.kind or None,
        before=params.cursor or None,
        limit=params.limit + 1,
    )
    page_runs = runs[: params.limit]
    next_cursor = page_runs[-1].id if len(runs) > params.limit else None
    return table_of(
        RunListRow, [run_row(run, is_simulated=is_simulated) for run in page_runs], next_cursor=next_cursor
    )


@operation("backtests.get", example={"run": "r0"})
def get_run(
    caller: Caller,
    params: RunInput,
    runs: RunIndex,
    accounts: UserStore,
    home: HomeFolder,
    plugins: PluginDirectory,
) -> BacktestDetails:
    """Show one backtest: verdict, figures, curve, costs, assumptions."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    folder = folder_of(home, run)
    record, page = read_result(folder), run_pages.read_page(folder)
    texts = page["texts"][params.language]
    verdict = record["verdict"]
    return BacktestDetails(
        id=run.id,
        title=run.title,
        kind=run.kind,
        ts_created=run.ts_created,
        job=run.job,
        simulated=record["simulated"],
        mode=record["mode"],
        quote=page["quote"],
        first_ts=run.summary["first_ts"],
        last_ts=run.summary["last_ts"],
        checked=record["checked"],
        version=record["version"],
        decision_hash=record["decision_hash"],
        data_fingerprint=record["data_fingerprint"],
        order=run.ask,
        lead=texts["lead"],
        verdict=None
        if verdict is None
        else RunVerdict(
            is_luck=verdict["is_luck"],
            chance=None if verdict["dsr"] is None else 1 - verdict["dsr"],
            trials=verdict["trials"],
            about=verdict["about"],
            **texts["verdict"],
        ),
        figures=[
            *figures_of(record, run, page["quote"], params.language),
            *outside_figures(plugins, run, folder),
        ],
        curve=BacktestCurve(**{name: page["curve"][name] for name in BacktestCurve.model_fields}),
        rules=texts["rules"],
        funding=page["assumptions"].get("funding", ""),
        funding_gaps=page.get("funding_gaps"),
        has_perpetuals=any(name.endswith("-perp") for name in run.summary["instruments"]),
        cost=record["costs"]["net"] - record["costs"]["gross"],
        break_even=texts["break_even"],
        beyond_plan=texts["beyond_plan"],
        left_out=[f"{entry['strategy']}: {entry['why']}" for entry in record["left_out"]],
        too_short=[entry["slot"] for entry in record["too_short"]],
        partly_finer=record.get("partly_finer", []),
        missing_bars=record.get("missing_bars", []),
        empty_features=record.get("empty_features", []),
        other_markets=record.get("other_markets", []),
    )


def run_ref(run: RunRecord) -> RunRef:
    """Return what the job page and the API say of a run."""
    return RunRef(id=run.id, title=run.title, kind=run.kind, ts_created=run.ts_created)


def folder_of(home: HomeFolder, run: RunRecord) -> Path:
    """Return where the files of a result lie."""
    return home / run.folder


class RemoveRunInput(OperationInput):
    """One result."""

    run: str = Field(pattern=RUN_ID, description="Id of a result.")


@operation("backtests.delete", scope="write", example={"run": "r0"})
def remove_run(
    caller: Caller,
    params: RemoveRunInput,
    results: ResultsHome,
    runs: RunIndex,
    accounts: UserStore,
    audit: AuditLog,
    clock: Clock,
) -> RunRef:
    """Remove a result from the list; its files stay for a month and `backtests.restore_run` takes it back."""
    run = find_run(runs, accounts, caller, params.run)
    trash.move_to_trash(results, runs, clock, run)
    audit.append("run.removed", actor=caller.user, subject=run.id, text={"title": run.title})
    return run_ref(run)


@operation("backtests.restore", scope="write", example={"run": "r0"})
def restore_run(
    caller: Caller,
    params: RemoveRunInput,
    results: ResultsHome,
    runs: RunIndex,
    accounts: UserStore,
    audit: AuditLog,
) -> RunRef:
    """Take back a removal."""
    run = trash.restore_run(results, runs, params.run, owner_of(accounts, caller))
    audit.append("run.restored", actor=caller.user, subject=run.id, text={"title": run.title})
    return run_ref(run)
