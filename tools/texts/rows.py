"""Rows of a table, and why one of them is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

COLUMNS: Final = ("catalogue", "kind", "old", "new", "fr", "tooltip", "tooltip_fr")
FORMS: Final = " ||| "
_PLACE: Final = re.compile(r"%\((\w+)\)\w|\{([^{}]*)\}")
_BARE: Final = re.compile(r"%(?!\()")


class Refused(Exception):
    """A row is not applied; its first argument is the reason, its second where or what exactly."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(reason, where)
        self.reason = reason
        self.where = where


@dataclass(frozen=True, slots=True)
class Row:
    """One planned text.

    Parameters
    ----------
    catalogue : str
        Where it stands.
    kind : str
        What it is.
    old, new, fr : str
        English as it is, new English, new French; plural forms joined by `FORMS`.
    tooltip, tooltip_fr : str
        The plain sentence beside it.
    at : str
        Table and line.
    """

    catalogue: str
    kind: str
    old: str
    new: str
    fr: str
    tooltip: str = ""
    tooltip_fr: str = ""
    at: str = field(default="", compare=False)

    @property
    def is_french_only(self) -> bool:
        """Whether the English stays."""
        return self.old == self.new

    def forms(self) -> dict[str, str]:
        """Return the new English by the old one, for each form.

        Raises
        ------
        Refused
            Where there are not as many forms as before.
        """
        old, new = self.old.split(FORMS), self.new.split(FORMS)
        if len(old) != len(new):
            raise Refused("another number of plural forms")
        return dict(zip(old, new, strict=True))

    def check(self) -> None:
        """Refuse a row that says less than its old text: without English, or with other places for values.

        Raises
        ------
        Refused
            With what differs.
        """
        if not self.new or not self.old:
            raise Refused("no English text")
        for old, new in self.forms().items():
            if places(old) != places(new):
                raise Refused("other places for values", f"{sorted(places(old) ^ places(new))}")
            if "%(" in new and len(_BARE.findall(new)) > len(_BARE.findall(old)):
                raise Refused("a bare per cent sign", new)
        for french in self.fr.split(FORMS) if self.fr else ():
            if not places(french) <= places(self.new) | places(self.old):
                raise Refused("other places for values in French", french)

    def in_french_only(self) -> Row:
        """Return the row with its English as it is."""
        return replace(self, new=self.old, tooltip="", tooltip_fr="")


def places(text: str) -> set[str]:
    """Return the names of the places for values in a text."""
    return {found[1] or found[2] for found in _PLACE.finditer(text)}


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a table, each once."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    if tuple(head.split("\t")) != COLUMNS:
        raise SystemExit(f"{path}: its first line must be {' '.join(COLUMNS)}")
    found = [Row(*line.split("\t"), at=f"{path.name}:{number}") for number, line in enumerate(lines, 2)]
    return list(dict.fromkeys(found))
