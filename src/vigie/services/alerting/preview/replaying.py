"""Past events that a person's rules match, put into their inbox and marked as replayed; no alert is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vigie.domain.alert import INBOX, Alert, AlertDelivery, AlertRule, alert_id, delivery_id
from vigie.ports.alerts import AlertStore
from vigie.services.alerting.dispatch import expand_followed
from vigie.services.alerting.preview.kinds import PreviewSources, find_past_events, matching_events

# Why a delivery is suppressed: the event is from before the home was created.
REPLAYED: Final = "replayed"


def replay_alerts(sources: PreviewSources, alerts: AlertStore, owner: str, until: int) -> int:
    """Put the events of the last 90 days that a person's rules match into their inbox; return how many are new.

    Parameters
    ----------
    until : int
        The market's time, exclusive: later events are alerts as they happen.

    Returns
    -------
    int
        Alerts that the inbox already has stay, and are not counted.
    """
    # What Vigie itself does has no past before its home.
    rules = [rule for rule in alerts.rules(owner) if rule.is_on and rule.kind != "desk"]
    found = [entry for rule in rules for entry in _entries(sources, rule, until)]
    return alerts.add(found)


def _entries(
    sources: PreviewSources, rule: AlertRule, until: int
) -> Iterator[tuple[Alert, tuple[AlertDelivery]]]:
    expanded = expand_followed(sources.register_entities.accounts, sources.warning_sources.names, rule)
    for event in matching_events(expanded, find_past_events(sources, expanded)):
        ts = int(event.facts["ts_market"])
        if ts < until:
            id_ = alert_id(rule.id, event)
            held = AlertDelivery(
                delivery_id(id_, INBOX), id_, INBOX, "suppressed", ts, ts_done=ts, why=REPLAYED
            )
            yield Alert(id_, rule.id, rule.owner, event, ts), (held,)
