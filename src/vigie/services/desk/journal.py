"""The journal of a trading account: every closed trade with its plan, its fact, and what a person wrote beside it.

The ledger writes it: nothing has to be entered by hand, and a new run of the account does not begin a new journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import Conflict, NotFound
from vigie.domain.order import TradeMode, TradeRun
from vigie.domain.person import Caller
from vigie.domain.time import HOUR_MS
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.trading import figures
from vigie.services.trading.columns import SLOT, SOURCE, SUMS, column
from vigie.services.trading.ideas import idea_of
from vigie.services.trading.notes import Note, notes_of, revision_of, write_note
from vigie.services.trading.standing import run_of
from vigie.services.trading.story import Story, story_of
from vigie.services.trading.told_trade import around, criteria_of, instead

# No control characters, so that a tag is a word on every screen.
TAG: Final = r"^[^\x00-\x1f\x7f,]{1,40}$"
IDEA: Final = r"^[^\x00-\x1f\x7f]*$"
TRADE: Final = r"^t[0-9a-f]{15}$"
By = Literal["strategy", "instrument", "timeframe", "side", "reason", "setup", "hour", "source", "tag"]

LIST: Final = [
    column("id", "Trade"),
    column("exit_ts", "Left", "ms"),
    column("entry_ts", "Entered", "ms"),
    *SLOT,
    column("qty", "Quantity", "base units"),
    column("entry", "Entry", "quote"),
    column("exit", "Exit", "quote"),
    column("pnl", "Result", "quote", "After fees and funding."),
    column("r", "R", "ratio", "Result over the loss that was planned at the stop."),
    column(
        "mae_pct",
        "Worst",
        "%",
        "How far it went against the entry while held: at most to the stop or the exit.",
    ),
    column(
        "mfe_pct", "Best", "%", "How far it went for the entry while held: at most to the target or the exit."
    ),
    column("cost", "Cost", "quote", "Fees, slippage and funding that was paid."),
    column("bars_held", "Bars", "count", "Bars it was held."),
    column("reason", "Reason"),
    column("setup", "Setup", "", "Empty until setups are told."),
    column("source", "Idea from", "", "What its person wrote, else what its strategy reads besides prices."),
    column("tags", "Tags"),
    column("note", "Note"),
]
STATISTICS: Final = [column("key", "Of"), *SUMS, column("cost", "Cost", "quote")]
CANDLES: Final = [
    column("ts", "Time", "ms"),
    column("open", "Open price", "quote"),
    column("high", "High", "quote"),
    column("low", "Low", "quote"),
    column("close", "Close price", "quote"),
]


CRITERIA: Final = [
    column("name", "Criterion"),
    column("value", "Value", "", "At the close of the deciding bar."),
    column("threshold", "Threshold"),
    column("holds", "Held"),
    column("required", "Required", "", "Without it there is no signal."),
]
OTHERWISE: Final = [
    column("kind", "What", "", "`levels`: left by stop or target alone; `waited`: entered a bar later."),
    column("end", "End"),
    column("pnl", "Result", "quote", "Without funding."),
    column("gap", "Against the trade", "quote"),
    column("exit_ts", "Left", "ms"),
]


class JournalAsk(Ask):
    """Trades of one of the caller's own accounts."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    strategy: str = Field("", max_length=80)
    tag: str = Field("", max_length=40)
    limit: int = Field(0, ge=0, le=10_000, description="At most so many rows; 0 gives all.")


class StatisticsAsk(Ask):
    """Results of an account by one property of its trades."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    by: By = Field("strategy", description="`hour` is the hour of the entry, UTC.")


class TradeAsk(Ask):
    """One closed trade."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    trade: str = Field(pattern=TRADE, description="Its id.", examples=["t0123456789abcde"])


class WriteAsk(TradeAsk):
    """A note, tags and where the idea came from, in place of those before."""

    note: str = Field("", max_length=4_000)
    source: str = Field(
        "",
        max_length=80,
        pattern=IDEA,
        description="Where the idea came from; empty: what its strategy reads.",
    )
    tags: list[Annotated[str, Field(pattern=TAG)]] = Field([], max_length=20, description="Without commas.")
    revision: int | None = Field(
        None, ge=0, description="The note that is replaced; refused where there is another now."
    )


class Plan(BaseModel):
    """What was decided, before the market was met."""

    decided_ts: int
    price: float | None = Field(description="Close of the deciding bar; null where it is not stored.")
    stop: float
    target: float
    risk: float = Field(description="Loss at the stop that was planned, in the quote currency.")
    reward_to_risk: float | None


