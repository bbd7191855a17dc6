"""The journal of a trading account: every closed trade with its plan, its fact, and what a person wrote beside it.

The ledger writes it: nothing has to be entered by hand, and a new run of the account does not begin a new journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from vigie.data.stores import DataStores
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.order import TradeMode, TradeRun
from vigie.domain.person import Caller
from vigie.domain.time import HOUR_MS
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.markets import sort_rows
from vigie.services.people.ownership import owner_of
from vigie.services.plans.closed_trades import Replayed, account_runs, journal_rows, newest_rows
from vigie.services.plans.of_trades import origins_of_trades
from vigie.services.rows import RowT, row_columns, table_of
from vigie.services.trading.accounts import figures
from vigie.services.trading.accounts.account_rows import REPLAYED, SOURCE
from vigie.services.trading.journal import trade_details
from vigie.services.trading.journal.journal_parts import (
    CounterfactualRow,
    CriterionRow,
    JournalOutcome,
    JournalPlan,
)
from vigie.services.trading.journal.journal_rows import (
    CandleRow,
    JournalTradeRow,
    TradeCriterionRow,
    TradeGroupRow,
    TradeOtherwiseRow,
)
from vigie.services.trading.journal.narrowing import filter_rows, is_narrowing, row_tags
from vigie.services.trading.journal.notes import JournalNote, idea_of, notes_of, revision_of, write_note
from vigie.services.trading.journal.trade_details import JournalSources
from vigie.services.trading.log.account_view import AccountLogs, AccountView, open_account_view
from vigie.services.written_text import LINE, TAG

TRADE: Final = r"^t[0-9a-f]{15}$"
# What a file about one replayed trade says below its rows.
REPLAYED_REMARK: Final = f"Replayed. {REPLAYED}"
By = Literal["strategy", "instrument", "timeframe", "side", "reason", "setup", "hour", "source", "tag"]


class JournalInput(OperationInput):
    """Trades of one of the caller's own accounts."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    strategy: str = Field("", max_length=80)
    tag: str = Field("", max_length=40)
    instrument: str = Field("", max_length=80)
    side: Literal["", "long", "short"] = ""
    reason: str = Field("", max_length=40, description="Why it was closed.")
    day: str = Field(
        "", pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Of the close, UTC.", examples=["2026-11-25"]
    )
    replayed: Replayed = Field("with", description="Whether trades that were decided afterwards are listed.")
    sort: str = Field(
        "", max_length=20, description="Column; `-` before it: largest first. Empty: newest first."
    )
    cursor: str = Field("", pattern=r"^\d{0,6}$", description="`next_cursor` of the page before.")
    limit: int = Field(0, ge=0, le=10_000, description="Maximum number of rows; 0 gives all.")


class TradeStatisticsInput(OperationInput):
    """Results of an account by one property of its trades."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    by: By = Field("strategy", description="`hour` is the hour of the entry, UTC.")
    replayed: Replayed = Field("without", description="Whether trades that were decided afterwards count.")


class ClosedTradeInput(OperationInput):
    """One closed trade."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    trade: str = Field(pattern=TRADE, description="Its id.", examples=["t0123456789abcde"])


class WriteNoteInput(ClosedTradeInput):
    """A note, tags and where the idea came from, in place of those before."""

    note: str = Field("", max_length=4_000)
    source: str = Field(
        "",
        max_length=80,
        pattern=LINE,
        description="Where the idea came from; empty: what its strategy reads.",
    )
    tags: list[Annotated[str, Field(pattern=TAG)]] = Field([], max_length=20, description="Without commas.")
    revision: int | None = Field(
        None, ge=0, description="The note that is replaced; refused where there is another now."
    )


class JournalTrade(OperationResult):
    """One closed trade in full."""

    id: str
    account: str
    run: str
    mode: TradeMode
    venue: str
    slot: str
    instrument: str
    timeframe: str
    strategy: str
    side: str
    qty: str
    plan: JournalPlan
    fact: JournalOutcome
    criteria: list[CriterionRow]
    otherwise: list[CounterfactualRow]
    setup: str
    plan_id: str = Field(description="The plan that it traded; empty where a strategy decided.")
    source: str = Field(description="What you wrote, or else what the strategy reads besides prices.")
    own_source: str = Field(description="What its person wrote; empty where that is nothing.")
    note: str
    tags: list[str]
    revision: int = Field(description="Of what is written beside it.")
    is_replayed: bool = Field(description="Whether it was decided afterwards, on stored bars.")


class TradeNoteResult(OperationResult):
    """What is kept beside a trade now."""

    id: str
    note: str
    tags: list[str]
    source: str
    revision: int


