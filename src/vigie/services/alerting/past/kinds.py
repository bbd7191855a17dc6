"""A look back for any kind of rule, and the count of what it would have told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.services.alerting.past.items import of_items
from vigie.services.alerting.past.looked import EXAMPLES, Looked
from vigie.services.alerting.past.prices import of_pegs, of_prices
from vigie.services.alerting.past.records import of_desk, of_newcomers, of_registers
from vigie.services.alerting.past.spikes import of_spikes
from vigie.services.house import House


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have told.

    Attributes
    ----------
    count : int
        Alerts: each event once.
    looked : Looked
        What was looked at, and what could not be.
    examples : sequence of AlertEvent
        The newest of them.
    """

    count: int
    looked: Looked
    examples: Sequence[AlertEvent]


def looked_back(house: House, rule: AlertRule) -> Looked:
    """Return what happened in the last 90 days that a rule of its kind may be about."""
    match rule.kind:
        case "price" | "screener":
            return of_prices(house, rule.kind, rule.when)
        case "peg":
            return of_pegs(house, rule.when)
        case "spike":
            return of_spikes(house, rule.when)
        case "register":
            return of_registers(house, rule)
        case "emerging":
            return of_newcomers(house, rule.when)
        case "desk":
            return of_desk(house, rule.owner, rule.when)
        case _:
            return of_items(house, rule.when)


def dry_run(rule: AlertRule, looked: Looked) -> DryRun:
    """Return what a rule would have told of what happened; on or not, muted or not, whatever its budget."""
    told: dict[tuple[str, str], AlertEvent] = {}
    for one in looked.happenings:
        if not first_unmet_condition(rule, one):
            # An item is told once, whatever it became; a price each time that it passes its level.
            told.setdefault((one.key, "" if one.kind == "item" else one.status), one)
    return DryRun(len(told), looked, list(told.values())[:EXAMPLES])
