"""Which rules a happening is for: alerts and deliveries, written together, suppressed ones with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.pacing import Pacing, decide_pacing
from vigie.intelligence.alerts.rule_matching import first_unmet_condition
from vigie.intelligence.news.gazetteer.amendments import resolve_entity
from vigie.services.house import House
from vigie.services.news.story_ids import former_ids

# What was published longer before it was seen is no news: a source that is new here shows what it has.
STALE_MS: Final = DAY_MS
_LOOK_BACK_MS: Final = 2 * DAY_MS
# Each time somebody else went on, so that nobody waits for ever.
TRIES: Final = 20


def on_happenings(house: House, happenings: Sequence[AlertEvent]) -> int:
    """Judge every rule on what happened and keep what comes of it; return how many alerts are new.

    A rule tells of one status of one key once, so that telling it again, after a crash or by two processes, changes
    nothing. Another status is told again; one that takes something back is told to all who were told before,
    whatever their conditions, cool-down and budget.
    """
    by_kind: dict[str, list[AlertEvent]] = defaultdict(list)
    for one in happenings:
        by_kind[one.kind].append(one)
    return sum(_of_kind(house, kind, several) for kind, several in by_kind.items())


def _of_kind(house: House, kind: str, happenings: Sequence[AlertEvent]) -> int:
    rules = [with_followed(house, one) for one in house.alerts.rules_of(kind)]
    if not rules:
        return 0
    for _ in range(TRIES):
        desk = _judged(house, kind, rules, happenings)
        try:
            return house.alerts.add(desk.told, since=desk.since, sent=desk.counted)
        except Conflict:
            # Another process told of the same rules meanwhile: budget and cool-down are counted anew.
            continue
    raise TransientError(f"alerts of kind {kind} are judged by too many at once; they are judged again")


def _judged(house: House, kind: str, rules: Sequence[AlertRule], happenings: Sequence[AlertEvent]) -> _Desk:
    keys = {one.key for one in happenings}
    # Whom an item's story was told to under the id of one that ended in it knows it already.
    as_ended = ended_keys(house, keys) if kind == "item" else {}
    before = house.alerts.sent_statuses(kind, sorted(keys | as_ended.keys()))
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (name, key), statuses in before.items():
        known[name, as_ended.get(key, key)] |= statuses
    desk = _Desk(house, rules)
    for one in happenings:
        for rule in rules:
            told = known[rule.id, one.key]
            if one.status in told:
                continue
            # Only what is told of an item can be taken back; a price that is back is news of its own.
            mark = mark_of(told, one.status) if kind == "item" else ""
            if mark != "correction" and first_unmet_condition(rule, one):
                continue
            if desk.tell(rule, one, mark):
                told.add(one.status)
    return desk


def ended_keys(house: House, keys: Iterable[str]) -> dict[str, str]:
    """Return the keys under which stories that ended were told, each with the one that is told now."""
    parts = [key.partition("/") for key in keys]
    ended = former_ids(house, sorted({story for story, _, _ in parts}))
    return {
        f"{name}{slash}{item}": f"{story}{slash}{item}"
        for story, slash, item in parts
        for name in ended[story]
    }


def with_followed(house: House, rule: AlertRule) -> AlertRule:
    """Return a rule about what its owner follows as one about the assets and entities of their watchlists.

    Who was merged into another entity since is meant under that one's name, too.
    """
    when = dict(rule.when)
    if when.get("followed"):
        lists = house.accounts.watchlists(rule.owner)
        names = {name for one in lists for name in (*one.assets, *one.entities)}
        when["followed"] = tuple(sorted(names)) or ("",)
    if not any(":" in name for part in ("followed", "entities") for name in when.get(part, ())):
        return replace(rule, when=when)
    amendments = house.names.amendments()
    for part in ("followed", "entities"):
        given = when.get(part, ())
        when[part] = tuple(dict.fromkeys((*given, *(resolve_entity(one, amendments) for one in given))))
    return replace(rule, when=when)


def mark_of(told: set[str], status: str) -> str:
    """Return what an alert is after others about the same."""
    if not told:
        return ""
    return "correction" if status in CORRECTIONS else "update"


class _Desk:
    """Gathers alerts; what it decided counts for what comes after it."""

    def __init__(self, house: House, rules: Sequence[AlertRule]) -> None:
        self._house = house
        self._now = house.clock.wall_now()
        self.since = self._now - _LOOK_BACK_MS
        # What another process sends of a rule without limits changes nothing here.
        limited = [one.id for one in rules if one.daily_budget or one.cool_down_s]
        sent = house.alerts.sent_since(limited, self.since) if limited else {}
        self.counted = {rule: tuple(sent.get(rule, ())) for rule in limited}
        self._sent = {one.id: list(sent.get(one.id, ())) for one in rules}
        self._channels: dict[str, Mapping[str, Channel]] = {}
        self._zones: dict[str, str] = {}
        self.told: list[tuple[Alert, Sequence[AlertDelivery]]] = []

    def tell(self, rule: AlertRule, happening: AlertEvent, mark: str) -> bool:
        """Make the alert; tell whether it goes to anybody."""
        pacing = self._pacing(rule, happening, mark)
        if pacing.why == "expired":
            return False
        alert = Alert(alert_id(rule.id, happening), rule.id, rule.owner, happening, self._now, mark)
        deliveries = self._deliveries(rule, alert, pacing)
        self.told.append((alert, deliveries))
        if pacing.ts_due:
            self._sent[rule.id].append(pacing.ts_due)
        return bool(pacing.ts_due)

    def _pacing(self, rule: AlertRule, happening: AlertEvent, mark: str) -> Pacing:
        if mark == "correction":
            # Who was told something is told that it does not hold.
            rule = replace(rule, cool_down_s=0, daily_budget=0)
        elif happening.facts.get("age_ms", 0) > STALE_MS:
            return Pacing(0, "old")
        return decide_pacing(rule, self._now, self._sent[rule.id], self._zone(rule.owner))

    def _deliveries(self, rule: AlertRule, alert: Alert, pacing: Pacing) -> list[AlertDelivery]:
        mine = self._mine(rule.owner)
        made = [self._delivery(rule, alert, pacing, one, mine.get(one)) for one in rule.channels]
        if pacing.ts_due and not any(one.state in ("waiting", "sent") for one in made):
            # Nothing else of theirs takes it now.
            made.append(self._delivery(rule, alert, pacing, INBOX, None))
        return made

    def _delivery(
        self, rule: AlertRule, alert: Alert, pacing: Pacing, name: str, channel: Channel | None
    ) -> AlertDelivery:
        made = AlertDelivery(
            delivery_id(alert.id, name), alert.id, name, "suppressed", self._now, ts_done=self._now
        )
        if not pacing.ts_due:
            return replace(made, why=pacing.why)
        if name == INBOX:
            # It disturbs nobody: what is put off elsewhere is there at once.
            return replace(made, state="sent")
        if channel is None or not channel.is_confirmed:
            return replace(made, why="gone" if channel is None else "unconfirmed")
        if channel.ts_dead:
            return replace(made, why="dead")
        bundle = f"{name}/{pacing.ts_due}" if rule.pace == "digest" else ""
        return replace(made, state="waiting", ts_due=pacing.ts_due, ts_done=0, why=pacing.why, bundle=bundle)

    def _mine(self, owner: str) -> Mapping[str, Channel]:
        if owner not in self._channels:
            self._channels[owner] = {one.id: one for one in self._house.alerts.channels(owner)}
        return self._channels[owner]

    def _zone(self, owner: str) -> str:
        if owner not in self._zones:
            self._zones[owner] = zone_of(self._house, owner)
        return self._zones[owner]


def zone_of(house: House, owner: str) -> str:
    """Return the time zone that a person set."""
    return str(house.accounts.settings(owner)[1].get("zone") or "UTC")
