"""The weekly brief by e-mail: which day, at what time of the reader's zone, in which language, or not at all."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

from pydantic import Field

from vigie.catalogue import NamedTexts
from vigie.domain.alert import BRIEF, INBOX, AlertRule
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import zone_of
from vigie.services.languages import Language
from vigie.services.news.brief.schedule import next_due
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.people.ownership import owner_of

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_TEXTS: Final = NamedTexts("brief_rule", {"name": "Weekly brief"})


class BriefScheduleInput(OperationInput):
    """When the brief is sent."""

    is_on: bool = True
    day: Day = "monday"
    at: str = Field(
        "08:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of day in the caller's zone."
    )
    language: Language = "en"


class BriefScheduleResult(OperationResult):
    """When the brief is sent; `ts_next` is 0 where it is not, `addresses` are those that it goes to."""

    is_on: bool
    day: Day
    at: str
    zone: str
    language: str
    ts_next: int
    addresses: list[str]


@operation("news.brief_schedule")
def read_schedule(
    caller: Caller, params: NoInput, accounts: UserStore, alerts: AlertStore, clock: Clock
) -> BriefScheduleResult:
    """Tell when the caller is sent the weekly brief, and where."""
    owner = owner_of(accounts, caller)
    return _schedule_result(accounts, alerts, clock, owner, alerts.rule(owner, rule_id(owner)))


@operation("news.schedule_brief", scope="write", example={"day": "monday", "at": "08:00"})
def schedule_brief(
    caller: Caller, params: BriefScheduleInput, accounts: UserStore, alerts: AlertStore, clock: Clock
) -> BriefScheduleResult:
    """Have the weekly brief sent to one's confirmed mail addresses on a day of each week, or stop that."""
    owner = require_owner(caller)
    before = alerts.rule(owner, rule_id(owner))
    channel_ids = [
        channel.id for channel in alerts.channels(owner) if channel.kind == "mail" and channel.is_confirmed
    ]
    if params.is_on and not channel_ids:
        raise UsageError(
            "add_confirm_e_mail_address", "add and confirm an e-mail address on the Alerts page first"
        )
    # What was due before it was asked for is not sent.
    when = {"day": (params.day,), "at": (params.at,), "since": (str(clock.market_now()),)}
    name = _TEXTS[params.language]["name"]
    rule = AlertRule(
        rule_id(owner), owner, name, BRIEF, when, channels=(*channel_ids, INBOX), is_on=params.is_on,
        language=params.language,
    )  # fmt: skip
    return _schedule_result(
        accounts, alerts, clock, owner, alerts.put_rule(rule, revision=before.revision if before else 0)
    )


def rule_id(owner: str) -> str:
    """Return the id of a person's brief: there is one at most."""
    key = f"brief\0{owner}".encode()
    return f"a{hashlib.sha256(key).hexdigest()[:16]}"


def _schedule_result(
    accounts: UserStore, alerts: AlertStore, clock: Clock, owner: str, rule: AlertRule | None
) -> BriefScheduleResult:
    defaults = BriefScheduleInput.model_validate({})
    when = rule.when if rule is not None else {"day": (defaults.day,), "at": (defaults.at,)}
    zone = zone_of(accounts, owner)
    is_on = rule is not None and rule.is_on and not rule.ts_deleted
    given = {"day": when["day"][0], "at": when["at"][0], "zone": zone}
    now = clock.market_now()
    addresses = {channel.id: channel.address for channel in alerts.channels(owner) if channel.kind == "mail"}
    return BriefScheduleResult.model_validate({
        **given, "is_on": is_on, "language": rule.language if rule is not None else defaults.language,
        "ts_next": next_due(given["day"], given["at"], zone, now) if is_on else 0,
        "addresses": [
            addresses[channel] for channel in (rule.channels if rule and is_on else ()) if channel in addresses
        ],
    })  # fmt: skip
