"""What was seen before an item, as it was known then; held in memory while items are read in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.reading.rejoined import as_before, carried, joins
from vigie.intelligence.news.step import Seen
from vigie.ports.items import ItemStore, StoredRevision


@dataclass(slots=True)
class StoredWindow:
    """Stored items before the one that is read; fulfils `vigie.intelligence.news.step.Window`.

    The same item is the same object as long as it is held, so that steps can remember what they made of it.
    """

    items: ItemStore
    _from_ms: int | None = None
    _next: int = 0
    _held: list[StoredRevision] = field(default_factory=list)
    _seen: list[Seen] = field(default_factory=list)
    _now: StoredRevision | None = None
    # By how far is looked back from where it is turned to: one step after the other asks the same.
    _answers: dict[int, list[Seen]] = field(default_factory=dict)

    def turn_to(self, known: StoredRevision) -> None:
        """Look from a revision on."""
        self._now = known
        self._answers.clear()

    def before(self, item: NewsItem, span_ms: int) -> Sequence[Seen]:
        """Return what was seen in so long before an item, oldest first, each as its newest revision by then."""
        assert self._now is not None
        assert self._now.item is item, "a window is turned to the item that is read"
        if span_ms in self._answers:
            return self._answers[span_ms]
        self._load(item.ts_seen - span_ms, self._now.number)
        end = bisect_left(self._held, self._now.number, key=lambda known: known.number)
        newest: dict[str, Seen] = {}
        for known, seen in zip(self._held[:end], self._seen[:end], strict=True):
            if known.item.ts_seen >= item.ts_seen - span_ms and known.item.id != item.id:
                newest.pop(known.item.id, None)
                newest[known.item.id] = seen
        found = list(newest.values())
        if joins(self._now.findings):
            # It was read before, and ended stories then: it finds them as they were.
            found = as_before(found, item.id)
        self._answers[span_ms] = found
        return found

    def add(self, known: StoredRevision, found: dict[str, ItemFinding]) -> None:
        """Take in a revision that was just read, or read anew."""
        self._answers.clear()
        if self._from_ms is None or known.item.ts_seen < self._from_ms:
            return
        place = bisect_left(self._held, known.number, key=lambda one: one.number)
        seen = Seen(known.item, found)
        before = as_before(self._seen, known.item.id) if joins(known.findings) else self._seen
        self._seen = carried(before, known.item.id, found)
        if place < len(self._held) and self._held[place].number == known.number:
            self._held[place], self._seen[place] = known, seen
        elif place == len(self._held):
            self._held.append(known)
            self._seen.append(seen)
        self._next = max(self._next, known.number + 1)

    def drop_before(self, ts_seen: int) -> None:
        """Let go of what lies further back; it is read from the store where it is wanted again."""
        self._answers.clear()
        while self._held and self._held[0].item.ts_seen < ts_seen:
            del self._held[0], self._seen[0]
        if self._from_ms is not None:
            self._from_ms = max(self._from_ms, ts_seen)

    def _load(self, from_ms: int, before_number: int) -> None:
        if self._from_ms is None or from_ms < self._from_ms or before_number > self._next:
            start = from_ms if self._from_ms is None else min(from_ms, self._from_ms)
            held = {known.number: seen for known, seen in zip(self._held, self._seen, strict=True)}
            end = max(before_number, self._next)
            self._held = list(self.items.list_seen(after_ms=start, before_number=end))
            self._seen = [held.get(one.number) or Seen(one.item, one.findings) for one in self._held]
            self._from_ms, self._next = start, end
