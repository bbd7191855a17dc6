"""What rules about registers, emerging ones and Vigie itself would have told: from what was written at the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.time import DAY_MS
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.tradebook import TradeBook
from vigie.services.alerting.preview.past_events import DAYS, PastEvents, at_time, look_times
from vigie.services.alerting.rule_parsing import SUBJECTS
from vigie.services.alerting.watching import newcomers, plan_texts, registers, system_events
from vigie.services.alerting.watching.condition_state import ConditionState
from vigie.services.alerting.watching.registers import RegisterEntities, add_entities
from vigie.services.market_data.newcomers import newcomers_of

MOST: Final = 5_000
_PAGE: Final = 500
# Found by looking, and not written down but as alerts.
UNWRITTEN: Final = ("loss", "stream")
_WRITTEN: Final = (*system_events.WRITTEN, *plan_texts.WRITTEN, system_events.STARTED)


def find_register_events(register_entities: RegisterEntities, clock: Clock, rule: AlertRule) -> PastEvents:
    """Return what became different in public registers since they were first looked at."""
    after, titles = clock.market_now() - DAYS * DAY_MS, registers.titles_of(register_entities.directory)
    changes = register_entities.registers.changes(after_ms=after, limit=MOST)
    events = [
        at_time(registers.event_of_change(change, titles, change.ts_seen), change.ts_seen)
        for change in changes
    ]
    matched = add_entities(register_entities, [rule], events, changes)
    unknown = [] if register_entities.registers.states() else ["registers"]
    return PastEvents(matched, len(changes), len(changes) < MOST, unknown=unknown)


def find_newcomer_events(
    catalog: BarCatalog, facts: FactStore, clock: Clock, when: Mapping[str, tuple[str, ...]]
) -> PastEvents:
    """Return who came to the list of emerging ones, or to a narrower one, and who left, by what was known each day."""
    events: list[AlertEvent] = []
    subjects = when.get("subject", ())
    narrow = newcomers.lists_of(subjects)
    # Who narrows the list down to one by conditions is not told of the whole one.
    lists = narrow if len(narrow) == len(subjects) and narrow else [newcomers.LIST, *narrow]
    states = {subject: ConditionState() for subject in lists}
    since, count = None, 0
    before: dict[str, newcomers.ListedNewcomer] = {}
    for ts in look_times(clock.market_now(), DAY_MS):
        everyone, _, _ = newcomers_of(catalog, facts, clock, ts)
        if everyone:
            since = ts if since is None else since
            count += len(everyone)
            for subject, state in states.items():
                events += [
                    at_time(event, ts)
                    for event in newcomers.find_changes(subject, everyone, state, ts, before)
                ]
                state.is_new = False
            before = newcomers.update_listed(everyone, before)
    begins = clock.market_now() - (DAYS - 1) * DAY_MS
    return PastEvents(
        events[::-1],
        count,
        every_ms=DAY_MS,
        since=since if since is not None and since > begins else None,
        unknown=["list"] if since is None else [],
    )


def find_system_events(
    audit: AuditLog, trades: TradeBook, clock: Clock, owner: str, when: Mapping[str, tuple[str, ...]]
) -> PastEvents:
    """Return what Vigie wrote into its audit about itself, of what concerns somebody."""
    after, seq = clock.wall_now() - DAYS * DAY_MS, audit.newest() + 1
    events: list[AlertEvent] = []
    is_over = False
    subjects = when.get("subject", ()) or SUBJECTS["desk"]
    first = next(iter(audit.after(0, limit=1, kinds=[system_events.STARTED])), None)
    while len(events) < MOST and not is_over:
        page = audit.before(seq, limit=_PAGE, kinds=_WRITTEN)
        page_events = [at_time(_event_of_record(trades, item), item.ts) for item in page if item.ts >= after]
        events += [item for item in page_events if item.facts.get("owner", owner) == owner]
        is_over = len(page) < _PAGE or page[-1].ts < after
        seq = page[-1].seq if page else seq
    unwritten = UNWRITTEN if first is not None else (*UNWRITTEN, "restart")
    begins = first.ts if first is not None and "restart" in subjects and first.ts > after else None
    unknown = [item for item in subjects if item in unwritten]
    return PastEvents(events, len(events), is_over, since=begins, unknown=unknown)


def _event_of_record(trades: TradeBook, event: AuditEvent) -> AlertEvent:
    if event.kind == system_events.STARTED:
        return system_events.start_event(event, event.ts)
    if event.kind in plan_texts.WRITTEN:
        return plan_texts.event_of_plan_record(trades, event, event.ts)
    return system_events.event_of_record(trades, event, event.ts)
