"""Contracts of a changed run file that the venue does not trade as usual, as processes of accounts told it last."""

from __future__ import annotations

from typing import Final

from vigie.domain.refusal import Refusal
from vigie.ports.health import HomeHealth
from vigie.ports.listed_venue import InstrumentPhase
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.gateway.told_market import read_told_market

_WORDS: Final[dict[InstrumentPhase, Refusal]] = {
    "reducing": Refusal("market_reducing", "takes no new positions"),
    "halted": Refusal("market_halted", "is halted"),
    "ended": Refusal("market_ended", "is not traded any more"),
}


def halt_notes(stores: TradingStores, home_health: HomeHealth, owner: str, plan: AccountPlan) -> list[str]:
    """Return which contracts the venue would refuse entries in now, and of which nobody knows; none on paper.

    Parameters
    ----------
    owner : str
        Whose accounts are asked; what others trade is not told.
    plan : AccountPlan
        As it would be traded.
    """
    if plan.mode == "paper":
        return []
    phases = _known_phases(stores, home_health, owner, plan.venue)
    notes: list[str] = []
    for instrument in sorted({series_id.instrument for series_id in plan.series}):
        phase = phases.get(instrument)
        if phase is None:
            notes.append(
                Refusal(
                    "change_note_unknown_phase",
                    "whether {instrument} is traded at {venue} now is not known here: no running account trades it",
                    instrument=instrument,
                    venue=plan.venue,
                )
            )
        elif phase != "trading":
            notes.append(
                Refusal(
                    "change_note_halted",
                    "{instrument} {phase} at {venue} now: entries in it are refused for as long",
                    instrument=instrument,
                    phase=_WORDS[phase],
                    venue=plan.venue,
                )
            )
    return notes


def _known_phases(
    stores: TradingStores, home_health: HomeHealth, owner: str, venue: str
) -> dict[str, InstrumentPhase]:
    """Return how contracts are traded that an owner's running accounts of a venue trade."""
    phases: dict[str, InstrumentPhase] = {}
    for run in stores.trades.accounts(owner):
        told = read_told_market(home_health, run.account)
        if run.venue != venue or not told.is_listed or stores.trades.holder(run.account) is None:
            continue
        for series_id in load_plan(stores.results, run.id).series:
            phase = told.phase(series_id.instrument)
            if phase is not None:
                phases[series_id.instrument] = phase
    return phases
