"""What lists of warnings say of whom items name: which list, since when, where it is written, by what it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydantic import BaseModel

from vigie.domain.item import NewsItem
from vigie.domain.register import RegisterEntry
from vigie.intelligence.news.firms import firm_name
from vigie.intelligence.news.warned import Found, Warned, warned
from vigie.services.house import House
from vigie.services.news.naming import OwnNames, gazetteer_of, names_of, own_names
from vigie.services.news.registers import LICENCES, WARNINGS, How, listings

# Register, what standing there means, how many rows it has, when it last changed.
State = tuple[str, str, int, int | None]
# Changes that are looked through for the day on which a row came.
_MOST: Final = 5_000


class WarningShown(BaseModel):
    """A firm that an item names and that a list warns of.

    `how` says by what it was found, `evidence` what stands in the item: its identifier (``lei``), its ``website`` or
    its whole ``name``. `ts_since` is None where the list does not say it and had the row at the first look;
    `ts_read` is when the list was read last.
    """

    name: str
    source: str
    title: str
    address: str
    authority: str
    country: str
    how: str
    evidence: str
    ts_since: int | None
    ts_read: int | None
    item: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """The lists of warnings of a home as they were read last."""

    house: House
    index: Warned
    now: int

    def found(self, title: str, text: str, url: str = "", *, source: str = "") -> list[Found]:
        """Return the firms that an item names; what a list itself says of its rows names nobody."""
        return [
            one
            for one in self.index.found(title, text, url)
            if one.entry.register != source and (one.entry.ts_until is None or one.entry.ts_until > self.now)
        ]

    def shown(
        self, title: str, text: str, url: str = "", *, source: str = "", item: str = ""
    ) -> list[WarningShown]:
        """Return the same with what the lists say, as pages and answers show it."""
        found = self.found(title, text, url, source=source)
        return told_of(self.house, found, item)


def told_of(house: House, found: Sequence[Found], item: str = "") -> list[WarningShown]:
    """Return firms that were found with what their lists say."""
    titles = {name: one.title for name, one in listings(house).items()}
    read = {one.register: one.ts_seen for one in house.registers.states()}
    since = {register: _since(house, register) for register in {one.entry.register for one in found}}
    pages = _pages(house) if found else {}
    return [
        WarningShown(
            name=one.entry.name, source=one.entry.register,
            title=titles.get(one.entry.register, one.entry.register), address=pages.get(one.entry.register, ""),
            authority=one.entry.authority, country=one.entry.country, how=one.how, evidence=one.evidence,
            ts_since=one.entry.ts_from or since[one.entry.register].get(one.entry.key),
            ts_read=read.get(one.entry.register), item=item,
        )
        for one in found
    ]  # fmt: skip


def named_in(house: House, items: Sequence[NewsItem]) -> list[str]:
    """Return of each item the firms that it names and that a list warns of, as a list of items marks it."""
    watch = watch_of(house)
    found = (
        watch.found(one.said.title, one.said.text, one.said.url, source=one.said.source) for one in items
    )
    return ["; ".join(dict.fromkeys(each.entry.name for each in one)) for one in found]


def warnings_on(house: House, rows: Iterable[tuple[RegisterEntry, How]]) -> list[WarningShown]:
    """Return the lists of warnings among the rows of an entity; a name that has a licence elsewhere is a namesake's."""
    kinds, now = {name: one.lists for name, one in listings(house).items()}, house.clock.market_now()
    mine = list(rows)
    held = {firm_name(row.name).core for row, _ in mine if kinds.get(row.register) == LICENCES}
    found = [
        Found(row, "lei", row.lei) if how == "lei" else Found(row, "name", row.name)
        for row, how in mine
        if kinds.get(row.register) == WARNINGS and (row.ts_until is None or row.ts_until > now)
        if how == "lei" or firm_name(row.name).core not in held
    ]
    return told_of(house, found)


def warnings_of(house: House, items: Iterable[NewsItem]) -> list[WarningShown]:
    """Return the firms that some items name, each once with the first item that does."""
    watch, found = watch_of(house), dict[tuple[str, str], WarningShown]()
    for one in items:
        said = one.said
        for told in watch.shown(said.title, said.text, said.url, source=said.source, item=one.id):
            found.setdefault((told.source, told.name), told)
    return list(found.values())


def watch_of(house: House) -> Watch:
    """Return what the lists of warnings of a home say now; they are prepared anew when one of them changed."""
    kinds = {name: one.lists for name, one in listings(house).items()}
    states = tuple(
        (one.register, kinds.get(one.register, ""), one.entries, one.ts_changed)
        for one in house.registers.states()
        if kinds.get(one.register) in (WARNINGS, LICENCES)
    )
    own = own_names(house.names)
    prepared = _prepared(house.about["home"], states, own)
    if not prepared:
        prepared.append(_index(house, kinds, own))
    return Watch(house, prepared[0], house.clock.market_now())


@lru_cache(maxsize=4)
def _prepared(home: str, states: tuple[State, ...], own: OwnNames) -> list[Warned]:
    """Return where the lists of a home are kept as they are in one state, empty at first."""
    return []


def _index(house: House, kinds: Mapping[str, str], own: OwnNames) -> Warned:
    def rows(of: str) -> list[RegisterEntry]:
        return [one for name, lists in kinds.items() if lists == of for one in house.registers.entries(name)]

    listed = rows(WARNINGS)
    if not listed:
        return Warned()
    entries = gazetteer_of(own).entries.values()
    known = {firm_name(text).core for entry in entries for text in names_of(entry)}
    return warned(listed, licensed=rows(LICENCES), known=known)


def _since(house: House, register: str) -> Mapping[str, int]:
    """Return when rows came that were not there at the first look, by key."""
    changes = house.registers.changes(register, limit=_MOST)
    return {one.key: one.ts_seen for one in reversed(changes) if one.kind == "added"}


def _pages(house: House) -> Mapping[str, str]:
    """Return where people read each register."""
    return {one.source: one.docs or one.address for one in house.directory.notes()}
