"""The rows of the tables about plans, and one plan in full."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from vigie.domain.time import HOUR_MS
from vigie.ports.plans import MarkedPlan
from vigie.services.operation import OperationResult
from vigie.services.plans.figures import Frequency, PlanMoney
from vigie.services.plans.plan_funding import FundingTerms
from vigie.services.plans.plan_states import PlanOutcome
from vigie.services.plans.setup_odds import SetupOdds
from vigie.services.rows import Row, shown
from vigie.services.trading.accounts.present_account import Standing

SOURCE: Final = "Vigie plans"


class PlanRow(Row):
    """One plan: its newest version, and what became of it."""

    plan: str = shown("Plan", source=SOURCE)
    version: int = shown("Version", unit="count", source=SOURCE)
    state: str = shown(
        "State",
        definition="Draft, armed, entered; or how it ended: closed, refused, expired, cancelled.",
        source=SOURCE,
    )
    code: str = shown(
        "Cause", definition="Why its entry was refused, or how its position ended.", source=SOURCE
    )
    account: str = shown("Account", definition="Empty where it is acted on by hand.", source=SOURCE)
    venue: str = shown("Venue", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    timeframe: str = shown("Timeframe", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    low: float | None = shown(
        "Zone from", unit="price", definition="Lowest close that enters; empty: at once.", source=SOURCE
    )
    high: float | None = shown(
        "Zone to", unit="price", definition="Highest close that enters; empty: at once.", source=SOURCE
    )
    stop: float = shown("Stop", unit="price", source=SOURCE)
    target: float = shown("Target", unit="price", source=SOURCE)
    until: int = shown("Valid until", unit="ms", definition="Last close that enters.", source=SOURCE)
    setup: str = shown("Setup", definition="Empty where it came of none.", source=SOURCE)
    ts_made: int = shown("Made", unit="ms", source=SOURCE)
    ts_armed: int | None = shown("Armed", unit="ms", source=SOURCE)
    ts_entered: int | None = shown("Entered", unit="ms", source=SOURCE)
    ts_ended: int | None = shown("Ended", unit="ms", source=SOURCE)
    entry: float | None = shown("Entry", unit="price", definition="Price of its fill.", source=SOURCE)
    exit: float | None = shown("Exit", unit="price", source=SOURCE)
    pnl: float | None = shown("Result", unit="quote", definition="With all costs.", source=SOURCE)


class PlanVersionRow(Row):
    """One version of a plan."""

    version: int = shown("Version", unit="count", source=SOURCE)
    ts_made: int = shown("Made", unit="ms", source=SOURCE)
    low: float | None = shown("Zone from", unit="price", source=SOURCE)
    high: float | None = shown("Zone to", unit="price", source=SOURCE)
    stop: float = shown("Stop", unit="price", source=SOURCE)
    target: float = shown("Target", unit="price", source=SOURCE)
    until: int = shown("Valid until", unit="ms", source=SOURCE)
    ts_armed: int | None = shown("Armed", unit="ms", source=SOURCE)
    ts_cancelled: int | None = shown("Cancelled", unit="ms", source=SOURCE)
    digest: str = shown("Digest", definition="SHA-256 of the version as it is written.", source=SOURCE)


class PlanSum(BaseModel):
    """What the plan makes with some capital and leverage, by the fill model; where refused, all sums are 0."""

    currency: str
    capital: float
    risk_fraction: float = Field(description="Share of the capital that is lost at the stop before costs.")
    leverage: float | None = Field(description="Null: without borrowed money.")
    entry: float = Field(description="Price that is counted with.")
    refusal: str
    limit: float = Field(description="What the refusal compared.")
    value: float
    qty: float
    notional: float
    loss: float = Field(description="Result at the stop after fees and slippage, without funding.")
    gain: float = Field(description="Result at the target after fees and slippage, without funding.")
    worst_loss: float = Field(
        description="Loss at the stop from the close in the zone where most would be lost, with the funding of the "
        "horizon; a gap through the stop loses more."
    )
    costs_at_stop: float
    costs_at_target: float
    funding: float = Field(description="Expected over the horizon at the last settled rate; paid is below 0.")
    liquidation: float = Field(description="0 where there is none.")
    break_even: float | None = Field(
        description="Share of such trades that must reach the target to lose nothing."
    )


class PlanLine(BaseModel):
    """If this comes first, then that is made; how often it came first before."""

    kind: str = Field(description="`target`, `stop` or `neither` within the horizon.")
    count: int
    of: int
    rate: float | None = Field(description="Null for fewer than 30.")
    low: float | None = Field(description="95 % interval.")
    high: float | None
    result: float | None


class PlanSetupOdds(BaseModel):
    """How setups like the plan's ended: of the same strategy, market, timeframe and side."""

    kind: str = Field(description="`live` or `replayed`.")
    strategy: str
    lines: list[PlanLine] = Field(
        description="A liquidation counts as stopped, every other end as `neither`."
    )
    held_bars: float | None = Field(
        description="Mean bars from the decision to the end; null where none ended."
    )
    funding: float = Field(description="Expected over as long at the last settled rate; paid is below 0.")
    expected: float | None = Field(
        description="Mean result at these rates, with costs and this funding; null for fewer than 30."
    )


