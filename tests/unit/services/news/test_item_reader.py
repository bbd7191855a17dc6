"""The runner of steps: order, what a step cannot read, new versions, what was known before, telling once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.houses import house
from vigie.domain.errors import InvariantBroken
from vigie.domain.item import ItemFinding, Sighting, item_id
from vigie.intelligence.news.registry import order_steps, steps
from vigie.ports.source_fetches import SourceFetch
from vigie.services.news.analysis.item_reader import TAGS, ItemReader

NOW = 1_760_000_000_000
HOUR = 3_600_000


@dataclass
class Told:
    """A step that remembers what it was asked."""

    name: str
    needs: tuple[str, ...] = ()
    version: int = 1
    span_ms: int = 0
    fails_on: str = ""
    asked: list[Any] = field(default_factory=list)

    def read(self, item: Any, context: Any) -> ItemFinding:
        if self.fails_on and self.fails_on in item.content.title:
            raise ValueError("cannot read this")
        seen = context.window.before(item, self.span_ms) if self.span_ms else []
        self.asked.append(
            (item.content.title, sorted(context.findings), [one.item.content.title for one in seen])
        )
        return ItemFinding(self.name, self.version, {"title": item.content.title}, "because")


@pytest.fixture
def built(tmp_path):
    return house(tmp_path, with_bars=False)


def take(built: Any, key: str, at: int = NOW, title: str = "") -> None:
    built.items.take(SourceFetch("sec_press", at, (Sighting("sec_press", key, "", title or key),)))


def read_all(built: Any, *given: Told, told: list[Any] | None = None) -> ItemReader:
    def tell(items: Any) -> int:
        (told if told is not None else []).extend(one.item.content.title for one in items)
        return 0

    reader = ItemReader(built, order_steps(given), tell)
    while reader.read_some():
        pass
    return reader


def test_steps_run_after_those_they_need():
    assert [one.name for one in order_steps([Told("a", ("c",)), Told("b"), Told("c", ("b", "nobody"))])] == [
        "b",
        "c",
        "a",
    ]
    with pytest.raises(InvariantBroken, match="circle"):
        order_steps([Told("a", ("b",)), Told("b", ("a",))])


def test_every_shipped_step_is_called_like_its_file_and_comes_after_its_needs():
    names = [one.name for one in steps()]
    assert len(set(names)) == len(names)
    for place, one in enumerate(steps()):
        assert set(one.needs) & set(names) <= set(names[:place])


def test_a_step_sees_what_was_found_before_it(built):
    take(built, "x")
    last = Told("last", ("first",))
    read_all(built, Told("first"), last)
    assert last.asked == [("x", ["first"], [])]
    (known,) = built.items.get(item_id("sec_press", "x"))
    assert known.findings["last"] == ItemFinding("last", 1, {"title": "x"}, "because")


def test_what_a_step_cannot_read_spoils_neither_other_steps_nor_other_items(built):
    for key in ("good", "bad", "fine"):
        take(built, key)
    broken, needs, apart = Told("broken", fails_on="bad"), Told("needs", ("broken",)), Told("apart")
    read_all(built, broken, needs, apart)
    bad = built.items.get(item_id("sec_press", "bad"))[0]
    assert set(bad.findings) == {"apart"}
    assert "cannot read this" in bad.errors["broken"]
    assert bad.errors["needs"] == "needs broken, which could not read it"
    assert set(built.items.get(item_id("sec_press", "fine"))[0].findings) == {"broken", "needs", "apart"}


def test_a_window_holds_what_was_seen_before_and_never_a_later_one(built):
    take(built, "old", NOW - 9 * HOUR)
    take(built, "near", NOW - HOUR)
    take(built, "this")
    take(built, "later", NOW + HOUR)
    step = Told("step", span_ms=2 * HOUR)
    read_all(built, step)
    assert {title: seen for title, _, seen in step.asked} == {
        "old": [], "near": [], "this": ["near"], "later": ["near", "this"],
    }  # fmt: skip


def test_a_window_holds_each_item_as_it_was_known_then(built):
    take(built, "a", NOW, "a first")
    take(built, "b", NOW + 1, "b")
    take(built, "a", NOW + 2, "a second")
    take(built, "c", NOW + 3, "c")
    step = Told("step", span_ms=HOUR)
    read_all(built, step)
    assert [(title, seen) for title, _, seen in step.asked] == [
        ("a first", []), ("b", ["a first"]), ("a second", ["b"]), ("c", ["b", "a second"]),
    ]  # fmt: skip


def test_a_new_version_reads_again_and_finds_the_same_window(built):
    for place, key in enumerate("abc"):
        take(built, key, NOW + place)
    old, told = Told("step", span_ms=HOUR), []
    read_all(built, old, told=told)
    new = Told("step", version=2, span_ms=HOUR)
    read_all(built, new, told=told)
    assert new.asked == old.asked
    assert told == ["a", "b", "c"]
    assert built.items.get(item_id("sec_press", "c"))[0].findings["step"].version == 2


def test_what_follows_from_reading_is_done_again_where_it_was_cut_off(built):
    take(built, "a")

    def die(_items: Any) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ItemReader(built, order_steps([Told("step")]), die).read_some()
    told: list[str] = []
    read_all(built, Told("step"), told=told)
    assert told == ["a"]
    assert built.items.list_unread(f"step:1 tags:{TAGS}", limit=9) == []
