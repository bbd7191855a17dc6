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
from vigie.intelligence.news.step import AnalysedItem

Terms = tuple[str, ...]
_ROUNDING: Final = 1e-9
# No rarity is below one: what fell by more than this says nothing of how long an item is still.
_MOST_FALLEN: Final = 2.0
Weights = Callable[[Terms], tuple[float, ...]]


class NearEntry(NamedTuple):
    """An item of the window and how like it is, from 0 to 1."""

    entry: AnalysedItem
    likeness: float


def even_weights(terms: Terms) -> tuple[float, ...]:
    """Weigh all terms alike."""
    return (1.0,) * len(terms)


def no_group(entry: AnalysedItem) -> str:
    """Put an item into no group."""
    return ""


class _LengthBound(NamedTuple):
    """How long an item was once: its length, and that without rarities; size of window, puts."""

    length: float
    even_length: float
    n_items: int
    n_puts: int


@dataclass(slots=True)
class _Document:
    entry: AnalysedItem
    basis: ItemFinding | None
    terms: Terms
    group: str = ""
    # Beside each term the square of its weight, and who has it; how long it is by weights alone; once it was weighed.
    weights: tuple[float, ...] = ()
    holders: tuple[list[str], ...] = ()
    even_length: float = 0.0
    length_bound: _LengthBound | None = None


