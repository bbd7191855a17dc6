"""A coin or pool enters or leaves the list of emerging ones, or one that somebody made of it by conditions."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vigie.domain.alert import AlertEvent
from vigie.intelligence.market.emerging import FlaggedNewcomer
from vigie.intelligence.market.newcomers import (
    NewcomerCondition,
    measure_of,
    newcomers_sentence,
    parse_newcomers,
    render_newcomers,
)
from vigie.services.alerting.watching.saying import happening
from vigie.services.alerting.watching.standing import Standing, watched
from vigie.services.alerting.wishing import KNOWN
from vigie.services.house import House
from vigie.services.operations.directories import newcomers_of

MOST = 500
PLACE = "alerts/emerging"
# Who was on the list last: who is gone can still be named.
SEEN = "alerts/emerging_seen"
# The list as it is, without conditions.
LIST = "list"


@dataclass(frozen=True, slots=True)
class Listed:
    """What is told of somebody on the list."""

    name: str
    kind: str
    flags: tuple[str, ...] = ()


def look(house: House) -> int:
    """Raise what came to the list and to those that rules make of it, and what went; return how many alerts."""
    rules = house.alerts.rules_of("emerging")
    if not rules:
        return watched(house, PLACE, (), lambda *_: ())
    everyone, _, _ = newcomers_of(house, None)
    if not everyone:
        # An empty list is one that was not gathered yet: what then comes first is no news.
        return 0
    now = house.clock.wall_now()
    subjects = [LIST, *sorted({one for rule in rules for one in lists_of(rule.when.get("subject", ()))})]
    before = seen_before(house.bookmarks.get(SEEN))
    made = watched(house, PLACE, subjects, lambda one, held: found_in(one, everyone, held, now, before))
    seen = seen_by_now(everyone, before)
    house.bookmarks.put(
        SEEN, json.dumps({name: [one.name, one.kind, list(one.flags)] for name, one in seen.items()})
    )
    return made


def seen_before(text: str | None) -> dict[str, Listed]:
    """Return who was on the list, as it was kept."""
    return {name: Listed(row[0], row[1], tuple(row[2])) for name, row in json.loads(text or "{}").items()}


def seen_by_now(everyone: Sequence[FlaggedNewcomer], before: Mapping[str, Listed]) -> dict[str, Listed]:
    """Return what is told of each on the list, by id, and of those before whose kind was not gathered."""
    gathered = {one.newcomer.kind for one in everyone}
    return {name: one for name, one in before.items() if one.kind not in gathered} | {
        one.newcomer.id: Listed(one.newcomer.name, one.newcomer.kind, tuple(flag.key for flag in one.flags))
        for one in everyone
    }


def lists_of(subjects: Sequence[str]) -> list[str]:
    """Return which of a rule's subjects are lists made by conditions."""
    return [one for one in subjects if one not in KNOWN["emerging"]]


def found_in(
    subject: str,
    everyone: Sequence[FlaggedNewcomer],
    standing: Standing,
    now: int,
    before: Mapping[str, Listed],
) -> list[AlertEvent]:
    """Return who came to a list and who went, given all who may be on it, youngest first, and who was before."""
    conditions = () if subject == LIST else parse_newcomers(subject)
    rows = {one.newcomer.id: one for one in (everyone if conditions else everyone[:MOST])}
    # What is not known of somebody neither begins nor ceases.
    holds = {
        name: all(condition.holds(one) for condition in conditions)
        for name, one in rows.items()
        if all(_is_known(condition, one) for condition in conditions)
    }
    here = seen_by_now(everyone, before)
    told = {**before, **here}
    gone = {name: False for name in standing.known if name not in here and name in before}
    found = [
        _told(change.name, told[change.name], change.turn, conditions, now)
        for change in standing.changes({**holds, **gone}, first_counts=True)
    ]
    # Who is off the list needs no memory: coming back is told under the same key, which is told once.
    standing.known = {name: held for name, held in standing.known.items() if name in here}
    return found


def _is_known(condition: NewcomerCondition, one: FlaggedNewcomer) -> bool:
    return not isinstance(condition.value, float) or not math.isnan(measure_of(one, condition.field))


def _told(name: str, one: Listed, turn: str, conditions: Sequence[NewcomerCondition], now: int) -> AlertEvent:
    is_gone = turn == "leaves"
    values = {"name": one.name, "flags": len(one.flags)}
    more: dict[str, Any] = {
        "flags": list(one.flags), "text": " ".join(one.flags), "url": "/markets/emerging", "turn": turn,
    }  # fmt: skip
    more |= {"is_exit": True} if is_gone else {}
    if not conditions:
        word, key = (f"gone.{one.kind}", f"gone/{name}") if is_gone else (one.kind, name)
        kind = "flagged" if one.flags else "clean"
        return happening("emerging", word, key, values, now, subject=kind, **more)
    where = render_newcomers(conditions)
    key = f"{where}/{name}"
    return happening(
        "emerging", "unlisted" if is_gone else "listed", f"gone/{key}" if is_gone else key,
        {**values, "where": newcomers_sentence(conditions, "en")}, now,
        french={"where": newcomers_sentence(conditions, "fr")}, subject=where, is_narrowed=True, **more,
    )  # fmt: skip
