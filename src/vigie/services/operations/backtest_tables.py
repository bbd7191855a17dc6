"""The tables of a kept backtest, each of them exportable: trades, slots, curve, months, costs, refusals, comparison."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final, Literal

import polars as pl
from pydantic import Field

from vigie.domain.errors import NotFound, StorageError
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.home import HomeFolder
from vigie.ports.plugins import PluginDirectory
from vigie.ports.runs import RunIndex, RunRecord
from vigie.research.files import NAMES
from vigie.services.languages import Language
from vigie.services.operation import (
    Column,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    UnknownSortColumn,
    operation,
)
from vigie.services.operations.backtests import (
    RUN_ID,
    BacktestCurve,
    RunInput,
    RunRef,
    folder_of,
    get_run,
)
from vigie.services.people.ownership import find_run
from vigie.services.rows import row_columns, row_names, table_of
from vigie.services.runs import run_pages
from vigie.services.runs.explain import compare_runs
from vigie.services.runs.results import read_result
from vigie.services.runs.run_tables import (
    SOURCE,
    BacktestDifferenceRow,
    CostStepRow,
    EquityPointRow,
    RunFigureRow,
    RunRefusalRow,
    SlotFiguresRow,
    YearRow,
    finite_number,
    whole_number,
)

MOST_DIFFERENCES: Final = 200
RUN = Field(pattern=RUN_ID, description="Id of a result.", examples=["r019b0c0ffee0"])

TRADES: Final = [
    Column(name="slot", title="Active strategy"),
    Column(name="side", title="Side", definition="long or short."),
    Column(
        name="entry_ts", title="Entry", unit="ms", definition="Opening time of the bar after the decision."
    ),
    Column(name="exit_ts", title="Exit", unit="ms"),
    Column(name="entry", title="Entry price", unit="price"),
    Column(name="exit", title="Exit price", unit="price"),
    Column(name="stop", title="Stop", unit="price", definition="Fixed at the decision."),
    Column(name="target", title="Target", unit="price", definition="Fixed at the decision."),
    Column(name="qty", title="Quantity", unit="coins"),
    Column(name="fees", title="Fees", unit="quote"),
    Column(
        name="slippage",
        title="Slippage",
        unit="quote",
        definition="Lost between the expected price and the fill.",
    ),
    Column(name="funding", title="Funding", unit="quote", definition="Received; negative: paid."),
    Column(name="pnl", title="Net", unit="quote", definition="After all costs."),
    Column(
        name="return",
        title="Return",
        unit="change",
        definition="Net P&L as a share of the strategy's capital at that time.",
    ),
    Column(name="bars_held", title="Bars", unit="count"),
    Column(name="reason", title="Exit reason", definition="Stop, target, signal, time or end of data."),
    Column(name="criteria", title="Criteria at entry", definition="Name, value, threshold, met or not."),
]


class RunTradesInput(OperationInput):
    """Which trades of which result."""

    run: str = RUN
    slot: str = Field(default="", max_length=200, description="Of this slot only.")
    side: Literal["", "long", "short"] = ""
    reason: str = Field(default="", max_length=40)
    sort: str = Field(default="-entry_ts", max_length=20, description="Column; `-` before it: largest first.")
    cursor: str = Field(
        default="", max_length=10, pattern=r"^\d*$", description="`next_cursor` of the page before."
    )
    limit: int = Field(default=100, ge=1, le=20_000)


class CompareRunsInput(OperationInput):
    """Two results."""

    a: str = RUN
    b: str = RUN
    language: Language = "en"


class BacktestComparison(Table[BacktestDifferenceRow]):
    """What differs between two results; rows are settings, figures and trades that are not in both."""

    same: bool
    first: RunRef
    second: RunRef
    curves: list[BacktestCurve]
    same_trades: int
    left_out: int = 0


class RunFileInput(OperationInput):
    """One file of one result."""

    run: str = RUN
    name: str = Field(max_length=40, description="`report.html`, `trades.csv` and so on.")


class RunFileResult(OperationResult):
    """A file as it was written."""

    run: str
    name: str
    media_type: str
    content: str = Field(description="Base64.")


MEDIA: Final = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}


@operation("backtests.file", example={"run": "r0", "name": "trades.csv"})
def read_run_file(
    caller: Caller, params: RunFileInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> RunFileResult:
    """Give one of the files of a kept backtest, as it was written when it ran."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    if params.name not in NAMES:
        raise NotFound(
            "unknown_file",
            "file must be one of {names}, was {name!r}",
            names=" ".join(NAMES),
            name=params.name,
        )
    try:
        content = (folder_of(home, run) / params.name).read_bytes()
    except OSError as fault:
        raise StorageError(
            "result_cannot_read",
            "{name} of this result cannot be read: {strerror}",
            name=params.name,
            strerror=fault.strerror,
        ) from fault
    media = MEDIA[params.name.rpartition(".")[2]]
    return RunFileResult(run=run.id, name=params.name, media_type=media, content=b64encode(content).decode())


