"""A weekly brief is due: told of once a week and person, whoever looks and however often."""

from __future__ import annotations

from typing import Any

from vigie.domain.alert import BRIEF, AlertRule
from vigie.services.alerting.telling import on_happenings, zone_of
from vigie.services.alerting.watching.saying import happening
from vigie.services.house import House
from vigie.services.news.brief_days import monday_of, newest_due, number_of
from vigie.services.news.brief_words import days_of


def look(house: House) -> int:
    """Raise briefs that are due since they were asked for; return how many alerts that makes."""
    return sum(_due(house, rule) for rule in house.alerts.rules_of(BRIEF))


def _due(house: House, rule: AlertRule) -> int:
    # What its reader chose; the happening is about them alone.
    asked: dict[str, Any] = {name: values[0] for name, values in rule.when.items()}
    zone = zone_of(house, rule.owner)
    week, ts = newest_due(asked["day"], asked["at"], zone, house.clock.market_now())
    if ts <= int(asked["since"]):
        return 0
    begun = monday_of(week)
    told = happening(
        BRIEF, "week", week, {"days": days_of(begun, "en"), "number": number_of(week)}, house.clock.wall_now(),
        french={"days": days_of(begun, "fr")}, url=f"/news/brief?week={week}", owner=rule.owner, **asked,
    )  # fmt: skip
    return on_happenings(house, [told])
