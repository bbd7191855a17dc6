"""Which changes of setups were candidates for an alert, and what became of them: told, or held back and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.setup import SetupSide, SetupState


@dataclass(frozen=True, slots=True)
class SetupNotice:
    """One change that a rule of its account's owner was about.

    Attributes
    ----------
    account, setup, state : str
        Which change; each once.
    slot, side : str
        Of the setup.
    change : int
        Number of the change.
    ts_known : int
        Its close, epoch milliseconds of the market.
    ts : int
        When it was decided, epoch milliseconds on the wall.
    expected_r, total : float
        What may be expected of it, and the total of its contributions, as known then.
    threshold : float or None
        Expected R that it had to exceed; None where there was none.
    rank, of : int
        Its place among the candidates of the last thirty market days.
    held : str
        Empty where it was told; ``full``, ``below``, or ``rule`` where every rule that was about it is silent now.
    ts_first, ts_last : int
        When the first and the last rule send it; 0 where it was not told.
    """

    account: str
    setup: str
    state: SetupState
    slot: str
    side: SetupSide
    change: int
    ts_known: int
    ts: int
    expected_r: float
    total: float
    threshold: float | None
    rank: int
    of: int
    held: str = ""
    ts_first: int = 0
    ts_last: int = 0


class SetupNoticeStore(Protocol):
    """Keeps candidates; each change of an account is one once. What was told stays. All go with their account."""

    def keep(
        self, notice: SetupNotice, accounts: Sequence[str], days: Sequence[tuple[int, int]], most: int
    ) -> SetupNotice:
        """Keep a candidate and return it as it is kept: the one that is there, or held where a day is full.

        Parameters
        ----------
        notice : SetupNotice
            The candidate.
        accounts : sequence of str
            All of its owner: they share the budget.
        days : sequence of (int, int)
            The days on which it would be sent, each from and to, epoch milliseconds on the wall.
        most : int
            Told a day.

        Returns
        -------
        SetupNotice
            As it is kept.
        """
        ...

    def take_back(self, account: str, setup: str, state: SetupState, before: int, after: int) -> bool:
        """Forget a candidate that was to be told and is not: its days are over, or are not those it is sent on.

        Parameters
        ----------
        account, setup, state : str
            Which change.
        before : int
            When the last day began on which it is sent, epoch milliseconds on the wall: what was to be sent by then
            on no such day is forgotten.
        after : int
            When the first day ends on which it is sent: what was to be sent only later is forgotten.

        Returns
        -------
        bool
            Whether there was one.
        """
        ...

    def notices(
        self, accounts: Sequence[str], *, since: int = 0, limit: int = 100_000
    ) -> Sequence[SetupNotice]:
        """Return the candidates of some accounts whose close was later than a time, the newest first.

        Parameters
        ----------
        accounts : sequence of str
            Names.
        since : int
            Epoch milliseconds of the market, exclusive.
        limit : int
            Most returned.

        Returns
        -------
        sequence of SetupNotice
            By close, then by number of the change, falling.
        """
        ...

    def oldest(self, accounts: Sequence[str]) -> SetupNotice | None:
        """Return the candidate of some accounts whose close was the first; None where there is none.

        Parameters
        ----------
        accounts : sequence of str
            Names.

        Returns
        -------
        SetupNotice or None
            Told or not.
        """
        ...

    def of(self, setups: Sequence[str], accounts: Sequence[str]) -> Sequence[SetupNotice]:
        """Return the candidates of some setups.

        Parameters
        ----------
        setups, accounts : sequence of str
            Ids; names of the accounts whose candidates count.

        Returns
        -------
        sequence of SetupNotice
            By number of the change.
        """
        ...

    def told(self, accounts: Sequence[str], begins: int, ends: int) -> int:
        """Return how many changes were told, or are to be, within a time.

        Parameters
        ----------
        accounts : sequence of str
            Names.
        begins, ends : int
            Epoch milliseconds on the wall; the end is exclusive.

        Returns
        -------
        int
            A change whose rules send it at two times counts in each day once.
        """
        ...

    def count(self, accounts: Sequence[str]) -> int:
        """Return how many candidates some accounts have.

        Parameters
        ----------
        accounts : sequence of str
            Names.

        Returns
        -------
        int
            Told and held back.
        """
        ...

    def was_told(self, account: str, setup: str) -> bool:
        """Tell whether any change of a setup was told.

        Parameters
        ----------
        account, setup : str
            Which.

        Returns
        -------
        bool
            Also where it is still to be sent.
        """
        ...
