"""What an account did and means to do, on the disk before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
class KnownIntent:
    """An intent and what became of it.

    Attributes
    ----------
    move : IntentMove
        State ``intent`` until it is sent.
    """

    intent: Intent
    move: IntentMove


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


class TradeBook(Protocol):
    """The durable record of trading accounts."""

    def run(self, account: str) -> TradeRun | None:
        """Return the account's present run."""
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

    def take(
        self,
        account: str,
        holder: str,
        *,
        for_s: float,
        by_force: bool = False,
        expired: Lease | None = None,
    ) -> Lease:
        """Take the lease of an account with a higher token.

        Parameters
        ----------
        holder : str
            One word for each process: who takes again under the same word ends the earlier taking.
        by_force : bool
            A person closes everything, whoever trades.
        expired : Lease or None
            Of a process that was seen dead: where it was not kept since, it is over before its time.

        Returns
        -------
        Lease
            Valid for `for_s` seconds on the wall.

        Raises
        ------
        Conflict
            Where somebody else holds it and its time is not over, unless `by_force` or `expired`.
        """
        ...

    def keep(self, lease: Lease, *, for_s: float) -> Lease:
        """Make a lease last longer; `Conflict` where somebody took it.

        Parameters
        ----------
        lease : Lease
            Also one that ended, where nobody took it since.
        for_s : float
            Seconds from now, above 0.

        Returns
        -------
        Lease
            Same token, later end.
        """
        ...

    def leave(self, lease: Lease) -> None:
        """Give a lease back."""
        ...

    def holder(self, account: str) -> Lease | None:
        """Return the lease of who may trade an account now, None where nobody may."""
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

    def steps(self, run: str, after: int = 0) -> Iterator[TradeStep]:
        """Return the run's log after a number, in order.

        Parameters
        ----------
        after : int
            `TradeStep.number`, exclusive; 0 for all.
        """
        ...

    def intent(self, intent_id: str) -> KnownIntent | None:
        """Return one intent."""
        ...

    def intents(self, run: str, *, open_only: bool = False) -> Sequence[KnownIntent]:
        """Return the intents of a run, oldest first.

        Parameters
        ----------
        run : str
            Run id.
        open_only : bool
            Leaves out those that ended: filled, cancelled, rejected, expired.
        """
        ...

    def find_intents(self, ids: Iterable[str]) -> Mapping[str, KnownIntent]:
        """Return those intents of these ids that are written, by id."""
        ...

    def changed_since(self, run: str, since: int) -> Sequence[KnownIntent]:
        """Return the intents of a run that were written or moved since a wall time, oldest first.

        Parameters
        ----------
        since : int
            Epoch milliseconds on the wall, inclusive.
        """
        ...

    def newest(self, run: str, slot: str) -> KnownIntent:
        """Return what a slot meant last, but for what only closed what that left.

        Parameters
        ----------
        run, slot : str
            Run id; ``btc-usdt-perp/1d/macd_cross``.

        Returns
        -------
        KnownIntent
            Entry, exit or level, but no ``flatten``.

        Raises
        ------
        NotFound
            If it meant nothing yet.
        """
        ...

    def count_intents(self, run: str) -> int:
        """Return how many intents a run ever wrote."""
        ...

    def fills(self, run: str) -> Sequence[Fill]:
        """Return every booked fill of a run, oldest first."""
        ...

    def fills_after(self, run: str, after: int) -> Sequence[Fill]:
        """Return the booked fills of a run but the first so many, in the order of arrival.

        Parameters
        ----------
        after : int
            Number of fills to skip.
        """
        ...

    def fundings(self, run: str, *, newest_ms: int | None = None) -> Sequence[FundingPayment]:
        """Return the booked funding payments of a run, oldest first.

        Parameters
        ----------
        newest_ms : int, optional
            Only those that were settled up to so long before the newest.
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
        """
        ...

    def is_money_known(self, run: str) -> bool:
        """Tell whether it was ever noted whose money a run trades."""
        ...

    def last_step(self, run: str) -> int:
        """Return the number of the last step of a run's log, 0 before the first."""
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
        """
        ...

    def state(self, account: str) -> TradingState:
        """Return the trading state of an account, ``active`` where none was set."""
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
        """Return a number that rises with every state a person orders; 0 where nobody ever did."""
        ...

    def accounts(self, owner: str | None = None) -> Sequence[TradeRun]:
        """Return the present run of every account, or of one owner's."""
        ...

    def runs_of(self, owner: str | None = None) -> Sequence[TradeRun]:
        """Return every run, or every one of an owner's, oldest first."""
        ...

    def hand_over(self, before: str, after: str) -> Sequence[str]:
        """Give an owner's accounts, with every run, to another and return their names; who trades one goes on."""
        ...

    def forget(self, owner: str) -> int:
        """Remove an owner's accounts with all that is in them and return how many; `Conflict` while one is traded."""
        ...
