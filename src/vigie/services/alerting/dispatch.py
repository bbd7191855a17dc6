"""Which rules an event is for: alerts and deliveries, written together, suppressed ones with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.domain.alert import (
    CORRECTIONS,
    INBOX,
    Alert,
    AlertDelivery,
    AlertEvent,
    AlertRule,
    Channel,
    alert_id,
    delivery_id,
)
from vigie.domain.errors import Conflict, TransientError
from vigie.domain.time import DAY_MS, is_zone
from vigie.intelligence.alerts.pacing import Pacing, decide_pacing
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.intelligence.news.gazetteer.amendments import resolve_entity
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.services.alerting.arrivals import LOOK_BACK_MS
from vigie.services.news.story_loading import former_ids

# Whoever was told of a setup is told that it is void.
SETUP_ENDS: Final = ("invalidated",)
# Of what was told before: told whatever the cool-down and the number a day.
_UNCOUNTED: Final = ("correction", "ended")
# What was published longer before it was seen is no news: a source that is new here shows what it has.
STALE_MS: Final = DAY_MS
# Each time somebody else went on, so that nobody waits for ever.
TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class AlertDispatch:
    """What events are matched with rules by."""

    alerts: AlertStore
    accounts: UserStore
    items: ItemStore
    names: NameStore


def dispatch_events(
    dispatch: AlertDispatch, clock: Clock, events: Sequence[AlertEvent], *, now: int | None = None
) -> int:
    """Judge every rule on what happened and keep what comes of it; return how many alerts are new.

    `now` is the moment at which something about the events was decided before, epoch milliseconds on the wall: mute
    rules, days and quiet hours are those of that moment.

    A rule tells of one status of one key once, so that telling it again, after a crash or by two processes, changes
    nothing. Another status is told again; one that takes something back is told to all who were told before,
    whatever their conditions, cool-down and budget. The end of a setup that was told stands in the inbox at least, also
    where every rule that told it is mute, over, off or deleted.
    """
    by_kind: dict[str, list[AlertEvent]] = defaultdict(list)
    for event in events:
        by_kind[event.kind].append(event)
    moment = clock.wall_now if now is None else lambda: now
    return sum(_dispatch_kind(dispatch, moment, kind, several) for kind, several in by_kind.items())


def _dispatch_kind(
    dispatch: AlertDispatch, moment: Callable[[], int], kind: str, events: Sequence[AlertEvent]
) -> int:
    rules = [
        expand_followed(dispatch.accounts, dispatch.names, rule) for rule in dispatch.alerts.rules_of(kind)
    ]
    if not rules and not any(map(_is_setup_end, events)):
        return 0
    for _ in range(TRIES):
        batch = _match_rules(
            dispatch.accounts, dispatch.items, dispatch.alerts, moment(), kind, rules, events
        )
        try:
            return dispatch.alerts.add(batch.alerts, since=batch.since, sent=batch.counted)
        except Conflict:
            # Another process told of the same rules meanwhile: budget and cool-down are counted anew.
            continue
    raise TransientError(
        "too_many_processes_evaluate_alerts",
        "too many processes evaluate alerts of kind {kind} at once; they will be evaluated again",
        kind=kind,
    )


def _match_rules(
    accounts: UserStore,
    items: ItemStore,
    alerts: AlertStore,
    now: int,
    kind: str,
    rules: Sequence[AlertRule],
    events: Sequence[AlertEvent],
) -> _AlertBatch:
    keys = {event.key for event in events}
    # Whom an item's story was told to under the id of one that ended in it knows it already.
    as_ended = ended_keys(items, keys) if kind == "item" else {}
    statuses_before = alerts.sent_statuses(kind, sorted(keys | as_ended.keys()))
    known_statuses: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (name, key), statuses in statuses_before.items():
        known_statuses[name, as_ended.get(key, key)] |= statuses
    batch = _AlertBatch(accounts, alerts, now, rules)
    for event in events:
        if _is_setup_end(event):
            told = {name: known for (name, key), known in statuses_before.items() if key == event.key}
            batch.add_end(event, told)
            continue
        for rule in rules:
            earlier_statuses = known_statuses[rule.id, event.key]
            if event.status in earlier_statuses:
                continue
            # Only what is told of an item can be taken back; a price that is back is news of its own.
            mark = mark_of(earlier_statuses, event.status) if kind == "item" else ""
            if mark not in _UNCOUNTED and first_unmet_condition(rule, event):
                continue
            if batch.add(rule, event, mark):
                earlier_statuses.add(event.status)
    return batch


def _is_setup_end(event: AlertEvent) -> bool:
    return event.kind == "setup" and event.status in SETUP_ENDS


def ended_keys(items: ItemStore, keys: Iterable[str]) -> dict[str, str]:
    """Return the keys under which stories that ended were told, each with the one that is told now."""
    parts = [key.partition("/") for key in keys]
    ended = former_ids(items, sorted({story for story, _, _ in parts}))
    return {
        f"{name}{slash}{item}": f"{story}{slash}{item}"
        for story, slash, item in parts
        for name in ended[story]
    }


def expand_followed(accounts: UserStore, name_store: NameStore, rule: AlertRule) -> AlertRule:
    """Return a rule about what its owner follows as one about the assets and entities of their watchlists.

    Who was merged into another entity since is meant under that one's name, too.
    """
    when = dict(rule.when)
    if when.get("followed"):
        lists = accounts.watchlists(rule.owner)
        names = {name for item in lists for name in (*item.assets, *item.entities)}
        when["followed"] = tuple(sorted(names)) or ("",)
    if not any(":" in name for part in ("followed", "entities") for name in when.get(part, ())):
        return replace(rule, when=when)
    amendments = name_store.amendments()
    for part in ("followed", "entities"):
        given = when.get(part, ())
        when[part] = tuple(dict.fromkeys((*given, *(resolve_entity(item, amendments) for item in given))))
    return replace(rule, when=when)


def mark_of(earlier_statuses: set[str], status: str) -> str:
    """Return what an alert is after others about the same."""
    if not earlier_statuses:
        return ""
    return "correction" if status in CORRECTIONS else "update"


class _AlertBatch:
    """Gathers alerts; what it decided counts for what comes after it."""

    def __init__(self, accounts: UserStore, alerts: AlertStore, now: int, rules: Sequence[AlertRule]) -> None:
        self._accounts = accounts
        self._alerts = alerts
        self._now = now
        self._rules = {rule.id: rule for rule in rules}
        self.since = self._now - LOOK_BACK_MS
        # What another process sends of a rule without limits changes nothing here.
        limited = [item.id for item in rules if item.daily_budget or item.cool_down_s]
        sent = alerts.sent_since(limited, self.since) if limited else {}
        self.counted = {rule: tuple(sent.get(rule, ())) for rule in limited}
        self._sent = {item.id: list(sent.get(item.id, ())) for item in rules}
        self._channels: dict[str, Mapping[str, Channel]] = {}
        self._zones: dict[str, str] = {}
        self.alerts: list[tuple[Alert, Sequence[AlertDelivery]]] = []

    def add_end(self, event: AlertEvent, told: Mapping[str, Collection[str]]) -> None:
        """Make the alert that a setup is void, by each rule that told of it; in the inbox where all are silent now.

        Parameters
        ----------
        event : AlertEvent
            The end.
        told : mapping of str to collection of str
            Statuses that were told of the setup, by rule.
        """
        rules = [
            rule
            for name in sorted(told)
            if (rule := self._rule_now(name, event)).owner == event.facts["owner"]
        ]
        is_told = any(event.status in told[rule.id] for rule in rules)
        # Those that speak first: only where none does the inbox is told in their place.
        for rule in sorted(rules, key=lambda rule: not self._pacing(rule, event, "ended").ts_due):
            if event.status not in told[rule.id]:
                is_told = self.add(rule, event, "ended", is_in_inbox=not is_told) or is_told

    def _rule_now(self, name: str, event: AlertEvent) -> AlertRule:
        """Return a rule that told of an event before; one that is gone by now is off."""
        if name in self._rules:
            return self._rules[name]
        rule = self._alerts.any_rule(name) or AlertRule(name, str(event.facts["owner"]), "", event.kind)
        return replace(rule, is_on=False)

    def add(self, rule: AlertRule, event: AlertEvent, mark: str, *, is_in_inbox: bool = False) -> bool:
        """Make the alert, in the inbox also where its rule is silent if asked; tell whether it goes to anybody."""
        pacing = self._pacing(rule, event, mark)
        if pacing.why == "expired" and not is_in_inbox:
            return False
        # That a setup is void stands in its title.
        shown_mark = "" if mark == "ended" else mark
        alert = Alert(alert_id(rule.id, event), rule.id, rule.owner, event, self._now, shown_mark)
        deliveries = self._deliveries(rule, alert, pacing)
        if is_in_inbox and not pacing.ts_due:
            inbox = self._delivery(rule, alert, Pacing(self._now), INBOX, None)
            deliveries = [inbox, *(delivery for delivery in deliveries if delivery.channel != INBOX)]
        self.alerts.append((alert, deliveries))
        if pacing.ts_due:
            self._sent[rule.id].append(pacing.ts_due)
        return bool(pacing.ts_due) or is_in_inbox

    def _pacing(self, rule: AlertRule, event: AlertEvent, mark: str) -> Pacing:
        if mark in _UNCOUNTED or event.facts.get("always"):
            # Who was told something is told that it does not hold.
            rule = replace(rule, cool_down_s=0, daily_budget=0)
        elif event.facts.get("age_ms", 0) > STALE_MS:
            return Pacing(0, "old")
        elif event.facts.get("held"):
            held = str(event.facts["held"])
            # Where every rule was silent, each says itself why; one that no longer is came too late.
            own = self._decide(rule) if held == "rule" else Pacing(0, held)
            return Pacing(0, "silent") if own.ts_due else own
        return self._decide(rule)

    def _decide(self, rule: AlertRule) -> Pacing:
        return decide_pacing(rule, self._now, self._sent.get(rule.id, ()), self._zone(rule.owner))

    def _deliveries(self, rule: AlertRule, alert: Alert, pacing: Pacing) -> list[AlertDelivery]:
        channels = self._channels_of(rule.owner)
        deliveries = [self._delivery(rule, alert, pacing, item, channels.get(item)) for item in rule.channels]
        if pacing.ts_due and not any(item.state in ("waiting", "sent") for item in deliveries):
            # Nothing else of theirs takes it now.
            deliveries.append(self._delivery(rule, alert, pacing, INBOX, None))
        return deliveries

    def _delivery(
        self, rule: AlertRule, alert: Alert, pacing: Pacing, name: str, channel: Channel | None
    ) -> AlertDelivery:
        delivery = AlertDelivery(
            delivery_id(alert.id, name), alert.id, name, "suppressed", self._now, ts_done=self._now
        )
        if not pacing.ts_due:
            return replace(delivery, why=pacing.why)
        if name == INBOX:
            # It disturbs nobody: what is put off elsewhere is there at once.
            return replace(delivery, state="sent")
        if channel is None or not channel.is_confirmed:
            return replace(delivery, why="gone" if channel is None else "unconfirmed")
        if channel.ts_dead:
            return replace(delivery, why="dead")
        bundle = f"{name}/{pacing.ts_due}" if rule.pace == "digest" else ""
        return replace(
            delivery, state="waiting", ts_due=pacing.ts_due, ts_done=0, why=pacing.why, bundle=bundle
        )

    def _channels_of(self, owner: str) -> Mapping[str, Channel]:
        if owner not in self._channels:
            self._channels[owner] = {channel.id: channel for channel in self._alerts.channels(owner)}
        return self._channels[owner]

    def _zone(self, owner: str) -> str:
        if owner not in self._zones:
            self._zones[owner] = zone_of(self._accounts, owner)
        return self._zones[owner]


def zone_of(accounts: UserStore, owner: str) -> str:
    """Return the time zone that a person set; UTC where what is kept is none, or no longer one."""
    return zone_in(accounts.settings(owner)[1])


def zone_in(kept: Mapping[str, object]) -> str:
    """Return the time zone of a person's settings; UTC where what is kept is none, or no longer one."""
    zone = str(kept.get("zone") or "UTC")
    return zone if is_zone(zone) else "UTC"
