"""Rules that a venue changed while an account trades: from an instant on, and never for what came before it.

A position keeps the lots that it was bought in, and its levels their prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.engine.books import Slots
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.empty_account import LiveSlot, stack_rules


def order_rules(instrument: Instrument) -> steps.OrderRules:
    """Return what rules of an instrument ask of orders; its fees are the fills' own."""
    return steps.OrderRules(
        instrument=instrument.name,
        # One grid may be written in several ways.
        tick=str(parse_step(str(instrument.tick))),
        lot=str(parse_step(str(instrument.lot), name="lot")),
        significant_figures=instrument.significant_figures,
        min_qty=instrument.min_qty,
        max_qty=None if instrument.max_qty == float("inf") else instrument.max_qty,
        min_notional=instrument.min_notional,
        maintenance_rate=instrument.maintenance_rate,
    )


def find_changes(
    slots: Sequence[LiveSlot], newest: Sequence[Instrument], ts: int
) -> list[steps.RulesChanged]:
    """Return the step that an instant begins with where a venue asks for something else than is known of it."""
    known = {slot.id.instrument: order_rules(slot.versions[-1]) for slot in slots}
    stated = [order_rules(rule) for rule in newest if rule.name in known]
    rules = tuple(rule for rule in stated if rule != known[rule.instrument])
    return [steps.RulesChanged(ts, rules)] if rules else []


def apply_changes(
    slots: Sequence[LiveSlot], shared: Slots, step: steps.RulesChanged
) -> tuple[tuple[LiveSlot, ...], Slots]:
    """Return what slots trade, and their rules in time, after a step."""
    changed_slots = with_rules(slots, step)
    rules, starts = stack_rules(changed_slots, list(dict.fromkeys(slot.id.instrument for slot in slots)))
    return changed_slots, shared._replace(rules=rules, rule_start=starts)


def with_rules(slots: Sequence[LiveSlot], step: steps.RulesChanged) -> tuple[LiveSlot, ...]:
    """Return slots that know the rules that hold from a step on as well."""
    by_instrument = {new_rule.instrument: new_rule for new_rule in step.rules}

    def known(slot: LiveSlot) -> LiveSlot:
        rule = by_instrument.get(slot.id.instrument)
        if rule is None:
            return slot
        return replace(slot, versions=(*slot.versions, _new_version(slot.versions[-1], rule, step.ts)))

    return tuple(map(known, slots))


def _new_version(before: Instrument, rule: steps.OrderRules, ts: int) -> Instrument:
    return replace(
        before,
        tick=parse_step(rule.tick),
        lot=parse_step(rule.lot, name="lot"),
        significant_figures=rule.significant_figures,
        min_qty=rule.min_qty,
        max_qty=float("inf") if rule.max_qty is None else rule.max_qty,
        min_notional=rule.min_notional,
        maintenance_rate=rule.maintenance_rate,
        valid_from=max(ts, before.valid_from),
    )