class Fact(BaseModel):
    """What came of it."""

    entry_ts: int
    entry: float
    exit_ts: int
    exit: float
    reason: str
    gross: float
    fees: float
    slippage: float
    funding: float
    pnl: float
    r: float | None
    mae_pct: float
    mfe_pct: float
    bars_held: int


class Condition(BaseModel):
    """A criterion at the close of the deciding bar."""

    name: str
    value: float | None
    threshold: float | None
    holds: bool
    required: bool


class Otherwise(BaseModel):
    """What other conduct would have made of it."""

    kind: Literal["levels", "waited"]
    end: Literal["stop", "target", "liquidation", "trade", "open", "not_entered"]
    pnl: float
    gap: float = Field(description="That result less the trade's own.")
    exit_ts: int | None


class ToldTrade(Answer):
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
    plan: Plan
    fact: Fact
    criteria: list[Condition]
    otherwise: list[Otherwise]
    setup: str
    source: str = Field(description="What its person wrote, else what its strategy reads besides prices.")
    own_source: str = Field(description="What its person wrote; empty where that is nothing.")
    note: str
    tags: list[str]
    revision: int = Field(description="Of what is written beside it.")


class Written(Answer):
    """What is kept beside a trade now."""

    id: str
    note: str
    tags: list[str]
    source: str
    revision: int


@operation("journal.list", example={"account": "main"})
def list_trades(house: House, caller: Caller, ask: JournalAsk) -> Table:
    """List the closed trades of an account over all its runs, the newest first."""
    rows = [
        row
        for row in _rows(house, owner_of(house, caller), ask.account)
        if (not ask.strategy or row["strategy"] == ask.strategy) and (not ask.tag or ask.tag in _tags(row))
    ]
    return _table(LIST, rows[: ask.limit] if ask.limit else rows, total=len(rows))


@operation("journal.statistics", example={"account": "main", "by": "strategy"})
def list_statistics(house: House, caller: Caller, ask: StatisticsAsk) -> Table:
    """List results of an account by strategy, setup, hour, source and more."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(house, owner_of(house, caller), ask.account):
        for key in _keys(row, ask.by):
            groups.setdefault(key, []).append(row)
    rows = [
        {"key": key, **figures.summed(group), "cost": sum(row["cost"] for row in group)}
        for key, group in sorted(groups.items())
    ]
    return _table(STATISTICS, rows)


@operation("journal.trade", example={"account": "main", "trade": "t0123456789abcde"})
def show_trade(house: House, caller: Caller, ask: TradeAsk) -> ToldTrade:
    """Show one closed trade: plan, fact, the criteria that held, and what other conduct would have made of it."""
    owner = owner_of(house, caller)
    with _found(house, owner, ask) as (run, story, row, trade):
        note = notes_of(house, owner).get(ask.trade, Note())
        return ToldTrade(
            **{
                name: row[name]
                for name in ("id", "slot", "instrument", "timeframe", "strategy", "side", "qty")
            },
            account=run.account,
            run=run.id,
            mode=run.mode,
            venue=run.venue,
            plan=_plan(house, story, trade, row),
            fact=Fact(**{name: row[name] for name in Fact.model_fields}),
            criteria=_criteria(house, story, trade),
            otherwise=_otherwise(house, story, trade, row),
            setup="",
            source=note.source or idea_of(house, row["strategy"]),
            own_source=note.source,
            note=note.text,
            tags=list(note.tags),
            revision=revision_of(house, owner, ask.trade),
        )


@operation("journal.criteria", example={"account": "main", "trade": "t0123456789abcde"})
def list_criteria(house: House, caller: Caller, ask: TradeAsk) -> Table:
    """List the criteria of a closed trade as they were when it was decided."""
    with _found(house, owner_of(house, caller), ask) as (_, story, _row, trade):
        return _table(CRITERIA, [one.model_dump() for one in _criteria(house, story, trade)])


@operation("journal.otherwise", example={"account": "main", "trade": "t0123456789abcde"})
def list_otherwise(house: House, caller: Caller, ask: TradeAsk) -> Table:
    """List what other conduct would have made of a closed trade."""
    with _found(house, owner_of(house, caller), ask) as (_, story, row, trade):
        return _table(OTHERWISE, [one.model_dump() for one in _otherwise(house, story, trade, row)])


@operation("journal.candles", example={"account": "main", "trade": "t0123456789abcde"})
def list_candles(house: House, caller: Caller, ask: TradeAsk) -> Table:
    """List the bars around a closed trade, oldest first."""
    with _found(house, owner_of(house, caller), ask) as (_, story, _row, trade):
        bars = around(house, story, trade)
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close)
    names = [one.name for one in CANDLES]
    rows = [
        dict(zip(names, row, strict=True)) for row in zip(*(one.tolist() for one in columns), strict=True)
    ]
    return _table(CANDLES, rows)


@operation(
    "journal.write", scope="write", example={"account": "main", "trade": "t0123456789abcde", "note": "late"}
)
def write(house: House, caller: Caller, ask: WriteAsk) -> Written:
    """Write a note, tags and where the idea came from beside a closed trade, in place of those before."""
    owner = owner_of(house, caller)
    with _found(house, owner, ask):
        pass
    try:
        kept = write_note(
            house, owner, ask.trade, ask.note, ask.tags, source=ask.source, revision=ask.revision
        )
    except Conflict as fault:
        other = notes_of(house, owner).get(ask.trade, Note()).text[:200]
        raise Conflict(
            f"this note changed meanwhile, to {other!r}; keep yours again to put it in place of that"
        ) from fault
    now = revision_of(house, owner, ask.trade)
    return Written(id=ask.trade, note=kept.text, tags=list(kept.tags), source=kept.source, revision=now)


def _runs(house: House, owner: str, account: str) -> list[TradeRun]:
    """Return every run of an account, oldest first; refuses one that is not the owner's."""
    run_of(house, account, owner)
    return [run for run in house.trades.runs_of(owner) if run.account == account]


