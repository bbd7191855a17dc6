"""What a person's rules would have told before there was anybody to tell, in their inbox and marked; nobody is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vigie.domain.alert import INBOX, Alert, AlertDelivery, AlertRule, alert_id, delivery_id
from vigie.ports.alerts import AlertStore
from vigie.services.alerting.dispatch import expand_followed
from vigie.services.alerting.preview.kinds import PreviewSources, find_past_events, select_told

# Why a delivery was held back: what it tells of happened before the home began.
REPLAYED: Final = "replayed"


def replay_alerts(sources: PreviewSources, alerts: AlertStore, owner: str, until: int) -> int:
    """Put what somebody's rules would have told of the last 90 days into their inbox; return how many are new.

    Parameters
    ----------
    until : int
        The market's time, exclusive: what happened from then on is told as it happens.

    Returns
    -------
    int
        Those that are there already stay, and are not counted.
    """
    # What Vigie itself does has no past before its home.
    rules = [rule for rule in alerts.rules(owner) if rule.is_on and rule.kind != "desk"]
    found = [entry for rule in rules for entry in _entries(sources, rule, until)]
    return alerts.add(found)


def _entries(
    sources: PreviewSources, rule: AlertRule, until: int
) -> Iterator[tuple[Alert, tuple[AlertDelivery]]]:
    expanded = expand_followed(sources.register_entities.accounts, sources.warning_sources.names, rule)
    for event in select_told(expanded, find_past_events(sources, expanded)):
        ts = int(event.facts["ts_market"])
        if ts < until:
            id_ = alert_id(rule.id, event)
            held = AlertDelivery(
                delivery_id(id_, INBOX), id_, INBOX, "suppressed", ts, ts_done=ts, why=REPLAYED
            )
            yield Alert(id_, rule.id, rule.owner, event, ts), (held,)
