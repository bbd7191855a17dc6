"""Strategies in the desk: what there is, what each one asks for, and where it is switched on."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.data.stores import DataStores
from vigie.domain.errors import NotFound
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.home import ResultsHome
from vigie.services.caches.strategy_pages import StrategyLine, StrategyPageCache
from vigie.services.judging.strategies import declared_page, find_strategy_file, list_strategies
from vigie.services.operation import (
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of
from vigie.services.runs import slot_switches as kept_slots
from vigie.services.runs.run_orders import list_tradable_instruments
from vigie.services.runs.slot_switches import Slot
from vigie.trading import catalogue

# What was compiled before is loaded within this time; a page waits no longer.
_PAGE_WAIT_S: Final = 0.05
STRATEGY: Final = r"^[a-z][a-z0-9_]{0,60}$"


class StrategyRow(Row):
    """One strategy."""

    name: str = shown("Strategy")
    title: str = shown("Description")
    timeframe: str = shown("Timeframe", definition="Default; you can choose another.")
    parameters: int = shown("Parameters", unit="count")
    on: int = shown(
        "On for backtests",
        unit="count",
        definition="Number of instruments you switched on for joint backtests; accounts have their own switches.",
    )
    is_own: bool = shown("Custom", definition="From your strategies folder.")
    problem: str = shown("Problem", definition="Why no backtest or account accepts it.")


class SlotRow(Row):
    """One slot: a strategy on an instrument and a timeframe."""

    slot: str = shown("Active strategy", definition="Venue, instrument, timeframe, strategy.")
    asset: str = shown("Asset")
    venue: str = shown("Venue")
    instrument: str = shown("Instrument")
    timeframe: str = shown("Timeframe")
    strategy: str = shown("Strategy")
    is_on: bool = shown("On for backtests")


class StrategyInput(OperationInput):
    """One strategy."""

    name: str = Field(pattern=STRATEGY, description="Its name.", examples=["ema_cross"])


class DescribeStrategyInput(StrategyInput):
    """One strategy, and whether its criteria are waited for: the first time they are read its code is compiled."""

    wait: bool = Field(True, description="Whether the answer waits for the criteria.")


class StrategyParameter(BaseModel):
    """One parameter: default, bounds, and what a search walks."""

    name: str
    kind: str
    default: float
    low: float
    high: float
    search: tuple[float, float]
    step: float


class CriterionText(BaseModel):
    """One criterion in words."""

    side: str
    name: str
    required: bool
    weight: float
    sense: str


class StrategyResult(OperationResult):
    """Everything about one strategy."""

    name: str
    title: str
    doc: str
    timeframe: str
    warmup_bars: int
    first_decision: int
    is_own: bool
    parameters: list[StrategyParameter]
    criteria: list[CriterionText]
    source: str
    is_judged: bool = Field(
        True, description="Whether criteria and first decision are known; if not, ask again soon."
    )


class ListSlotsInput(OperationInput):
    """Which slots, from where on."""

    strategy: str = Field(default="", max_length=61, description="Of this strategy only.")
    asset: str = Field(default="", max_length=60, description="Of this asset only (catalogue id).")
    timeframe: str = Field(
        default="", max_length=4, description="In this timeframe; empty: each strategy's own."
    )
    state: Literal["", "on", "off"] = ""
    cursor: str = Field(default="", pattern=r"^\d{0,6}$", description="`next_cursor` of the page before.")
    limit: int = Field(default=100, ge=1, le=500)


class SwitchSlotsInput(OperationInput):
    """Slots, and whether to switch them on or off."""

    slots: list[str] = Field(min_length=1, max_length=kept_slots.MAX_SLOTS_ON)
    on: bool = True


class SwitchedSlots(OperationResult):
    """What was changed; the same slots switched the other way undo it."""

    on: bool
    changed: list[str]
    total_on: int


@operation("strategies.list", example={})
def list_all_strategies(
    caller: Caller, params: NoInput, data: DataStores, results: ResultsHome, accounts: UserStore
) -> Table[StrategyRow]:
    """List every strategy, shipped and own; one that every run refuses is listed with the reason."""
    on = [slot.strategy for slot in kept_slots.active_slots(accounts, owner_of(accounts, caller))]
    rows = [
        StrategyRow(
            name=line.name,
            title=line.title,
            timeframe=line.timeframe,
            parameters=len(line.parameters),
            on=on.count(line.name),
            is_own=line.is_own,
            problem=line.problem,
        )
        for line in list_strategies(results.strategies, data)
    ]
    return table_of(StrategyRow, rows, total=len(rows))


@operation("strategies.get", example={"name": "ema_cross"})
def get_strategy(
    caller: Caller, params: DescribeStrategyInput, results: ResultsHome, descriptions: StrategyPageCache
) -> StrategyResult:
    """Show one strategy: parameters with their bounds, criteria in words, when it can first decide."""
    _refuse_unknown(results, params.name)
    page = descriptions.get_page(
        params.name, results.strategies, timeout_s=None if params.wait else _PAGE_WAIT_S
    )
    line = page.line
    return StrategyResult(
        name=line.name,
        title=line.title,
        doc=page.doc,
        timeframe=line.timeframe,
        warmup_bars=page.warmup_bars,
        first_decision=page.first_decision,
        is_own=line.is_own,
        parameters=[_strategy_parameter(entry) for entry in line.parameters],
        criteria=[
            CriterionText(
                side=entry.side,
                name=entry.name,
                required=entry.required,
                weight=entry.weight,
                sense=entry.sense,
            )
            for entry in page.criteria
        ],
        source=page.source,
        is_judged=page.is_judged,
    )


def _refuse_unknown(results: ResultsHome, name: str) -> None:
    if name not in catalogue.available(results.strategies):
        raise NotFound("no_strategy", "there is no strategy {strategy!r}", strategy=name)


class ParameterRow(Row):
    """One parameter of a strategy."""

    name: str = shown("Parameter")
    default: float = shown("Default")
    low: float = shown("At least")
    high: float = shown("At most")
    search_low: float = shown("Search range from")
    search_high: float = shown("Search range to")
    step: float = shown("Step size")


@operation("strategies.parameters", example={"name": "ema_cross"})
def list_parameters(caller: Caller, params: StrategyInput, results: ResultsHome) -> Table[ParameterRow]:
    """List the parameters of one strategy with their bounds and what a search walks over."""
    _refuse_unknown(results, params.name)
    rows = [
        ParameterRow(
            name=parameter.name,
            default=parameter.default,
            low=parameter.low,
            high=parameter.high,
            search_low=parameter.search[0],
            search_high=parameter.search[1],
            step=parameter.step,
        )
        for parameter in declared_page(find_strategy_file(params.name, results.strategies)).line.parameters
    ]
    return table_of(
        ParameterRow, rows, origins=[Origin(source=f"Vigie strategy {params.name}")], total=len(rows)
    )


def _strategy_parameter(declared: Any) -> StrategyParameter:
    return StrategyParameter(
        name=declared.name,
        kind=declared.kind,
        default=declared.default,
        low=declared.low,
        high=declared.high,
        search=declared.search,
        step=declared.step,
    )


@operation("strategies.slots", example={"limit": 5})
def list_slots(
    caller: Caller, params: ListSlotsInput, data: DataStores, results: ResultsHome, accounts: UserStore
) -> Table[SlotRow]:
    """List slots (instrument x timeframe x strategy) that could run here, and which of them are on."""
    on = set(kept_slots.active_slots(accounts, owner_of(accounts, caller)))
    lines = [line for line in list_strategies(results.strategies, data) if not line.problem]
    possible = sorted({*on, *_possible_slots(data, lines, params.timeframe)})
    rows = [row for slot in possible if _matches_filters(row := _slot_row(slot, slot in on), params)]
    start = int(params.cursor or 0)
    end = start + params.limit
    return table_of(
        SlotRow, rows[start:end], total=len(rows), next_cursor=str(end) if end < len(rows) else None
    )


def _possible_slots(data: DataStores, lines: list[StrategyLine], timeframe: str) -> list[Slot]:
    return [
        Slot(venue, instrument, timeframe or line.timeframe, line.name)
        for venue, names in list_tradable_instruments(data).items()
        for instrument in names
        for frames in [kept_slots.available_timeframes(data, venue, instrument)]
        for line in lines
        if (timeframe or line.timeframe) in frames
    ]


def _slot_row(slot: Slot, is_on: bool) -> SlotRow:
    return SlotRow(
        slot=str(slot),
        asset=parse_instrument(slot.instrument).asset,
        venue=slot.venue,
        instrument=slot.instrument,
        timeframe=slot.timeframe,
        strategy=slot.strategy,
        is_on=is_on,
    )


def _matches_filters(row: SlotRow, params: ListSlotsInput) -> bool:
    return (
        (not params.strategy or row.strategy == params.strategy)
        and (not params.asset or row.asset == params.asset)
        and (not params.timeframe or row.timeframe == params.timeframe)
        and (not params.state or row.is_on == (params.state == "on"))
    )


@operation(
    "strategies.switch",
    scope="write",
    example={"slots": ["binance-perp:btc-usdt-perp/4h/ema_cross"], "on": False},
)
def switch_slots(
    caller: Caller,
    params: SwitchSlotsInput,
    data: DataStores,
    results: ResultsHome,
    accounts: UserStore,
    audit: AuditLog,
) -> SwitchedSlots:
    """Switch slots on or off; switching what was changed the other way undoes it."""
    slots = [kept_slots.parse_slot(text) for text in dict.fromkeys(params.slots)]
    if params.on:
        for slot in slots:
            kept_slots.check_slot(data, results, slot)
    changed = kept_slots.switch_slots(accounts, caller.user, slots, on=params.on)
    if changed:
        audit.append(
            "slots.switched",
            actor=caller.user,
            subject=caller.user,
            text={"on": params.on, "slots": [str(slot) for slot in changed]},
        )
    return SwitchedSlots(
        on=params.on,
        changed=[str(slot) for slot in changed],
        total_on=len(kept_slots.active_slots(accounts, caller.user)),
    )
