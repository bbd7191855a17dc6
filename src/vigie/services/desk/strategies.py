"""Strategies in the desk: what there is, what each one asks for, and where it is switched on."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.judging.strategies import StrategyLine, declared_page, find, list_strategies
from vigie.services.operation import Answer, Ask, Column, Nothing, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.runs import slots as kept_slots
from vigie.services.runs.orders import venues
from vigie.services.runs.slots import Slot
from vigie.trading import catalogue

# What was compiled before is loaded within this time; a page waits no longer.
_PATIENCE_S: Final = 0.05
STRATEGY: Final = r"^[a-z][a-z0-9_]{0,60}$"

LIST: Final = [
    Column(name="name", title="Strategy"),
    Column(name="title", title="What it does"),
    Column(name="timeframe", title="Timeframe", definition="Its own; others may be chosen."),
    Column(name="parameters", title="Parameters", unit="count"),
    Column(
        name="on",
        title="On for backtests",
        unit="count",
        definition="Slots that you have switched on to be backtested together; accounts have switches of their own.",
    ),
    Column(name="is_own", title="Own", definition="From the strategies folder of this home."),
    Column(name="problem", title="Problem", definition="Why every run refuses it."),
]

SLOTS: Final = [
    Column(name="slot", title="Slot", definition="Venue, instrument, timeframe, strategy."),
    Column(name="asset", title="Asset"),
    Column(name="venue", title="Venue"),
    Column(name="instrument", title="Instrument"),
    Column(name="timeframe", title="Timeframe"),
    Column(name="strategy", title="Strategy"),
    Column(name="is_on", title="On for backtests"),
]


class StrategyAsk(Ask):
    """One strategy."""

    name: str = Field(pattern=STRATEGY, description="Its name.", examples=["ema_cross"])


class DescribeAsk(StrategyAsk):
    """One strategy, and whether its criteria are waited for: the first time they are read its code is compiled."""

    wait: bool = Field(True, description="Whether the answer waits for the criteria.")


class Parameter(BaseModel):
    """One parameter: default, bounds, and what a search walks."""

    name: str
    kind: str
    default: float
    low: float
    high: float
    search: tuple[float, float]
    step: float


class CriterionWords(BaseModel):
    """One criterion in words."""

    side: str
    name: str
    required: bool
    weight: float
    sense: str


class StrategyAnswer(Answer):
    """Everything about one strategy."""

    name: str
    title: str
    doc: str
    timeframe: str
    warmup_bars: int
    first_decision: int
    is_own: bool
    parameters: list[Parameter]
    criteria: list[CriterionWords]
    source: str
    is_judged: bool = Field(
        True, description="Whether criteria and first decision are known; if not, ask again soon."
    )


class SlotsAsk(Ask):
    """Which slots, from where on."""

    strategy: str = Field(default="", max_length=61, description="Of this strategy only.")
    asset: str = Field(default="", max_length=60, description="Of this asset only (catalogue id).")
    timeframe: str = Field(
        default="", max_length=4, description="In this timeframe; empty: each strategy's own."
    )
    state: Literal["", "on", "off"] = ""
    cursor: str = Field(default="", pattern=r"^\d{0,6}$", description="`next_cursor` of the page before.")
    limit: int = Field(default=100, ge=1, le=500)


class SwitchAsk(Ask):
    """Slots, and what they shall be."""

    slots: list[str] = Field(min_length=1, max_length=kept_slots.MOST)
    on: bool = True


class Switched(Answer):
    """What was changed; the same slots switched the other way undo it."""

    on: bool
    changed: list[str]
    total_on: int


@operation("strategies.list", example={})
def list_all(house: House, caller: Caller, ask: Nothing) -> Table:
    """List every strategy, shipped and own; one that every run refuses is listed with the reason."""
    on = [slot.strategy for slot in kept_slots.switched_on(house, owner_of(house, caller))]
    rows = [
        {
            "name": line.name,
            "title": line.title,
            "timeframe": line.timeframe,
            "parameters": len(line.parameters),
            "on": on.count(line.name),
            "is_own": line.is_own,
            "problem": line.problem,
        }
        for line in list_strategies(house.results.strategies, house.data)
    ]
    return Table(columns=LIST, rows=rows, total=len(rows))


@operation("strategies.get", example={"name": "ema_cross"})
def get_strategy(house: House, caller: Caller, ask: DescribeAsk) -> StrategyAnswer:
    """Show one strategy: parameters with their bounds, criteria in words, when it can first decide."""
    _refuse_unknown(house, ask.name)
    page = house.descriptions.page(
        ask.name, house.results.strategies, patience_s=None if ask.wait else _PATIENCE_S
    )
    line = page.line
    return StrategyAnswer(
        name=line.name, title=line.title, doc=page.doc, timeframe=line.timeframe,
        warmup_bars=page.warmup_bars, first_decision=page.first_decision, is_own=line.is_own,
        parameters=[_parameter(one) for one in line.parameters],
        criteria=[
            CriterionWords(
                side=one.side, name=one.name, required=one.required, weight=one.weight, sense=one.sense
            )
            for one in page.criteria
        ],
        source=page.source, is_judged=page.is_judged,
    )  # fmt: skip


def _refuse_unknown(house: House, name: str) -> None:
    if name not in catalogue.available(house.results.strategies):
        raise NotFound(f"there is no strategy {name!r}")


PARAMETERS: Final = [
    Column(name="name", title="Parameter"),
    Column(name="default", title="Default"),
    Column(name="low", title="At least"),
    Column(name="high", title="At most"),
    Column(name="search_low", title="A search walks from"),
    Column(name="search_high", title="A search walks to"),
    Column(name="step", title="In steps of"),
]


@operation("strategies.parameters", example={"name": "ema_cross"})
def list_parameters(house: House, caller: Caller, ask: StrategyAsk) -> Table:
    """List the parameters of one strategy with their bounds and what a search walks over."""
    _refuse_unknown(house, ask.name)
    rows = [
        {
            "name": one.name, "default": one.default, "low": one.low, "high": one.high,
            "search_low": one.search[0], "search_high": one.search[1], "step": one.step,
        }
        for one in declared_page(find(ask.name, house.results.strategies)).line.parameters
    ]  # fmt: skip
    return Table(
        columns=PARAMETERS, rows=rows, origins=[Origin(source=f"Vigie strategy {ask.name}")], total=len(rows)
    )


def _parameter(one: Any) -> Parameter:
    return Parameter(
        name=one.name, kind=one.kind, default=one.default, low=one.low, high=one.high, search=one.search,
        step=one.step,
    )  # fmt: skip


@operation("strategies.slots", example={"limit": 5})
def list_slots(house: House, caller: Caller, ask: SlotsAsk) -> Table:
    """List slots (instrument x timeframe x strategy) that could run here, and which of them are on."""
    on = set(kept_slots.switched_on(house, owner_of(house, caller)))
    lines = [line for line in list_strategies(house.results.strategies, house.data) if not line.problem]
    possible = sorted({*on, *_possible(house, lines, ask.timeframe)})
    rows = [row for slot in possible if _fits(row := _row(slot, slot in on), ask)]
    begin = int(ask.cursor or 0)
    end = begin + ask.limit
    return Table(
        columns=SLOTS,
        rows=rows[begin:end],
        total=len(rows),
        next_cursor=str(end) if end < len(rows) else None,
    )


def _possible(house: House, lines: list[StrategyLine], timeframe: str) -> list[Slot]:
    return [
        Slot(venue, instrument, timeframe or line.timeframe, line.name)
        for venue, names in venues(house).items()
        for instrument in names
        for frames in [kept_slots.timeframes(house, venue, instrument)]
        for line in lines
        if (timeframe or line.timeframe) in frames
    ]


def _row(slot: Slot, is_on: bool) -> dict[str, Any]:
    return {
        "slot": str(slot),
        "asset": parse_instrument(slot.instrument).asset,
        "venue": slot.venue,
        "instrument": slot.instrument,
        "timeframe": slot.timeframe,
        "strategy": slot.strategy,
        "is_on": is_on,
    }


def _fits(row: dict[str, Any], ask: SlotsAsk) -> bool:
    return (
        (not ask.strategy or row["strategy"] == ask.strategy)
        and (not ask.asset or row["asset"] == ask.asset)
        and (not ask.timeframe or row["timeframe"] == ask.timeframe)
        and (not ask.state or row["is_on"] == (ask.state == "on"))
    )


@operation(
    "strategies.switch",
    scope="write",
    example={"slots": ["binance-perp:btc-usdt-perp/4h/ema_cross"], "on": False},
)
def switch(house: House, caller: Caller, ask: SwitchAsk) -> Switched:
    """Switch slots on or off; switching what was changed the other way undoes it."""
    slots = [kept_slots.parse_slot(text) for text in dict.fromkeys(ask.slots)]
    if ask.on:
        for slot in slots:
            kept_slots.check_slot(house, slot)
    changed = kept_slots.switch(house, caller.user, slots, on=ask.on)
    if changed:
        house.audit.append(
            "slots.switched",
            actor=caller.user,
            subject=caller.user,
            text={"on": ask.on, "slots": [str(slot) for slot in changed]},
        )
    return Switched(
        on=ask.on,
        changed=[str(slot) for slot in changed],
        total_on=len(kept_slots.switched_on(house, caller.user)),
    )
