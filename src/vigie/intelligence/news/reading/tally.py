"""How many items seen lately have a term: what a shelf knows without who they are, at a third of its price.

Like a shelf it holds exactly the window it was last given, and is used by one task at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vigie.intelligence.news.reading.shelf import Terms
from vigie.intelligence.news.step import Seen


@dataclass(slots=True)
class Tally:
    """Counts terms over a window.

    Parameters
    ----------
    describe : callable
        From a seen item to its terms, each once, by title and text alone.
    """

    describe: Callable[[Seen], Terms]
    _held: list[Seen] = field(default_factory=list)
    _books: dict[str, tuple[Seen, Terms]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _size: int = 0

    @property
    def size(self) -> int:
        """How many terms all items of the window have together."""
        return self._size

    def hold(self, window: Sequence[Seen]) -> None:
        """Hold these items and no others; of several revisions of one item the last."""
        now = list(window)
        gone = self._gone(now)
        if gone is None:
            self._books, self._counts, self._size, gone = {}, {}, 0, len(self._held)
        for seen in self._held[:gone]:
            book = self._books.get(seen.item.id)
            if book is not None and book[0] is seen:
                self._drop(seen.item.id)
        for seen in now[len(self._held) - gone :]:
            self._put(seen)
        self._held = now

    @property
    def counts(self) -> Mapping[str, int]:
        """Of each term that any has, how many items of the window have it."""
        return self._counts

    def _gone(self, now: list[Seen]) -> int | None:
        # Mostly a window has lost a few at its beginning and won one at its end: how many it lost, else nothing.
        if not now:
            return None
        gone = next((at for at, seen in enumerate(self._held) if seen is now[0]), None)
        if gone is None:
            return None
        kept = self._held[gone:]
        return gone if now[: len(kept)] == kept else None

    def _put(self, seen: Seen) -> None:
        if seen.item.id in self._books:
            self._drop(seen.item.id)
        terms = self.describe(seen)
        self._books[seen.item.id] = (seen, terms)
        self._size += len(terms)
        counts = self._counts
        for term in terms:
            counts[term] = counts.get(term, 0) + 1

    def _drop(self, key: str) -> None:
        _, terms = self._books.pop(key)
        self._size -= len(terms)
        counts = self._counts
        for term in terms:
            left = counts[term] - 1
            if left:
                counts[term] = left
            else:
                del counts[term]
