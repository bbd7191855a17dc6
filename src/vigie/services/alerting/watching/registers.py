"""A row of a public register was added, changed, ended, removed; and of which entities, named by rules or followed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.register import RegisterChange
from vigie.ports.accounts import UserStore
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.names import NameStore
from vigie.ports.registers import RegisterState, RegisterStore
from vigie.services.alerting.dispatch import AlertDispatch, dispatch_events, expand_followed
from vigie.services.alerting.watching import event_arguments
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.news.entities.naming import entries_of
from vigie.services.news.entities.registers import change_word, licence_end, load_registers, rows_of

# Kinds of entities that stand on registers.
_LISTED = ("org:", "coin:")
PLACE = "alerts/register"
BESIDE_MS = 60_000
# Of a register between two looks. More are rows that are told apart otherwise than before, not that many firms.
_MOST = 5_000
# Judged and kept together: others wait as long to write.
_AT_ONCE = 200


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


def look(
    dispatch: AlertDispatch, register_entities: RegisterEntities, bookmarks: SourceBookmarks, clock: Clock
) -> int:
    """Raise changes of registers since the last look; return how many alerts that makes."""
    saved = bookmarks.get(PLACE)
    if not dispatch.alerts.rules_of("register"):
        if saved:
            bookmarks.put(PLACE, "")
        return 0
    # Read before the changes are: what comes between is read twice, and told once, under the same key.
    states = register_entities.registers.states()
    after = _start_times(saved, states)
    changes = [
        item
        for register in (state.register for state in states)
        for item in register_entities.registers.changes(
            register, after_ms=after.get(register, 0), limit=_MOST
        )
    ]
    titles, now = titles_of(register_entities.directory), clock.wall_now()
    events = [event_of_change(item, titles, now) for item in changes]
    events = add_entities(register_entities, dispatch.alerts.rules_of("register"), events, changes)
    alert_count = sum(
        dispatch_events(dispatch, clock, events[at : at + _AT_ONCE]) for at in range(0, len(events), _AT_ONCE)
    )
    # By its look, not by what was read once more since: a look may be under way that began before that.
    after |= {item.register: max(after.get(item.register, 0), item.ts_seen + 1) for item in states}
    text = json.dumps(after, sort_keys=True)
    if text != saved:
        bookmarks.put(PLACE, text)
    return alert_count


def _start_times(saved: str, states: Sequence[RegisterState]) -> dict[str, int]:
    """Return from when on the changes of each register are told.

    Of each its own time: one whose look was under way as another's ended was looked at before that.
    """
    if not saved:
        # What was known before there was a rule is told by none, read once more or not.
        return {state.register: max(state.ts_seen, state.ts_changed or 0) + 1 for state in states}
    if saved.isdecimal():
        # As homes kept it before: one time for all.
        return dict.fromkeys((state.register for state in states), int(saved) - BESIDE_MS)
    start_times: dict[str, int] = json.loads(saved)
    return start_times


def titles_of(directory: ConnectorDirectory) -> dict[str, str]:
    """Return what sources are called."""
    return {note.id: note.title for note in directory.news()}


def event_of_change(change: RegisterChange, titles: Mapping[str, str], now: int) -> AlertEvent:
    """Return a change of a register as what rules may be about."""
    until = licence_end(change) or change.ts_seen
    values = {
        "register": titles.get(change.register, change.register), "name": change.entry.name,
        "day": event_arguments.day(until),
    }  # fmt: skip
    return make_event(
        "register", change_word(change), f"{change.register}/{change.key}", values, now,
        status=f"{change.kind}/{change.ts_seen}", url="/news/regulation",
        source=change.register, turn=change.kind, text=f"{change.entry.name} {change.entry.lei} {change.entry.country}",
        subject=change.entry.country,
    )  # fmt: skip
