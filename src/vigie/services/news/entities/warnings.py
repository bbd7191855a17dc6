"""What lists of warnings say of whom items name: which list, since when, where it is written, by what it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydantic import BaseModel

from vigie.domain.item import NewsItem
from vigie.domain.register import RegisterEntry
from vigie.intelligence.news.firms import parse_firm_name
from vigie.intelligence.news.warning_matches import WarningIndex, WarningMatch, build_warning_index
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.home import HomeFolder
from vigie.ports.names import NameStore
from vigie.ports.registers import RegisterStore
from vigie.services.news.entities.naming import OwnNames, gazetteer_of, names_of, own_names
from vigie.services.news.entities.registers import LICENCES, WARNINGS, How, load_registers

# Register, what standing there means, how many rows it has, when it last changed.
State = tuple[str, str, int, int | None]
# Changes that are looked through for the day on which a row came.
_MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class WarningSources:
    """What warnings of regulators are matched with news from."""

    home: HomeFolder
    clock: Clock
    directory: ConnectorDirectory
    names: NameStore
    registers: RegisterStore


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
class WarningFinder:
    """The lists of warnings of a home as they were read last."""

    registers: RegisterStore
    directory: ConnectorDirectory
    index: WarningIndex
    now: int

    def find(self, title: str, text: str, url: str = "", *, source: str = "") -> list[WarningMatch]:
        """Return the firms that an item names; what a list itself says of its rows names nobody."""
        return [
            match
            for match in self.index.find(title, text, url)
            if match.entry.register != source
            and (match.entry.ts_until is None or match.entry.ts_until > self.now)
        ]

    def find_rows(
        self, title: str, text: str, url: str = "", *, source: str = "", item: str = ""
    ) -> list[WarningShown]:
        """Return the same with what the lists say, as pages and answers show it."""
        matches = self.find(title, text, url, source=source)
        return warning_rows(self.registers, self.directory, matches, item)


def warning_rows(
    registers: RegisterStore, directory: ConnectorDirectory, matches: Sequence[WarningMatch], item: str = ""
) -> list[WarningShown]:
    """Return firms that were found with what their lists say."""
    titles = {name: match.title for name, match in load_registers(directory).items()}
    ts_read_by_register = {match.register: match.ts_seen for match in registers.states()}
    since = {
        register: _since(registers, register) for register in {match.entry.register for match in matches}
    }
    pages = _pages(directory) if matches else {}
    return [
        WarningShown(
            name=match.entry.name, source=match.entry.register,
            title=titles.get(match.entry.register, match.entry.register), address=pages.get(match.entry.register, ""),
            authority=match.entry.authority, country=match.entry.country, how=match.how, evidence=match.evidence,
            ts_since=match.entry.ts_from or since[match.entry.register].get(match.entry.key),
            ts_read=ts_read_by_register.get(match.entry.register), item=item,
        )
        for match in matches
    ]  # fmt: skip


def warned_names(warning_sources: WarningSources, items: Sequence[NewsItem]) -> list[str]:
    """Return of each item the firms that it names and that a list warns of, as a list of items marks it."""
    finder = warning_finder(warning_sources)
    matches_by_item = (
        finder.find(entry.content.title, entry.content.text, entry.content.url, source=entry.content.source)
        for entry in items
    )
    return ["; ".join(dict.fromkeys(match.entry.name for match in entry)) for entry in matches_by_item]


def warnings_on(
    registers: RegisterStore,
    clock: Clock,
    directory: ConnectorDirectory,
    rows: Iterable[tuple[RegisterEntry, How]],
) -> list[WarningShown]:
    """Return the lists of warnings among the rows of an entity; a name that has a licence elsewhere is a namesake's."""
    kinds = {name: register.lists for name, register in load_registers(directory).items()}
    now = clock.market_now()
    own_rows = list(rows)
    licensed_names = {
        parse_firm_name(row.name).core for row, _ in own_rows if kinds.get(row.register) == LICENCES
    }
    matches = [
        WarningMatch(row, "lei", row.lei) if how == "lei" else WarningMatch(row, "name", row.name)
        for row, how in own_rows
        if kinds.get(row.register) == WARNINGS and (row.ts_until is None or row.ts_until > now)
        if how == "lei" or parse_firm_name(row.name).core not in licensed_names
    ]
    return warning_rows(registers, directory, matches)


def warnings_of(warning_sources: WarningSources, items: Iterable[NewsItem]) -> list[WarningShown]:
    """Return the firms that some items name, each once with the first item that does."""
    finder, unique = warning_finder(warning_sources), dict[tuple[str, str], WarningShown]()
    for item in items:
        content = item.content
        for row in finder.find_rows(
            content.title, content.text, content.url, source=content.source, item=item.id
        ):
            unique.setdefault((row.source, row.name), row)
    return list(unique.values())


def warning_finder(warning_sources: WarningSources) -> WarningFinder:
    """Return what the lists of warnings of a home say now; they are prepared anew when one of them changed."""
    kinds = {name: state.lists for name, state in load_registers(warning_sources.directory).items()}
    states = tuple(
        (state.register, kinds.get(state.register, ""), state.entries, state.ts_changed)
        for state in warning_sources.registers.states()
        if kinds.get(state.register) in (WARNINGS, LICENCES)
    )
    own = own_names(warning_sources.names)
    prepared = _prepared(warning_sources.home, states, own)
    if not prepared:
        prepared.append(_index(warning_sources.registers, kinds, own))
    return WarningFinder(
        warning_sources.registers, warning_sources.directory, prepared[0], warning_sources.clock.market_now()
    )


@lru_cache(maxsize=4)
def _prepared(home: HomeFolder, states: tuple[State, ...], own: OwnNames) -> list[WarningIndex]:
    """Return where the lists of a home are kept as they are in one state, empty at first."""
    return []


def _index(registers: RegisterStore, kinds: Mapping[str, str], own: OwnNames) -> WarningIndex:
    def rows(lists_wanted: str) -> list[RegisterEntry]:
        return [
            entry
            for name, lists in kinds.items()
            if lists == lists_wanted
            for entry in registers.entries(name)
        ]

    warning_rows_found = rows(WARNINGS)
    if not warning_rows_found:
        return WarningIndex()
    entries = gazetteer_of(own).entries.values()
    known_names = {parse_firm_name(text).core for entry in entries for text in names_of(entry)}
    return build_warning_index(warning_rows_found, licensed=rows(LICENCES), known=known_names)


def _since(registers: RegisterStore, register: str) -> Mapping[str, int]:
    """Return when rows came that were not there at the first look, by key."""
    changes = registers.changes(register, limit=_MOST)
    return {change.key: change.ts_seen for change in reversed(changes) if change.kind == "added"}


def _pages(directory: ConnectorDirectory) -> Mapping[str, str]:
    """Return where people read each register."""
    return {note.source: note.docs or note.address for note in directory.notes()}
