"""Two stories that an item shows to be one: the older one is kept, the items of the other are of it from then on."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import Past, item, read
from vigie.domain.story import body_before, moved_body
from vigie.intelligence.news.reading.rejoined import as_before, carried
from vigie.intelligence.news.steps import duplicate, entities, language, novelty, reliability, story

FIRST = item("Halvorn bridge of Kestrel loses funds overnight", source="a")
SECOND = item("Kestrel stops withdrawals of Halvorn after odd transfers", hours=1, source="b")
LATER = item("Stopped withdrawals of Kestrel puzzle users of Halvorn", hours=2, source="c")
BOTH = item(
    "Halvorn bridge of Kestrel loses funds, withdrawals stopped after odd transfers", hours=3, source="d"
)


def weigh_as(monkeypatch, apart):
    """Weigh pairs by a table: those named are of two events, all others of one."""

    def weigh(ours, theirs, rarity):
        pair = {ours.source, theirs.source}
        return story._Weighed(-1.0 if pair in apart else 2.0, "event", {})

    monkeypatch.setattr(story, "weigh", weigh)


def steps():
    return [
        entities.make(), language.make(), duplicate.make(), story.make(), novelty.make(), reliability.make()
    ]  # fmt: skip


def test_an_item_that_belongs_to_two_stories_makes_them_one(monkeypatch):
    weigh_as(monkeypatch, [{"a", "b"}])
    past = Past()
    found = read(steps(), (FIRST, SECOND, LATER, BOTH), past=past)
    assert [one["story"].body["story"] for one in found[:2]] == [FIRST.id, SECOND.id]
    (ended,) = [one for each in found for one in each["story"].body.get("joins", ())]
    assert ended["story"] == SECOND.id
    assert {seen.found["story"].body["story"] for seen in past.seen} == {FIRST.id}
    moved = [seen for seen in past.seen if seen.found["story"].body.get("was")]
    assert {seen.item.id for seen in moved} >= {SECOND.id}
    assert all(seen.found["story"].body["place"] == "follows" for seen in moved)


def test_stories_whose_items_speak_against_it_stay_two(monkeypatch):
    weigh_as(monkeypatch, [{"a", "b"}, {"a", "c"}])
    monkeypatch.setattr(story, "_FOR_STORIES", 1.5)
    past = Past()
    found = read(steps(), (FIRST, SECOND, BOTH), past=past)
    assert not any("joins" in one["story"].body for one in found)


def test_an_item_that_confirms_counts_the_items_of_both(monkeypatch):
    weigh_as(monkeypatch, [{"a", "b"}, {"a", "c"}])
    found = read(steps(), (FIRST, SECOND, BOTH))
    body = found[2]["story"].body
    assert body["story"] == FIRST.id
    assert [one["story"] for one in body["joins"]] == [SECOND.id]
    assert found[2]["novelty"].body["novelty"] < 0.5


def test_who_reads_it_again_finds_what_was_before(monkeypatch):
    weigh_as(monkeypatch, [{"a", "b"}])
    past = Past()
    read(steps(), (FIRST, SECOND), past=past)
    before = [seen.found["story"] for seen in past.seen]
    (found,) = read(steps(), (BOTH,), past=past)
    assert past.seen[1].found["story"].body["story"] == FIRST.id
    assert [seen.found["story"] for seen in as_before(past.seen[:2], BOTH.id)] == before
    assert carried(past.seen[:2], BOTH.id, found) == past.seen[:2]


def test_a_revised_item_stays_in_the_kept_story(monkeypatch):
    weigh_as(monkeypatch, [{"a", "b"}])
    again = item(
        "Something else of the weather in Oslo", hours=4, source="b", key=SECOND.said.key, revision=2
    )
    assert again.id == SECOND.id
    found = read(steps(), (FIRST, SECOND, BOTH, again))
    assert found[3]["story"].body["story"] == FIRST.id


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_moved_leads_back(times):
    body = {"story": "b", "place": "first"}
    moved = moved_body(body, "a", "x")
    for at in range(1, times):
        moved = moved_body(moved, "0", f"y{at}")
    assert body_before(moved, "x") == body
    assert body_before(moved, "nobody") is None