class PlanRoom(BaseModel):
    """What one limit of the account leaves before the order."""

    limit: str = Field(description="As `risk`, `margin`, `max_positions`, `daily_loss`, `order_volume`.")
    kind: str = Field(
        description="`size`: notional of the entry, quote units, of `risk` the money lost at the stop; `count`: how "
        "many; `loss`: what may be lost from now on before nothing is entered, quote units."
    )
    most: float
    used: float | None = Field(
        description="Held, counted or lost already; a gain is below 0. Null where it limits each order alone."
    )
    left: float
    left_qty: float | None = Field(
        description="Largest quantity that it lets in, before it is rounded down to lots; null where it limits none."
    )
    binds: bool = Field(description="Whether it decides the size, or refuses the entry.")


class PlanFunding(BaseModel):
    """The rate that expected funding counts with, and how often it is settled."""

    rate: float = Field(description="Share of the position at one settlement; longs pay where it is above 0.")
    ts: int = Field(description="When it was settled, epoch milliseconds of the market.")
    venue: str = Field(description="Whose it is.")
    hours: float = Field(description="How far settlements lie apart.")
    settlements: int = Field(description="In the horizon, entered at the first close.")
    most: int = Field(
        description="In the horizon at most, whenever it is entered; the worst loss counts these."
    )


class PlanPreview(OperationResult):
    """What a plan comes to, before it is kept."""

    by_hand: PlanSum = Field(description="With the leverage that the plan names.")
    in_account: PlanSum | None = Field(
        description="As its account trades it at the next close, with what it holds now: equity, open positions, "
        "waiting entries and every limit; null where it has none."
    )
    room: list[PlanRoom] = Field(
        description="What each limit of the account and its gateway leaves before the order; empty without an account, "
        "and where its slot holds a position of its own."
    )
    standing: Standing | None = Field(
        description="`running`; `stopped`: nobody trades the account now, it counts as its log ends; `not_started`: it "
        "has decided nothing yet, it counts with its starting capital. Null without an account."
    )
    timeframe: str = Field(description="On whose closes it is decided.")
    until: int = Field(description="Last close that enters, epoch milliseconds of the market.")
    lines: list[PlanLine]
    horizon_bars: int
    ts_first: int = Field(description="First of the bars that were counted; 0 where there are none.")
    ts_last: int
    expected: float | None = Field(description="Mean result at these frequencies; null for fewer than 30.")
    setups: list[PlanSetupOdds] = Field(
        description="How setups like the plan's ended, live ones first; empty where it came of none."
    )
    price: float | None = Field(
        description="Present price: the mark price where the venue tells one, else the last; null where none is fresh."
    )
    price_ts: int | None = Field(description="When it was, epoch milliseconds of the market.")
    funding: PlanFunding | None = Field(description="Null where no rate is known.")


class SizedAnew(BaseModel):
    """What an armed plan was sized with, and is now that its account's run file was changed."""

    risk_before: float = Field(description="Share of the equity that is lost at the stop before costs.")
    leverage_before: float
    risk: float
    leverage: float


