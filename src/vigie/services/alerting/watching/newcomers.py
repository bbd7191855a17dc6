"""A coin or pool enters the list of emerging ones, or one that somebody made of it by conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigie.domain.alert import Happening
from vigie.intelligence.market.emerging import Emerging
from vigie.intelligence.market.newcomers import newcomers_sentence, parse_newcomers, render_newcomers
from vigie.services.alerting.watching.saying import happening
from vigie.services.alerting.watching.standing import Standing, watched
from vigie.services.alerting.wishing import KNOWN
from vigie.services.desk.directories import newcomers_of
from vigie.services.house import House

MOST = 500
PLACE = "alerts/emerging"
# The list as it is, without conditions.
LIST = "list"


def look(house: House) -> int:
    """Raise what is new on the list and on those that rules narrow it to; return how many alerts that makes."""
    rules = house.alerts.rules_of("emerging")
    if not rules:
        return watched(house, PLACE, (), lambda *_: ())
    everyone, _, _ = newcomers_of(house, None)
    now = house.clock.wall_now()
    subjects = [LIST, *sorted({one for rule in rules for one in lists_of(rule.when.get("subject", ()))})]
    # An empty list is one that was not gathered yet: what then comes first is no news.
    return (
        watched(house, PLACE, subjects, lambda one, held: found_in(one, everyone, held, now))
        if everyone
        else 0
    )


def lists_of(subjects: Sequence[str]) -> list[str]:
    """Return which of a rule's subjects are lists made by conditions."""
    return [one for one in subjects if one not in KNOWN["emerging"]]


def found_in(subject: str, everyone: Sequence[Emerging], standing: Standing, now: int) -> list[Happening]:
    """Return who is new on a list, given by all who may be on it, youngest first."""
    conditions = () if subject == LIST else parse_newcomers(subject)
    rows = {one.newcomer.id: one for one in (everyone if conditions else everyone[:MOST])}
    holds = {name: all(condition.holds(one) for condition in conditions) for name, one in rows.items()}
    found = []
    for change in standing.changes(holds, first_counts=True):
        if change.turn == "leaves":
            continue
        one = rows[change.name]
        flags = [flag.key for flag in one.flags]
        values = {"name": one.newcomer.name, "flags": len(flags)}
        more: dict[str, Any] = {"flags": flags, "text": " ".join(flags), "url": "/markets/emerging"}
        if not conditions:
            kind = "flagged" if flags else "clean"
            found.append(happening(
                "emerging", one.newcomer.kind, change.name, values, now, subject=kind, **more
            ))  # fmt: skip
            continue
        where = render_newcomers(conditions)
        found.append(happening(
            "emerging", "listed", f"{where}/{change.name}",
            {**values, "where": newcomers_sentence(conditions, "en")}, now,
            french={"where": newcomers_sentence(conditions, "fr")}, subject=where, is_narrowed=True, **more,
        ))  # fmt: skip
    # Who is off the list needs no memory: coming back is told under the same key, which is told once.
    standing.known = {name: held for name, held in standing.known.items() if name in rows}
    return found
