"""On which day the letter about what a person owns is mailed: each week, each month, or never."""

from __future__ import annotations

from pydantic import Field

from vigie.domain.alert import INBOX, LETTER, AlertRule
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.intelligence.holdings.letter import LetterSpan
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import zone_of
from vigie.services.alerting.letter_schedule import WEEKDAYS, LetterTiming, next_letter
from vigie.services.alerting.own_mail import confirmed_mail
from vigie.services.alerting.own_rules import own_rule_id, own_rule_name
from vigie.services.languages import Language
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.people.ownership import owner_of


class LetterScheduleInput(OperationInput):
    """When the letter is sent."""

    is_on: bool = True
    span: LetterSpan = Field("week", description="`week`: each week; `month`: each month, about thirty days.")
    day: str = Field(
        "monday",
        pattern=rf"^({'|'.join(WEEKDAYS)}|[1-9]|1\d|2[0-8])$",
        description="`monday` to `sunday` of a week; 1 to 28 of a month.",
    )
    at: str = Field(
        "08:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of day in the caller's zone."
    )
    language: Language = "en"


class LetterScheduleResult(OperationResult):
    """When the letter is sent; `ts_next` is 0 where it is not, `addresses` are those that it goes to."""

    is_on: bool
    span: LetterSpan
    day: str
    at: str
    zone: str
    language: str
    ts_next: int
    addresses: list[str]


@operation("holdings.letter_schedule")
def read_letter_schedule(
    caller: Caller, params: NoInput, accounts: UserStore, alerts: AlertStore, clock: Clock
) -> LetterScheduleResult:
    """Tell when you are sent the letter about what you own, and where."""
    owner = owner_of(accounts, caller)
    return _schedule_result(accounts, alerts, clock, owner, alerts.rule(owner, own_rule_id(LETTER, owner)))


@operation("holdings.schedule_letter", scope="write", example={"span": "week", "day": "monday"})
def schedule_letter(
    caller: Caller, params: LetterScheduleInput, accounts: UserStore, alerts: AlertStore, clock: Clock
) -> LetterScheduleResult:
    """Have the letter about what you own sent to your confirmed mail addresses on a day, or stop that."""
    owner = require_owner(caller)
    if params.day.isdigit() != (params.span == "month"):
        raise UsageError(
            "day_of_letter",
            "day must be monday to sunday for a week and 1 to 28 for a month, was {day} for a {span}",
            day=params.day,
            span=params.span,
        )
    before = alerts.rule(owner, own_rule_id(LETTER, owner))
    channels = confirmed_mail(alerts, owner) if params.is_on else []
    # What was due before it was asked for is not sent.
    when = {
        "span": (params.span,), "day": (params.day,), "at": (params.at,), "since": (str(clock.market_now()),),
    }  # fmt: skip
    rule = AlertRule(
        own_rule_id(LETTER, owner), owner, own_rule_name(LETTER, params.language), LETTER, when,
        channels=(*(channel.id for channel in channels), INBOX), is_on=params.is_on, language=params.language,
    )  # fmt: skip
    kept = alerts.put_rule(rule, revision=before.revision if before else 0)
    return _schedule_result(accounts, alerts, clock, owner, kept)


def _schedule_result(
    accounts: UserStore, alerts: AlertStore, clock: Clock, owner: str, rule: AlertRule | None
) -> LetterScheduleResult:
    chosen = LetterScheduleInput.model_validate(
        {name: rule.when[name][0] for name in ("span", "day", "at")} if rule is not None else {}
    )
    zone = zone_of(accounts, owner)
    is_on = rule is not None and rule.is_on and not rule.ts_deleted
    timing = LetterTiming(chosen.span, chosen.day, chosen.at, zone)
    addresses = {channel.id: channel.address for channel in alerts.channels(owner) if channel.kind == "mail"}
    return LetterScheduleResult(
        is_on=is_on,
        span=chosen.span,
        day=chosen.day,
        at=chosen.at,
        zone=zone,
        language=rule.language if rule is not None else chosen.language,
        ts_next=next_letter(timing, clock.market_now()) if is_on else 0,
        addresses=[
            addresses[name] for name in (rule.channels if rule and is_on else ()) if name in addresses
        ],
    )