@operation("backtests.trades", example={"run": "r0"})
def list_trades(
    caller: Caller, params: RunTradesInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> Table:
    """List the trades of a backtest, each with the criteria that held at its entry."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    frame = run_pages.read_trades(folder_of(home, run))
    for name, value in (("slot", params.slot), ("side", params.side), ("reason", params.reason)):
        frame = frame.filter(pl.col(name) == value) if value else frame
    name = params.sort.removeprefix("-")
    if name not in frame.columns:
        raise UnknownSortColumn(
            "unknown_sort",
            "sort must be one of {columns}, was {sort!r}",
            columns=" ".join(frame.columns),
            sort=params.sort,
        )
    frame = frame.sort(name, descending=params.sort.startswith("-"), maintain_order=True)
    start = int(params.cursor or 0)
    rows = frame.slice(start, params.limit).to_dicts()
    end = start + len(rows)
    return Table(
        columns=_with_quote_unit(TRADES, home, run),
        rows=rows,
        origins=_run_origins(run),
        next_cursor=str(end) if end < frame.height else None,
        total=frame.height,
    )


@operation("backtests.slots", example={"run": "r0"})
def list_slots(
    caller: Caller, params: RunInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> Table[SlotFiguresRow]:
    """List every slot of a backtest with its figures."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    folder = folder_of(home, run)
    record, sparks = read_result(folder), run_pages.read_page(folder)["slots"]
    rows = [
        SlotFiguresRow(
            slot=slot["slot"],
            **_figures_of(slot),
            spark=sparks.get(slot["slot"], []),
        )
        for slot in record["slots"]
    ]
    return Table[SlotFiguresRow](
        columns=_with_quote_unit(row_columns(SlotFiguresRow), home, run),
        rows=rows,
        origins=_run_origins(run),
        total=len(rows),
    )


@operation("backtests.equity", example={"run": "r0"})
def list_equity(
    caller: Caller, params: RunInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> Table[EquityPointRow]:
    """List the account of a backtest over time beside buy and hold, with few points that keep every extreme."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    curve = run_pages.read_page(folder_of(home, run))["curve"]
    names = ("ts", "equity", "hold", "drawdown")
    rows = [
        EquityPointRow(ts=ts, equity=equity, hold=hold, drawdown=drawdown)
        for ts, equity, hold, drawdown in zip(*(curve[name] for name in names), strict=True)
    ]
    return Table[EquityPointRow](
        columns=_with_quote_unit(row_columns(EquityPointRow), home, run),
        rows=rows,
        origins=_run_origins(run),
        total=len(rows),
    )


@operation("backtests.months", example={"run": "r0"})
def list_months(
    caller: Caller, params: RunInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> Table[YearRow]:
    """List the return of every month of a backtest, a row a year."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    curve = run_pages.read_page(folder_of(home, run))["curve"]
    names = row_names(YearRow)[1:-1]
    rows = [
        YearRow(year=str(year), total=total, **dict(zip(names, months, strict=True)))
        for year, months, total in zip(curve["years"], curve["months"], curve["totals"], strict=True)
    ]
    return table_of(YearRow, rows, origins=_run_origins(run), total=len(rows))


@operation("backtests.figures", example={"run": "r0"})
def list_figures(
    caller: Caller,
    params: RunInput,
    runs: RunIndex,
    accounts: UserStore,
    home: HomeFolder,
    plugins: PluginDirectory,
) -> Table[RunFigureRow]:
    """List every figure of a backtest with its unit and how it is computed."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    rows = [
        RunFigureRow(
            key=named_figure.key,
            name=named_figure.name,
            value=named_figure.figure.value,
            unit=named_figure.figure.unit,
            meaning=named_figure.meaning,
        )
        for named_figure in get_run(caller, params, runs, accounts, home, plugins).figures
    ]
    return table_of(RunFigureRow, rows, origins=_run_origins(run), total=len(rows))


def _figures_of(slot: Mapping[str, object]) -> dict[str, Any]:
    """Return the figures of a stored slot by column; their count of trades is whole."""
    figures = {name: finite_number(slot.get(name)) for name in row_names(SlotFiguresRow)[1:-1]}
    return {**figures, "trades": whole_number(slot.get("trades"))}


@operation("backtests.costs", example={"run": "r0"})
def list_costs(
    caller: Caller, params: RunInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> Table[CostStepRow]:
    """List the steps from the gross to the net result of a backtest."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    folder = folder_of(home, run)
    costs, texts = read_result(folder)["costs"], run_pages.read_page(folder)["texts"][params.language]
    amounts = {**costs, "slippage": -costs["slippage"], "fees": -costs["fees"]}
    rows = [
        CostStepRow(
            step=step["key"],
            name=step["name"],
            amount=amounts[step["key"]],
            bps=step["share"],
            left=step["left"],
            width=step["width"],
        )
        for step in texts["steps"]
    ]
    return Table[CostStepRow](
        columns=_with_quote_unit(row_columns(CostStepRow), home, run),
        rows=rows,
        origins=_run_origins(run),
        total=len(rows),
    )


@operation("backtests.refusals", example={"run": "r0"})
def list_refusals(
    caller: Caller, params: RunInput, runs: RunIndex, accounts: UserStore, home: HomeFolder
) -> Table[RunRefusalRow]:
    """List why entries of a backtest were refused, the most frequent reason first."""
    run = find_run(runs, accounts, caller, params.run, "backtest")
    folder = folder_of(home, run)
    counts = read_result(folder)["refusals"]
    texts = run_pages.read_page(folder)["texts"][params.language]["refusals"]
    rows = [
        RunRefusalRow(
            **(texts.get(code) or {"title": code, "why": "", "limit": "", "value": ""}),
            code=code,
            count=count,
        )
        for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return table_of(RunRefusalRow, rows, origins=_run_origins(run), total=sum(counts.values()))


@operation("backtests.compare", example={"a": "r0", "b": "r1"})
def compare_backtests(
    caller: Caller, params: CompareRunsInput, run_index: RunIndex, accounts: UserStore, home: HomeFolder
) -> BacktestComparison:
    """Say what differs between two backtests: settings, data, figures, and every trade that is not in both."""
    runs = [find_run(run_index, accounts, caller, run_id, "backtest") for run_id in (params.a, params.b)]
    folders = [folder_of(home, run) for run in runs]
    comparison = compare_runs(*folders)
    trades = comparison["trades"]
    rows = [
        BacktestDifferenceRow(
            group=group,
            what=str(row["what"]),
            first=_format_cell(row["first"]),
            second=_format_cell(row["second"]),
        )
        for group in ("settings", "figures")
        for row in comparison[group]
    ]
    rows += [BacktestDifferenceRow(group="trades", what=key, first="yes") for key in trades["only_first"]]
    rows += [BacktestDifferenceRow(group="trades", what=key, second="yes") for key in trades["only_second"]]
    rows += [BacktestDifferenceRow(group="trades", what=text) for text in trades["changed"]]
    pages = [run_pages.read_page(folder)["curve"] for folder in folders]
    return BacktestComparison(
        columns=row_columns(BacktestDifferenceRow),
        rows=rows[: 10 * MOST_DIFFERENCES],
        origins=[origin for run in runs for origin in _run_origins(run)],
        total=len(rows),
        same=comparison["same"],
        first=_run_ref(runs[0]),
        second=_run_ref(runs[1]),
        curves=[BacktestCurve(**{name: page[name] for name in BacktestCurve.model_fields}) for page in pages],
        same_trades=trades["same"],
    )


def _format_cell(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _run_ref(run: RunRecord) -> RunRef:
    return RunRef(id=run.id, title=run.title, kind=run.kind, ts_created=run.ts_created)


def _run_origins(run: RunRecord) -> list[Origin]:
    return [Origin(source=f"{SOURCE} {run.id}", ts_event=run.summary["last_ts"], ts_known=run.ts_created)]


def _with_quote_unit(columns: list[Column], home: HomeFolder, run: RunRecord) -> list[Column]:
    """Return the columns with the run's own currency and source."""
    quote = run_pages.read_page(folder_of(home, run))["quote"]
    return [
        column.model_copy(
            update={
                "unit": quote if column.unit == "quote" else column.unit,
                "source": SOURCE if column.unit else "",
            }
        )
        for column in columns
    ]
