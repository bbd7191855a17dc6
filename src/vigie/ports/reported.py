"""What platforms reported of people's years: statements of rows, each person sees their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.reported import ReportedRow, ReportedStatement, SortedReported


class ReportedStore(Protocol):
    """Keeps yearly statements of platforms; each person sees their own."""

    def statements(self, owner: str) -> Sequence[ReportedStatement]:
        """Return the statements of a person, by year and place.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of ReportedStatement
        """
        ...

    def add(
        self, owner: str, rows: Sequence[ReportedRow], *, most: int, replaces: bool, dry_run: bool = False
    ) -> SortedReported:
        """Keep rows, all or none; the same rows again change nothing.

        Parameters
        ----------
        owner : str
            Whose.
        rows : sequence of ReportedRow
            No two of the same place, year and key.
        most : int
            How many rows a person may have.
        replaces : bool
            Whether rows that say something else than kept ones take their place; else nothing is kept.
        dry_run : bool
            Only tell what each row is.

        Returns
        -------
        SortedReported
            What each row was beside those kept before.

        Raises
        ------
        UsageError
            If the person would have more than `most`.
        """
        ...

    def remove(self, owner: str, statement: str) -> None:
        """Remove a statement with all its rows.

        Parameters
        ----------
        owner, statement : str
            Whose, and its id.

        Raises
        ------
        NotFound
            If the person has no such statement.
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another.

        Parameters
        ----------
        before, after : str
            Ids of both.
        """
        ...

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person.

        Parameters
        ----------
        owner : str
            Id of the person.
        """
        ...