@operation("journal.list", example={"account": "main"})
def list_journal_trades(
    caller: Caller, params: JournalInput, sources: JournalSources
) -> Table[JournalTradeRow]:
    """List the closed trades of an account over all its runs, the newest first."""
    asked = sources, owner_of(sources.accounts, caller), params.account, params.replayed
    begin = int(params.cursor or 0)
    end = begin + params.limit if params.limit else None
    if params.sort or is_narrowing(params):
        rows = filter_rows(journal_rows(*asked), params)
        if params.sort:
            rows = sort_rows(rows, params.sort, row_columns(JournalTradeRow))
        total, rows = len(rows), rows[begin:end]
    else:
        rows, total = newest_rows(*asked, begin=begin, end=end)
    next_cursor = str(end) if end is not None and end < total else None
    return _journal_table(JournalTradeRow, rows, total=total, next_cursor=next_cursor)


@operation("journal.statistics", example={"account": "main", "by": "strategy"})
def list_statistics(
    caller: Caller, params: TradeStatisticsInput, sources: JournalSources
) -> Table[TradeGroupRow]:
    """List results of an account by strategy, setup, hour, source and more."""
    groups: dict[str, list[JournalTradeRow]] = {}
    for row in journal_rows(sources, owner_of(sources.accounts, caller), params.account, params.replayed):
        for key in _group_keys(row, params.by):
            groups.setdefault(key, []).append(row)
    rows = [
        TradeGroupRow(
            key=key,
            replayed=sum(row.is_replayed for row in group),
            **figures.summarise_trades(group),
            cost=sum(row.cost for row in group),
        )
        for key, group in sorted(groups.items())
    ]
    return _journal_table(TradeGroupRow, rows)


@operation("journal.trade", example={"account": "main", "trade": "t0123456789abcde"})
def read_trade(caller: Caller, params: ClosedTradeInput, sources: JournalSources) -> JournalTrade:
    """Show one closed trade: plan, fact, the criteria that held, and what other conduct would have made of it."""
    owner = owner_of(sources.accounts, caller)
    with open_trade(sources.logs, owner, params) as (run, view, row, trade):
        note = notes_of(sources.accounts, owner).get(params.trade, JournalNote())
        names = ("id", "slot", "instrument", "timeframe", "strategy", "side", "qty")
        origin = origins_of_trades(sources.setups, sources.plans, run)(row)
        return JournalTrade(
            **{name: row[name] for name in names},
            account=run.account,
            run=run.id,
            mode=run.mode,
            venue=run.venue,
            plan=_trade_plan(sources.data, view, trade, row),
            fact=JournalOutcome(**{name: row[name] for name in JournalOutcome.model_fields}),
            criteria=_trade_criteria(sources, view, trade),
            otherwise=_trade_counterfactuals(sources, view, trade, row),
            setup=origin.setup,
            plan_id=origin.plan,
            source=note.source or idea_of(sources.logs.results, row["strategy"]),
            own_source=note.source,
            note=note.text,
            tags=list(note.tags),
            revision=revision_of(sources.accounts, owner, params.trade),
            is_replayed=run.is_replayed,
        )


@operation("journal.criteria", example={"account": "main", "trade": "t0123456789abcde"})
def list_criteria(
    caller: Caller, params: ClosedTradeInput, sources: JournalSources
) -> Table[TradeCriterionRow]:
    """List the criteria of a closed trade as they were when it was decided."""
    with open_trade(sources.logs, owner_of(sources.accounts, caller), params) as (run, view, _row, trade):
        criteria = _trade_criteria(sources, view, trade)
        rows = [TradeCriterionRow.from_values(item.model_dump()) for item in criteria]
        return _trade_table(TradeCriterionRow, rows, run)


@operation("journal.otherwise", example={"account": "main", "trade": "t0123456789abcde"})
def list_counterfactuals(
    caller: Caller, params: ClosedTradeInput, sources: JournalSources
) -> Table[TradeOtherwiseRow]:
    """List what other conduct would have made of a closed trade."""
    with open_trade(sources.logs, owner_of(sources.accounts, caller), params) as (run, view, row, trade):
        others = _trade_counterfactuals(sources, view, trade, row)
        return _trade_table(
            TradeOtherwiseRow, [TradeOtherwiseRow.from_values(other.model_dump()) for other in others], run
        )


@operation("journal.candles", example={"account": "main", "trade": "t0123456789abcde"})
def list_candles(caller: Caller, params: ClosedTradeInput, sources: JournalSources) -> Table[CandleRow]:
    """List the bars around a closed trade, oldest first."""
    with open_trade(sources.logs, owner_of(sources.accounts, caller), params) as (run, view, _row, trade):
        bars = trade_details.bars_around(sources.data, view, trade)
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close)
    rows = [
        CandleRow(ts=ts, open=open_, high=high, low=low, close=close)
        for ts, open_, high, low, close in zip(*(values.tolist() for values in columns), strict=True)
    ]
    return _trade_table(CandleRow, rows, run)


