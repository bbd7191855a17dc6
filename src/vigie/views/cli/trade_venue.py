"""The account at a venue that a plan trades: its key, and what opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vigie.ports.clock import PatientClock
    from vigie.ports.keys import VenueKey
    from vigie.ports.trading import ListedVenue
    from vigie.services.trading.plan import TradePlan


def exchange_of(venue: str) -> str:
    """Return the exchange of a venue, ``bitget`` of ``bitget-perp``."""
    return venue.rpartition("-")[0]


def key_of_plan(plan: TradePlan) -> VenueKey | None:
    """Return the key of a plan's account at its venue; None on paper."""
    if plan.mode == "paper":
        return None
    from vigie.bootstrap_trading import key_of
    from vigie.views.cli.keys import asker, store_asker

    return key_of(exchange_of(plan.venue), plan.mode, None, store_asker(asker(from_stdin=False)))


def venue_of_plan(
    plan: TradePlan, clock: PatientClock, url: str | None, key: VenueKey | None = None
) -> ListedVenue | None:
    """Open the account of a plan at its venue; None on paper. Without a key it is looked for."""
    from vigie.bootstrap_trading import open_account

    found = key or key_of_plan(plan)
    ours = {one.slot.instrument for one in plan.slots}
    return None if found is None else open_account(found, clock, url=url, ours=ours)
