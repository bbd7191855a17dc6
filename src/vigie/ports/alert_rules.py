"""Alert rules and channels of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.alert import AlertRule, Channel
from vigie.domain.errors import Conflict


class DuplicateRule(Conflict):
    """Another rule of the same person tells all of it by the same channel; `rule` is its id."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class AlertRuleStore(Protocol):
    """Channels and rules of people."""

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
        """Return one channel of a person.

        Parameters
        ----------
        owner, channel : str
            Ids of the person and the channel.

        Returns
        -------
        Channel or None
            Unconfirmed and dead channels too; None if there is none.
        """
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
        """Remove a channel; False where there is none.

        Parameters
        ----------
        owner, channel : str
            Ids of the person and the channel.

        Returns
        -------
        bool
            True where it was there. Rules keep naming it; what waits for it is not sent any more.
        """
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
        """Return the rules of a person that are not deleted, oldest first.

        Parameters
        ----------
        owner : str
            User id.

        Returns
        -------
        sequence of AlertRule
            Includes rules that are off, muted or over.
        """
        ...

    def rules_of(self, kind: str) -> Sequence[AlertRule]:
        """Return everybody's rules about a kind of event that are on and not deleted.

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
            None if there is none, or if another person owns it.
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

        Raises
        ------
        Conflict
            If `revision` is not the current one.
        NotFound
            If another person owns the id.
        DuplicateRule
            With `is_alone`, if another rule of the person, not deleted or over, tells the same by the same channel.
        """
        ...