@operation(
    "journal.write", scope="write", example={"account": "main", "trade": "t0123456789abcde", "note": "late"}
)
def write_trade_note(caller: Caller, params: WriteNoteInput, sources: JournalSources) -> TradeNoteResult:
    """Write a note, tags and where the idea came from beside a closed trade, in place of those before."""
    owner = owner_of(sources.accounts, caller)
    with open_trade(sources.logs, owner, params):
        pass
    try:
        saved = write_note(
            sources.accounts,
            owner,
            params.trade,
            params.note,
            params.tags,
            source=params.source,
            revision=params.revision,
        )
    except Conflict as fault:
        current_text = notes_of(sources.accounts, owner).get(params.trade, JournalNote()).text[:200]
        raise Conflict(
            "note_changed_since",
            "this note has changed to {text!r} since; save yours again to replace it", text=current_text,
        ) from fault  # fmt: skip
    new_revision = revision_of(sources.accounts, owner, params.trade)
    return TradeNoteResult(
        id=params.trade, note=saved.text, tags=list(saved.tags), source=saved.source, revision=new_revision
    )


def _group_keys(row: JournalTradeRow, group_by: By) -> list[str]:
    """Return the groups a trade is counted in: each of its tags, else one."""
    if group_by == "tag":
        return row_tags(row)
    if group_by == "hour":
        return [f"{row.entry_ts // HOUR_MS % 24:02d}:00"]
    return [str(row[group_by])]


def _trade_criteria(sources: JournalSources, view: AccountView, trade: Any) -> list[CriterionRow]:
    return [
        CriterionRow.model_validate(criterion, from_attributes=True)
        for criterion in trade_details.criteria_of(sources, view, trade)
    ]


def _trade_counterfactuals(
    sources: JournalSources, view: AccountView, trade: Any, row: dict[str, Any]
) -> list[CounterfactualRow]:
    return [
        CounterfactualRow(
            kind=counterfactual.kind,
            end=counterfactual.end,
            pnl=counterfactual.pnl,
            gap=counterfactual.pnl - row["pnl"],
            exit_ts=counterfactual.exit_ts,
        )
        for counterfactual in trade_details.find_counterfactuals(sources, view, trade)
    ]


@contextmanager
def open_trade(
    logs: AccountLogs, owner: str, params: ClosedTradeInput
) -> Iterator[tuple[TradeRun, AccountView, dict[str, Any], Any]]:
    """Hold the story that a trade is in."""
    for run in account_runs(logs.trades, owner, params.account):
        with open_account_view(logs, run) as view:
            for number, row in enumerate(figures.closed_rows(view)):
                if row["id"] == params.trade and view.account is not None:
                    yield run, view, row, view.account.trades[number].copy()
                    return
    raise NotFound(
        "account_no_closed_trade",
        "account {account} has no closed trade {trade}; the page Journal lists them",
        account=params.account, trade=params.trade,
    )  # fmt: skip


def _trade_plan(data: DataStores, view: AccountView, trade: Any, row: dict[str, Any]) -> JournalPlan:
    bars = trade_details.bars_around(data, view, trade)
    decision_ts = int(trade["decision_ts"])
    closes = [float(close) for ts, close in zip(bars.ts, bars.close, strict=True) if int(ts) == decision_ts]
    price, stop, target = closes[0] if closes else None, row["stop"], row["target"]
    risk = abs(price - stop) if price is not None else 0.0
    return JournalPlan(
        decided_ts=decision_ts + bars.span_ms,
        price=price,
        stop=stop,
        target=target,
        risk=row["planned_risk"],
        reward_to_risk=abs(target - price) / risk if price is not None and risk > 0.0 else None,
    )


def _journal_table(
    kind: type[RowT],
    rows: Sequence[RowT],
    *,
    total: int | None = None,
    next_cursor: str | None = None,
    remarks: Sequence[str] = (),
) -> Table[RowT]:
    total = len(rows) if total is None else total
    return table_of(
        kind,
        rows,
        origins=[Origin(source=SOURCE)],
        total=total,
        next_cursor=next_cursor,
        remarks=list(remarks),
    )


def _trade_table(kind: type[RowT], rows: Sequence[RowT], run: TradeRun) -> Table[RowT]:
    """Return a table about one trade; its files say where that was replayed."""
    return _journal_table(kind, rows, remarks=[REPLAYED_REMARK] if run.is_replayed else [])
