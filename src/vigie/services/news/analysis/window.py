"""What was seen before an item, as it was known then; held in memory while items are read in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.reading.merged_stories import merge_in_window, story_joins, unmerge_window
from vigie.intelligence.news.step import AnalysedItem
from vigie.ports.items import ItemStore, StoredRevision


@dataclass(slots=True)
class StoredWindow:
    """Stored items before the one that is read; fulfils `vigie.intelligence.news.step.ItemWindow`.

    The same item is the same object as long as it is held, so that steps can remember what they made of it.
    """

    items: ItemStore
    _from_ms: int | None = None
    _next: int = 0
    # Ascending. Of a revision nothing but its number is held beside its entry: its findings are most of a window.
    _numbers: list[int] = field(default_factory=list)
    _entries: list[AnalysedItem] = field(default_factory=list)
    _now: StoredRevision | None = None
    # By how far is looked back from where it is turned to: one step after the other asks the same.
    _answers: dict[int, list[AnalysedItem]] = field(default_factory=dict)

    def turn_to(self, revision: StoredRevision) -> None:
        """Look from a revision on."""
        self._now = revision
        self._answers.clear()

    def before(self, item: NewsItem, span_ms: int) -> Sequence[AnalysedItem]:
        """Return what was seen in so long before an item, oldest first, each as its newest revision by then."""
        assert self._now is not None
        assert self._now.item is item, "a window is turned to the item that is read"
        if span_ms in self._answers:
            return self._answers[span_ms]
        self._load(item.ts_seen - span_ms, self._now.number)
        end = bisect_left(self._numbers, self._now.number)
        newest: dict[str, AnalysedItem] = {}
        for entry in self._entries[:end]:
            if entry.item.ts_seen >= item.ts_seen - span_ms and entry.item.id != item.id:
                newest.pop(entry.item.id, None)
                newest[entry.item.id] = entry
        entries = list(newest.values())
        if story_joins(self._now.findings):
            # It was read before, and ended stories then: it finds them as they were.
            entries = unmerge_window(entries, item.id)
        self._answers[span_ms] = entries
        return entries

    def add(self, revision: StoredRevision, findings: dict[str, ItemFinding]) -> None:
        """Take in a revision that was just read, or read anew."""
        self._answers.clear()
        if self._from_ms is None or revision.item.ts_seen < self._from_ms:
            return
        place = bisect_left(self._numbers, revision.number)
        entry = AnalysedItem(revision.item, findings)
        before = (
            unmerge_window(self._entries, revision.item.id)
            if story_joins(revision.findings)
            else self._entries
        )
        self._entries = merge_in_window(before, revision.item.id, findings)
        if place < len(self._numbers) and self._numbers[place] == revision.number:
            self._entries[place] = entry
        elif place == len(self._numbers):
            self._numbers.append(revision.number)
            self._entries.append(entry)
        self._next = max(self._next, revision.number + 1)

    def drop_before(self, ts_seen: int) -> None:
        """Let go of what lies further back; it is read from the store where it is wanted again."""
        self._answers.clear()
        while self._entries and self._entries[0].item.ts_seen < ts_seen:
            del self._numbers[0], self._entries[0]
        if self._from_ms is not None:
            self._from_ms = max(self._from_ms, ts_seen)

    def _load(self, from_ms: int, before_number: int) -> None:
        if self._from_ms is None or from_ms < self._from_ms or before_number > self._next:
            start = from_ms if self._from_ms is None else min(from_ms, self._from_ms)
            by_number = dict(zip(self._numbers, self._entries, strict=True))
            end = max(before_number, self._next)
            revisions = self.items.list_seen(after_ms=start, before_number=end)
            self._numbers = [stored.number for stored in revisions]
            self._entries = [
                by_number.get(stored.number) or AnalysedItem(stored.item, stored.findings)
                for stored in revisions
            ]
            self._from_ms, self._next = start, end
