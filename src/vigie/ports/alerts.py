"""What people were told, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.alert import Alert, AlertDelivery, AlertRule, Channel
from vigie.ports.alert_rules import AlertRuleStore


@dataclass(frozen=True, slots=True)
class OutgoingDelivery:
    """One delivery that its holder may send now; `rule` and `channel` are None where they are gone.

    Attributes
    ----------
    rule, channel : AlertRule or None, Channel or None
        None where the person removed it meanwhile; then nothing is sent any more.
    """

    delivery: AlertDelivery
    alert: Alert
    rule: AlertRule | None
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class DeliveryLogEntry:
    """A line of the log, or of the inbox; `ts_read` is 0 where it was not read.

    Attributes
    ----------
    delivery, alert : AlertDelivery, Alert
        One channel's, and of the rule.
    rule : str
        Name of the rule; empty where it is gone.
    ts_read : int
        Epoch milliseconds; 0 for unread.
    """

    delivery: AlertDelivery
    alert: Alert
    rule: str
    ts_read: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryTiming:
    """When something was published, seen, processed and delivered, epoch milliseconds.

    `ts_published` is None where the source does not say.

    Attributes
    ----------
    channel : str
        Kind of channel: ``mail``.
    ts_published : int or None
        As the source states it with its time of day.
    ts_seen, ts_processed, ts_delivered : int
        On the wall: fetched, rules could read it, the other side took it.
    """

    channel: str
    ts_published: int | None
    ts_seen: int
    ts_processed: int
    ts_delivered: int


class AlertStore(AlertRuleStore, Protocol):
    """Channels, rules, alerts, and the outbox of their deliveries.

    A delivery has one holder at a time, for as long as its lease; who dies leaves it to the next one. What a channel
    took and nobody noted is sent again under the same id: at least once on the wire. The inbox is written together
    with the alert: exactly once.
    """

    def sent_statuses(self, kind: str, keys: Sequence[str]) -> Mapping[tuple[str, str], frozenset[str]]:
        """Return, by rule and key, the statuses that were told of these, or are on their way.

        Parameters
        ----------
        kind : str
            `AlertEvent.kind`.
        keys : sequence of str
            Exact `AlertEvent.key`.

        Returns
        -------
        mapping of (str, str) to frozenset of str
            By (rule, key); pairs without a waiting or sent delivery are missing.
        """
        ...

    def thread(self, owner: str, channel: str, kind: str, key: str) -> Sequence[DeliveryLogEntry]:
        """Return what a channel was told, or is about to be told, of a key and of keys below it (``key/...``).

        Oldest first, the newest fifty.

        Parameters
        ----------
        owner, channel : str
            Ids of the person and the channel.
        kind, key : str
            As in `AlertEvent`.

        Returns
        -------
        sequence of DeliveryLogEntry
            Suppressed and failed deliveries are left out.
        """
        ...

    def sent_outside(self, owner: str, kind: str, *, limit: int) -> Sequence[Alert]:
        """Return alerts of a kind that were sent by another way than the inbox, the newest first.

        Parameters
        ----------
        owner : str
            Id of the person.
        kind : str
            As in `AlertEvent`.
        limit : int
            At most so many.

        Returns
        -------
        sequence of Alert
            Each once.
        """
        ...

    def sent_since(self, rules: Sequence[str], ts: int) -> Mapping[str, Sequence[int]]:
        """Return, by rule, when its alerts after a time were sent or are due.

        Parameters
        ----------
        rules : sequence of str
            Rule ids.
        ts : int
            Due time, epoch milliseconds on the wall, inclusive.

        Returns
        -------
        mapping of str to sequence of int
            Ascending; an alert counts once, by its last delivery. Rules without any are missing.
        """
        ...

    def add(
        self,
        alerts: Sequence[tuple[Alert, Sequence[AlertDelivery]]],
        *,
        since: int = 0,
        sent: Mapping[str, Sequence[int]] | None = None,
    ) -> int:
        """Keep alerts with their deliveries, all or nothing; those that are there stay. Return how many are new.

        One of which everything was held back gives way to the same one that is told now.

        With `sent`, what `sent_since` told by rule when this was decided: `Conflict` where another process sent more
        by now, so that it is decided anew.

        Parameters
        ----------
        alerts : sequence of (Alert, sequence of AlertDelivery)
            Each with a delivery for every channel, the suppressed ones too.
        since : int
            As given to `sent_since`.
        sent : mapping of str to sequence of int or None
            None to skip the check.

        Returns
        -------
        int
            Alerts stored, those that replace a suppressed one among them.
        """
        ...

    def take(self, holder: str, *, for_ms: int, limit: int = 20) -> Sequence[OutgoingDelivery]:
        """Hold deliveries that are due and that nobody holds; those of a bundle come together.

        Parameters
        ----------
        holder : str
            One word for each process.
        for_ms : int
            Length of the lease in milliseconds on the wall.
        limit : int
            Most deliveries, the rest of their bundles not counted.

        Returns
        -------
        sequence of OutgoingDelivery
            By due time; empty where nothing is due.
        """
        ...

    def record_outcomes(self, holder: str, deliveries: Sequence[AlertDelivery]) -> bool:
        """Write what became of deliveries and let them go; False where another holds them by now.

        Parameters
        ----------
        holder : str
            As given to `take`.
        deliveries : sequence of AlertDelivery
            Back to ``waiting`` with a new `ts_due` to try again.

        Returns
        -------
        bool
            False where at least one was not written; the others were.
        """
        ...

    def list_deliveries(
        self, owner: str, *, channel: str = "", rule: str = "", before: str = "", limit: int = 50
    ) -> Sequence[DeliveryLogEntry]:
        """Return what a person was, or was not, told, newest first; `before` is the id of a delivery.

        Parameters
        ----------
        owner : str
            User id.
        channel, rule : str
            Only this channel, only this rule; empty for all.
        before : str
            Delivery id, exclusive; empty to begin with the newest.
        limit : int
            Most entries returned.

        Returns
        -------
        sequence of DeliveryLogEntry
            Empty where `before` is unknown.
        """
        ...

    def alert(self, owner: str, alert: str) -> Alert | None:
        """Return one alert of a person.

        Parameters
        ----------
        owner, alert : str
            Ids of the person and the alert.

        Returns
        -------
        Alert or None
            Also one of which every delivery was held back; None where there is none.
        """
        ...

    def mark_read(self, owner: str, alerts: Sequence[str], ts: int) -> int:
        """Note when alerts were read; 0 makes them unread. Without any: all of them. Return how many changed.

        Parameters
        ----------
        owner : str
            User id.
        alerts : sequence of str
            Alert ids; empty for all of the person.
        ts : int
            Epoch milliseconds on the wall; 0 for unread.

        Returns
        -------
        int
            Alerts that were read already are not counted and keep their time.
        """
        ...

    def count_unread(self, owner: str) -> int:
        """Return how many alerts of the inbox were not read.

        Parameters
        ----------
        owner : str
            User id.

        Returns
        -------
        int
            Those that were held back from the inbox are not counted.
        """
        ...

    def timings(self, owner: str | None, since: int, limit: int = 2_000) -> Sequence[DeliveryTiming]:
        """Return times of what was sent since then, newest first; of everybody where no owner is named.

        Parameters
        ----------
        owner : str or None
            User id; None for everybody.
        since : int
            Time of the alert, epoch milliseconds on the wall, inclusive.
        limit : int
            Most entries returned.

        Returns
        -------
        sequence of DeliveryTiming
            One a delivery; without those that were put off on purpose, by quiet hours or a digest.
        """
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many deliveries there are, by kind of channel and state.

        Returns
        -------
        mapping of (str, str) to int
            Key: kind of channel, state, as ``mail``, ``sent``; pairs without any are missing.
        """
        ...

    def remove_before(self, ts: int) -> int:
        """Remove alerts made before a time of which nothing waits, with their deliveries; return how many.

        Parameters
        ----------
        ts : int
            Epoch milliseconds on the wall, exclusive.

        Returns
        -------
        int
            Alerts removed.
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another: channels, rules, alerts and deliveries.

        Parameters
        ----------
        before, after : str
            User ids; of the second nothing must be kept yet.
        """
        ...

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person: channels, rules, alerts and deliveries.

        Parameters
        ----------
        owner : str
            User id; where nothing is kept of it, nothing happens.
        """
        ...
