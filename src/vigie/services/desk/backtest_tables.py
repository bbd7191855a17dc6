"""The tables of a kept backtest, each of them exportable: trades, slots, curve, months, costs, refusals, comparison."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final, Literal

import polars as pl
from pydantic import Field

from vigie.domain.errors import NotFound, StorageError
from vigie.domain.person import Caller
from vigie.ports.runs import RunRecord
from vigie.research.files import NAMES
from vigie.services.desk.backtests import (
    RUN_ID,
    SOURCE,
    Curve,
    Language,
    RunAsk,
    RunRef,
    find_run,
    folder_of,
    get_run,
    number,
)
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Origin, Table, UnknownOrder, operation
from vigie.services.runs import run_pages
from vigie.services.runs.explain import compare_runs
from vigie.services.runs.results import read_result

MOST_DIFFERENCES: Final = 200
RUN = Field(pattern=RUN_ID, description="Id of a result.", examples=["r019b0c0ffee0"])

TRADES: Final = [
    Column(name="slot", title="Slot"),
    Column(name="side", title="Side", definition="long or short."),
    Column(name="entry_ts", title="Entry", unit="ms", definition="Open of the bar after the decision."),
    Column(name="exit_ts", title="Exit", unit="ms"),
    Column(name="entry", title="Entry price", unit="price"),
    Column(name="exit", title="Exit price", unit="price"),
    Column(name="stop", title="Stop", unit="price", definition="Fixed at the decision."),
    Column(name="target", title="Target", unit="price", definition="Fixed at the decision."),
    Column(name="qty", title="Quantity", unit="coins"),
    Column(name="fees", title="Fees", unit="quote"),
    Column(
        name="slippage", title="Slippage", unit="quote",
        definition="Lost between the price looked at and the fill.",
    ),
    Column(name="funding", title="Funding", unit="quote", definition="Received; negative: paid."),
    Column(name="pnl", title="Net", unit="quote", definition="After all costs."),
    Column(name="return", title="Return", unit="change", definition="Net over the slot's capital then."),
    Column(name="bars_held", title="Bars", unit="count"),
    Column(name="reason", title="Ended by", definition="stop, target, signal, time or end of data."),
    Column(
        name="criteria", title="Criteria at entry", definition="Name, value, threshold, whether it held."
    ),
]  # fmt: skip

SLOTS: Final = [
    Column(name="slot", title="Slot", definition="Instrument, timeframe, strategy."),
    Column(name="trades", title="Trades", unit="count"),
    Column(name="win_rate", title="Winners", unit="fraction", definition="Share of trades with a net gain."),
    Column(name="total_return", title="Net result", unit="change", definition="After all costs."),
    Column(name="buy_hold_return", title="Buy and hold", unit="change"),
    Column(name="sharpe", title="Sharpe", unit="ratio"),
    Column(name="max_drawdown", title="Deepest fall", unit="change"),
    Column(name="profit_factor", title="Profit factor", unit="ratio", definition="Gains over losses."),
    Column(name="exposure", title="In the market", unit="fraction", definition="Share of bars with a position."),
    Column(name="fees", title="Fees", unit="quote"),
    Column(name="funding", title="Funding", unit="quote"),
    Column(name="bars", title="Bars", unit="count"),
    Column(name="spark", title="Capital", unit="quote", is_drawn=True),
]  # fmt: skip

_SLOT_NUMBERS: Final = tuple(c.name for c in SLOTS if c.unit and not c.is_drawn)


class TradesAsk(Ask):
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


class PairAsk(Ask):
    """Two results."""

    a: str = RUN
    b: str = RUN
    language: Language = "en"


class Comparison(Table):
    """What differs between two results; rows are settings, figures and trades that are not in both."""

    same: bool
    first: RunRef
    second: RunRef
    curves: list[Curve]
    same_trades: int
    left_out: int = 0


class FileAsk(Ask):
    """One file of one result."""

    run: str = RUN
    name: str = Field(max_length=40, description="`report.html`, `trades.csv` and so on.")


class FileAnswer(Answer):
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
def get_file(house: House, caller: Caller, ask: FileAsk) -> FileAnswer:
    """Give one of the files of a kept backtest, as it was written when it ran."""
    run = find_run(house, caller, ask.run, "backtest")
    if ask.name not in NAMES:
        raise NotFound(f"file must be one of {' '.join(NAMES)}, was {ask.name!r}")
    try:
        content = (folder_of(house, run) / ask.name).read_bytes()
    except OSError as fault:
        raise StorageError(f"{ask.name} of this result cannot be read: {fault.strerror}") from fault
    media = MEDIA[ask.name.rpartition(".")[2]]
    return FileAnswer(run=run.id, name=ask.name, media_type=media, content=b64encode(content).decode())


@operation("backtests.trades", example={"run": "r0"})
def list_trades(house: House, caller: Caller, ask: TradesAsk) -> Table:
    """List the trades of a backtest, each with the criteria that held at its entry."""
    run = find_run(house, caller, ask.run, "backtest")
    frame = run_pages.read_trades(folder_of(house, run))
    for name, wanted in (("slot", ask.slot), ("side", ask.side), ("reason", ask.reason)):
        frame = frame.filter(pl.col(name) == wanted) if wanted else frame
    name = ask.sort.removeprefix("-")
    if name not in frame.columns:
        raise UnknownOrder(f"sort must be one of {' '.join(frame.columns)}, was {ask.sort!r}")
    frame = frame.sort(name, descending=ask.sort.startswith("-"), maintain_order=True)
    begin = int(ask.cursor or 0)
    rows = frame.slice(begin, ask.limit).to_dicts()
    end = begin + len(rows)
    return Table(
        columns=_in_quote(TRADES, house, run),
        rows=rows,
        origins=_origins(run),
        next_cursor=str(end) if end < frame.height else None,
        total=frame.height,
    )


@operation("backtests.slots", example={"run": "r0"})
def list_slots(house: House, caller: Caller, ask: RunAsk) -> Table:
    """List every slot of a backtest with its figures."""
    run = find_run(house, caller, ask.run, "backtest")
    folder = folder_of(house, run)
    record, sparks = read_result(folder), run_pages.read_page(folder)["slots"]
    rows = [
        {
            "slot": slot["slot"],
            **{name: number(slot.get(name)) for name in _SLOT_NUMBERS},
            "spark": sparks.get(slot["slot"], []),
        }
        for slot in record["slots"]
    ]
    return Table(columns=_in_quote(SLOTS, house, run), rows=rows, origins=_origins(run), total=len(rows))


@operation("backtests.equity", example={"run": "r0"})
def list_equity(house: House, caller: Caller, ask: RunAsk) -> Table:
    """List the account of a backtest over time beside buy and hold, with few points that keep every extreme."""
    run = find_run(house, caller, ask.run, "backtest")
    curve = run_pages.read_page(folder_of(house, run))["curve"]
    names = ("ts", "equity", "hold", "drawdown")
    rows = [dict(zip(names, row, strict=True)) for row in zip(*(curve[name] for name in names), strict=True)]
    columns = [
        Column(name="ts", title="Time", unit="ms"),
        Column(name="equity", title="Account", unit="quote", definition="At closes, with open positions."),
        Column(name="hold", title="Buy and hold", unit="quote", definition="The same capital, held."),
        Column(name="drawdown", title="Fall", unit="change", definition="Below the highest value so far."),
    ]  # fmt: skip
    return Table(columns=_in_quote(columns, house, run), rows=rows, origins=_origins(run), total=len(rows))


@operation("backtests.months", example={"run": "r0"})
def list_months(house: House, caller: Caller, ask: RunAsk) -> Table:
    """List the return of every month of a backtest, a row a year."""
    run = find_run(house, caller, ask.run, "backtest")
    curve = run_pages.read_page(folder_of(house, run))["curve"]
    columns = [Column(name="year", title="Year")]
    columns += [Column(name=f"m{k:02d}", title=f"{k:02d}", unit="change") for k in range(1, 13)]
    columns.append(Column(name="total", title="Year's return", unit="change"))
    rows = [
        {"year": str(year), **{f"m{k:02d}": value for k, value in enumerate(row, 1)}, "total": total}
        for year, row, total in zip(curve["years"], curve["months"], curve["totals"], strict=True)
    ]
    return Table(columns=columns, rows=rows, origins=_origins(run), total=len(rows))


FIGURES_SHOWN: Final = [
    Column(name="key", title="Key"),
    Column(name="name", title="Figure"),
    Column(name="value", title="Value", definition="In the unit of its row; empty where it is not defined."),
    Column(name="unit", title="Unit"),
    Column(name="meaning", title="How it is computed"),
]


@operation("backtests.figures", example={"run": "r0"})
def list_figures(house: House, caller: Caller, ask: RunAsk) -> Table:
    """List every figure of a backtest with its unit and how it is computed."""
    run = find_run(house, caller, ask.run, "backtest")
    rows = [
        {
            "key": one.key,
            "name": one.name,
            "value": one.figure.value,
            "unit": one.figure.unit,
            "meaning": one.meaning,
        }
        for one in get_run(house, caller, ask).figures
    ]
    return Table(columns=FIGURES_SHOWN, rows=rows, origins=_origins(run), total=len(rows))


@operation("backtests.costs", example={"run": "r0"})
def list_costs(house: House, caller: Caller, ask: RunAsk) -> Table:
    """List the steps from the gross to the net result of a backtest."""
    run = find_run(house, caller, ask.run, "backtest")
    folder = folder_of(house, run)
    costs, texts = read_result(folder)["costs"], run_pages.read_page(folder)["texts"][ask.language]
    amounts = {**costs, "slippage": -costs["slippage"], "fees": -costs["fees"]}
    rows = [
        {"step": s["key"], "name": s["name"], "amount": amounts[s["key"]], "bps": s["share"],
         "left": s["left"], "width": s["width"]}
        for s in texts["steps"]
    ]  # fmt: skip
    columns = [
        Column(name="step", title="Step"),
        Column(name="name", title="Name"),
        Column(name="amount", title="Amount", unit="quote"),
        Column(name="bps", title="Of what was traded", definition="Basis points of the traded value."),
        Column(name="left", title="Bar from", is_drawn=True),
        Column(name="width", title="Bar width", is_drawn=True),
    ]
    return Table(columns=_in_quote(columns, house, run), rows=rows, origins=_origins(run), total=len(rows))


@operation("backtests.refusals", example={"run": "r0"})
def list_refusals(house: House, caller: Caller, ask: RunAsk) -> Table:
    """List why entries of a backtest were refused, the most frequent reason first."""
    run = find_run(house, caller, ask.run, "backtest")
    folder = folder_of(house, run)
    counts = read_result(folder)["refusals"]
    texts = run_pages.read_page(folder)["texts"][ask.language]["refusals"]
    rows = [
        {
            "code": code,
            "count": count,
            **texts.get(code, {"title": code, "why": "", "limit": "", "value": ""}),
        }
        for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    columns = [
        Column(name="title", title="Reason"),
        Column(name="code", title="Code"),
        Column(name="count", title="Refused", unit="count", source=SOURCE),
        Column(name="why", title="Meaning"),
        Column(name="limit", title="Limit", definition="Of the rule, at the last refusal."),
        Column(name="value", title="Value", definition="What the rule met, at the last refusal."),
    ]
    return Table(columns=columns, rows=rows, origins=_origins(run), total=sum(counts.values()))


@operation("backtests.compare", example={"a": "r0", "b": "r1"})
def compare(house: House, caller: Caller, ask: PairAsk) -> Comparison:
    """Say what differs between two backtests: settings, data, figures, and every trade that is not in both."""
    runs = [find_run(house, caller, one, "backtest") for one in (ask.a, ask.b)]
    folders = [folder_of(house, run) for run in runs]
    found = compare_runs(*folders)
    trades = found["trades"]
    rows = [{"group": "settings", **_plain(row)} for row in found["settings"]]
    rows += [{"group": "figures", **_plain(row)} for row in found["figures"]]
    rows += [{"group": "trades", "what": key, "first": "yes", "second": ""} for key in trades["only_first"]]
    rows += [{"group": "trades", "what": key, "first": "", "second": "yes"} for key in trades["only_second"]]
    rows += [{"group": "trades", "what": text, "first": "", "second": ""} for text in trades["changed"]]
    pages = [run_pages.read_page(folder)["curve"] for folder in folders]
    columns = [
        Column(name="group", title="Group", definition="settings, figures or trades."),
        Column(name="what", title="What"),
        Column(name="first", title="First"),
        Column(name="second", title="Second"),
    ]
    return Comparison(
        columns=columns, rows=rows[: 10 * MOST_DIFFERENCES], origins=[o for run in runs for o in _origins(run)],
        total=len(rows), same=found["same"], first=_ref(runs[0]), second=_ref(runs[1]),
        curves=[Curve(**{name: page[name] for name in Curve.model_fields}) for page in pages],
        same_trades=trades["same"],
    )  # fmt: skip


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"what": str(row["what"]), "first": _cell(row["first"]), "second": _cell(row["second"])}


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _ref(run: RunRecord) -> RunRef:
    return RunRef(id=run.id, title=run.title, kind=run.kind, ts_created=run.ts_created)


def _origins(run: RunRecord) -> list[Origin]:
    return [Origin(source=f"{SOURCE} {run.id}", ts_event=run.summary["last_ts"], ts_known=run.ts_created)]


def _in_quote(columns: list[Column], house: House, run: RunRecord) -> list[Column]:
    """Return the columns with the run's own currency and source."""
    quote = run_pages.read_page(folder_of(house, run))["quote"]
    return [
        column.model_copy(
            update={
                "unit": quote if column.unit == "quote" else column.unit,
                "source": SOURCE if column.unit else "",
            }
        )
        for column in columns
    ]
