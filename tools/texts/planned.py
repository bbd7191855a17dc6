"""Rows of catalogues: which are applied everywhere, and what is written for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.texts.catalogues import Catalogue, Entry, renamed
from tools.texts.rows import FORMS, Refused, Row
from tools.texts.tooltips import place_tooltip
from tools.texts.tree import Edit
from tools.texts.uses import SOURCE, Use, Uses, is_word


@dataclass(slots=True)
class Decided:
    """What is decided about rows.

    Parameters
    ----------
    applied, refused : list
        Rows, the refused ones with the reason and the place.
    look : list of str
        What somebody looks at.
    claims : set
        Files and texts of refused rows that name a file: the text there would lose its French.
    added : dict
        Texts that catalogues get, by catalogue and English.
    """

    applied: list[Row] = field(default_factory=list)
    refused: list[tuple[Row, str, str]] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    claims: set[tuple[str, str]] = field(default_factory=set)
    added: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def refuse(self, rows: Iterable[Row], reason: str, where: str = "") -> None:
        """Keep why rows are not applied."""
        self.refused += [(row, reason, where) for row in rows]


def decide(uses: Uses, rows: list[Row], every: list[Row], decided: Decided) -> None:
    """Apply rows of catalogues.

    Parameters
    ----------
    uses : Uses
        Where texts stand.
    rows : list of Row
        Those asked for.
    every : list of Row
        Those of all tables: a text of several catalogues is changed in all of them or in none.
    decided : Decided
        Gets what is decided.
    """
    asked, planned = defaultdict(list), defaultdict(list)
    for row in rows:
        asked[row.old].append(row)
    for row in every:
        if row.catalogue.endswith(".po"):
            planned[row.old].append(row)
    wanted: dict[str, Row] = {}
    edits: dict[str, list[Edit]] = {}
    for old, these in asked.items():
        try:
            wanted[old] = _agreed(uses, these, planned[old])
            edits[old] = _edits(uses, wanted[old], decided)
        except Refused as fault:
            wanted.pop(old, None)
            decided.refuse(these, fault.reason, fault.where)
    _without_two_meanings(uses, wanted, asked, decided)
    for old, row in list(wanted.items()):
        try:
            uses.tree.apply(edits[old])
        except Refused as fault:
            del wanted[old]
            decided.refuse(asked[old], fault.reason, fault.where)
            continue
        decided.applied += asked[old]
        place_tooltip(uses, row, decided.added, decided.look)
    _write(uses, wanted, decided)


def _agreed(uses: Uses, rows: list[Row], planned: list[Row]) -> Row:
    first = rows[0]
    first.check()
    holding = {path for path, one in uses.catalogues.items() if first.old in one.french()}
    for row in rows:
        if SOURCE + row.catalogue not in holding:
            other = uses.catalogues.get(SOURCE + row.catalogue)
            is_done = other is not None and row.new in other.french()
            raise Refused("applied already" if is_done else "not in its catalogue", row.catalogue)
    if len({(row.new, row.fr) for row in planned}) > 1:
        raise Refused("tables disagree", ", ".join(row.at for row in planned))
    without = holding - {SOURCE + row.catalogue for row in planned}
    if without:
        raise Refused("another catalogue has it and no row", ", ".join(sorted(without)))
    if not first.fr or len(first.fr.split(FORMS)) != len(first.old.split(FORMS)):
        raise Refused("no French for each form")
    if "services/" in first.catalogue and not first.is_french_only:
        raise Refused("stored or goes out as JSON", first.catalogue)
    return first


def _edits(uses: Uses, row: Row, decided: Decided) -> list[Edit]:
    found: list[Edit] = []
    for old, new in row.forms().items():
        if old == new:
            continue
        here = [use for use in uses.by_text.get(old, []) if not _is_claimed(uses, use, old, decided)]
        sure = [use for use in here if use.kind == "sure"]
        _check(uses, here, sure, old)
        found += [use.edit(uses.tree, new) for use in sure]
        found += [use.edit(uses.tree, new) for use in here if use.kind == "maybe" and not is_word(old)]
    if not found and not row.is_french_only:
        raise Refused("not found where it is used")
    return found


def _is_claimed(uses: Uses, use: Use, old: str, decided: Decided) -> bool:
    if uses.tree.is_edited(use.path, *use.span):
        # A row that names this file gives it a text of its own.
        return True
    if use.kind in ("sure", "maybe") and (use.path, old) in decided.claims:
        raise Refused("a row that names a file goes before it", use.path)
    return False


def _check(uses: Uses, here: list[Use], sure: list[Use], old: str) -> None:
    def place(kind: str) -> str:
        return next((uses.tree.line(use.path, use.span[0]) for use in here if use.kind == kind), "")

    if place("column"):
        raise Refused("goes out as JSON: title or definition of a column", place("column"))
    if place("data"):
        raise Refused("stands outside the pages: stored or goes out as JSON", place("data"))
    if is_word(old) and place("maybe"):
        scripted = next((use for use in here if use.kind == "maybe" and use.path.endswith(".py")), None)
        if scripted or not sure:
            raise Refused("one small word: may be a code", place("maybe"))
    if place("key") and (" " in old or not sure):
        raise Refused("a key or compared there", place("key"))


def _without_two_meanings(
    uses: Uses, wanted: dict[str, Row], asked: dict[str, list[Row]], decided: Decided
) -> None:
    # All catalogues are one dictionary: a text has one French, whichever page asks.
    while True:
        said: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for catalogue in uses.catalogues.values():
            for entry in catalogue.entries:
                row = wanted.get(entry.english)
                english, french = (row.new, row.fr) if row else (entry.english, entry.french)
                for one, word in zip(english.split(FORMS), french.split(FORMS), strict=False):
                    said[one][word].add(entry.english)
        for catalogue_texts in decided.added.values():
            for english, french in catalogue_texts.items():
                said[english][french].add(english)
        gone = False
        for english, words in said.items():
            # What nobody changes stays: rows that say the same as it are right, the others are not.
            kept = {word for word, origins in words.items() if origins - set(wanted)}
            olds = {old for word, origins in words.items() if word not in kept for old in origins} & set(
                wanted
            )
            if len(words) > 1 and olds:
                for old in olds:
                    del wanted[old]
                    decided.refuse(
                        asked[old], "two texts become one, with another French", f"{english}: {sorted(words)}"
                    )
                gone = True
        if not gone:
            return


def _write(uses: Uses, wanted: dict[str, Row], decided: Decided) -> None:
    changes = {old: (row.new, row.fr) for old, row in wanted.items()}
    for path, catalogue in uses.catalogues.items():
        if not decided.added[path] and not set(changes) & set(catalogue.french()):
            continue
        entries = renamed(catalogue, changes)
        have = {entry.english for entry in entries}
        entries += [Entry([], one, word) for one, word in decided.added[path].items() if one not in have]
        if [(one.english, one.french) for one in entries] != [
            (one.english, one.french) for one in catalogue.entries
        ]:
            uses.tree.put(path, Catalogue(path, catalogue.head, entries).written())
