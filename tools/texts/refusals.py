"""Refusals: the English sentence where it is raised, and its entry in `refusals.fr.toml`.

A sentence of the catalogue is compared with the texts of Python files by `views/web/refusals.py`, as with what was
refused: the one with most words of its own is taken. A field of an f-string is what a place of the sentence takes.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from tools.texts.keyed import toml_written
from tools.texts.literals import Literal
from tools.texts.planned import Decided
from tools.texts.rows import Refused, Row
from tools.texts.tree import Edit
from tools.texts.uses import REFUSALS, Uses
from tools.texts.writing import rewritten

from vigie.views.web.refusals import RefusalPattern, fits, how_narrow, parse_pattern

_PLACE: Final = re.compile(r"\{(\w+)\}")
_AHEAD: Final = re.compile(r"^(\S+: )(.+)$", re.DOTALL)
# A sentence of fewer letters of its own would fit texts that are something else.
LEAST: Final = 8


class Raised:
    """Which texts of Python files are which sentence.

    Parameters
    ----------
    uses : Uses
        All texts.
    """

    def __init__(self, uses: Uses) -> None:
        self.uses = uses

    @cached_property
    def known(self) -> list[tuple[str, RefusalPattern]]:
        """Sentences of the catalogue, those with most words of their own first."""
        keys = [key for section, key in self.uses.refusals if section == "sentences"]
        keys.sort(key=how_narrow)
        return [(key, parse_pattern(key)) for key in keys]

    def of(self, text: str) -> tuple[str, str, dict[str, str]] | None:
        """Return what stands before a refusal, its sentence and its values; None where the text is none."""
        ahead = _AHEAD.match(text)
        for before, whole in [("", text), *([(ahead[1], ahead[2])] if ahead else [])]:
            for key, known in self.known:
                values = known.values(whole)
                if values is None or not fits(values):
                    continue
                if len(re.sub(r"[\W\d_]", "", _PLACE.sub("", key))) >= LEAST:
                    return before, key, values
        return None

    @cached_property
    def places(self) -> dict[str, list[tuple[Literal, str, dict[str, str]]]]:
        """Texts by their sentence."""
        return self.among(self.uses.python)

    def among(self, texts: list[Literal]) -> dict[str, list[tuple[Literal, str, dict[str, str]]]]:
        """Return those of some texts that are sentences, by their sentence."""
        found: dict[str, list[tuple[Literal, str, dict[str, str]]]] = {}
        for literal in texts:
            if literal.kind == "docstring" or " " not in literal.shape:
                continue
            fits = self.of(literal.shape)
            if fits:
                found.setdefault(fits[1], []).append((literal, fits[0], fits[2]))
        return found


def filled(new: str, values: dict[str, str]) -> str:
    """Return a sentence with its values."""
    return _PLACE.sub(lambda place: values[place[1]], new)


def decide_refusals(raised: Raised, rows: list[Row], decided: Decided) -> None:
    """Apply rows of refusals.

    Parameters
    ----------
    raised : Raised
        Where sentences stand.
    rows : list of Row
        Those whose catalogue begins with ``refusals:``.
    decided : Decided
        Gets what is decided.
    """
    keys = {key for section, key in raised.uses.refusals if section == "sentences"}
    leaving = {row.old for row in rows if not row.is_french_only}
    coming: dict[str, str] = {}
    for row in rows:
        try:
            row.check()
            taken = coming.get(row.new, row.old) != row.old
            if not row.is_french_only and (taken or (row.new in keys and row.new not in leaving)):
                raise Refused("two refusals become one")
            raised.uses.tree.apply(_edits(raised, row))
            coming[row.new] = row.old
            decided.applied.append(row)
        except Refused as fault:
            decided.refuse([row], fault.reason, fault.where)


def _edits(raised: Raised, row: Row) -> list[Edit]:
    kept = raised.uses.refusals.get(("sentences", row.old))
    if kept is None:
        is_done = ("sentences", row.new) in raised.uses.refusals
        raise Refused("applied already" if is_done else "not in refusals.fr.toml")
    if not row.fr:
        raise Refused("no French for each form")
    found = [Edit(REFUSALS, *kept.value_at, toml_written(row.fr))]
    if row.is_french_only:
        return found
    found.append(Edit(REFUSALS, *kept.key_at, toml_written(row.new)))
    places = raised.places.get(row.old, [])
    if not places:
        raise Refused("not found where it is raised")
    for literal, before, values in places:
        if literal.kind in ("key", "code"):
            raise Refused("a key or compared there", raised.uses.tree.line(literal.path, literal.start))
        source = raised.uses.tree.text(literal.path)
        found.append(rewritten(literal, source, before + filled(row.new, values)))
    return found
