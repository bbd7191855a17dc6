"""What an account did and means to do, on the disk before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from vigie.domain.order import (
    Fill,
    FundingPayment,
    Intent,
    IntentMove,
    Lease,
    TradeRun,
    TradeStep,
    TradingState,
)
from vigie.ports.leases import LeaseStore
from vigie.ports.trade_log import TradeLog


@dataclass(frozen=True, slots=True)
class AuditNote:
    """What the audit chain is told: kind ``trade.<what>``, subject, plain values; the store adds the account.

    Attributes
    ----------
    kind, subject, text : str, str, mapping
        As in `AuditEvent`; `text` without the account.
    """

    kind: str
    subject: str
    text: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TradeChange:
    """Everything that becomes true together.

    Attributes
    ----------
    steps : tuple of TradeStep
        Next events of the account's log; numbers are given by the store.
    intents : tuple of Intent
        Written ahead: none of them has been sent.
    moves : tuple of IntentMove
        What became of earlier ones.
    fills, fundings : tuples
        Booked; one that is known already is not booked again.
    state : TradingState or None
        The new state of the account; never less strict than what a person ordered last.
    notes : tuple of AuditNote
        For the audit chain.
    """

    steps: tuple[TradeStep, ...] = ()
    intents: tuple[Intent, ...] = ()
    moves: tuple[IntentMove, ...] = ()
    fills: tuple[Fill, ...] = ()
    fundings: tuple[FundingPayment, ...] = ()
    state: TradingState | None = None
    notes: tuple[AuditNote, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitLift:
    """Limits of loss that a person ended before their time.

    Attributes
    ----------
    number : int
        Rises with every lift.
    """

    number: int
    limits: tuple[str, ...]


class TradeBook(LeaseStore, TradeLog, Protocol):
    """The durable record of trading accounts."""

    def run(self, account: str) -> TradeRun | None:
        """Return the account's present run.

        Parameters
        ----------
        account : str
            `TradeRun.account`.

        Returns
        -------
        TradeRun or None
            None for an unknown account, and for one that has no run yet.
        """
        ...

    def begin(
        self,
        run: TradeRun,
        *,
        money: str = "",
        steps: Sequence[TradeStep] = (),
        notes: Sequence[AuditNote] = (),
    ) -> None:
        """Store a new run, durably; it is the account's present one from now on.

        Parameters
        ----------
        money : str
            Whose money it trades at the venue, see `note_money`; empty on paper.
        steps : sequence of TradeStep
            Its log begins with them.
        notes : sequence of AuditNote
            For the audit chain.

        Raises
        ------
        Conflict
            If the account is somebody else's.
        InvariantBroken
            If another run has this id.
        """
        ...

    def commit(self, lease: Lease, change: TradeChange) -> int:
        """Write a change in one durable transaction and return the number of the run's last step.

        Parameters
        ----------
        lease : Lease
            Checked by its token; the stored end counts.
        change : TradeChange
            One account's, of its present run.

        Returns
        -------
        int
            0 where the run has no step yet.

        Raises
        ------
        Conflict
            Where the lease's token is not the highest any more, or its time is over: nothing was written.
        InvariantBroken
            Where the change contradicts what is written (another decision under a known id, other money under a
            known fill, the move of an intent that was never written): nothing was written.
        """
        ...

    def note_money(self, run: str, money: str) -> None:
        """Note that a run trades the money of an account at its venue, by the fingerprint of its key.

        Parameters
        ----------
        money : str
            Fingerprint of the key; empty: nothing is noted.
        """
        ...

    def runs_on(self, money: str) -> frozenset[str]:
        """Return the ids of the runs that traded the money under a fingerprint.

        Parameters
        ----------
        money : str
            Fingerprint, see `VenueKey.fingerprint`.

        Returns
        -------
        frozenset of str
            Of every account and owner; empty where the key is not known.
        """
        ...

    def is_money_known(self, run: str) -> bool:
        """Tell whether it was ever noted whose money a run trades.

        Parameters
        ----------
        run : str
            `TradeRun.id`.

        Returns
        -------
        bool
            False for paper, and for runs that are older than this record.
        """
        ...

    def lift(
        self, account: str, limits: Sequence[str], *, by: str, why: str, until: Mapping[str, int]
    ) -> None:
        """Ask that limits of loss end before their time, with an audit event; the trading process takes it up.

        Parameters
        ----------
        until : mapping of str to int
            When they would have ended by themselves, for the audit.

        Raises
        ------
        NotFound
            If there is no such account.
        """
        ...

    def lifts(self, account: str, after: int = 0) -> Sequence[LimitLift]:
        """Return the lifts of an account after a number, in order.

        Parameters
        ----------
        after : int
            `LimitLift.number`, exclusive; 0 for all.

        Returns
        -------
        sequence of LimitLift
            What a person asked for, whether or not the trading process took it up.
        """
        ...

    def state(self, account: str) -> TradingState:
        """Return the trading state of an account, ``active`` where none was set.

        Parameters
        ----------
        account : str
            `TradeRun.account`.

        Returns
        -------
        TradingState
            ``active`` also for an unknown account.
        """
        ...

    def request_state(self, account: str, state: TradingState, *, by: str, why: str) -> None:
        """Set the trading state from outside the trading process, with an audit event; no lease is needed.

        Until the next request the trading process may only be stricter than this.

        Parameters
        ----------
        state : TradingState
            Held until a person orders another.
        by, why : str
            User id, and the person's words.

        Raises
        ------
        NotFound
            If there is no such account.
        """
        ...

    def last_order_number(self, account: str) -> int:
        """Return a number that rises with every state a person orders; 0 where nobody ever did.

        Parameters
        ----------
        account : str
            `TradeRun.account`.

        Returns
        -------
        int
            For comparison only: numbers have gaps.
        """
        ...

    def accounts(self, owner: str | None = None) -> Sequence[TradeRun]:
        """Return the present run of every account, or of one owner's.

        Parameters
        ----------
        owner : str or None
            User id, or ``owner`` for the local owner; None for everybody's.

        Returns
        -------
        sequence of TradeRun
            One an account, by its name; accounts without a run are missing.
        """
        ...

    def runs_of(self, owner: str | None = None) -> Sequence[TradeRun]:
        """Return every run, or every one of an owner's, oldest first.

        Parameters
        ----------
        owner : str or None
            User id, or ``owner`` for the local owner; None for everybody's.

        Returns
        -------
        sequence of TradeRun
            Former runs and the present one of each account, by `TradeRun.ts`.
        """
        ...

    def hand_over(self, before: str, after: str) -> Sequence[str]:
        """Give an owner's accounts, with every run, to another and return their names; who trades one goes on.

        Parameters
        ----------
        before, after : str
            User ids, of the present owner and the next.

        Returns
        -------
        sequence of str
            Names of the accounts, sorted; empty where there are none.
        """
        ...

    def forget(self, owner: str) -> int:
        """Remove an owner's accounts with all that is in them and return how many; the audit chain stays.

        Parameters
        ----------
        owner : str
            User id.

        Returns
        -------
        int
            Accounts removed.

        Raises
        ------
        Conflict
            If one of them is being traded: then none is removed.
        """
        ...
