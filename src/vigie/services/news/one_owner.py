"""Sources of one's own that publish the same: one owner is taken to be behind them, until somebody says otherwise.

Two feeds of one newsroom, or a mirror of it under another host, would look like two publishers who say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from vigie.domain.item import NewsItem
from vigie.intelligence.news.reading.words import words
from vigie.ports.connectors import NewsSourceInfo
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.house import House

PLACE: Final = "news/one_owner"
APART: Final = "news/two_owners"
NEWEST: Final = 20
# Of fewer items nothing is said: two newsrooms may well begin with the same release.
LEAST: Final = 5

Pair = tuple[str, str]


@dataclass(slots=True)
class Twins:
    """Looks for sources of one's own that publish the same, while what they publish is read."""

    _newest: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)

    def take(self, house: House, read: Iterable[StoredRevision]) -> None:
        """Compare the sources of what was read with the others; write down which are one."""
        own = {note.id: note for note in house.directory.news() if note.is_own}
        fresh = [known.item for known in read if known.item.said.source in own]
        if not fresh or len(own) < 2:
            return
        for name in sorted(own.keys() - self._newest.keys()):
            kept = house.items.query(ItemQuery(sources=(name,), limit=NEWEST))
            self._newest[name] = {one.item.id: _signs(one.item) for one in reversed(kept)}
        for item in fresh:
            newest = self._newest[item.said.source]
            newest.pop(item.id, None)
            newest[item.id] = _signs(item)
            while len(newest) > NEWEST:
                del newest[next(iter(newest))]
        changed = {item.said.source for item in fresh}
        before = pairs(house)
        found = {
            pair
            for pair in combinations(sorted(own), 2)
            if (self._is_one(own, *pair) if changed & {*pair} else pair in before)
        }
        if found != set(before):
            house.bookmarks.put(PLACE, _written(found))

    def _is_one(self, own: Mapping[str, NewsSourceInfo], one: str, other: str) -> bool:
        first, second = self._newest[one], self._newest[other]
        is_said = min(len(first), len(second)) >= LEAST and own[one].domain != own[other].domain
        return is_said and _shared(first, second) and _shared(second, first)


def pairs(house: House) -> list[Pair]:
    """Return sources of one's own that publish the same, two by two."""
    return _read(house.bookmarks.get(PLACE))


def told_apart(house: House) -> list[Pair]:
    """Return those of which somebody said that two owners are behind them."""
    return _read(house.bookmarks.get(APART))


def tell_apart(house: House, pair: Pair, *, is_apart: bool) -> None:
    """Say that two sources are of two owners, or take that back."""
    kept = {*told_apart(house)} - {pair} | ({pair} if is_apart else set())
    house.bookmarks.put(APART, _written(kept))


def one_owner(house: House, notes: Sequence[NewsSourceInfo], owners: Mapping[str, str]) -> dict[str, str]:
    """Return the owner of each source of one's own that publishes the same as another.

    Parameters
    ----------
    owners : mapping of str to str
        Who is behind each source for itself; one that the lists know comes before what a source says of itself.
    """
    own = {note.id: note for note in notes if note.is_own}
    if len(own) < 2:
        return {}
    apart = set(told_apart(house))
    behind: dict[str, str] = {}
    for one, other in pairs(house):
        if (one, other) in apart or not {one, other} <= own.keys():
            continue
        known = {name: behind.get(name, owners[name]) for name in (one, other)}
        listed = [owner for name, owner in known.items() if owner != own[name].owner]
        owner, taken = (listed or [known[one]])[0], set(known.values())
        behind |= {name: owner for name in own if behind.get(name, "") in taken or name in known}
    return behind


def _signs(item: NewsItem) -> frozenset[str]:
    """Return by what an item is told to be the same as another one: where it leads, and what it says."""
    said = item.said
    text = " ".join(words(f"{said.title} {said.text}").folded)
    return frozenset(sign for sign in (said.url, text) if sign)


def _shared(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    there = frozenset().union(*other.values())
    return 2 * sum(bool(signs & there) for signs in one.values()) > len(one)


def _written(found: Iterable[Pair]) -> str:
    return ";".join(" ".join(pair) for pair in sorted(found))


def _read(text: str) -> list[Pair]:
    halves = (part.partition(" ") for part in text.split(";") if part)
    return [(one, other) for one, _, other in halves]
