"""Two stories that an item shows to be one: the older one is kept, the items of the other are of it from then on."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import Past, item, read
from vigie.domain.story import body_before, joined_body
from vigie.intelligence.news.reading.merged_stories import merge_in_window, unmerge_window
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
        return story._PairWeight(-1.0 if pair in apart else 2.0, "event", {})

    monkeypatch.setattr(story, "weigh_pair", weigh)


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
    assert {seen.findings["story"].body["story"] for seen in past.seen} == {FIRST.id}
    moved = [seen for seen in past.seen if seen.findings["story"].body.get("was")]
    assert {seen.item.id for seen in moved} >= {SECOND.id}
    assert all(seen.findings["story"].body["place"] == "follows" for seen in moved)


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
    before = [seen.findings["story"] for seen in past.seen]
    (found,) = read(steps(), (BOTH,), past=past)
    assert past.seen[1].findings["story"].body["story"] == FIRST.id
    assert [seen.findings["story"] for seen in unmerge_window(past.seen[:2], BOTH.id)] == before
    assert merge_in_window(past.seen[:2], BOTH.id, found) == past.seen[:2]


def test_a_revised_item_stays_in_the_kept_story(monkeypatch):
    weigh_as(monkeypatch, [{"a", "b"}])
    again = item(
        "Something else of the weather in Oslo", hours=4, source="b", key=SECOND.content.key, revision=2
    )
    assert again.id == SECOND.id
    found = read(steps(), (FIRST, SECOND, BOTH, again))
    assert found[3]["story"].body["story"] == FIRST.id


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_moved_leads_back(times):
    body = {"story": "b", "place": "first"}
    moved = joined_body(body, "a", "x")
    for at in range(1, times):
        moved = joined_body(moved, "0", f"y{at}")
    assert body_before(moved, "x") == body
    assert body_before(moved, "nobody") is None


def licence(language, firm, *, hours=0.0, source="a", title=""):
    """Return an item of the licence of a firm, in one of both languages."""
    if language == "en":
        return item(
            title or f"{firm} authorised as a crypto-asset service provider",
            f"The Vessin Markets Authority has authorised {firm} to keep and exchange crypto-assets for clients. "
            "The register of providers was changed today.",
            hours=hours, source=source,
        )  # fmt: skip
    return item(
        title or f"Agrément pour {firm} : conservation et échange de crypto-actifs autorisés",
        f"La Vessin Markets Authority a agréé {firm} pour conserver et échanger des crypto-actifs pour des clients. "
        "Le registre des prestataires a été modifié aujourd'hui.",
        hours=hours, source=source,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("one", "other"), [("Karvik Digital", "Lorvik Digital"), ("Pellant", "Dunmere")])
def test_licences_of_two_firms_are_two_stories(language, one, other):
    items = (
        licence("fr", one, source="a"),
        licence("en", one, hours=1, source="b"),
        licence("en", other, hours=24, source="vma"),
        licence(language, other, hours=25, source="d"),
    )
    told = [found["story"].body["story"] for found in read(steps(), items)]
    assert not set(told[:2]) & set(told[2:])


def test_no_item_joins_stories_of_two_firms(monkeypatch):
    weigh_as(monkeypatch, [])
    monkeypatch.setattr(story, "sum_evidence", lambda found: 2.0)
    items = (
        licence("fr", "Karvik Digital"),
        licence("en", "Lorvik Digital", hours=1, source="b"),
        licence("en", "Lorvik Digital", hours=2, source="c", title="Lorvik Digital gets its licence"),
    )
    found = [one["story"].body for one in read(steps(), items)]
    assert [one["story"] for one in found] == [items[0].id, items[1].id, items[1].id]
    assert not any("joins" in one for one in found)


def test_one_firm_in_both_languages_is_one_story_where_the_pair_speaks_for_it(monkeypatch):
    monkeypatch.setattr(story, "sum_evidence", lambda found: 2.0)
    items = licence("fr", "Karvik Digital"), licence("en", "Karvik Digital", hours=1, source="b")
    assert {one["story"].body["story"] for one in read(steps(), items)} == {items[0].id}


def test_a_copy_with_an_altered_name_stays_with_its_release(monkeypatch):
    weigh_as(monkeypatch, [])
    items = licence("en", "Vexleywood Capital"), licence("en", "Vexlywood Capital", hours=1, source="b")
    assert {one["story"].body["story"] for one in read(steps(), items)} == {items[0].id}
