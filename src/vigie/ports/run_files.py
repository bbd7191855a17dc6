"""Versions of run files at rest: each change as it was kept, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.run_file_version import RunFileVersion, VersionMark


class RunFileStore(Protocol):
    """Keeps versions of run files; nothing of them is changed, versions and marks are added."""

    def add(self, version: RunFileVersion, changes: Sequence[str]) -> RunFileVersion:
        """Write a version durably, with its audit record.

        Parameters
        ----------
        version : RunFileVersion
            Its number is one more than the account's last one's, 1 for the first.
        changes : sequence of str
            What it changes, in words, for the audit.

        Returns
        -------
        RunFileVersion
            With the time at which it was written.

        Raises
        ------
        Conflict
            If the account has that version already: somebody changed its run file meanwhile.
        """
        ...

    def mark(self, account: str, version: int, mark: VersionMark, by: str, note: str = "") -> RunFileVersion:
        """Note durably what becomes of a version, with its audit record; a second time changes nothing.

        Parameters
        ----------
        mark : VersionMark
            What is noted.
        by : str
            User id of whoever cancels it; else the account's owner.
        note : str
            Why it was refused.

        Returns
        -------
        RunFileVersion
            With the mark.

        Raises
        ------
        Conflict
            If it is to be cancelled or taken and has ended, or is not the newest of its account; or is to be cancelled
            after it was taken.
        """
        ...

    def versions(self, owner: str, account: str | None = None) -> Sequence[RunFileVersion]:
        """Return the versions of one of an owner's accounts, or of all, oldest first.

        Parameters
        ----------
        owner : str
            Whose.
        account : str or None
            Its name; None for all of theirs.

        Returns
        -------
        sequence of RunFileVersion
            Empty where there are none.
        """
        ...

    def hand_over(self, before: str, after: str) -> int:
        """Give an owner's versions to another.

        Parameters
        ----------
        before, after : str
            Whose they are and whose they become.

        Returns
        -------
        int
            How many that are.
        """
        ...

    def forget(self, owner: str) -> int:
        """Remove an owner's versions; what the audit says stays.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        int
            How many that are.
        """
        ...
