"""When what the rules of a person raise arrives, on all ways together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.alert import INBOX, AlertRule
from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.pacing import decide_pacing
from vigie.ports.alerts import AlertStore

# Of these days budgets and cool-downs count what was sent.
LOOK_BACK_MS: Final = 2 * DAY_MS


def arrival_times(
    alerts: AlertStore, owner: str, rules: Sequence[AlertRule], now: int, zone: str
) -> list[int]:
    """Return when anything arrives of what some rules of a person raise now; none where all are silent.

    What waits for the morning may be in the inbox at once: such a rule has two times.

    Parameters
    ----------
    alerts : AlertStore
        What they were sent, and their channels.
    owner : str
        User id.
    rules : sequence of AlertRule
        Theirs.
    now : int
        Epoch milliseconds on the wall.
    zone : str
        The person's: its midnight begins a day.

    Returns
    -------
    list of int
        Epoch milliseconds on the wall, in no order.
    """
    sent = alerts.sent_since([rule.id for rule in rules], now - LOOK_BACK_MS)
    usable = {
        channel.id for channel in alerts.channels(owner) if channel.is_confirmed and not channel.ts_dead
    }
    times: list[int] = []
    for rule in rules:
        pacing = decide_pacing(rule, now, sent.get(rule.id, ()), zone)
        if not pacing.ts_due:
            continue
        is_elsewhere = not usable.isdisjoint(rule.channels)
        # Where nothing else takes it, the inbox does.
        times += [now] if INBOX in rule.channels or not is_elsewhere else []
        times += [pacing.ts_due] if is_elsewhere else []
    return times
