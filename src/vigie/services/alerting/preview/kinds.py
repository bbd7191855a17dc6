"""A look back for any kind of rule, and the count of what it would have told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent, AlertRule
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.ports.audit import AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.items import ItemStore
from vigie.ports.tradebook import TradeBook
from vigie.services.alerting.preview.holdings import HoldingPast, find_holding_events
from vigie.services.alerting.preview.items import find_item_events
from vigie.services.alerting.preview.past_events import EXAMPLES, PastEvents
from vigie.services.alerting.preview.prices import find_peg_events, find_price_events
from vigie.services.alerting.preview.records import (
    find_newcomer_events,
    find_register_events,
    find_system_events,
)
from vigie.services.alerting.preview.setups import as_mailed, find_setup_events
from vigie.services.alerting.preview.spikes import find_spike_events
from vigie.services.alerting.watching.registers import RegisterEntities
from vigie.services.news.entities.warnings import WarningSources
from vigie.services.setups.noticing import NoticeSources


@dataclass(frozen=True, slots=True)
class PreviewSources:
    """What past events are found in."""

    warning_sources: WarningSources
    register_entities: RegisterEntities
    items: ItemStore
    bookmarks: SourceBookmarks
    catalog: BarCatalog
    facts: FactStore
    bar_reader: BarReader
    audit: AuditLog
    trades: TradeBook
    setups: NoticeSources
    holdings: HoldingPast
    clock: Clock


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would have told.

    Attributes
    ----------
    count : int
        Alerts: each event once.
    past_events : PastEvents
        What was looked at, and what could not be.
    examples : sequence of AlertEvent
        The newest of them.
    times : sequence of int
        When each happened by the market's clock, newest first.
    """

    count: int
    past_events: PastEvents
    examples: Sequence[AlertEvent]
    times: Sequence[int] = ()


def find_past_events(sources: PreviewSources, rule: AlertRule) -> PastEvents:
    """Return what happened in the last 90 days that a rule of its kind may be about."""
    match rule.kind:
        case "price" | "screener":
            return find_price_events(
                sources.catalog, sources.bar_reader, sources.facts, sources.clock, rule.kind, rule.when
            )
        case "peg":
            return find_peg_events(
                sources.catalog, sources.bar_reader, sources.facts, sources.clock, rule.when
            )
        case "spike":
            return find_spike_events(
                sources.catalog, sources.items, sources.warning_sources.names, sources.clock, rule.when
            )
        case "register":
            return find_register_events(sources.register_entities, sources.clock, rule)
        case "emerging":
            return find_newcomer_events(sources.catalog, sources.facts, sources.clock, rule.when)
        case "desk":
            return find_system_events(sources.audit, sources.trades, sources.clock, rule.owner, rule.when)
        case "setup":
            return find_setup_events(sources.setups, sources.clock, rule.owner, rule.when)
        case "holding":
            return find_holding_events(sources.holdings, rule.owner, rule.when)
        case _:
            return find_item_events(
                sources.warning_sources,
                sources.bookmarks,
                sources.items,
                sources.clock,
                sources.warning_sources.directory,
                rule.when,
            )


def as_told(sources: PreviewSources, rule: AlertRule, event: AlertEvent) -> AlertEvent:
    """Return a past event with all that the message about it said."""
    if rule.kind == "setup":
        return as_mailed(sources.setups, sources.audit, rule.owner, event)
    return event


def preview_past_events(rule: AlertRule, past_events: PastEvents) -> RulePreview:
    """Return what a rule would have told of what happened; on or not, muted or not, whatever its budget."""
    events = matching_events(rule, past_events)
    times = [int(event.facts["ts_market"]) for event in events]
    return RulePreview(len(events), past_events, events[:EXAMPLES], times)


def matching_events(rule: AlertRule, past_events: PastEvents) -> list[AlertEvent]:
    """Return the past events that a rule matches, newest first, each once."""
    events: dict[tuple[str, str], AlertEvent] = {}
    for event in past_events.events:
        if not first_unmet_condition(rule, event):
            # An item is told once, whatever it became; a price each time that it passes its level.
            events.setdefault((event.key, "" if event.kind == "item" else event.status), event)
    return list(events.values())
