"""What a house knows of names at rest: aliases, entities that are one, names that were torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.entity import Amendment, NameImport


class NameStore(Protocol):
    """Keeps amendments to the packaged lists of entities, and names from public lists."""

    def amendments(self) -> Sequence[Amendment]:
        """Return all of them in the order in which they were made.

        Returns
        -------
        sequence of Amendment
            Oldest first; later ones override earlier ones.
        """
        ...

    def amend(self, amendment: Amendment) -> Amendment:
        """Store one and return it with its id and time.

        Parameters
        ----------
        amendment : Amendment
            Without id and time.

        Returns
        -------
        Amendment
            Applies after all others.
        """
        ...

    def withdraw(self, amendment: str) -> Amendment | None:
        """Remove one and return what it was, None where there is none such.

        Parameters
        ----------
        amendment : str
            `Amendment.id`.

        Returns
        -------
        Amendment or None
            The removed amendment.
        """
        ...

    def import_ids(self) -> Sequence[str]:
        """Return the ids of the newest import of each source, by source: what tells imports apart.

        Returns
        -------
        sequence of str
            Sorted by source; changes whenever an import is added or withdrawn.
        """
        ...

    def imports(self) -> Sequence[NameImport]:
        """Return the newest import of each source, by source.

        Returns
        -------
        sequence of NameImport
            At most one for each source, whole.
        """
        ...

    def put_import(self, name_import: NameImport) -> NameImport:
        """Store one and return it with its id and time; of a source few are kept.

        Parameters
        ----------
        name_import : NameImport
            Without id and time; it replaces the source's former names.

        Returns
        -------
        NameImport
            With its id and wall time in epoch milliseconds.
        """
        ...

    def withdraw_import(self, source: str) -> NameImport | None:
        """Remove the newest import of a source and return what it was, None where there is none.

        Parameters
        ----------
        source : str
            Of the list: ``gleif``.

        Returns
        -------
        NameImport or None
            The removed import; the one before it is valid again.
        """
        ...
