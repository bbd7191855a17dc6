"""What a public register is called and means, which of its rows are an entity's, and when a licence ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.register import ChangeKind, RegisterChange, RegisterEntry
from vigie.intelligence.news.firms import LEI, parse_firm_name
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry
from vigie.ports.connectors import ConnectorDirectory
from vigie.services.news.entities.naming import names_of

LICENCES: Final = "licences"
WARNINGS: Final = "warnings"
_LONG: Final = 3
How = Literal["lei", "name", "branch"]


@dataclass(frozen=True, slots=True)
class RegisterInfo:
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


def load_registers(directory: ConnectorDirectory) -> Mapping[str, RegisterInfo]:
    """Return every register that is read, by id."""
    return {note.id: RegisterInfo(note.title, note.lists) for note in directory.news() if note.lists}


def register_of(registers: Mapping[str, RegisterInfo], register: str) -> RegisterInfo:
    """Return a register; of one that is not listed any more nobody knows what it was."""
    return registers.get(register) or RegisterInfo(register, "")


def rows_of(
    entry: GazetteerEntry, registers: Mapping[str, RegisterInfo], rows: Sequence[RegisterEntry]
) -> list[tuple[RegisterEntry, How]]:
    """Return the rows of registers that are an entity's, each with what shows it.

    Where its identifier (LEI) is among its names, that alone counts. Otherwise a row is its own by its whole name, what
    it is by law left out, or as its branch in a country, unless the row is a warning; and what has the identifier of a
    licence that was found so.
    """
    names = names_of(entry)
    if leis := {text.upper() for text in names if LEI.fullmatch(text.upper())}:
        return [(row, "lei") for row in rows if row.lei in leis]
    cores = {parse_firm_name(text).core for text in names if len(text) > _LONG}
    rows_found: dict[tuple[str, str], tuple[RegisterEntry, How]] = {}
    for row in rows:
        name = parse_firm_name(row.name)
        if name.core in cores:
            rows_found[row.register, row.key] = row, "name"
        elif name.placeless in cores and register_of(registers, row.register).lists != WARNINGS:
            rows_found[row.register, row.key] = row, "branch"
    leis = {
        row.lei
        for row, _ in rows_found.values()
        if row.lei and register_of(registers, row.register).lists == LICENCES
    }
    for row in rows:
        if row.lei in leis:
            rows_found.setdefault((row.register, row.key), (row, "lei"))
    return list(rows_found.values())


def licence_end(change: RegisterChange) -> int | None:
    """Return the day that a licence ended on, or ends on; None of changes that are none of it."""
    return change.entry.ts_until if change.kind == "ended" else None


def change_word(change: RegisterChange) -> ChangeKind | Literal["ends"]:
    """Return in which word a change is told: an end that lay ahead at the look that showed it is still to come."""
    until = licence_end(change)
    return change.kind if until is None or until <= change.ts_seen else "ends"
