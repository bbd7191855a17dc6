"""The weekly brief by e-mail: which day, at what time of the reader's zone, in which language, or not at all."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import Field

from vigie.domain.alert import BRIEF, INBOX, AlertRule
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.services.alerting.telling import zone_of
from vigie.services.desk.alerts import writer
from vigie.services.house import House
from vigie.services.news.brief_days import next_due
from vigie.services.operation import Answer, Ask, Nothing, operation
from vigie.services.people.ownership import owner_of

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_NAMES = {"en": "Weekly brief", "fr": "Synthèse de la semaine"}


class ScheduleAsk(Ask):
    """When the brief is sent."""

    is_on: bool = True
    day: Day = "monday"
    at: str = Field(
        "08:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of day in the caller's zone."
    )
    language: Literal["en", "fr"] = "en"


class ScheduleAnswer(Answer):
    """When the brief is sent; `ts_next` is 0 where it is not, `addresses` are those that it goes to."""

    is_on: bool
    day: Day
    at: str
    zone: str
    language: str
    ts_next: int
    addresses: list[str]


@operation("news.brief_schedule")
def read_schedule(house: House, caller: Caller, ask: Nothing) -> ScheduleAnswer:
    """Tell when the caller is sent the weekly brief, and where."""
    owner = owner_of(house, caller)
    return _told(house, owner, house.alerts.rule(owner, rule_id(owner)))


@operation("news.schedule_brief", scope="write", example={"day": "monday", "at": "08:00"})
def schedule_brief(house: House, caller: Caller, ask: ScheduleAsk) -> ScheduleAnswer:
    """Have the weekly brief sent to one's confirmed mail addresses on a day of each week, or stop that."""
    owner = writer(caller)
    before = house.alerts.rule(owner, rule_id(owner))
    mine = [one.id for one in house.alerts.channels(owner) if one.kind == "mail" and one.is_confirmed]
    if ask.is_on and not mine:
        raise UsageError("add a mail address on the page of alerts and confirm it first")
    # What was due before it was asked for is not sent.
    when = {"day": (ask.day,), "at": (ask.at,), "since": (str(house.clock.market_now()),)}
    made = AlertRule(
        rule_id(owner), owner, _NAMES[ask.language], BRIEF, when, channels=(*mine, INBOX), is_on=ask.is_on,
        language=ask.language,
    )  # fmt: skip
    return _told(house, owner, house.alerts.put_rule(made, revision=before.revision if before else 0))


def rule_id(owner: str) -> str:
    """Return the id of a person's brief: there is one at most."""
    told = f"brief\0{owner}".encode()
    return f"a{hashlib.sha256(told).hexdigest()[:16]}"


def _told(house: House, owner: str, rule: AlertRule | None) -> ScheduleAnswer:
    bare = ScheduleAsk.model_validate({})
    when = rule.when if rule is not None else {"day": (bare.day,), "at": (bare.at,)}
    zone = zone_of(house, owner)
    is_on = rule is not None and rule.is_on and not rule.ts_deleted
    given = {"day": when["day"][0], "at": when["at"][0], "zone": zone}
    now = house.clock.market_now()
    addresses = {one.id: one.address for one in house.alerts.channels(owner) if one.kind == "mail"}
    return ScheduleAnswer.model_validate({
        **given, "is_on": is_on, "language": rule.language if rule is not None else bare.language,
        "ts_next": next_due(given["day"], given["at"], zone, now) if is_on else 0,
        "addresses": [addresses[one] for one in rule.channels if one in addresses] if rule and is_on else [],
    })  # fmt: skip
