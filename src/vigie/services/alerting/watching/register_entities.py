"""Whose rows of registers changed: entities that rules name, or that people follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.register import RegisterChange
from vigie.ports.accounts import UserStore
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.names import NameStore
from vigie.ports.registers import RegisterStore
from vigie.services.alerting.dispatch import expand_followed
from vigie.services.news.entities.naming import entries_of
from vigie.services.news.entities.registers import load_registers, rows_of

# Kinds of entities that stand on registers.
_LISTED = ("org:", "coin:")


@dataclass(frozen=True, slots=True)
class RegisterEntities:
    """What entries of registers are matched with entities by."""

    registers: RegisterStore
    directory: ConnectorDirectory
    accounts: UserStore
    catalog: BarCatalog
    names: NameStore


def add_entities(
    register_entities: RegisterEntities,
    rules: Sequence[AlertRule],
    events: Sequence[AlertEvent],
    changes: Sequence[RegisterChange],
) -> list[AlertEvent]:
    """Return changes of registers with the entities they are of, among those that rules ask for.

    Parameters
    ----------
    events, changes : sequence
        What each change is to rules, in the same order.
    """
    wanted_entities = {
        entity
        for rule in (
            expand_followed(register_entities.accounts, register_entities.names, item) for item in rules
        )
        for part in ("entities", "followed")
        for entity in rule.when.get(part, ())
        if entity.startswith(_LISTED)
    }
    if not wanted_entities or not changes:
        return list(events)
    entries = entries_of(register_entities.catalog, register_entities.names)
    known_listings = load_registers(register_entities.directory)
    # A row that was taken away is not among those that stand there.
    rows = [*register_entities.registers.entries(), *(item.entry for item in changes)]
    firms: dict[tuple[str, str], list[str]] = {}
    for entity in sorted(wanted_entities & entries.keys()):
        for row, _ in rows_of(entries[entity], known_listings, rows):
            firms.setdefault((row.register, row.key), []).append(entity)
    return [
        replace(event, facts={**event.facts, "entities": firms.get((item.register, item.key), [])})
        for event, item in zip(events, changes, strict=True)
    ]
