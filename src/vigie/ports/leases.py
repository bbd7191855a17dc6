"""Who may trade an account now: one process at a time, for as long as its lease."""

from __future__ import annotations

from typing import Protocol

from vigie.domain.order import Lease


class LeaseStore(Protocol):
    """Leases of trading accounts; of each account only the newest counts."""

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
        """Give a lease back.

        Parameters
        ----------
        lease : Lease
            One that somebody else took since is left alone.
        """
        ...

    def holder(self, account: str) -> Lease | None:
        """Return the lease of who may trade an account now, None where nobody may.

        Parameters
        ----------
        account : str
            `TradeRun.account`.

        Returns
        -------
        Lease or None
            As stored, with its present end; None also where the lease is over.
        """
        ...
