"""Setups at rest: what is remembered of each side of a slot, and every change, in the order it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.setup import SetupCause, SetupScope, SetupSide, SetupState, SideLife
from vigie.ports.setup_counts import SetupEnds, SetupPlace


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One change of a setup as it was written.

    Attributes
    ----------
    number : int
        Rises with each change that is written.
    setup, account, run, venue, slot : str
        Whose it is: the setup, the account, the run that was followed, where and what is traded.
    is_replayed : bool
        It belongs to the account's replayed past.
    side, state, cause : str
        As in `vigie.domain.setup.SetupChange`.
    ts_bar, ts_known, ts_begun : int
        As there, epoch milliseconds of the market.
    ts_written : int
        Epoch milliseconds on the wall.
    body : mapping
        The whole change as plain values.
    digest : str
        SHA-256 of `body` as it is written, in the order of its keys.
    salt, seal_before, seal : str
        A random word of 128 bits, the seal of the change before in the same account, and the SHA-256 of both with the
        body (`vigie.domain.setup.seal_of`); empty where it was written before changes were sealed.
    sealed_at : int
        Number of the audit record whose subject is the seal; 0 without one.
    """

    number: int
    setup: str
    account: str
    is_replayed: bool
    run: str
    venue: str
    slot: str
    side: SetupSide
    state: SetupState
    cause: SetupCause
    ts_bar: int
    ts_known: int
    ts_begun: int
    ts_written: int
    body: Mapping[str, object]
    digest: str
    salt: str = ""
    seal_before: str = ""
    seal: str = ""
    sealed_at: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmedSpan:
    """From which close to which a setup was confirmed.

    Attributes
    ----------
    setup, slot : str
        Which, and where.
    side : str
        ``long`` or ``short``.
    ts_bar : int
        Open time of the bar at whose close its entry was decided, epoch milliseconds.
    ts_ended : int or None
        Open time of the bar at whose close it ended; None while it has not.
    """

    setup: str
    slot: str
    side: SetupSide
    ts_bar: int
    ts_ended: int | None


@dataclass(frozen=True, slots=True)
class SetupFilter:
    """Which setups are asked for.

    Attributes
    ----------
    accounts : sequence of str
        Names; of others nothing is told.
    states, sides : sequence of str
        Only setups in one of these; empty for all.
    slots : sequence of str or None
        Only setups of these; None for all.
    venue : str
        Only setups on this one; empty for all. An account may have traded the same slot on another one before.
    is_replayed : bool or None
        Only of the replayed past, or none of it; None for both.
    is_told : bool or None
        Only setups of which an alert is sent, or only those of which every candidate for one is held back; None for
        all.
    """

    accounts: Sequence[str]
    states: Sequence[SetupState] = ()
    sides: Sequence[SetupSide] = ()
    slots: Sequence[str] | None = None
    is_replayed: bool | None = None
    is_told: bool | None = None
    venue: str = ""


@dataclass(frozen=True, slots=True)
class FollowedCloses:
    """What the newest closes made of a slot.

    Attributes
    ----------
    scope : SetupScope
        The account.
    run : str
        The run that is followed.
    slot : str
        ``btc-usdt-perp/1h/donchian_breakout``.
    lives : sequence of SideLife
        What is remembered of both sides from here on.
    changes : sequence of mapping
        Changes of the closes since those before, oldest first, as plain values.
    """

    scope: SetupScope
    run: str
    slot: str
    lives: Sequence[SideLife]
    changes: Sequence[Mapping[str, object]]


class SetupRecorder(Protocol):
    """Takes what following accounts gives."""

    def lives(self, scope: SetupScope) -> Mapping[str, Sequence[SideLife]]:
        """Return what is remembered of an account, by slot.

        Parameters
        ----------
        scope : SetupScope
            The account.

        Returns
        -------
        mapping of str to sequence of SideLife
            Empty for one that nobody followed yet.
        """
        ...

    def reached(self, scope: SetupScope) -> tuple[str, int]:
        """Return how far an account was followed: the run, and the number of the last step of its log.

        Parameters
        ----------
        scope : SetupScope
            The account.

        Returns
        -------
        str, int
            Empty and 0 for one that nobody followed yet.
        """
        ...

    def reach(self, scope: SetupScope, run: str, step: int) -> None:
        """Note how far an account was followed: only what comes later is read after a restart.

        Parameters
        ----------
        scope : SetupScope
            The account.
        run : str
            The run that was followed.
        step : int
            Number of the last step of its log that was read.
        """
        ...

    def record(self, closes: FollowedCloses) -> int:
        """Write changes, with an audit record each, and what is remembered: all of it or nothing, durably.

        A change that is known, by setup and state, is not written again, and none after the end of its setup.

        Parameters
        ----------
        closes : FollowedCloses
            Of one slot.

        Returns
        -------
        int
            Changes written.
        """
        ...


