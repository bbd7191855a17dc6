"""What was seen before an item: laid out once for all steps that ask, and anew after every change."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace

from vigie.domain.item import NewsItem, Sighting
from vigie.domain.time import HOUR_MS
from vigie.ports.items import StoredRevision
from vigie.services.news.analysis.window import StoredWindow


class Shelved:
    """Stored items that count how often they are asked for."""

    def __init__(self, every: Sequence[StoredRevision]) -> None:
        self.every, self.asked = list(every), 0

    def list_seen(self, *, after_ms: int, before_number: int) -> Sequence[StoredRevision]:
        self.asked += 1
        return [
            known for known in self.every if known.item.ts_seen >= after_ms and known.number < before_number
        ]


def known(number: int, hours: int) -> StoredRevision:
    said = Sighting("source", f"key{number}", "", f"Title {number}", "", ts_published=hours * HOUR_MS)
    item = NewsItem(f"i{number}", 1, said, hours * HOUR_MS, hours * HOUR_MS)
    return StoredRevision(number=number, item=item, ts_wall=hours * HOUR_MS)


def ids(window: StoredWindow, one: StoredRevision, span_ms: int) -> list[str]:
    return [seen.item.id for seen in window.before(one.item, span_ms)]


def test_the_same_question_has_the_same_answer_until_something_is_added_or_let_go():
    every = [known(number, hours=number) for number in range(6)]
    window = StoredWindow(Shelved(every[:3]))
    window.turn_to(every[3])
    assert ids(window, every[3], 2 * HOUR_MS) == ["i1", "i2"]
    assert window.before(every[3].item, 2 * HOUR_MS) is window.before(every[3].item, 2 * HOUR_MS)
    assert ids(window, every[3], 9 * HOUR_MS) == ["i0", "i1", "i2"]
    window.add(every[3], {})
    window.turn_to(every[4])
    assert ids(window, every[4], 2 * HOUR_MS) == ["i2", "i3"]
    window.drop_before(3 * HOUR_MS)
    assert ids(window, every[4], 1 * HOUR_MS) == ["i3"]
    window.add(every[4], {})
    assert ids(window, every[4], 1 * HOUR_MS) == ["i3"]
    window.turn_to(every[5])
    assert ids(window, every[5], 1 * HOUR_MS) == ["i4"]


class Found(dict):
    """Findings that can be watched."""

    __hash__ = object.__hash__


class Rereading(Shelved):
    """Stored items whose findings are made anew each time they are read."""

    def __init__(self, every: Sequence[StoredRevision]) -> None:
        super().__init__(every)
        self.found: weakref.WeakSet[Found] = weakref.WeakSet()

    def list_seen(self, *, after_ms: int, before_number: int) -> Sequence[StoredRevision]:
        read = []
        for stored in super().list_seen(after_ms=after_ms, before_number=before_number):
            findings = Found()
            self.found.add(findings)
            read.append(replace(stored, findings=findings))
        return read


def test_what_is_held_is_held_once_however_often_it_was_read():
    every = [known(number, hours=number) for number in range(6)]
    stored = Rereading(every)
    window = StoredWindow(stored)
    window.turn_to(every[5])
    near = window.before(every[5].item, 2 * HOUR_MS)
    far = window.before(every[5].item, 9 * HOUR_MS)
    assert stored.asked == 2
    assert [entry.item.id for entry in far] == ["i0", "i1", "i2", "i3", "i4"]
    assert all(one is other for one, other in zip(near, far[-2:], strict=True))
    assert len(stored.found) == 5