def _rows(house: House, owner: str, account: str) -> list[dict[str, Any]]:
    notes, ideas = notes_of(house, owner), cache(lambda strategy: idea_of(house, strategy))
    rows: list[dict[str, Any]] = []
    for run in _runs(house, owner, account):
        with story_of(house, run) as story:
            rows += [_row(row, notes.get(row["id"], Note()), ideas) for row in figures.closed_rows(story)]
    return rows[::-1]


def _row(row: dict[str, Any], note: Note, ideas: Callable[[str], str]) -> dict[str, Any]:
    told = {
        **row, "cost": row["fees"] + row["slippage"] + max(0.0, -row["funding"]), "setup": "",
        "source": note.source or ideas(row["strategy"]), "tags": ", ".join(note.tags), "note": note.text,
    }  # fmt: skip
    return {one.name: told[one.name] for one in LIST}


def _tags(row: dict[str, Any]) -> list[str]:
    return [tag for tag in str(row["tags"]).split(", ") if tag]


def _keys(row: dict[str, Any], by: By) -> list[str]:
    """Return the groups a trade is counted in: each of its tags, else one."""
    if by == "tag":
        return _tags(row)
    if by == "hour":
        return [f"{int(row['entry_ts']) // HOUR_MS % 24:02d}:00"]
    return [str(row[by])]


def _criteria(house: House, story: Story, trade: Any) -> list[Condition]:
    return [Condition.model_validate(one, from_attributes=True) for one in criteria_of(house, story, trade)]


def _otherwise(house: House, story: Story, trade: Any, row: dict[str, Any]) -> list[Otherwise]:
    return [
        Otherwise(kind=one.kind, end=one.end, pnl=one.pnl, gap=one.pnl - row["pnl"], exit_ts=one.exit_ts)
        for one in instead(house, story, trade)
    ]


@contextmanager
def _found(house: House, owner: str, ask: TradeAsk) -> Iterator[tuple[TradeRun, Story, dict[str, Any], Any]]:
    """Hold the story that a trade is in."""
    for run in _runs(house, owner, ask.account):
        with story_of(house, run) as story:
            for number, row in enumerate(figures.closed_rows(story)):
                if row["id"] == ask.trade and story.account is not None:
                    yield run, story, row, story.account.trades[number].copy()
                    return
    raise NotFound(f"account {ask.account} has no closed trade {ask.trade}; journal.list names them")


def _plan(house: House, story: Story, trade: Any, row: dict[str, Any]) -> Plan:
    bars = around(house, story, trade)
    decided = int(trade["decision_ts"])
    found = [float(close) for ts, close in zip(bars.ts, bars.close, strict=True) if int(ts) == decided]
    price, stop, target = found[0] if found else None, row["stop"], row["target"]
    risk = abs(price - stop) if price is not None else 0.0
    return Plan(
        decided_ts=decided + bars.span_ms,
        price=price,
        stop=stop,
        target=target,
        risk=row["planned_risk"],
        reward_to_risk=abs(target - price) / risk if price is not None and risk > 0.0 else None,
    )


def _table(columns: list[Column], rows: Sequence[dict[str, Any]], *, total: int | None = None) -> Table:
    return Table(
        columns=columns,
        rows=list(rows),
        origins=[Origin(source=SOURCE)],
        total=len(rows) if total is None else total,
    )
