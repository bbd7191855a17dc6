"""How many items seen lately have a term: what a shelf knows without who they are, at a third of its price.

Like a shelf it holds exactly the window it was last given, and is used by one task at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.intelligence.news.reading.tfidf_index import Terms
from vigie.intelligence.news.step import AnalysedItem


@dataclass(slots=True)
class TermCounter:
    """Counts terms over a window.

    Parameters
    ----------
    describe : callable
        From a seen item to its terms, each once, by title and text alone.
    """

    describe: Callable[[AnalysedItem], Terms]
    _window: list[AnalysedItem] = field(default_factory=list)
    _documents: dict[str, tuple[AnalysedItem, Terms]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _size: int = 0

    @property
    def size(self) -> int:
        """How many terms all items of the window have together."""
        return self._size

    def set_window(self, window: Sequence[AnalysedItem]) -> None:
        """Hold these items and no others; of several revisions of one item the last."""
        entries = list(window)
        n_gone = self._count_gone(entries)
        if n_gone is None:
            self._documents, self._counts, self._size, n_gone = {}, {}, 0, len(self._window)
        for entry in self._window[:n_gone]:
            document = self._documents.get(entry.item.id)
            if document is not None and document[0] is entry:
                self._drop(entry.item.id)
        for entry in entries[len(self._window) - n_gone :]:
            self._put(entry)
        self._window = entries

    @property
    def counts(self) -> Mapping[str, int]:
        """Of each term that any has, how many items of the window have it."""
        return self._counts

    def _count_gone(self, entries: list[AnalysedItem]) -> int | None:
        # Mostly a window has lost a few at its beginning and won one at its end: how many it lost, else nothing.
        if not entries:
            return None
        n_gone = next((at for at, entry in enumerate(self._window) if entry is entries[0]), None)
        if n_gone is None:
            return None
        kept = self._window[n_gone:]
        return n_gone if entries[: len(kept)] == kept else None

    def _put(self, entry: AnalysedItem) -> None:
        if entry.item.id in self._documents:
            self._drop(entry.item.id)
        terms = self.describe(entry)
        self._documents[entry.item.id] = (entry, terms)
        self._size += len(terms)
        counts = self._counts
        for term in terms:
            counts[term] = counts.get(term, 0) + 1

    def _drop(self, key: str) -> None:
        _, terms = self._documents.pop(key)
        self._size -= len(terms)
        counts = self._counts
        for term in terms:
            left = counts[term] - 1
            if left:
                counts[term] = left
            else:
                del counts[term]
