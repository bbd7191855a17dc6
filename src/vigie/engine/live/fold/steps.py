"""The events of a trading account's log, and their plain form on the disk.

An instant, known by its number in the feed, gives at most five of them, in this order: `BarsClosed` (bars that end,
what happened inside them, decisions), `BarsOpened` (first prices of the next bars), `ExitsFilled` (decided exits that
were filled), `EntriesVetted` (entries that now meet the market), `EntriesFilled` (what came of them). Beside instants,
`CashAdjusted` is money that came or went without a trade, `SlotsResumed` a person's word, `RulesChanged` what a venue
asks of orders from then on, `LimitsInherited` the limits of loss that hold from an earlier run, `LimitsLifted` a limit
that a person ended early.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final, TypeAlias

from vigie.domain.errors import DataError
from vigie.domain.order import TradeStep
from vigie.engine.live.fold.limit_steps import LimitsInherited as LimitsInherited
from vigie.engine.live.fold.limit_steps import LimitsLifted as LimitsLifted
from vigie.engine.live.fold.limit_steps import LossLimit as LossLimit
from vigie.engine.live.fold.step_parts import ClosedBar as ClosedBar
from vigie.engine.live.fold.step_parts import EntryResult as EntryResult
from vigie.engine.live.fold.step_parts import EntryVeto as EntryVeto
from vigie.engine.live.fold.step_parts import FinerBar as FinerBar
from vigie.engine.live.fold.step_parts import Payment as Payment
from vigie.engine.live.fold.step_parts import PositionExit as PositionExit


@dataclass(frozen=True, slots=True)
class BarsClosed:
    """Bars end: what happened inside them is booked, the account is marked, decisions are taken.

    Attributes
    ----------
    ends : frozenset of int
        Slots whose feed ends with this bar: they decide nothing any more.
    finer : tuple of FinerBar
        Finer bars that end now and that positions met; they are met before `bars`.
    """

    number: int
    ts: int
    bars: tuple[ClosedBar, ...]
    payments: tuple[Payment, ...] = ()
    leaves: tuple[PositionExit, ...] = ()
    ends: frozenset[int] = frozenset()
    finer: tuple[FinerBar, ...] = ()


@dataclass(frozen=True, slots=True)
class BarsOpened:
    """First prices of bars that begin: (slot, price).

    Attributes
    ----------
    rates : tuple of (str, int, float)
        Funding rates settled since the last instant: instrument, time, fraction.
    """

    number: int
    ts: int
    prices: tuple[tuple[int, float], ...]
    payments: tuple[Payment, ...] = ()
    rates: tuple[tuple[str, int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ExitsFilled:
    """Decided exits that were filled."""

    number: int
    ts: int
    leaves: tuple[PositionExit, ...]


@dataclass(frozen=True, slots=True)
class EntriesVetted:
    """Decided entries meet the market, but for those that are vetoed."""

    number: int
    ts: int
    vetoes: tuple[EntryVeto, ...] = ()


@dataclass(frozen=True, slots=True)
class EntriesFilled:
    """What came of entries."""

    number: int
    ts: int
    entries: tuple[EntryResult, ...]


@dataclass(frozen=True, slots=True)
class CashAdjusted:
    """Money that came or went without a trade: a deposit, a withdrawal, a difference that was explained.

    Attributes
    ----------
    why : str
        ``found``, ``came_in``, ``went_out``, ``paid_in`` or ``paid_out`` of money at the venue, a sentence of what
        fills left; nothing reads it.
    instrument : str
        Where it came from fills that were no position of a slot.
    fills : tuple of str
        Their ids.
    beside : float or None
        What the venue holds beside the account's money, where that was noted.
    moved : int
        When the venue booked it, where its ledger says so; movements up to then are in the log.
    """

    ts: int
    amount: float
    why: str
    instrument: str = ""
    fills: tuple[str, ...] = ()
    beside: float | None = None
    moved: int = 0


@dataclass(frozen=True, slots=True)
class SlotsResumed:
    """A person ordered a state: slots that were paused may enter again where it lets the account trade.

    Attributes
    ----------
    slots : tuple of int
        Those that were paused.
    ordered : int
        Number of what was ordered, see `vigie.ports.tradebook.TradeBook.last_order_number`.
    """

    ts: int
    slots: tuple[int, ...]
    ordered: int


@dataclass(frozen=True, slots=True)
class OrderRules:
    """What a venue asks of orders in an instrument.

    Attributes
    ----------
    tick, lot : str
        Grid of prices and of quantities, as decimals.
    max_qty : float or None
        None where it states none.
    """

    instrument: str
    tick: str
    lot: str
    significant_figures: int
    min_qty: float
    max_qty: float | None
    min_notional: float
    maintenance_rate: float


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """A venue changed the rules of instruments: they hold from this instant on, levels that exist keep their price."""

    ts: int
    rules: tuple[OrderRules, ...]


Step: TypeAlias = (
    BarsClosed
    | BarsOpened
    | ExitsFilled
    | EntriesVetted
    | EntriesFilled
    | CashAdjusted
    | SlotsResumed
    | RulesChanged
    | LimitsInherited
    | LimitsLifted
)
BESIDE_INSTANTS: Final = (CashAdjusted, SlotsResumed, RulesChanged, LimitsInherited, LimitsLifted)
_STEPS: Final[dict[str, type[Any]]] = {
    "closed": BarsClosed, "opened": BarsOpened, "left": ExitsFilled, "asked": EntriesVetted, "entered": EntriesFilled,
    "adjusted": CashAdjusted,
    "resumed": SlotsResumed, "ruled": RulesChanged, "carried": LimitsInherited, "lifted": LimitsLifted,
}  # fmt: skip
_KINDS: Final = {kind: name for name, kind in _STEPS.items()}
_PARTS: Final[dict[str, type[Any]]] = {
    "bars": ClosedBar, "payments": Payment, "leaves": PositionExit, "vetoes": EntryVeto, "entries": EntryResult,
    "rules": OrderRules, "limits": LossLimit,
}  # fmt: skip
_NAMES: Final = {
    kind: tuple(field.name for field in fields(kind)) for kind in (*_KINDS, *_PARTS.values(), FinerBar)
}
_READ: Final = {kind: attrgetter(*names) for kind, names in _NAMES.items()}


def encode_step(step: Step) -> TradeStep:
    """Return the plain form of a step; floats keep every bit, a distance that is not known is null."""
    body = _record_fields(step)
    for name in body.keys() & _PARTS.keys():
        body[name] = [_encode_bar(item) if name == "bars" else _plain_row(item) for item in body[name]]
    if "ends" in body:
        body["ends"] = sorted(body["ends"])
    if finer := body.pop("finer", ()):  # one a minute, where any are: without names
        body["finer"] = [_READ[FinerBar](item) for item in finer]
    ts = body.pop("ts")
    return TradeStep(_KINDS[type(step)], ts, json.dumps(body, separators=(",", ":"), allow_nan=False))


def _record_fields(
    record: Step | ClosedBar | Payment | PositionExit | EntryResult | EntryVeto | OrderRules | LossLimit,
) -> dict[str, Any]:
    # Flat but for the parts: `dataclasses.asdict`, which copies at any depth, took three quarters of the writing.
    kind = type(record)
    return dict(zip(_NAMES[kind], _READ[kind](record), strict=True))


def _plain_row(
    record: Payment | PositionExit | EntryResult | EntryVeto | OrderRules | LossLimit,
) -> dict[str, Any]:
    row = _record_fields(record)
    if isinstance(record, EntryResult) and not record.why:
        del row["why"]  # most entries are filled, and logs of before have none
    return row


def _encode_bar(bar: ClosedBar) -> dict[str, Any]:
    row = _record_fields(bar)
    for name in ("stop_unit", "target_unit"):
        row[name] = None if math.isnan(row[name]) else row[name]
    if bar.volume is None:
        del row["volume"]  # it is the store's, as in logs of before
    if not bar.features:
        del row["features"]  # few strategies read any
    else:
        row["features"] = [(name, None if math.isnan(value) else value) for name, value in bar.features]
    return row


def decode_step(step: TradeStep) -> Step:
    """Return the step that was written.

    Raises
    ------
    DataError
        If it is none of ours.
    """
    kind = _STEPS.get(step.kind)
    if kind is None:
        raise DataError(
            "unknown_step",
            "step must be one of {steps}, was {kind!r}",
            steps=" ".join(_STEPS),
            kind=step.kind,
        )
    body = json.loads(step.body)
    for name, part in _PARTS.items():
        if name in body:
            body[name] = tuple(_decode_part(part, row) for row in body[name])
    if "ends" in body:
        body["ends"] = frozenset(body["ends"])
    if "prices" in body:
        body["prices"] = tuple((slot, price) for slot, price in body["prices"])
    if "rates" in body:
        body["rates"] = tuple((name, ts, rate) for name, ts, rate in body["rates"])
    for name in ("fills", "slots", "names"):
        if name in body:
            body[name] = tuple(body[name])
    for name, rows in (("peaks", _decode_pairs), ("seen", _decode_pairs), ("finer", _decode_finer)):
        if name in body:
            body[name] = rows(body[name])
    try:
        decoded: Step = kind(ts=step.ts, **body)
    except TypeError as fault:
        raise DataError(
            "step_cannot_read", "step {number} cannot be read: {fault}", number=step.number, fault=fault
        ) from fault
    return decoded


def _decode_part(part: type[Any], row: dict[str, Any]) -> Any:
    if part is ClosedBar:
        row["settlements"] = tuple((ts, rate) for ts, rate in row["settlements"])
        for name in ("stop_unit", "target_unit"):
            row[name] = math.nan if row[name] is None else row[name]
        row.setdefault("volume", None)
        features = row.get("features", ())
        row["features"] = tuple((name, math.nan if value is None else value) for name, value in features)
    if part is EntryResult:
        row.setdefault("why", "")  # logs of before have none
    for name in ("fills", "stops"):
        if name in row:
            row[name] = tuple(row[name])
    if part is LossLimit:
        row["values"] = _decode_pairs(row["values"])
    if set(row) != {spec.name for spec in fields(part)}:
        raise DataError(
            "wrong_points",
            "{name} must have {part}, had {row}",
            name=part.__name__,
            part=" ".join(spec.name for spec in fields(part)),
            row=set(row),
        )
    return part(**row)


def _decode_finer(rows: Any) -> tuple[FinerBar, ...]:
    return tuple(FinerBar(*row) for row in rows)


def _decode_pairs(rows: Any) -> tuple[tuple[Any, Any], ...]:
    return tuple((first, second) for first, second in rows)
