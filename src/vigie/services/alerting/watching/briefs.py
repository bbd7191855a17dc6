"""A weekly brief is due: told of once a week and person, whoever looks and however often."""

from __future__ import annotations

from typing import Any

from vigie.domain.alert import BRIEF, AlertRule
from vigie.ports.accounts import UserStore
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import AlertDispatch, dispatch_events, zone_of
from vigie.services.alerting.watching import event_arguments
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.news.brief.schedule import monday_of, newest_due, number_of


def look(dispatch: AlertDispatch, accounts: UserStore, clock: Clock) -> int:
    """Raise briefs that are due since they were asked for; return how many alerts that makes."""
    return sum(_dispatch_due(dispatch, accounts, clock, rule) for rule in dispatch.alerts.rules_of(BRIEF))


def _dispatch_due(dispatch: AlertDispatch, accounts: UserStore, clock: Clock, rule: AlertRule) -> int:
    # What its reader chose; the event is about them alone.
    choices: dict[str, Any] = {name: values[0] for name, values in rule.when.items()}
    zone = zone_of(accounts, rule.owner)
    week, ts = newest_due(choices["day"], choices["at"], zone, clock.market_now())
    if ts <= int(choices["since"]):
        return 0
    monday = monday_of(week)
    event = make_event(
        BRIEF, "week", week, {"days": event_arguments.week(monday), "number": number_of(week)}, clock.wall_now(),
        url=f"/news/brief?week={week}", owner=rule.owner, **choices,
    )  # fmt: skip
    return dispatch_events(dispatch, clock, [event])
