"""A coin or pool enters or leaves the list of emerging ones, or one that somebody made of it by conditions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertEvent
from vigie.intelligence.market.emerging import FlaggedNewcomer
from vigie.intelligence.market.newcomers import (
    NewcomerCondition,
    measure_of,
    parse_newcomers,
    render_newcomers,
)
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.services.alerting.dispatch import AlertDispatch
from vigie.services.alerting.rule_parsing import SUBJECTS
from vigie.services.alerting.watching import event_arguments
from vigie.services.alerting.watching.condition_state import ConditionState, raise_changes
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.market_data.newcomers import newcomers_of

MOST = 500
PLACE = "alerts/emerging"
# Who was on the list last: who is gone can still be named.
SEEN = "alerts/emerging_seen"
# The list as it is, without conditions.
LIST = "list"


@dataclass(frozen=True, slots=True)
class ListedNewcomer:
    """What is told of somebody on the list."""

    name: str
    kind: str
    flags: tuple[str, ...] = ()


def look(
    catalog: BarCatalog, dispatch: AlertDispatch, facts: FactStore, bookmarks: SourceBookmarks, clock: Clock
) -> int:
    """Raise what came to the list and to those that rules make of it, and what went; return how many alerts."""
    rules = dispatch.alerts.rules_of("emerging")
    if not rules:
        return raise_changes(dispatch, bookmarks, clock, PLACE, (), lambda *_: ())
    everyone, _, _ = newcomers_of(catalog, facts, clock, None)
    if not everyone:
        # An empty list is one that was not gathered yet: what then comes first is no news.
        return 0
    now = clock.wall_now()
    subjects = [LIST, *sorted({item for rule in rules for item in lists_of(rule.when.get("subject", ()))})]
    before = parse_listed(bookmarks.get(SEEN))
    alert_count = raise_changes(
        dispatch,
        bookmarks,
        clock,
        PLACE,
        subjects,
        lambda item, state: find_changes(item, everyone, state, now, before),
    )
    listed = update_listed(everyone, before)
    bookmarks.put(
        SEEN, json.dumps({name: [item.name, item.kind, list(item.flags)] for name, item in listed.items()})
    )
    return alert_count


def parse_listed(text: str | None) -> dict[str, ListedNewcomer]:
    """Return who was on the list, as it was kept."""
    return {
        name: ListedNewcomer(row[0], row[1], tuple(row[2])) for name, row in json.loads(text or "{}").items()
    }


def update_listed(
    everyone: Sequence[FlaggedNewcomer], before: Mapping[str, ListedNewcomer]
) -> dict[str, ListedNewcomer]:
    """Return what is told of each on the list, by id, and of those before whose kind was not gathered."""
    gathered = {item.newcomer.kind for item in everyone}
    return {name: item for name, item in before.items() if item.kind not in gathered} | {
        item.newcomer.id: ListedNewcomer(
            item.newcomer.name, item.newcomer.kind, tuple(flag.key for flag in item.flags)
        )
        for item in everyone
    }


def lists_of(subjects: Sequence[str]) -> list[str]:
    """Return which of a rule's subjects are lists made by conditions."""
    return [subject for subject in subjects if subject not in SUBJECTS["emerging"]]


def find_changes(
    subject: str,
    everyone: Sequence[FlaggedNewcomer],
    state: ConditionState,
    now: int,
    before: Mapping[str, ListedNewcomer],
) -> list[AlertEvent]:
    """Return who came to a list and who went, given all who may be on it, youngest first, and who was before."""
    conditions = () if subject == LIST else parse_newcomers(subject)
    rows = {emerging.newcomer.id: emerging for emerging in (everyone if conditions else everyone[:MOST])}
    # What is not known of somebody neither begins nor ceases.
    holds = {
        name: all(condition.holds(emerging) for condition in conditions)
        for name, emerging in rows.items()
        if all(_is_known(condition, emerging) for condition in conditions)
    }
    listed = update_listed(everyone, before)
    known_listed = {**before, **listed}
    off_list = {name: False for name in state.known if name not in listed and name in before}
    events = [
        _newcomer_event(change.name, known_listed[change.name], change.turn, conditions, now)
        for change in state.changes({**holds, **off_list}, first_counts=True)
    ]
    # Who is off the list needs no memory: coming back is told under the same key, which is told once.
    state.known = {name: entry for name, entry in state.known.items() if name in listed}
    return events


def _is_known(condition: NewcomerCondition, emerging: FlaggedNewcomer) -> bool:
    return not isinstance(condition.value, float) or not math.isnan(measure_of(emerging, condition.field))


def _newcomer_event(
    name: str, listed: ListedNewcomer, turn: str, conditions: Sequence[NewcomerCondition], now: int
) -> AlertEvent:
    is_gone = turn == "leaves"
    values = {"name": listed.name, "flags": len(listed.flags)}
    more: dict[str, Any] = {
        "flags": list(listed.flags), "text": " ".join(listed.flags), "url": "/markets/emerging", "turn": turn,
    }  # fmt: skip
    more |= {"is_exit": True} if is_gone else {}
    if not conditions:
        text_key, key = (f"gone.{listed.kind}", f"gone/{name}") if is_gone else (listed.kind, name)
        kind = "flagged" if listed.flags else "clean"
        return make_event("emerging", text_key, key, values, now, subject=kind, **more)
    where = render_newcomers(conditions)
    key = f"{where}/{name}"
    return make_event(
        "emerging", "unlisted" if is_gone else "listed", f"gone/{key}" if is_gone else key,
        {**values, "where": event_arguments.newcomers(where)}, now, subject=where, is_narrowed=True, **more,
    )  # fmt: skip
