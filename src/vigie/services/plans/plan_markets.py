"""What a market allows a plan: one that is known, of its setup, and on a spot market nothing that is borrowed."""

from __future__ import annotations

from typing import Final

from vigie.data.instruments.versions import find_versions
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.ids import parse_instrument, parse_slot
from vigie.domain.trade_plan import PlanSide, TradePlan
from vigie.ports.setups import StoredChange
from vigie.services.people.ownership import accounts_of
from vigie.services.plans.plan_sources import PlanSources
from vigie.services.plans.present_price import present_price

_SPOT: Final = "spot"


def is_spot(instrument: str) -> bool:
    """Return whether what is bought is the coin itself: without funding, liquidation or borrowed money."""
    return parse_instrument(instrument).market == _SPOT


def leverage_at(venue: str, instrument: str, side: PlanSide, leverage: float | None) -> float | None:
    """Return the leverage of a plan; on a spot market 1 is none.

    Raises
    ------
    UsageError
        If a spot market is to lend money or coins.
    """
    if not is_spot(instrument):
        return leverage
    if side == "short":
        raise UsageError(
            "plan_spot_short",
            "{instrument} on {venue} is a spot market and lends no coins: choose a long, or a perpetual contract such "
            "as btc-usdt-perp",
            instrument=instrument,
            venue=venue,
        )
    if leverage not in (None, 1.0):
        raise UsageError(
            "plan_spot_leverage",
            "{instrument} on {venue} is a spot market and lends no money: leave the leverage at none, was {leverage}; "
            "or choose a perpetual contract such as btc-usdt-perp",
            instrument=instrument,
            venue=venue,
            leverage=leverage,
        )
    return None


def refuse_unknown_market(sources: PlanSources, plan: TradePlan) -> None:
    """Refuse a market that has neither rules nor a price here: nothing can be said of it, and nobody trades it.

    Raises
    ------
    UsageError
        With the market's name.
    """
    if find_versions(sources.data.instruments, plan.venue, plan.instrument):
        return
    if present_price(sources.quotes, plan, sources.data.clock.market_now()) is None:
        raise UsageError(
            "plan_unknown_market",
            "Vigie knows no market {instrument} at {venue}; name a market of this venue, such as btc-usdt-perp",
            instrument=plan.instrument,
            venue=plan.venue,
        )


def is_of_setup(change: StoredChange, venue: str, instrument: str, side: PlanSide) -> bool:
    """Return whether a setup, by any of its changes, is of a market and side."""
    return (change.venue, parse_slot(change.slot).instrument, change.side) == (venue, instrument, side)


def refuse_other_setup(sources: PlanSources, plan: TradePlan) -> None:
    """Refuse a setup that is not one of the plan's owner, or of another market or side than the plan.

    Raises
    ------
    NotFound
        If they have none such.
    UsageError
        With market and side of both.
    """
    if not plan.setup:
        return
    changes = sources.setups.of(plan.setup, accounts_of(sources.logs.trades, plan.owner))
    if not changes:
        raise NotFound(
            "no_such_setup",
            "there is no setup {setup}; `vigie setups list` and the page Signals list yours",
            setup=plan.setup,
        )
    setup = changes[0]
    if not is_of_setup(setup, plan.venue, plan.instrument, plan.side):
        raise UsageError(
            "plan_of_other_setup",
            "setup {setup} is {setup_side} on {setup_place}, this plan is {side} on {place}: plan what the setup says, "
            "or make a plan that names no setup",
            setup=plan.setup,
            setup_side=setup.side,
            setup_place=f"{setup.venue}:{parse_slot(setup.slot).instrument}",
            side=plan.side,
            place=f"{plan.venue}:{plan.instrument}",
        )