class SetupStore(SetupRecorder, Protocol):
    """Keeps changes of setups; none is ever altered, and all go with their account."""

    def of(self, setup: str, accounts: Sequence[str]) -> Sequence[StoredChange]:
        """Return the changes of a setup, by account and oldest first.

        Parameters
        ----------
        setup : str
            Its id.
        accounts : sequence of str
            Names; of others nothing is told.

        Returns
        -------
        sequence of StoredChange
            Empty where there is no such setup.
        """
        ...

    def newest(
        self, wanted: SetupFilter, *, before: tuple[int, int] | None = None, limit: int = 50
    ) -> Sequence[StoredChange]:
        """Return the newest change of each setup, the latest close first.

        Parameters
        ----------
        wanted : SetupFilter
            Which setups.
        before : tuple of int and int, optional
            Only changes that come after the one with this close and number.
        limit : int
            Most changes returned.

        Returns
        -------
        sequence of StoredChange
            One a setup.
        """
        ...

    def changes(self, scope: SetupScope) -> Sequence[StoredChange]:
        """Return all changes of an account, oldest first.

        Parameters
        ----------
        scope : SetupScope
            The account, or its replayed past.

        Returns
        -------
        sequence of StoredChange
            In the order they were written.
        """
        ...

    def last_number(self) -> int:
        """Return the number of the newest change; 0 where there is none.

        Returns
        -------
        int
            Over all accounts.
        """
        ...

    def numbered(self, number: int) -> StoredChange | None:
        """Return a change by its number.

        Parameters
        ----------
        number : int
            As in `StoredChange`.

        Returns
        -------
        StoredChange or None
            None where there is none, or where its account is gone.
        """
        ...

    def after(self, number: int, *, limit: int = 500) -> Sequence[StoredChange]:
        """Return the changes of all accounts after a number, oldest first.

        Parameters
        ----------
        number : int
            Exclusive.
        limit : int
            Most returned.

        Returns
        -------
        sequence of StoredChange
            Those of replayed pasts among them.
        """
        ...

    def places(self, accounts: Sequence[str], *, is_told: bool | None = None) -> Sequence[SetupPlace]:
        """Return where the setups of some accounts stand, the latest close first.

        Parameters
        ----------
        accounts : sequence of str
            Names.
        is_told : bool or None
            As in `SetupFilter`.

        Returns
        -------
        sequence of SetupPlace
            One a setup.
        """
        ...

    def numbered_in(self, numbers: Sequence[int]) -> Sequence[StoredChange]:
        """Return changes by their numbers, in the order of these; unknown ones are left out.

        Parameters
        ----------
        numbers : sequence of int
            Of changes.

        Returns
        -------
        sequence of StoredChange
            At most as many.
        """
        ...

    def ends(self, wanted: SetupFilter) -> Sequence[SetupEnds]:
        """Return how many setups ended by each cause, live and replayed ones apart.

        Parameters
        ----------
        wanted : SetupFilter
            Which setups; its states are not looked at.

        Returns
        -------
        sequence of SetupEnds
            Causes without any are left out.
        """
        ...

    def slots(self, accounts: Sequence[str]) -> Sequence[str]:
        """Return the slots of some accounts that had setups, by name.

        Parameters
        ----------
        accounts : sequence of str
            Names.

        Returns
        -------
        sequence of str
            Each once.
        """
        ...

    def confirmed(self, scope: SetupScope) -> Sequence[ConfirmedSpan]:
        """Return when the setups of an account were confirmed, by slot and the earliest first.

        Parameters
        ----------
        scope : SetupScope
            The account.

        Returns
        -------
        sequence of ConfirmedSpan
            Setups that never were are left out.
        """
        ...
