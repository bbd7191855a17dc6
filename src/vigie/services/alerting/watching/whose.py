"""Whose rows of registers changed: entities that rules name, or that people follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.register import RegisterChange
from vigie.services.alerting.telling import with_followed
from vigie.services.house import House
from vigie.services.news.naming import entries_of
from vigie.services.news.registers import load_registers, rows_of

# Kinds of entities that stand on registers.
_LISTED = ("org:", "coin:")


def with_firms(
    house: House,
    rules: Sequence[AlertRule],
    happenings: Sequence[AlertEvent],
    changes: Sequence[RegisterChange],
) -> list[AlertEvent]:
    """Return changes of registers with the entities they are of, among those that rules ask for.

    Parameters
    ----------
    happenings, changes : sequence
        What each change is to rules, in the same order.
    """
    asked = {
        entity
        for rule in (with_followed(house, one) for one in rules)
        for part in ("entities", "followed")
        for entity in rule.when.get(part, ())
        if entity.startswith(_LISTED)
    }
    if not asked or not changes:
        return list(happenings)
    entries, known = entries_of(house), load_registers(house)
    # A row that was taken away is not among those that stand there.
    rows = [*house.registers.entries(), *(one.entry for one in changes)]
    firms: dict[tuple[str, str], list[str]] = {}
    for entity in sorted(asked & entries.keys()):
        for row, _ in rows_of(entries[entity], known, rows):
            firms.setdefault((row.register, row.key), []).append(entity)
    return [
        replace(told, facts={**told.facts, "entities": firms.get((one.register, one.key), [])})
        for told, one in zip(happenings, changes, strict=True)
    ]
