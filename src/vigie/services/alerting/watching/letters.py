"""A letter about what a person owns is due: told of once a period and person, whoever looks and however often."""

from __future__ import annotations

from vigie.domain.alert import LETTER, AlertRule
from vigie.ports.accounts import UserStore
from vigie.ports.clock import Clock
from vigie.services.alerting.dispatch import AlertDispatch, dispatch_events, zone_of
from vigie.services.alerting.letter_schedule import LetterTiming, newest_letter, span_of
from vigie.services.alerting.watching import event_arguments
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.holdings.holding_book import HoldingSources, lines_of


def look(dispatch: AlertDispatch, sources: HoldingSources, clock: Clock) -> int:
    """Raise letters that are due since they were asked for; return how many alerts that makes."""
    return sum(
        _dispatch_due(dispatch, sources.accounts, clock, rule)
        for rule in dispatch.alerts.rules_of(LETTER)
        # Who owns nothing has nothing to be told.
        if lines_of(sources, rule.owner).lines
    )


def _dispatch_due(dispatch: AlertDispatch, accounts: UserStore, clock: Clock, rule: AlertRule) -> int:
    # What the person chose; the event is about them alone.
    choices = {name: str(values[0]) for name, values in rule.when.items()}
    zone = zone_of(accounts, rule.owner)
    timing = LetterTiming(span_of(choices["span"]), choices["day"], choices["at"], zone)
    last, ts = newest_letter(timing, clock.market_now())
    if ts <= int(choices["since"]):
        return 0
    event = make_event(
        LETTER, choices["span"], f"{choices['span']}/{last}", {"day": event_arguments.day(ts)}, clock.wall_now(),
        url=f"/portfolio/letter?span={choices['span']}&last={last}",
        owner=rule.owner, **choices,
    )  # fmt: skip
    return dispatch_events(dispatch, clock, [event])
