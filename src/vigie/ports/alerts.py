"""What people want to be told of, what they were told, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.alert import Alert, AlertDelivery, AlertRule, Channel
from vigie.domain.errors import Conflict


class DuplicateRule(Conflict):
    """Another rule of the same person tells all of it by the same channel; `rule` is its id."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


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


class AlertStore(Protocol):
    """Channels, rules, alerts, and the outbox of their deliveries.

    A delivery has one holder at a time, for as long as its lease; who dies leaves it to the next one. What a channel
    took and nobody noted is sent again under the same id: at least once on the wire. The inbox is written together
    with the alert: exactly once.
    """

    def channels(self, owner: str) -> Sequence[Channel]:
        """Return the channels of a person, oldest first.

        Parameters
        ----------
        owner : str
            User id.

        Returns
        -------
        sequence of Channel
            Without the inbox, which everybody has.
        """
        ...

    def channel(self, owner: str, channel: str) -> Channel | None:
        """Return one channel of a person."""
        ...

    def put_channel(self, channel: Channel) -> Channel:
        """Keep a channel; one without an id is given one. `Conflict` where the person has that address already.

        Parameters
        ----------
        channel : Channel
            With the id of a present one it replaces that.

        Returns
        -------
        Channel
            With its id.
        """
        ...

    def remove_channel(self, owner: str, channel: str) -> bool:
        """Remove a channel; False where there is none."""
        ...

    def put_code(self, owner: str, channel: str, key: str, *, ts_expires: int) -> None:
        """Note the hash of the code that a channel was sent.

        Parameters
        ----------
        owner, channel : str
            Ids of the person and the channel; no such channel: nothing happens.
        key : str
            Hash of the code; replaces the former code.
        ts_expires : int
            Epoch milliseconds on the wall, inclusive.
        """
        ...

    def use_code(self, owner: str, channel: str, key: str) -> bool:
        """Confirm a channel by the code's hash; False where it is wrong, too old, or was guessed at too often.

        Parameters
        ----------
        owner, channel : str
            Ids of the person and the channel.
        key : str
            Hash of the code that the person typed.

        Returns
        -------
        bool
            True once: the code is used up, and the channel counts as alive again.
        """
        ...

    def rules(self, owner: str) -> Sequence[AlertRule]:
        """Return the rules of a person that are not deleted, oldest first."""
        ...

    def rules_of(self, kind: str) -> Sequence[AlertRule]:
        """Return everybody's rules about a kind of happening that are on and not deleted.

        Parameters
        ----------
        kind : str
            `AlertEvent.kind`: ``price``.

        Returns
        -------
        sequence of AlertRule
            Oldest first; without rules of disabled users.
        """
        ...

    def rule(self, owner: str, rule: str) -> AlertRule | None:
        """Return one rule of a person, also a deleted one.

        Parameters
        ----------
        owner, rule : str
            Ids of the person and the rule.

        Returns
        -------
        AlertRule or None
            None where there is none, or it is somebody else's.
        """
        ...

    def any_rule(self, rule: str) -> AlertRule | None:
        """Return a rule whoever owns it: for who holds a signed word about it.

        Parameters
        ----------
        rule : str
            Rule id from a signed link.

        Returns
        -------
        AlertRule or None
            Also a deleted one; None where there is none.
        """
        ...

    def put_rule(self, rule: AlertRule, *, revision: int | None = None, is_alone: bool = False) -> AlertRule:
        """Keep a rule with its new revision; one without an id is given one.

        `Conflict` where `revision` is not the current one, `NotFound` where the id is somebody else's; with `is_alone`,
        `DuplicateRule` where another rule of the person, neither deleted nor over, tells the same by the same channel.

        Parameters
        ----------
        rule : AlertRule
            Without an id it is added; with `ts_deleted` it is deleted.
        revision : int or None
            Revision that the change is based on; None overwrites.
        is_alone : bool
            Refuses a duplicate.

        Returns
        -------
        AlertRule
            With its id and new revision.
        """
        ...

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
        """Return one alert of a person."""
        ...

    def mark_read(self, owner: str, alerts: Sequence[str], ts: int) -> int:
        """Note when alerts were read; 0 makes them unread. Without any: all of them. Return how many changed."""
        ...

    def count_unread(self, owner: str) -> int:
        """Return how many alerts of the inbox were not read."""
        ...

    def timings(self, owner: str | None, since: int, limit: int = 2_000) -> Sequence[DeliveryTiming]:
        """Return times of what was sent since then, newest first; of everybody where no owner is named."""
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many deliveries there are, by kind of channel and state."""
        ...

    def remove_before(self, ts: int) -> int:
        """Remove alerts made before a time of which nothing waits, with their deliveries; return how many."""
        ...

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        ...
