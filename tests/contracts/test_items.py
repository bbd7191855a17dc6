"""What the store of news items promises, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from tests.databases import HandClock, wipe
from vigie.adapters.stores.sql.database import Database
from vigie.adapters.stores.sql.items.store import MAX_REVISIONS_BY_DATE, SqlItems
from vigie.domain.item import ItemFinding, Sighting, item_id
from vigie.intelligence.news.stems import join_stems, parse_phrases, stem_words
from vigie.ports.item_queries import ItemQuery
from vigie.ports.item_readings import ItemReading, StoryJoin
from vigie.ports.items import StoredRevision
from vigie.ports.source_fetches import SourceFetch, UnreadableEntry

NOW = 1_760_000_000_000
STEPS = "language:1"


@pytest.fixture
def items(database: Database, clock: HandClock) -> SqlItems:
    return SqlItems(database, clock)


def said(key: str = "a", **more: object) -> Sighting:
    fields = {"url": f"https://post.example/{key}", "title": f"Title {key}", "text": "Some text."}
    return Sighting("post", key, **{**fields, **more})  # type: ignore[arg-type]


def shown(*sightings: Sighting, at: int = NOW, **more: object) -> SourceFetch:
    return SourceFetch("post", at, sightings, **more)  # type: ignore[arg-type]


def read(known: StoredRevision, words: str = "", steps: str = STEPS, **more: object) -> ItemReading:
    found = [(ItemFinding("language", 1, {"language": "en"}, "english words"), "", 40)]
    fields = {"findings": found, "tags": {}, "words": words, "language": "en"}
    return ItemReading(known.number, known.item, steps, **{**fields, **more})  # type: ignore[arg-type]


def titles(found: object) -> list[str]:
    return [known.item.content.title for known in found]  # type: ignore[attr-defined]


def test_an_empty_store_has_nothing(items):
    assert items.count() == 0
    assert items.get("x") == items.query(ItemQuery()) == items.list_unread(STEPS, limit=5) == []
    assert items.list_unreadable() == items.states() == items.list_seen(after_ms=0, before_number=9) == []


def test_an_item_comes_back_as_it_was_shown(items):
    whole = said(author="A. Bell", language="fr", ts_published=NOW - 5, precision="minute", document="d1")
    made = items.take(shown(whole))
    assert items.get(item_id("post", "a")) == made
    item = made[0].item
    assert (item.content, item.revision, item.ts_seen, item.ts_first_seen) == (whole, 1, NOW, NOW)
    assert item.ts == NOW - 5


def test_the_same_again_makes_nothing(items):
    items.take(shown(said(), said("b")))
    assert items.take(shown(said(), said("b"), at=NOW + 5)) == []
    assert items.count() == 2
    assert items.states()[0].ts_fetched == NOW + 5
    assert items.states()[0].ts_changed == NOW


def test_a_generated_past_is_marked_counts_as_no_fetch_and_changes_nothing_that_is_known(items):
    before = items.take(shown(said("known"), at=NOW - 5))[0].item
    past = shown(said("known", title="Otherwise"), said("new"), at=NOW - 900, is_generated=True)
    (made,) = items.take(past)
    assert (made.item.content.key, made.item.ts_first_seen, made.item.is_generated) == (
        "new",
        NOW - 900,
        True,
    )
    assert items.get(before.id)[-1].item == before
    assert not before.is_generated
    assert items.states()[0].ts_fetched == NOW - 5
    # Nobody was late with what nobody saw; what becomes of such an item later was seen.
    assert [one.ts_first_seen for one in items.arrivals(after_ms=0)] == [NOW - 5]
    (later,) = items.take(shown(said("known"), said("new", title="New"), at=NOW))
    assert (later.item.ts_seen, later.item.ts_first_seen, later.item.is_generated) == (NOW, NOW - 900, True)
    assert items.get(made.item.id)[-1].item == later.item


@pytest.mark.parametrize(
    "change",
    [{"title": "New"}, {"text": "New"}, {"url": "https://post.example/new"}, {"ts_published": NOW - 9}],
)
def test_what_changes_makes_a_revision_and_the_former_stays(items, change):
    items.take(shown(said()))
    (made,) = items.take(shown(replace(said(), **change), at=NOW + 7))
    assert (made.item.revision, made.item.ts_seen, made.item.ts_first_seen) == (2, NOW + 7, NOW)
    first, second = items.get(made.item.id)
    assert first.item.content == said()
    assert second == made
    assert [known.item.revision for known in items.query(ItemQuery())] == [2]


@pytest.mark.parametrize("change", [{"author": "B"}, {"document": "d2"}, {"language": "fr"}])
def test_what_is_no_part_of_the_news_makes_no_revision(items, change):
    items.take(shown(said()))
    assert items.take(shown(replace(said(), **change), at=NOW + 7)) == []


def test_a_source_that_dates_everything_anew_each_time_is_believed_a_few_times(items):
    for turn in range(20):
        items.take(shown(said(ts_published=NOW + turn), at=NOW + turn))
    assert len(items.get(item_id("post", "a"))) == MAX_REVISIONS_BY_DATE + 1


def test_what_is_missing_is_withdrawn_only_where_the_source_shows_all(items):
    items.take(shown(said(), said("b")))
    assert items.take(shown(said("b"), at=NOW + 1)) == []
    (gone,) = items.take(shown(said("b"), at=NOW + 2, is_whole=True))
    assert (gone.item.is_withdrawn, gone.item.revision, gone.item.content) == (True, 2, said())
    assert items.take(shown(said("b"), at=NOW + 3, is_whole=True)) == []
    (back,) = items.take(shown(said(), said("b"), at=NOW + 4, is_whole=True))
    assert (back.item.is_withdrawn, back.item.revision) == (False, 3)


def test_another_source_withdraws_nothing(items):
    items.take(shown(said()))
    assert items.take(SourceFetch("other", NOW + 1, (), is_whole=True)) == []


def test_unreadable_entries_are_kept_once(items):
    broken = UnreadableEntry("post", "neither title nor address", "<item/>", "d1")
    items.take(shown(refused=(broken,)))
    items.take(shown(refused=(broken, replace(broken, shown="<item>2</item>")), at=NOW + 9))
    found = items.list_unreadable("post")
    assert [(one.shown, one.ts_seen) for one in found] == [("<item>2</item>", NOW + 9), ("<item/>", NOW)]
    assert items.states()[0].refused == 2
    assert items.list_unreadable("other") == []


def test_what_was_never_read_comes_first_then_what_other_steps_read(items):
    made = items.take(shown(said(), said("b"), said("c")))
    items.put_readings([read(made[0])])
    assert len(items.list_unread(STEPS, limit=9)) == 3  # nothing follows from it yet
    items.mark_read([read(made[0])])
    assert titles(items.list_unread(STEPS, limit=9)) == ["Title b", "Title c"]
    assert titles(items.list_unread("language:2", limit=9)) == ["Title b", "Title c", "Title a"]
    assert items.get(made[0].item.id)[0].ts_read == made[0].ts_wall


def test_who_listens_is_told_of_which_assets_there_are_news_once_they_were_read(items):
    assert items.named_after(None) == (0, [])
    first, second, third = (items.take(shown(said(key)))[0] for key in "abc")
    before = first.number - 1
    items.put_readings([read(first, tags={"asset": ["bitcoin", "ethereum"], "entity": ["org:sec"]})])
    assert items.named_after(before) == (before, [])
    items.mark_read([read(first)])
    assert items.named_after(before) == (first.number, ["bitcoin", "ethereum"])
    assert items.named_after(first.number) == (first.number, [])
    items.put_readings([read(third, tags={"asset": ["solana"]})])
    items.mark_read([read(third)])
    # The one before it waits still.
    assert items.named_after(first.number) == (first.number, [])
    items.mark_read([read(second)])
    assert items.named_after(first.number) == (third.number, ["solana"])
    assert items.named_after(None) == (third.number, [])


def test_revisions_are_read_on_from_a_number_up_to_the_first_that_waits(items):
    first, second, third = (items.take(shown(said(key)))[0] for key in "abc")
    items.mark_read([read(first), read(third)])
    assert [one.number for one in items.read_after(first.number - 1, limit=9)] == [first.number]
    assert items.read_after(first.number, limit=9) == []
    items.mark_read([read(second)])
    found = items.read_after(first.number, limit=9)
    assert [one.item for one in found] == [second.item, third.item]
    assert len(items.read_after(first.number, limit=1)) == 1


def test_findings_come_back_and_a_step_that_failed_says_why(items):
    (made,) = items.take(shown(said()))
    failed = (ItemFinding("topics", 3), "ValueError: no", 12)
    items.put_readings(
        [read(made, findings=[(ItemFinding("language", 1, {"language": "en"}, "w"), "", 40), failed])]
    )
    (known,) = items.query(ItemQuery())
    assert known.findings == {"language": ItemFinding("language", 1, {"language": "en"}, "w")}
    assert known.errors == {"topics": "ValueError: no"}
    assert known.took_us == {"language": 40, "topics": 12}


def test_only_the_findings_that_were_asked_for_come_along(items):
    (made,) = items.take(shown(said()))
    items.put_readings(
        [
            read(
                made,
                findings=[
                    (ItemFinding(step, 1, {"of": step}, "w"), "", 4) for step in ("language", "topics")
                ],
            )
        ]
    )
    (known,) = items.query(ItemQuery(steps=("topics",)))
    assert known.findings == {"topics": ItemFinding("topics", 1, {"of": "topics"}, "w")}
    assert known.item == items.query(ItemQuery())[0].item


def test_reading_an_old_revision_late_does_not_change_what_lists_show(items):
    (first,) = items.take(shown(said()))
    (second,) = items.take(shown(said(title="Second"), at=NOW + 1))
    items.put_readings([read(second, "second", tags={"topic": ["etf"]})])
    items.put_readings([read(first, "first", tags={"topic": ["hack"]})])
    assert titles(items.query(ItemQuery(tags={"topic": "etf"}))) == ["Second"]
    assert items.query(ItemQuery(tags={"topic": "hack"})) == []


def test_lists_go_by_filters_newest_first_and_page_on(items):
    days = [said(str(day), ts_published=NOW - day * 1_000) for day in range(6)]
    made = items.take(shown(*days))
    items.put_readings([read(one, is_relevant=int(one.item.content.key) % 2 == 0) for one in made])
    items.take(SourceFetch("other", NOW, (Sighting("other", "z", "", "Other"),)))
    assert titles(items.query(ItemQuery(sources=("post",), limit=2))) == ["Title 0", "Title 1"]
    assert titles(items.query(ItemQuery(sources=("post",), is_relevant=True))) == [
        "Title 0",
        "Title 2",
        "Title 4",
    ]
    assert items.query(ItemQuery(sources=())) == []
    span = ItemQuery(after_ms=NOW - 3_000, before_ms=NOW - 1_000, language="en")
    assert titles(items.query(span)) == ["Title 2", "Title 3"]
    pages, cursor = [], None
    while found := items.query(ItemQuery(limit=3, cursor=cursor)):
        pages += titles(found)
        cursor = (found[-1].item.ts, found[-1].item.id)
    assert sorted(pages) == sorted(titles(items.query(ItemQuery())))
    assert len(pages) == 7


def test_items_of_several_stories_are_read_at_once_and_newest_first(items, database):
    keys = ("a", "b", "c")
    made = items.take(shown(*(said(key, ts_published=NOW - 9 + at) for at, key in enumerate(keys))))
    told = ({"story": ("x",)}, {"story": ("x", "y")}, {"story": ("y",)})
    items.put_readings([read(one, tags=tags) for one, tags in zip(made, told, strict=True)])
    asked: list[str] = []

    def run(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", run)
    found = items.list_tagged("story", ["y", "x", "z"])
    of_several = len(asked)
    items.list_tagged("story", ["x"])
    event.remove(database.engine, "before_cursor_execute", run)
    assert {story: titles(known) for story, known in found.items()} == {
        "x": ["Title b", "Title a"], "y": ["Title c", "Title b"],
    }  # fmt: skip
    assert found["x"] == items.query(ItemQuery(tags={"story": "x"}))
    assert len(asked) == 2 * of_several
    assert titles(items.list_tagged("story", ["y"], before_ms=NOW - 7)["y"]) == ["Title b"]
    assert titles(items.list_tagged("story", ["y"], limit=1)["y"]) == ["Title c"]
    assert items.list_tagged("story", []) == {}
    # Of a value with fewer items than are asked for, none is read.
    assert items.list_tagged("story", ["y", "x"], least=2) == {"y": found["y"], "x": found["x"]}
    assert items.list_tagged("story", ["y", "x"], least=3) == {"y": [], "x": []}
    # Without texts everything else is the same.
    (titled,) = items.query(ItemQuery(tags={"story": "x"}, limit=1, has_text=False))
    content = replace(found["x"][0].item.content, text="")
    assert found["x"][0].item.content.text
    assert titled == replace(found["x"][0], item=replace(found["x"][0].item, content=content))


def test_revisions_of_several_items_are_read_at_once_with_the_findings_asked_for(items, database):
    first = items.take(shown(said(), said("b")))
    second = items.take(shown(said(title="Changed"), at=NOW + 1))
    found = [
        (ItemFinding("language", 1, {"language": "en"}, "english words"), "", 40),
        (ItemFinding("story", 2, {"story": "x"}, "one event"), "", 50),
        (ItemFinding("topics", 1, {}, ""), "no words", 60),
    ]
    for one in (*first, *second):
        items.put_readings([read(one, findings=found)])
    a, b = (one.item.id for one in first)
    asked: list[str] = []

    def run(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", run)
    every = items.histories([a, b, "0" * 20])
    of_several = len(asked)
    items.histories([a])
    event.remove(database.engine, "before_cursor_execute", run)
    assert dict(every) == {a: items.get(a), b: items.get(b)}
    assert [one.item.revision for one in every[a]] == [1, 2]
    assert len(asked) == 2 * of_several
    assert [set(one.findings) for one in items.histories([a], ("story",))[a]] == [{"story"}, {"story"}]
    assert [(dict(one.errors), dict(one.took_us)) for one in items.histories([b], ("topics",))[b]] == [
        ({"topics": "no words"}, {"topics": 60})
    ]
    assert items.histories([]) == {}


def test_what_was_seen_before_is_in_the_order_in_which_it_was_seen(items):
    items.take(shown(said()))
    items.take(shown(said("b"), at=NOW + 1))
    (last,) = items.take(shown(said("c"), at=NOW + 2))
    assert titles(items.list_seen(after_ms=0, before_number=last.number)) == ["Title a", "Title b"]
    assert titles(items.list_seen(after_ms=NOW + 1, before_number=last.number)) == ["Title b"]


TEXTS = {
    "1": ("en", "Regulators approved the spot Bitcoin ETFs on Monday"),
    "2": ("fr", "Le régulateur a approuvé l'ETF Bitcoin, 4,5 % de frais"),
    "3": ("en", "Exchange hacked: $1.5m stolen from sec.gov look-alike, user@mail.example"),
    "4": ("fr", "L’Œuvre d’une plateforme piratée à Genève — ½ du fonds"),
    "5": ("", "Центральный банк 比特币 비트코인 -7 1e5 4h x_y"),
}


def put_texts(items: SqlItems) -> None:
    for key, (language, title) in TEXTS.items():
        (made,) = items.take(shown(said(key, title=title)))
        items.put_readings([read(made, join_stems(stem_words(title, language)))])


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("approve", "1"), ("approving etf", "1"), ("approuver", "2"), ("regulateurs", "12"), ("bitcoin", "12"),
        ('"spot bitcoin"', "1"), ('"bitcoin spot"', ""), ("BITCOIN ETF", "12"), ("sec.gov", "3"), ("sec", "3"),
        ("1.5m", "3"), ("piratees geneve", "4"), ("œuvre", "4"), ("центральный", "5"), ("比特币", "5"), ("-7", "5"),
        ("4h", "5"), ("1e5", "5"), ("x_y", "5"), ("nothing", ""), ("user@mail.example", "3"),
    ],
)  # fmt: skip
def test_words_are_found_by_their_stems_alike(items, query, keys):
    put_texts(items)
    found = items.query(ItemQuery(phrases=parse_phrases(query)))
    assert sorted(known.item.content.key for known in found) == sorted(keys)


def test_words_of_a_former_revision_are_not_found(items):
    put_texts(items)
    (made,) = items.take(shown(said("1", title="Nothing of it"), at=NOW + 1))
    items.put_readings([read(made, join_stems(stem_words("Nothing of it", "en")))])
    assert items.query(ItemQuery(phrases=parse_phrases("approve"))) == []
    assert len(items.query(ItemQuery(phrases=parse_phrases("nothing")))) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=14), min_size=1, max_size=5), st.sampled_from(["en", "fr", ""]))
def test_any_text_is_stored_and_each_of_its_words_finds_it(
    database: Database, words: list[str], language: str
):
    wipe(database)
    items = SqlItems(database, HandClock())
    text = " ".join(words)
    (made,) = items.take(shown(said()))
    held = stem_words(text, language)
    items.put_readings([read(made, join_stems(held))])
    for word in held:
        assert titles(items.query(ItemQuery(phrases=(((word,),),)))) == ["Title a"]


def test_a_story_that_ends_leads_to_the_kept_one_and_is_given_back_where_it_does_not_end(items):
    made = items.take(shown(said("a"), said("b"), said("c")))
    one, other, both = (known.item.id for known in made)

    def put(known, story, *joins):
        body = {"story": story, "place": "first" if story == known.item.id else "follows"}
        found = [(ItemFinding("story", 1, body, ""), "", 1)]
        items.put_readings([read(known, findings=found, tags={"story": [story]}, joins=joins)])

    put(made[0], one)
    put(made[1], other)
    join = StoryJoin(other, one, both, 1, NOW, other, ("names",))
    for _ in range(2):
        put(made[2], one, join)
        assert set(items.list_tagged("story", [one, other])) == {one}
        assert items.joins_of([other]) == items.joins_of([one]) == [join]
        moved = items.get(other)[-1].findings["story"].body
        assert moved == {
            "story": one, "place": "follows", "was": [{"story": other, "by": both, "place": "first"}]
        }  # fmt: skip
    put(made[2], one)
    assert set(items.list_tagged("story", [one, other])) == {one, other}
    assert items.get(other)[-1].findings["story"].body == {"story": other, "place": "first"}
    assert items.joins_of([one, other]) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 5)), max_size=12))
@example(steps=[(True, 0, 1), (True, 1, 2), (False, 1, 0)])
def test_every_id_of_a_story_leads_to_the_one_that_holds_its_items(items, database, steps):
    wipe(database)
    stories = items.take(shown(*(said(f"story{at}") for at in range(6))))
    ids = [known.item.id for known in stories]
    showing = items.take(shown(*(said(f"shows{at}") for at in range(len(steps)))))

    def put(known, story, *joins):
        body = {"story": story, "place": "first" if story == known.item.id else "follows"}
        found = [(ItemFinding("story", 1, body, ""), "", 1)]
        items.put_readings([read(known, findings=found, tags={"story": [story]}, joins=joins)])

    for known in stories:
        put(known, known.item.id)
    # What each id ended in, and with which item.
    ended, by = {}, []

    def end_of(story):
        return end_of(ended[story]) if story in ended else story

    for number, (is_join, one, other) in enumerate(steps):
        story, kept = end_of(ids[one]), end_of(ids[other])
        if is_join and story != kept:
            known = showing[number]
            put(known, kept, StoryJoin(story, kept, known.item.id, 1, NOW, story, ()))
            ended[story] = kept
            by.append((known, story))
        elif not is_join and by:
            known, story = by.pop(one % len(by))
            put(known, known.item.id)
            del ended[story]
        leads = {join.story: join.kept for join in items.joins_of(ids)}
        assert leads == {story: end_of(story) for story in ended}
        for story in ids:
            assert story in [
                found.item.id for found in items.list_tagged("story", [end_of(story)])[end_of(story)]
            ]


def test_queries_of_a_reading_are_written_once_however_often_it_is_asked_for(items, database):
    items.take(shown(said("a"), said("b")))
    ids = [item_id("post", "a"), item_id("post", "b")]
    statements = []
    with database.reading() as connection:
        engine = connection.engine

    def note(_connection, statement, *_more):
        statements.append(statement)

    event.listen(engine, "before_execute", note)
    try:
        for names in (ids, ids[:1]):
            items.histories(names, ("language",), has_text=False)
            items.query(ItemQuery(sources=("post",), limit=len(names), steps=("language",), has_text=False))
    finally:
        event.remove(engine, "before_execute", note)
    half = len(statements) // 2
    assert half == 5
    assert all(one is other for one, other in zip(statements[:half], statements[half:], strict=True))
