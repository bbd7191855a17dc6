"""Setups at rest: what is remembered of each side of a slot, and every change, in the order it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.setup import SetupSide, SetupState, SideLife


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One change of a setup as it was written.

    Attributes
    ----------
    number : int
        Rises with each change that is written.
    setup, scope, venue, slot : str
        Whose it is: the setup, the run that is followed, where and what is traded.
    side, state : str
        As in `vigie.domain.setup.SetupChange`.
    ts_bar, ts_known, ts_begun : int
        As there, epoch milliseconds of the market.
    ts_written : int
        Epoch milliseconds on the wall.
    body : mapping
        The whole change as plain values.
    digest : str
        SHA-256 of `body` as it is written, in the order of its keys.
    """

    number: int
    setup: str
    scope: str
    venue: str
    slot: str
    side: SetupSide
    state: SetupState
    ts_bar: int
    ts_known: int
    ts_begun: int
    ts_written: int
    body: Mapping[str, object]
    digest: str


@dataclass(frozen=True, slots=True)
class FollowedClose:
    """What the newest close made of a slot.

    Attributes
    ----------
    scope : str
        The run that is followed.
    slot : str
        ``btc-usdt-perp/1h/donchian_breakout``.
    lives : sequence of SideLife
        What is remembered of both sides from here on.
    changes : sequence of mapping
        Changes of the closes since the one before, oldest first, as plain values.
    """

    scope: str
    slot: str
    lives: Sequence[SideLife]
    changes: Sequence[Mapping[str, object]]


class SetupStore(Protocol):
    """Keeps changes of setups; none is ever altered or removed while its run is kept."""

    def lives(self, scope: str) -> Mapping[str, Sequence[SideLife]]:
        """Return what is remembered of a run, by slot.

        Parameters
        ----------
        scope : str
            The run that is followed.

        Returns
        -------
        mapping of str to sequence of SideLife
            Empty for a run that nobody followed yet.
        """
        ...

    def record(self, close: FollowedClose) -> int:
        """Write changes, with an audit record each, and what is remembered: all of it or nothing, durably.

        A change that is known, by setup and state, is not written again.

        Parameters
        ----------
        close : FollowedClose
            Of one slot.

        Returns
        -------
        int
            Changes written.
        """
        ...

    def of(self, setup: str) -> Sequence[StoredChange]:
        """Return the changes of a setup, oldest first.

        Parameters
        ----------
        setup : str
            Its id.

        Returns
        -------
        sequence of StoredChange
            Empty where there is no such setup.
        """
        ...

    def newest(
        self,
        scopes: Sequence[str],
        *,
        states: Sequence[SetupState] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[StoredChange]:
        """Return the newest change of each setup, the one written last first.

        Parameters
        ----------
        scopes : sequence of str
            Runs that are followed; of others nothing is told.
        states : sequence of str
            Only setups that are in one of these; empty for all.
        before : int, optional
            Only changes with a lower number.
        limit : int
            Most changes returned.

        Returns
        -------
        sequence of StoredChange
            One a setup.
        """
        ...
