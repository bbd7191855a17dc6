"""What a house knows of names at rest: aliases, entities that are one, names that were torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.entity import Amendment, NameImport


class NameStore(Protocol):
    """Keeps amendments to the packaged lists of entities, and names from public lists."""

    def amendments(self) -> Sequence[Amendment]:
        """Return all of them in the order in which they were made."""
        ...

    def amend(self, amendment: Amendment) -> Amendment:
        """Store one and return it with its id and time."""
        ...

    def withdraw(self, amendment: str) -> Amendment | None:
        """Remove one and return what it was, None where there is none such."""
        ...

    def import_ids(self) -> Sequence[str]:
        """Return the ids of the newest import of each source, by source: what tells imports apart."""
        ...

    def imports(self) -> Sequence[NameImport]:
        """Return the newest import of each source, by source."""
        ...

    def put_import(self, name_import: NameImport) -> NameImport:
        """Store one and return it with its id and time; of a source few are kept."""
        ...

    def withdraw_import(self, source: str) -> NameImport | None:
        """Remove the newest import of a source and return what it was, None where there is none."""
        ...
