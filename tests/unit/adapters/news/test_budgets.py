"""What strangers may cost: no answer is read in more steps than its length allows, and what is left out is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import nh3
import pytest

from tests.unit.adapters.news.test_kinds import BASE, read
from vigie.adapters.sources.news import calendars, page_dates, pages, parsing, register, tree
from vigie.adapters.sources.news.calendars import _find_dates
from vigie.adapters.sources.news.cleaning import MAX_TAGS, plain_text
from vigie.adapters.sources.news.page_dates import find_page_date
from vigie.adapters.sources.news.parsing import MAX_ENTRIES, MAX_REFUSED, FeedContext, parse_feed
from vigie.adapters.sources.news.readers import READERS
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.adapters.sources.news.tree import parse_html
from vigie.domain.errors import TransientError

FEEDER = FeedContext("s", "https://feed.example/x/feed.xml")
MANY = 4_000_000
ITEM = "<item><title>Rules {}</title><link>https://feed.example/{}</link></item>"
HEAD = "<rss version='2.0'><channel>"


class Open(list[Any]):
    """Elements that are open; counts how many are looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        Open.looks += 1
        return super().__getitem__(place)


def test_ends_that_nothing_began_are_not_looked_for_among_all_that_is_open():
    builder = tree._TreeBuilder()
    builder._open_nodes = Open(builder._open_nodes)
    ends, Open.looks = 500, 0
    builder.feed("<b>" * 190 + "</i>" * ends)
    assert Open.looks <= 190 + ends


def test_ends_close_what_stands_within():
    root = parse_html("<div><p><b>one</i> two</div><p>three</p></b></div><ul><li>a<li>b</ul>")
    assert [one.tag for one in root.children if not isinstance(one, str)] == ["div", "p", "ul"]
    assert [one.text() for one in tree.select_nodes(root, "ul > li")] == ["a", "b"]


def test_rows_within_rows_are_read_as_long_as_they_may_cost_and_the_rest_is_told(monkeypatch):
    monkeypatch.setattr(pages, "MAX_ELEMENTS", 2_000)
    links = "".join(f'<a href="/{number}">Rules {number}</a>' for number in range(100))
    parsed = read("page", "<div>" * 3 + links + "</div>" * 3, {"rows": "div, a"})
    assert (len(parsed.sightings), parsed.refused) == (100, ())
    looks = 0
    text = tree.Node.text

    def counted(node):
        nonlocal looks
        looks += 1
        return text(node)

    monkeypatch.setattr(tree.Node, "text", counted)
    parsed = read("page", "<div>" * 150 + links, {"rows": "div"})
    assert [one.why for one in parsed.refused] == ["rows of a page must hold at most 2000 elements together"]
    assert looks <= 2_000


def test_texts_of_rows_within_rows_count_by_their_length(monkeypatch):
    monkeypatch.setattr(pages, "MAX_ELEMENTS", 2_000)
    page = "<div>" * 50 + '<a href="/a">Rules</a>' + "word " * 10_000
    assert len(read("page", page, {"rows": "div", "title": "div"}).refused) == 1


def test_parts_of_a_text_within_others_are_read_once(monkeypatch):
    looks = 0

    def counted(text, longest):
        nonlocal looks
        looks += 1
        return text

    monkeypatch.setattr(pages, "plain_text", counted)
    page = "<div>" * 100 + "".join(f"<p>line {number}</p>" for number in range(50))
    parsed = read("text", page, {"rows": "div"})
    assert parsed.memory
    assert looks <= 50


class Copied(str):
    """A text that counts what is copied of it."""

    __slots__ = ()
    letters = 0

    def __getitem__(self, place: Any) -> str:
        found = super().__getitem__(place)
        Copied.letters += len(found)
        return found


def test_dates_of_a_calendar_copy_no_more_than_the_calendar():
    text = "2026-01-27 meeting " * 2_000
    Copied.letters = 0
    assert len(list(_find_dates(Copied(text), "UTC"))) == 2_000
    assert Copied.letters <= 3 * len(text)


def test_a_calendar_that_is_longer_than_any_is_read_as_far_as_that_and_told():
    page = "".join(f"<p>2026-01-{day % 28 + 1:02d} {'meeting ' * 20}</p>" for day in range(1_500))
    rules = {"rows": "p", "what": "Decision", "what_fr": "Décision", "area": "US", "kind": "rate"}
    parsed = READERS["calendar"](
        SourceResponse(replace(BASE, kind="calendar", reads=rules), page.encode(), 0)
    )
    assert parsed.dates is not None
    assert len(parsed.dates["rows"]) == 28
    assert [one.why for one in parsed.refused] == [
        f"a calendar must have at most {calendars.MAX_LETTERS} letters; what stands behind was not read"
    ]


def test_of_a_page_full_of_times_the_first_ones_are_read(monkeypatch):
    looks = 0

    def counted(text, zone, order):
        nonlocal looks
        looks += 1

    monkeypatch.setattr(page_dates, "parse_date", counted)
    assert find_page_date('<time datetime="soon">x</time>' * 5_000, "UTC") is None
    assert 0 < looks <= 200


