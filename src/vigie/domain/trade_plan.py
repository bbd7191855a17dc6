"""A trade as a person plans it: side, where to enter, stop, target, until when; and what became of the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.account import MAX_LEVERAGE
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.refusal import Refusal

PlanSide = Literal["long", "short"]
PlanState = Literal["draft", "armed", "entered", "closed", "refused", "expired", "cancelled"]
# What a person did with a plan, and what became of it.
PlanMark = Literal["armed", "cancelled", "entered", "closed", "refused", "expired"]

STATES: Final[tuple[PlanState, ...]] = (
    "draft", "armed", "entered", "closed", "refused", "expired", "cancelled",
)  # fmt: skip
# States as sentences of refusals name them, in the reader's language.
STATE_WORDS: Final[dict[PlanState, Refusal]] = {
    "draft": Refusal("plan_state_draft", "draft"),
    "armed": Refusal("plan_state_armed", "armed"),
    "entered": Refusal("plan_state_entered", "entered"),
    "closed": Refusal("plan_state_closed", "closed"),
    "refused": Refusal("plan_state_refused", "refused"),
    "expired": Refusal("plan_state_expired", "expired"),
    "cancelled": Refusal("plan_state_cancelled", "cancelled"),
}
PlanField = Literal[
    "stop", "target", "low", "high", "further_target", "limit_entry", "further_targets", "limit_entries"
]
# Fields as sentences of refusals name them, in the reader's language.
_FIELD_WORDS: Final[dict[PlanField, Refusal]] = {
    "stop": Refusal("plan_field_stop", "stop"),
    "target": Refusal("plan_field_target", "target"),
    "low": Refusal("plan_field_low", "the zone's lower end"),
    "high": Refusal("plan_field_high", "the zone's upper end"),
    "further_target": Refusal("plan_field_further_target", "a further target"),
    "limit_entry": Refusal("plan_field_limit_entry", "a limit entry"),
    "further_targets": Refusal("plan_field_further_targets", "the list of further targets"),
    "limit_entries": Refusal("plan_field_limit_entries", "the list of limit entries"),
}
_FURTHER: Final[PlanField] = "further_target"
_LIMIT: Final[PlanField] = "limit_entry"
# Plans that may still trade, or do.
OPEN: Final[frozenset[PlanState]] = frozenset({"draft", "armed", "entered"})
# After one of these marks a plan is never traded.
ENDS: Final[frozenset[PlanMark]] = frozenset({"cancelled", "closed", "refused", "expired"})
# Levels that a person may give: no market is near these ends. Plans of earlier versions may hold others.
MIN_PRICE: Final = 1e-15
MAX_PRICE: Final = 1e12
MAX_LEVELS: Final = 5
MAX_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class TradePlan:
    """One version of a plan.

    Attributes
    ----------
    id : str
        The same in each version.
    version : int
        1 for the first.
    owner, account : str
        Whose it is, and the account that trades it; empty where it is acted on by hand.
    venue, instrument, timeframe : str
        What is traded, and on which bars' closes.
    low, high : float or None
        The zone in which a close enters; None for both: at the first close, wherever it is between stop and target.
    stop, target : float
        Quote units; the only two levels that an account acts on.
    until : int
        Last close that enters, epoch milliseconds of the market.
    leverage : float or None
        What sizes are computed with, 1 to 5; None: without borrowed money, long only. An account trades with its own.
    further_targets, limit_entries : tuple of float
        Levels to act on by hand.
    setup : str
        Id of the setup that it came of; empty for none.
    ts_made : int
        When the version was written, epoch milliseconds of the market.
    shown_qty, shown_worst_loss : float or None
        What the preview of an order at once said before it was confirmed; None for other plans.
    """

    id: str
    version: int
    owner: str
    account: str
    venue: str
    instrument: str
    timeframe: str
    side: PlanSide
    low: float | None
    high: float | None
    stop: float
    target: float
    until: int
    leverage: float | None
    further_targets: tuple[float, ...]
    limit_entries: tuple[float, ...]
    setup: str
    note: str
    ts_made: int
    shown_qty: float | None = None
    shown_worst_loss: float | None = None

    def __post_init__(self) -> None:
        """Refuse levels that cannot be those of a plan.

        Raises
        ------
        UsageError
            With what was given and what is accepted.
        """
        _check_price("stop", self.stop)
        _check_price("target", self.target)
        _check_levels("further_targets", "further_target", self.further_targets)
        _check_levels("limit_entries", "limit_entry", self.limit_entries)
        self._check_order()
        self._check_leverage()
        if len(self.note) > MAX_NOTE:
            raise UsageError(
                "plan_note_too_long",
                "a note has at most {most} characters, this one has {given}",
                most=MAX_NOTE,
                given=len(self.note),
            )

    @property
    def is_at_once(self) -> bool:
        """Whether the first close enters, wherever it is between stop and target."""
        return self.low is None

    @property
    def zone(self) -> tuple[float, float]:
        """Lowest and highest close that enters."""
        if self.low is None or self.high is None:
            return min(self.stop, self.target), max(self.stop, self.target)
        return self.low, self.high

    @property
    def sign(self) -> int:
        """+1 for a long, -1 for a short."""
        return 1 if self.side == "long" else -1

    def _check_order(self) -> None:
        if (self.low is None) != (self.high is None):
            raise UsageError("plan_half_zone", "a zone has a lower and an upper end; give both, or neither")
        if self.low is not None and self.high is not None:
            _check_price("low", self.low)
            _check_price("high", self.high)
            if self.low > self.high:
                raise UsageError(
                    "plan_zone_upside_down",
                    "the zone's lower end ({low:g}) must not be above its upper end ({high:g})",
                    low=self.low,
                    high=self.high,
                )
        low, high = self.zone
        if self.is_at_once:
            is_ordered = self.sign * (self.target - self.stop) > 0.0
        else:
            near, far = (low, high) if self.side == "long" else (high, low)
            is_ordered = self.sign * (near - self.stop) > 0.0 and self.sign * (self.target - far) > 0.0
        if not is_ordered and self.is_at_once:
            raise UsageError(
                "plan_stop_and_target",
                "the stop of a long lies below its target, the stop of a short above; this {side} enters at once, "
                "with stop {stop:g} and target {target:g}",
                side=self.side,
                stop=self.stop,
                target=self.target,
            )
        if not is_ordered:
            raise UsageError(
                "plan_levels_out_of_order",
                "the stop of a long lies below its entry and the target above; of a short the other way round; "
                "this {side} enters from {low:g} to {high:g}, with stop {stop:g} and target {target:g}",
                side=self.side,
                low=low,
                high=high,
                stop=self.stop,
                target=self.target,
            )

    def _check_leverage(self) -> None:
        if self.leverage is None:
            if self.side == "short":
                raise UsageError(
                    "plan_short_needs_leverage",
                    "a short needs borrowed coins: choose a leverage from 1 to {most:g}, or a long",
                    most=MAX_LEVERAGE,
                )
            return
        if not 1.0 <= self.leverage <= MAX_LEVERAGE:
            raise UsageError(
                "plan_leverage",
                "leverage must be from 1 to {most:g}, or none; was {given}",
                most=MAX_LEVERAGE,
                given=self.leverage,
            )


def armed_already(plan: TradePlan) -> Conflict:
    """Return why no other plan of its account and instrument can be armed beside an armed one.

    Parameters
    ----------
    plan : TradePlan
        The armed one.

    Returns
    -------
    Conflict
        To be raised.
    """
    return Conflict(
        "plan_armed_already",
        "account {account} has an armed plan for {instrument}, {plan}: one at a time; cancel it first",
        account=plan.account,
        instrument=plan.instrument,
        plan=plan.id,
    )


def changed_meanwhile(plan: str) -> Conflict:
    """Return why a version of a plan that is no longer its newest cannot be acted on.

    Parameters
    ----------
    plan : str
        Its id.

    Returns
    -------
    Conflict
        To be raised.
    """
    return Conflict(
        "plan_changed_meanwhile",
        "plan {plan} was changed meanwhile; reload it and repeat the change",
        plan=plan,
    )


def refuse_absurd_levels(
    levels: Mapping[PlanField, float | None],
    further_targets: Sequence[float] = (),
    limit_entries: Sequence[float] = (),
) -> None:
    """Refuse levels that no market is near, before a plan is made of them.

    What is no number, or not above 0, is refused with the plan itself, which earlier versions may have kept with levels
    that are refused here.

    Parameters
    ----------
    levels : mapping
        By field; None for what is left out.

    Raises
    ------
    UsageError
        With the field, what was given and what is accepted.
    """
    named = [
        *levels.items(),
        *((_FURTHER, level) for level in further_targets),
        *((_LIMIT, level) for level in limit_entries),
    ]
    for name, level in named:
        is_price = level is not None and math.isfinite(level) and level > 0.0
        if is_price and level is not None and not MIN_PRICE <= level <= MAX_PRICE:
            raise UsageError(
                "plan_price_absurd",
                "{name} must be a price from {low:g} to {high:g}, was {given:g}",
                name=_FIELD_WORDS[name],
                low=MIN_PRICE,
                high=MAX_PRICE,
                given=level,
            )


def _check_price(name: PlanField, price: float) -> None:
    if not (math.isfinite(price) and price > 0.0):
        raise UsageError(
            "plan_price", "{name} must be a price above 0, was {given}", name=_FIELD_WORDS[name], given=price
        )


def _check_levels(name: PlanField, level_name: PlanField, levels: Sequence[float]) -> None:
    for level in levels:
        _check_price(level_name, level)
    if len(levels) > MAX_LEVELS:
        raise UsageError(
            "plan_too_many_levels",
            "{name} takes at most {most} levels, there are {given}",
            name=_FIELD_WORDS[name],
            most=MAX_LEVELS,
            given=len(levels),
        )
