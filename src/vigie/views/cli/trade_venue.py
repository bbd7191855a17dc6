"""The account at a venue that a plan trades: its key, and what opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vigie.ports.clock import PatientClock
    from vigie.ports.keys import VenueKey
    from vigie.ports.listed_venue import ListedVenue
    from vigie.services.trading.account_plans.account_plan import AccountPlan


def exchange_of(venue: str) -> str:
    """Return the exchange of a venue, ``bitget`` of ``bitget-perp``."""
    return venue.rpartition("-")[0]


def plan_key(plan: AccountPlan) -> VenueKey | None:
    """Return the key of a plan's account at its venue; None on paper."""
    if plan.mode == "paper":
        return None
    from vigie.views.cli.keys import make_prompt, make_store_prompt
    from vigie.wiring.venue_accounts import find_key

    return find_key(
        exchange_of(plan.venue), plan.mode, None, make_store_prompt(make_prompt(from_stdin=False))
    )


def open_plan_venue(
    plan: AccountPlan, clock: PatientClock, url: str | None, key: VenueKey | None = None
) -> ListedVenue | None:
    """Open the account of a plan at its venue; None on paper. Without a key it is looked for."""
    from vigie.wiring.venue_accounts import open_account

    venue_key = key or plan_key(plan)
    ours = {plan_slot.slot.instrument for plan_slot in plan.slots}
    return None if venue_key is None else open_account(venue_key, clock, url=url, ours=ours)