@dataclass(slots=True)
class TfIdfIndex:
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

    describe: Callable[[AnalysedItem], Terms]
    basis: str = ""
    weigh: Weights = even_weights
    grouped: Callable[[AnalysedItem], str] = no_group
    _documents: dict[str, _Document] = field(default_factory=dict)
    _keys_by_term: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _groups: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _window: list[AnalysedItem] = field(default_factory=list)
    _last: _Document | None = None
    _size: int = 0
    _n_puts: int = 0
    # Of the window as it is: rarities by how many have a term, and squared lengths of items.
    _rarity_table: _Rarities | None = None
    _lengths: dict[str, float] = field(default_factory=dict)

    def set_window(self, window: Sequence[AnalysedItem]) -> None:
        """Hold these items and no others."""
        entries = list(window)
        n_kept = self._count_kept(entries)
        if n_kept is None:
            self._rebuild({entry.item.id: entry for entry in entries})
        else:
            for entry in self._window[: len(self._window) - n_kept]:
                document = self._documents.get(entry.item.id)
                if document is not None and document.entry is entry:
                    self._drop(entry.item.id)
            for entry in entries[n_kept:]:
                self._put(entry)
        self._window = entries

    def _count_kept(self, entries: list[AnalysedItem]) -> int | None:
        # Mostly a window has lost a few at its beginning and won one at its end: how many stayed, else nothing.
        document = self._documents.get(entries[0].item.id) if entries else None
        if document is None or document.entry is not entries[0]:
            return None
        first = 0
        while self._window[first] is not entries[0]:
            first += 1
        kept = self._window[first:]
        return len(kept) if entries[: len(kept)] == kept else None

    def _rebuild(self, entries: dict[str, AnalysedItem]) -> None:
        for key in self._documents.keys() - entries.keys():
            self._drop(key)
        for key, entry in entries.items():
            document = self._documents.get(key)
            if (
                document is None
                or not self._is_same(document, entry)
                or document.group != self.grouped(entry)
            ):
                self._put(entry)
            else:
                document.entry = entry

    def _is_same(self, document: _Document, entry: AnalysedItem) -> bool:
        if document.entry is entry:
            return True
        basis_finding = entry.findings.get(self.basis) if self.basis else None
        return document.entry.item == entry.item and document.basis == basis_finding

    def _put(self, entry: AnalysedItem) -> None:
        if entry.item.id in self._documents:
            self._drop(entry.item.id)
        basis_finding = entry.findings.get(self.basis) if self.basis else None
        last = self._last
        is_last = last is not None and last.entry.item is entry.item and last.basis == basis_finding
        terms = last.terms if last is not None and is_last else self.describe(entry)
        weights = last.weights if last is not None and is_last else ()
        group = self.grouped(entry)
        self._documents[entry.item.id] = _Document(entry, basis_finding, terms, group, weights)
        if group:
            _add_key(self._groups, (group,), entry.item.id)
        self._size += len(terms)
        _add_key(self._keys_by_term, terms, entry.item.id)
        self._n_puts += 1
        self._clear_caches()

    def _drop(self, key: str) -> None:
        document = self._documents.pop(key)
        self._size -= len(document.terms)
        _remove_key(self._keys_by_term, document.terms, key)
        if document.group:
            _remove_key(self._groups, (document.group,), key)
        self._clear_caches()

    def _clear_caches(self) -> None:
        self._rarity_table = None
        self._lengths.clear()

    def describe_next(self, entry: AnalysedItem) -> Terms:
        """Return the terms of an item that is about to be compared; the window will hold it next."""
        basis_finding = entry.findings.get(self.basis) if self.basis else None
        terms = self.describe(entry)
        self._last = _Document(entry, basis_finding, terms, weights=self.weigh(terms))
        return terms

    def holders(self, terms: Iterable[str]) -> list[AnalysedItem]:
        """Return the items that have one of these terms, the one seen first before others."""
        return self._in_order({key for term in terms for key in self._keys_by_term.get(term, ())})

    def members(self, group: str) -> list[AnalysedItem]:
        """Return the items of a group, the one seen first before others."""
        return self._in_order(self._groups.get(group, ()))

    def _in_order(self, keys: Iterable[str]) -> list[AnalysedItem]:
        entries = [self._documents[key].entry for key in keys]
        if len(entries) > 1:
            entries.sort(key=lambda entry: (entry.item.ts_first_seen, entry.item.id))
        return entries

    def terms_of_entry(self, entry: AnalysedItem) -> Terms:
        """Return the terms of an item of the window."""
        return self._documents[entry.item.id].terms

    @property
    def size(self) -> int:
        """How many terms all items of the window have together."""
        return self._size

    @property
    def items(self) -> int:
        """How many items the window has."""
        return len(self._documents)

    def count(self, term: str) -> int:
        """Return how many items of the window have a term."""
        return len(self._keys_by_term.get(term, ()))

    def sharing(self, weights: Mapping[str, float], least: float, max_entries: int) -> list[AnalysedItem]:
        """Return at most so many items whose shared terms weigh so much, the heaviest first."""
        weight_by_key: defaultdict[str, float] = defaultdict(float)
        for term, term_weight in weights.items():
            for key in self._keys_by_term.get(term, _NOBODY):
                weight_by_key[key] += term_weight
        heavy = [
            (-term_weight, self._documents[key].entry.item.ts_first_seen, key)
            for key, term_weight in weight_by_key.items()
            if term_weight >= least
        ]
        heavy.sort()
        return [self._documents[key].entry for _, _, key in heavy[:max_entries]]

    def nearest(self, terms: Terms, least: float) -> list[NearEntry]:
        """Return the items at least so like these terms, the likest first; of equals the one seen first."""
        holders = [self._keys_by_term.get(term, _NOBODY) for term in terms]
        squares = self._squares(terms, holders)
        own = sum(squares)
        if not own:
            return []
        shared: defaultdict[str, float] = defaultdict(float)
        for keys, square in zip(holders, squares, strict=True):
            if square:
                for key in keys:
                    shared[key] += square
        # The other's length is at least that of what is shared: most items fall away unweighed.
        floor = (least - _ROUNDING) ** 2 * own
        near = []
        for key, common in shared.items():
            if common >= floor and common * common >= floor * self._length_lower_bound(key):
                likeness = common / math.sqrt(own * self._length(key))
                if likeness >= least - _ROUNDING:
                    near.append(NearEntry(self._documents[key].entry, min(1.0, likeness)))
        return sorted(near, key=_near_order)

    def likenesses(self, terms: Terms, others: Iterable[AnalysedItem]) -> list[NearEntry]:
        """Return how like these terms items of the window are, in their order."""
        holders = [self._keys_by_term.get(term, _NOBODY) for term in terms]
        squares = dict(zip(terms, self._squares(terms, holders), strict=True))
        own = sum(squares.values())
        near = []
        for entry in others:
            common = sum(squares.get(term, 0.0) for term in self._documents[entry.item.id].terms)
            length = math.sqrt(own * self._length(entry.item.id))
            near.append(NearEntry(entry, min(1.0, common / length) if length else 0.0))
        return near

    def _squares(self, terms: Terms, holders: list[list[str]]) -> list[float]:
        last = self._last
        weights = last.weights if last is not None and last.terms is terms else self.weigh(terms)
        return list(map(mul, map(self._rarities().__getitem__, map(len, holders)), weights))

    def _rarities(self) -> _Rarities:
        if self._rarity_table is None:
            self._rarity_table = _rarities(len(self._documents))
        return self._rarity_table

    def _length(self, key: str) -> float:
        # Squared: of every term rarity and weight, both squared.
        known = self._lengths.get(key)
        if known is not None:
            return known
        document = self._documents[key]
        if not document.holders:
            document.holders = tuple(map(self._keys_by_term.__getitem__, document.terms))
            document.weights = document.weights or self.weigh(document.terms)
            document.even_length = math.sqrt(sum(document.weights))
        rarities = map(self._rarities().__getitem__, map(len, document.holders))
        length = self._lengths[key] = sum(map(mul, rarities, document.weights), 0.0)
        document.length_bound = _LengthBound(
            math.sqrt(length), document.even_length, len(self._documents), self._n_puts
        )
        return length

    def _length_lower_bound(self, key: str) -> float:
        # A bound of the squared length by how long the item was when it was measured last. Since then a term can be in
        # as many more items as were put, so that no rarity fell by more than this.
        bound = self._documents[key].length_bound
        if bound is None:
            return 0.0
        rarity_loss = math.log(
            (self._n_puts - bound.n_puts + 3) / 3 * (bound.n_items + 2) / (len(self._documents) + 2)
        )
        if rarity_loss > _MOST_FALLEN:
            return 0.0
        # By the triangle inequality: no term's rarity, times its weight, fell by more than that times its weight.
        least = bound.length - rarity_loss * bound.even_length
        return least * least * (1.0 - _ROUNDING) if least > 0.0 else 0.0


_NOBODY: Final[list[str]] = []


def _add_key(index: defaultdict[str, list[str]], terms: Iterable[str], key: str) -> None:
    for name in terms:
        index[name].append(key)


def _remove_key(index: defaultdict[str, list[str]], terms: Iterable[str], key: str) -> None:
    # Most terms are of one item alone, and who leaves a window mostly came first.
    for name in terms:
        keys = index[name]
        if len(keys) == 1:
            del index[name]
        else:
            keys.remove(key)


def _near_order(near: NearEntry) -> tuple[float, int, str]:
    return -round(near.likeness, 9), near.entry.item.ts_first_seen, near.entry.item.id


class _Rarities(dict[int, float]):
    """Squared rarity, in the window with one item more, of terms that so many items have; each is found once."""

    def __init__(self, items: int) -> None:
        super().__init__()
        self.total = items + 2

    def __missing__(self, n_items: int) -> float:
        square = self[n_items] = (math.log(self.total / (n_items + 2)) + 1.0) ** 2
        return square


# The windows of busy days have as many items again and again.
@lru_cache(maxsize=512)
def _rarities(items: int) -> _Rarities:
    return _Rarities(items)
