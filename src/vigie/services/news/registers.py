"""What a public register is called and what standing on it means: a licence, a warning, a published paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vigie.services.house import House

LICENCES: Final = "licences"


@dataclass(frozen=True, slots=True)
class Listing:
    """A register of a home.

    Attributes
    ----------
    title : str
        For people.
    lists : str
        ``licences``, ``warnings`` or ``papers``; empty where no source is called so any more.
    """

    title: str
    lists: str


def listings(house: House) -> Mapping[str, Listing]:
    """Return every register that is read, by id."""
    return {note.id: Listing(note.title, note.lists) for note in house.directory.news() if note.lists}


def listing_of(known: Mapping[str, Listing], register: str) -> Listing:
    """Return a register; of one that is not listed any more nobody knows what it was."""
    return known.get(register) or Listing(register, "")