class PlanResult(OperationResult):
    """One plan in full."""

    newest: PlanRow
    leverage: float | None
    further_targets: list[float]
    limit_entries: list[float]
    note: str
    is_at_once: bool
    limit: float = Field(description="What a refusal compared.")
    value: float
    words: str = Field(
        description="Why its order was not filled, in the words of who refused it; a venue's begin with its code."
    )
    qty: float | None
    planned_risk: float | None
    sized_anew: SizedAnew | None = Field(
        description="Of an armed plan whose account's run file was changed since; else null."
    )
    r: float | None = Field(
        description="Result in multiples of the risk that was planned; null until closed."
    )
    previewed_qty: float | None = Field(
        description="Of an order at once: the quantity that its preview said, at the price of that moment."
    )
    previewed_worst_loss: float | None = Field(
        description="Of an order at once: the worst loss that its preview said."
    )
    link: str = Field(description="The market at its venue; empty where its address is not known.")
    link_venue: str = Field(
        description="Title of the venue that the link leads to: your own choice in Settings."
    )
    link_unlisted: str = Field(
        description="Title of the venue of your choice where it does not list this market; else empty."
    )
    ticket: str = Field(description="The plan as text, to act on by hand.")
    versions: int


def to_funding(venue: str, terms: FundingTerms, held_ms: int) -> PlanFunding:
    """Return what is known of the funding of a plan's market."""
    return PlanFunding(
        rate=terms.rate, ts=terms.ts, venue=venue, hours=terms.every_ms / HOUR_MS,
        settlements=terms.count(held_ms), most=terms.most(held_ms),
    )  # fmt: skip


def to_plan_row(marked: MarkedPlan, outcome: PlanOutcome) -> PlanRow:
    """Return a plan's row."""
    plan = marked.plan
    return PlanRow(
        plan=plan.id, version=plan.version, state=outcome.state, code=outcome.code, account=plan.account,
        venue=plan.venue, instrument=plan.instrument, timeframe=plan.timeframe, side=plan.side, low=plan.low,
        high=plan.high, stop=plan.stop, target=plan.target, until=plan.until, setup=plan.setup,
        ts_made=plan.ts_made, ts_armed=marked.ts_armed, ts_entered=outcome.ts_entered,
        ts_ended=outcome.ts_ended, entry=outcome.entry, exit=outcome.exit, pnl=outcome.pnl,
    )  # fmt: skip


def to_version_row(marked: MarkedPlan) -> PlanVersionRow:
    """Return the row of a version."""
    plan = marked.plan
    return PlanVersionRow(
        version=plan.version, ts_made=plan.ts_made, low=plan.low, high=plan.high, stop=plan.stop,
        target=plan.target, until=plan.until, ts_armed=marked.ts_armed, ts_cancelled=marked.ts_cancelled,
        digest=marked.digest,
    )  # fmt: skip


def to_sum(money: PlanMoney, currency: str) -> PlanSum:
    """Return what a plan makes as plain values."""
    results = money.results
    return PlanSum(
        currency=currency, capital=money.capital, risk_fraction=money.risk_fraction, leverage=money.leverage,
        entry=money.entry, refusal=results.refusal, limit=results.limit, value=results.value, qty=results.qty,
        notional=results.notional, loss=results.loss, gain=results.gain, worst_loss=money.worst_loss,
        costs_at_stop=results.costs_at_stop, costs_at_target=results.costs_at_target, funding=money.funding,
        liquidation=results.liquidation, break_even=results.break_even,
    )  # fmt: skip


def to_setup_odds(odds: SetupOdds) -> PlanSetupOdds:
    """Return how setups ended as plain values."""
    return PlanSetupOdds(
        kind=odds.kind, strategy=odds.strategy, lines=[to_line(line) for line in odds.lines],
        held_bars=odds.held_bars, funding=odds.funding, expected=odds.expected,
    )  # fmt: skip


def to_line(line: Frequency) -> PlanLine:
    """Return a frequency as plain values."""
    return PlanLine(
        kind=line.kind, count=line.count, of=line.of, rate=line.rate, low=line.low, high=line.high,
        result=line.result,
    )  # fmt: skip
