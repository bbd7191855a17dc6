"""What a house knows of names at rest: aliases, entities that are one, names that were torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.entity import Amendment


class NameStore(Protocol):
    """Keeps amendments to the packaged lists of entities."""

    def amendments(self) -> Sequence[Amendment]:
        """Return all of them in the order in which they were made."""
        ...

    def amend(self, amendment: Amendment) -> Amendment:
        """Store one and return it with its id and time."""
        ...

    def withdraw(self, amendment: str) -> Amendment | None:
        """Remove one and return what it was, None where there is none such."""
        ...