FILLERS = {
    "elements": "<x/>",
    "elements within elements": "<x>",
    "texts that a comment seems to begin": "<x/>",
    "in an attribute": "<x/>",
}
BEFORE = {
    "texts that a comment seems to begin": "<!-- <![CDATA[ -->",
    "in an attribute": '<y z="<![CDATA[">',
}


@pytest.fixture
def given(monkeypatch) -> list[bytes]:
    """Bound feeds to few elements, and remember what was given to the parser."""
    monkeypatch.setattr(parsing, "MAX_ELEMENTS", 300)
    given: list[bytes] = []
    parser = parsing.feedparser.parse

    def heard(body, **more):
        given.append(body)
        return parser(body, **more)

    monkeypatch.setattr(parsing.feedparser, "parse", heard)
    return given


@pytest.mark.parametrize("name", FILLERS)
def test_a_feed_of_endless_elements_is_cut_told_and_its_items_are_read(given, name):
    items = "".join(ITEM.format(number, number) for number in range(3))
    text = HEAD + items + BEFORE.get(name, "") + FILLERS[name] * 5_000 + ITEM.format("last", "last")
    parsed = parse_feed(FEEDER, text.encode(), content_type="application/rss+xml", max_bytes=MANY)
    assert [one.title for one in parsed.sightings] == [f"Rules {number}" for number in range(3)]
    assert [one.why for one in parsed.refused][-1] == (
        "a feed must have at most 300 elements; what stands behind was not read"
    )
    assert given[0].count(b"<") - given[0].count(b"</") <= 300


def test_a_feed_of_endless_elements_in_another_encoding_is_no_longer_either(given):
    with pytest.raises(TransientError, match="which is not a feed"):
        parse_feed(FEEDER, (HEAD + "<x/>" * 5_000).encode("utf-16"), max_bytes=MANY)
    assert given[0].count(b"<") <= 300


def test_markup_within_markup_is_cleaned_as_far_as_that_takes_no_longer(monkeypatch):
    clean, given = nh3.clean, []

    def heard(text, **more):
        given.append(text)
        return clean(text, **more)

    monkeypatch.setattr(nh3, "clean", heard)
    assert plain_text("Rules " + "<div>" * 12_000 + "more", 1_000) == "Rules"
    assert plain_text("Rules " + "&lt;div&gt;" * 5_000 + "more", 1_000) == "Rules"
    assert max(text.count("<") for text in given) <= MAX_TAGS + 1
    assert plain_text("<p>Rules</p>" * MAX_TAGS, 60_000).count("Rules") == MAX_TAGS


def test_a_whole_feed_of_the_largest_size_is_not_cut():
    words = "<p>Regulators said today what they said before, at length.</p>" * 120
    items = "".join(
        f"<item><title>Rules {number}</title><description><![CDATA[{words}]]></description></item>"
        for number in range(400)
    )
    parsed = parse_feed(FEEDER, f"{HEAD}{items}</channel></rss>".encode(), max_bytes=MANY)
    assert (len(parsed.sightings), parsed.refused) == (400, ())


def test_entries_without_end_are_counted_and_not_each_kept():
    many = [{"title": ""} for _ in range(20_000)]
    parsed = parse_feed(
        FEEDER,
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": many}).encode(),
        max_bytes=MANY,
    )
    assert (len(parsed.refused), parsed.left_out) == (MAX_ENTRIES, 20_000 - MAX_ENTRIES)


def test_a_register_of_odd_rows_or_columns_is_bounded():
    rules = {"key": "id", "name": "firm"}
    rows = "".join(f"{number},Firm {number}\n" for number in range(5))
    odd = "".join(f"a,b,{number}\n" for number in range(2_000))
    parsed = read("register", "id,firm\n" + rows + odd, rules)
    assert len(parsed.refused) == MAX_REFUSED + 1
    assert parsed.refused[-1].shown == f"{2_000 - MAX_REFUSED} more"
    wide = "id,firm" + ",x" * register.MAX_COLUMNS + "\n"
    with pytest.raises(TransientError, match="columns"):
        read("register", wide, rules)


@pytest.mark.parametrize(
    "odd",
    [
        {"ciks": ["²"], "display_names": ["A"]},
        {"ciks": ["1" * 5_000], "display_names": ["A"]},
        {"ciks": 7, "display_names": ["A"]},
        {"ciks": ["1"], "display_names": ["A"], "root_forms": {"a": 1}},
    ],
)
def test_a_filing_that_is_written_otherwise_takes_no_other_with_it(odd):
    good = {"ciks": ["1"], "display_names": ["Firm"], "root_forms": ["8-K"], "file_date": "2026-01-02"}
    hits = [{"_id": "0-1:a.htm", "_source": odd}, {"_id": "0-2:b.htm", "_source": good}]
    parsed = read("edgar", json.dumps({"hits": {"hits": hits}}), {"q": "crypto"})
    assert [one.title for one in parsed.sightings] == ["8-K: Firm"]
    assert len(parsed.refused) == 1
