"""What was seen lately, by its words, kept from one item to the next so that the nearest is found at once.

A shelf holds exactly the window it was last given: what is found depends on item and window only, never on what was
read before. It is used by one task at a time. Weights are those of TF-IDF over the window and the item together,
likeness is the cosine.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import mul
from typing import Final, NamedTuple

from vigie.domain.item import ItemFinding
from vigie.intelligence.news.step import Seen

Terms = tuple[str, ...]
_ROUNDING: Final = 1e-9
# No rarity is below one: what fell by more than this says nothing of how long an item is still.
_MOST_FALLEN: Final = 2.0
Weights = Callable[[Terms], tuple[float, ...]]


class Near(NamedTuple):
    """An item of the window and how like it is, from 0 to 1."""

    seen: Seen
    likeness: float


def even(terms: Terms) -> tuple[float, ...]:
    """Weigh all terms alike."""
    return (1.0,) * len(terms)


def apart(seen: Seen) -> str:
    """Put an item into no group."""
    return ""


class _Measured(NamedTuple):
    """How long an item was once: its length, and that without rarities; size of window, puts."""

    length: float
    even: float
    items: int
    puts: int


@dataclass(slots=True)
class _Book:
    seen: Seen
    basis: ItemFinding | None
    terms: Terms
    group: str = ""
    # Beside each term the square of its weight, and who has it; how long it is by weights alone; once it was weighed.
    weights: tuple[float, ...] = ()
    holders: tuple[list[str], ...] = ()
    even: float = 0.0
    measured: _Measured | None = None


@dataclass(slots=True)
class Shelf:
    """Items of a window by their terms.

    Parameters
    ----------
    describe : callable
        From a seen item to its terms, each once.
    basis : str
        The step whose findings the terms come from as well; empty where title and text alone are read.
    weigh : callable
        From terms to the square of what each weighs beside its rarity.
    grouped : callable
        From a seen item to the group it is in; empty where it is in none.
    """

    describe: Callable[[Seen], Terms]
    basis: str = ""
    weigh: Weights = even
    grouped: Callable[[Seen], str] = apart
    _books: dict[str, _Book] = field(default_factory=dict)
    _where: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _groups: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _held: list[Seen] = field(default_factory=list)
    _last: _Book | None = None
    _size: int = 0
    _puts: int = 0
    # Of the window as it is: rarities by how many have a term, and squared lengths of items.
    _rare: _Rarities | None = None
    _lengths: dict[str, float] = field(default_factory=dict)

    def hold(self, window: Sequence[Seen]) -> None:
        """Hold these items and no others."""
        now = list(window)
        kept = self._kept(now)
        if kept is None:
            self._hold_anew({seen.item.id: seen for seen in now})
        else:
            for seen in self._held[: len(self._held) - kept]:
                book = self._books.get(seen.item.id)
                if book is not None and book.seen is seen:
                    self._drop(seen.item.id)
            for seen in now[kept:]:
                self._put(seen)
        self._held = now

    def _kept(self, now: list[Seen]) -> int | None:
        # Mostly a window has lost a few at its beginning and won one at its end: how many stayed, else nothing.
        book = self._books.get(now[0].item.id) if now else None
        if book is None or book.seen is not now[0]:
            return None
        first = 0
        while self._held[first] is not now[0]:
            first += 1
        kept = self._held[first:]
        return len(kept) if now[: len(kept)] == kept else None

    def _hold_anew(self, wanted: dict[str, Seen]) -> None:
        for key in self._books.keys() - wanted.keys():
            self._drop(key)
        for key, seen in wanted.items():
            book = self._books.get(key)
            if book is None or not self._is_same(book, seen) or book.group != self.grouped(seen):
                self._put(seen)
            else:
                book.seen = seen

    def _is_same(self, book: _Book, seen: Seen) -> bool:
        if book.seen is seen:
            return True
        found = seen.found.get(self.basis) if self.basis else None
        return book.seen.item == seen.item and book.basis == found

    def _put(self, seen: Seen) -> None:
        if seen.item.id in self._books:
            self._drop(seen.item.id)
        found = seen.found.get(self.basis) if self.basis else None
        last = self._last
        is_last = last is not None and last.seen.item is seen.item and last.basis == found
        terms = last.terms if last is not None and is_last else self.describe(seen)
        weights = last.weights if last is not None and is_last else ()
        group = self.grouped(seen)
        self._books[seen.item.id] = _Book(seen, found, terms, group, weights)
        if group:
            _join(self._groups, (group,), seen.item.id)
        self._size += len(terms)
        _join(self._where, terms, seen.item.id)
        self._puts += 1
        self._forget()

    def _drop(self, key: str) -> None:
        book = self._books.pop(key)
        self._size -= len(book.terms)
        _leave(self._where, book.terms, key)
        if book.group:
            _leave(self._groups, (book.group,), key)
        self._forget()

    def _forget(self) -> None:
        self._rare = None
        self._lengths.clear()

    def describing(self, this: Seen) -> Terms:
        """Return the terms of an item that is about to be compared; the window will hold it next."""
        found = this.found.get(self.basis) if self.basis else None
        terms = self.describe(this)
        self._last = _Book(this, found, terms, weights=self.weigh(terms))
        return terms

    def holders(self, terms: Iterable[str]) -> list[Seen]:
        """Return the items that have one of these terms, the one seen first before others."""
        return self._in_order({key for term in terms for key in self._where.get(term, ())})

    def members(self, group: str) -> list[Seen]:
        """Return the items of a group, the one seen first before others."""
        return self._in_order(self._groups.get(group, ()))

    def _in_order(self, keys: Iterable[str]) -> list[Seen]:
        found = [self._books[key].seen for key in keys]
        if len(found) > 1:
            found.sort(key=lambda seen: (seen.item.ts_first_seen, seen.item.id))
        return found

    def terms_of(self, seen: Seen) -> Terms:
        """Return the terms of an item of the window."""
        return self._books[seen.item.id].terms

    @property
    def size(self) -> int:
        """How many terms all items of the window have together."""
        return self._size

    @property
    def items(self) -> int:
        """How many items the window has."""
        return len(self._books)

    def count(self, term: str) -> int:
        """Return how many items of the window have a term."""
        return len(self._where.get(term, ()))

    def sharing(self, weights: Mapping[str, float], least: float, most: int) -> list[Seen]:
        """Return at most so many items whose shared terms weigh so much, the heaviest first."""
        found: defaultdict[str, float] = defaultdict(float)
        for term, weighs in weights.items():
            for key in self._where.get(term, _NOBODY):
                found[key] += weighs
        heavy = [
            (-weighs, self._books[key].seen.item.ts_first_seen, key)
            for key, weighs in found.items()
            if weighs >= least
        ]
        heavy.sort()
        return [self._books[key].seen for _, _, key in heavy[:most]]

    def nearest(self, terms: Terms, least: float) -> list[Near]:
        """Return the items at least so like these terms, the likest first; of equals the one seen first."""
        holders = [self._where.get(term, _NOBODY) for term in terms]
        squares = self._squares(terms, holders)
        own = sum(squares)
        if not own:
            return []
        shared: defaultdict[str, float] = defaultdict(float)
        for held, square in zip(holders, squares, strict=True):
            if square:
                for key in held:
                    shared[key] += square
        # The other's length is at least that of what is shared: most items fall away unweighed.
        floor = (least - _ROUNDING) ** 2 * own
        found = []
        for key, common in shared.items():
            if common >= floor and common * common >= floor * self._shortest(key):
                likeness = common / math.sqrt(own * self._length(key))
                if likeness >= least - _ROUNDING:
                    found.append(Near(self._books[key].seen, min(1.0, likeness)))
        return sorted(found, key=_order)

    def likenesses(self, terms: Terms, others: Iterable[Seen]) -> list[Near]:
        """Return how like these terms items of the window are, in their order."""
        holders = [self._where.get(term, _NOBODY) for term in terms]
        squares = dict(zip(terms, self._squares(terms, holders), strict=True))
        own = sum(squares.values())
        found = []
        for seen in others:
            common = sum(squares.get(term, 0.0) for term in self._books[seen.item.id].terms)
            length = math.sqrt(own * self._length(seen.item.id))
            found.append(Near(seen, min(1.0, common / length) if length else 0.0))
        return found

    def _squares(self, terms: Terms, holders: list[list[str]]) -> list[float]:
        last = self._last
        weights = last.weights if last is not None and last.terms is terms else self.weigh(terms)
        return list(map(mul, map(self._rarities().__getitem__, map(len, holders)), weights))

    def _rarities(self) -> _Rarities:
        if self._rare is None:
            self._rare = _rarities(len(self._books))
        return self._rare

    def _length(self, key: str) -> float:
        # Squared: of every term rarity and weight, both squared.
        known = self._lengths.get(key)
        if known is not None:
            return known
        book = self._books[key]
        if not book.holders:
            book.holders = tuple(map(self._where.__getitem__, book.terms))
            book.weights = book.weights or self.weigh(book.terms)
            book.even = math.sqrt(sum(book.weights))
        rare = map(self._rarities().__getitem__, map(len, book.holders))
        length = self._lengths[key] = sum(map(mul, rare, book.weights), 0.0)
        book.measured = _Measured(math.sqrt(length), book.even, len(self._books), self._puts)
        return length

    def _shortest(self, key: str) -> float:
        # A bound of the squared length by how long the item was when it was measured last. Since then a term can be in
        # as many more items as were put, so that no rarity fell by more than this.
        was = self._books[key].measured
        if was is None:
            return 0.0
        fell = math.log((self._puts - was.puts + 3) / 3 * (was.items + 2) / (len(self._books) + 2))
        if fell > _MOST_FALLEN:
            return 0.0
        # By the triangle inequality: no term's rarity, times its weight, fell by more than that times its weight.
        least = was.length - fell * was.even
        return least * least * (1.0 - _ROUNDING) if least > 0.0 else 0.0


_NOBODY: Final[list[str]] = []


def _join(index: defaultdict[str, list[str]], names: Iterable[str], key: str) -> None:
    for name in names:
        index[name].append(key)


def _leave(index: defaultdict[str, list[str]], names: Iterable[str], key: str) -> None:
    # Most terms are of one item alone, and who leaves a window mostly came first.
    for name in names:
        held = index[name]
        if len(held) == 1:
            del index[name]
        else:
            held.remove(key)


def _order(one: Near) -> tuple[float, int, str]:
    return -round(one.likeness, 9), one.seen.item.ts_first_seen, one.seen.item.id


class _Rarities(dict[int, float]):
    """Squared rarity, in the window with one item more, of terms that so many items have; each is found once."""

    def __init__(self, items: int) -> None:
        super().__init__()
        self.total = items + 2

    def __missing__(self, held: int) -> float:
        square = self[held] = (math.log(self.total / (held + 2)) + 1.0) ** 2
        return square


# The windows of busy days have as many items again and again.
@lru_cache(maxsize=512)
def _rarities(items: int) -> _Rarities:
    return _Rarities(items)
