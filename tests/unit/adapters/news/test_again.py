"""Kept answers of registers and kept letters read once more: known from now on, nothing twice, nothing back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.clocks import JumpingClock
from tests.houses import house
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.net.stored_body import decode_body, encode_body
from vigie.adapters.sources.news import newsletters, register
from vigie.adapters.sources.news import reread as again_module
from vigie.adapters.sources.news.feed import NewsFeed
from vigie.adapters.sources.news.listing import SHIPPED, FeedEntry, feeds
from vigie.adapters.sources.news.reread import RereadResult, RereadStores, reread_source
from vigie.data.collection.connector import Connector
from vigie.data.collection.news import NewsPipeline
from vigie.domain.errors import DataError
from vigie.ports.documents import MAIL_SUFFIX
from vigie.ports.item_queries import ItemQuery
from vigie.ports.source_fetches import SourceFetch

DAY_MS = 86_400_000
CASPS: FeedEntry = replace(
    next(one for one in feeds(SHIPPED) if one.id == "esma_casps"),
    reads={
        "key": "ae_lei", "name": "ae_lei_name", "country": "ae_homeMemberState", "website": "site", "least": "2",
    },
)  # fmt: skip
FCA: FeedEntry = next(one for one in feeds(SHIPPED) if one.id == "fca_warnings")
POST = FeedEntry(
    "post", "Letters", "", "media", "x", "", "en", 60, "", "", "", kind="mailbox", reads={"host": "x", "user": "me"}
)  # fmt: skip


class Desk:
    """A house, a host that answers what is prepared, and a clock that goes on a day at each step."""

    def __init__(self, home: Any) -> None:
        self.clock = JumpingClock()
        self.house = house(home, with_bars=False, clock=self.clock)
        self.answer = b""
        self.has_room = True

    @property
    def shelf(self) -> RereadStores:
        at = self.house
        return RereadStores(at.documents, at.items, at.registers, at.bookmarks, self.clock)

    def ask(self, entry: FeedEntry, answer: bytes) -> Any:
        def site(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, stream=httpx.ByteStream(answer))

        self.clock.now += DAY_MS
        fetcher = Fetcher(
            self.clock, documents=self.house.documents, transport=httpx.MockTransport(site),
            has_room=lambda: self.has_room,
        )  # fmt: skip
        source = NewsFeed(entry, fetcher, entry.url, rows=self.house.registers.entries)
        desk = NewsPipeline(self.house.items, lambda: 0, self.clock, self.house.registers)
        connector = Connector(f"{entry.id}/feed", 60.0, source=source, brings_news=True)
        return asyncio.run(desk.fetch([connector], self.house.bookmarks, ()))[0]

    def again(self, entry: FeedEntry) -> RereadResult:
        self.clock.now += DAY_MS
        return reread_source(entry, self.shelf)

    def rows(self, entry: FeedEntry) -> dict[str, Any]:
        return {one.key: one for one in self.house.registers.entries(entry.id)}

    def keep_letter(self, number: int, raw: bytes) -> str:
        self.clock.now += DAY_MS
        body = encode_body(raw, is_exact=True)
        return self.house.documents.put(f"post{MAIL_SUFFIX}", str(number), self.clock.now, body).id

    def said(self) -> dict[str, Any]:
        return {
            one.item.content.key: one.item for one in self.house.items.query(ItemQuery(sources=("post",)))
        }


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def csv(*lines: str) -> bytes:
    return "\n".join(["ae_lei,ae_lei_name,ae_homeMemberState,site", *lines]).encode()


KEPT = [f"K{place},Firm {place},FR,k{place}.example" for place in range(8)]
FIRST = csv(*KEPT, "A1,Alpha,EL,a.example", "B2,Beta,DE,b.example")


def test_a_register_is_read_again_and_what_is_read_otherwise_is_known_from_now_on(desk, monkeypatch):
    desk.ask(CASPS, FIRST)
    looked = desk.clock.now
    assert desk.again(CASPS) == desk.again(CASPS) == RereadResult(1)
    (state,) = desk.house.registers.states()
    assert (state.ts_seen, state.ts_changed) == (looked, None), "nobody looked at it"

    # Another column, and another way to write a country: not one cell was published otherwise.
    monkeypatch.setattr(register, "_COUNTRIES", {"EL": "GR", "DE": "XX"})
    better = replace(CASPS, reads={**CASPS.reads, "lei": "ae_lei"})
    assert desk.again(better).changes == 10
    now = desk.clock.now
    rows = desk.rows(CASPS)
    assert (rows["B2"].country, rows["B2"].lei, rows["K0"].lei) == ("XX", "B2", "K0")
    changes = {one.key: one for one in desk.house.registers.changes("esma_casps")}
    assert {(one.kind, one.ts_seen) for one in changes.values()} == {("changed", now)}
    assert changes["B2"].fields == (("lei", "", "B2"), ("country", "DE", "XX"))
    assert desk.house.items.count() == 0, "the reader changed, not the register: that is no news"
    assert desk.again(better) == RereadResult(1)
    assert len(desk.house.registers.changes("esma_casps")) == 10


def test_rows_that_a_register_withdrew_do_not_come_back(desk):
    desk.ask(CASPS, FIRST)
    desk.ask(CASPS, csv(*KEPT, "A1,Alpha,EL,a.example"))
    assert desk.again(CASPS) == RereadResult(1)
    assert "B2" not in desk.rows(CASPS)
    # Without room its newest answer is read and not kept: those before it are not what it says now.
    desk.has_room = False
    assert desk.ask(CASPS, csv(*KEPT, "C3,Gamma,IE,c.example"))["new"] == 2
    done = desk.again(CASPS)
    assert (done.read, done.changes) == (0, 0)
    assert "was not kept" in done.left_out[0]
    assert {"A1", "C3"} & set(desk.rows(CASPS)) == {"C3"}


def test_an_answer_that_cannot_be_read_is_told_and_the_one_before_it_is_read(desk, monkeypatch):
    desk.ask(CASPS, FIRST)
    assert (
        "which is not a register: ae_lei, ae_lei_name" in desk.ask(CASPS, b"<html>Come again</html>")["error"]
    )
    desk.house.documents.put("esma_casps/feed", "odd", desk.clock.now + 1, {"status": 200})
    done = desk.again(CASPS)
    assert (done.read, done.changes, len(done.left_out)) == (1, 0, 2)
    assert "has no body" in done.left_out[0]
    assert "which is not a register: ae_lei, ae_lei_name" in done.left_out[1]
    # One that became readable is the register's own news, and told as such.
    half = csv(*KEPT[:6])
    assert "and 80% of its previous 10" in desk.ask(CASPS, half)["error"]
    monkeypatch.setattr(register, "MAX_LOST_SHARE", 0.5)
    done = desk.again(CASPS)
    assert (done.read, done.revisions, done.changes) == (1, 4, 4)
    assert len(desk.rows(CASPS)) == 6
    assert (desk.again(CASPS).revisions, desk.again(CASPS).changes) == (0, 0)
    assert desk.ask(CASPS, half)["new"] == 0


def test_a_register_that_could_never_be_read_begins_with_its_newest_answer(desk):
    odd = replace(CASPS, reads={**CASPS.reads, "name": "no_such"})
    assert "which is not a register: no_such" in desk.ask(odd, FIRST)["error"]
    asked = desk.clock.now
    assert desk.again(CASPS) == desk.again(CASPS) == RereadResult(1)
    assert len(desk.rows(CASPS)) == 10
    (state,) = desk.house.registers.states()
    assert (state.ts_seen, state.ts_changed, desk.house.items.count()) == (asked, None, 0)


def warned(*titles: str) -> bytes:
    shown = "".join(
        f"<item><title>{title}</title><link>https://www.fca.org.uk/w{title[:4]}</link></item>"
        for title in titles
    )
    return f'<rss version="2.0"><channel><title>Warnings</title>{shown}</channel></rss>'.encode()


def test_a_list_that_comes_part_by_part_keeps_the_rows_of_its_other_parts(desk, monkeypatch):
    desk.ask(FCA, warned("Zentor Ltd", "Alpine Ltd"))
    desk.ask(FCA, warned("Quorex Ltd | quorex-trade.example"))
    before = desk.rows(FCA)
    assert len(before) == 4
    assert desk.again(FCA) == RereadResult(1)
    assert desk.rows(FCA) == before

    monkeypatch.setattr("vigie.adapters.sources.news.warning_feed._SITE", re.compile(r"^Quorex Ltd$"))
    done = desk.again(FCA)
    assert done.changes == 2
    changed = {one.entry.name: one for one in desk.house.registers.changes(FCA.id, after_ms=desk.clock.now)}
    assert changed["Quorex Ltd"].fields == (("website", "", "Quorex Ltd"),)
    assert set(desk.rows(FCA)) == set(before)
    assert desk.again(FCA) == RereadResult(1)


LETTER_ONE = b"From: a@b.example\r\nSubject: One\r\nMessage-ID: <1@x>\r\n\r\nRules for coins\r\n"
NAMELESS = b"Subject: Two\r\nDate: Wed, 04 Mar 2026 10:30:00 +0000\r\n\r\nMore rules\r\n"
HARMFUL = b"Subject: Three\r\n" + b"X: y\r\n" * 20_000 + b"\r\nz"


def test_letters_are_read_again_each_under_its_key(desk, monkeypatch):
    for number, raw in enumerate((LETTER_ONE, NAMELESS), 1):
        document = desk.keep_letter(number, raw)
        said = newsletters.parse_letter(POST, raw, document)
        desk.house.items.take(SourceFetch("post", desk.clock.now, (said,)))
    before = desk.said()
    # Numbered anew, the same letter is kept twice.
    desk.keep_letter(9, NAMELESS)
    bad = desk.keep_letter(10, HARMFUL)
    done = desk.again(POST)
    assert (done.read, done.revisions, len(done.left_out)) == (3, 0, 1)
    assert bad in done.left_out[0]
    assert desk.said() == before

    # Cleaning changes the title of one, of which a letter without a name has its key.
    plain = newsletters.plain_text
    monkeypatch.setattr(newsletters, "plain_text", lambda text, most: plain(text, most).replace("Two", "2"))
    assert desk.again(POST).revisions == 1
    now = desk.clock.now
    after = desk.said()
    assert set(after) == set(before)
    changed = next(one for one in after.values() if one.content.title == "2")
    assert (changed.revision, changed.ts_seen) == (2, now)
    assert changed.ts_first_seen < now
    assert (desk.again(POST).revisions, desk.house.items.count()) == (0, 2)


def test_a_letter_that_could_not_be_read_comes_in_known_from_now_on(desk, monkeypatch):
    desk.keep_letter(1, LETTER_ONE)
    # A later edition under the same name: the item is what the letter says that it was read from.
    desk.keep_letter(2, LETTER_ONE.replace(b"Rules", b"Other rules"))
    done = desk.again(POST)
    assert (done.read, done.revisions) == (2, 1)
    (item,) = desk.said().values()
    assert (item.ts_first_seen, item.ts_seen, item.content.key) == (desk.clock.now, desk.clock.now, "<1@x>")
    assert desk.again(POST) == RereadResult(2)


def test_more_letters_than_are_held_at_once_are_all_read(desk, monkeypatch):
    monkeypatch.setattr("vigie.adapters.sources.news.reread._PAGE_SIZE", 2)
    for number in range(5):
        raw = LETTER_ONE.replace(b"<1@x>", f"<{number}@x>".encode())
        body = encode_body(raw, is_exact=True)
        desk.house.documents.put(f"post{MAIL_SUFFIX}", str(number), desk.clock.now, body)
    assert desk.again(POST) == RereadResult(5, 5)
    assert desk.again(POST) == RereadResult(5)


FEED = replace(next(one for one in feeds(SHIPPED) if one.kind == "feed"), has_page_dates=False)


def rss(*items: tuple[str, str]) -> bytes:
    told = "".join(
        f"<item><guid>{key}</guid><link>{FEED.url}/{key}</link><title>{title}</title></item>"
        for key, title in items
    )
    return f'<rss version="2.0"><channel><title>F</title>{told}</channel></rss>'.encode()


def titles(desk: Desk) -> dict[str, tuple[str, int]]:
    found = desk.house.items.query(ItemQuery(sources=(FEED.id,)))
    return {one.item.content.key: (one.item.content.title, one.item.revision) for one in found}


@pytest.mark.parametrize("lost", ["not kept", "not readable", "not new"])
def test_what_a_feed_said_before_does_not_come_back_where_its_last_answer_is_not_there(
    desk, monkeypatch, lost
):
    desk.ask(FEED, rss(("a", "First"), ("b", "Other")))
    place, marks = f"{FEED.id}/feed", desk.house.bookmarks
    mark = marks.get(place)
    desk.has_room = lost != "not kept"
    desk.ask(FEED, rss(("a", "Second"), ("b", "Other")))
    if lost == "not new":
        # As where two addresses alternate: the last answer is one that was kept before the newest.
        marks.put(place, mark)
    before = titles(desk)
    if lost == "not readable":
        read = again_module.reread_document

        def fails(entry: Any, document: Any, **more: Any) -> Any:
            if b"Second" in decode_body(document):
                raise DataError("it is damaged")
            return read(entry, document, **more)

        monkeypatch.setattr(again_module, "reread_document", fails)
    found = desk.again(FEED)
    assert (titles(desk), found.revisions) == (before, 0)
    assert any("only what was never read" in one for one in found.left_out)
    # Twice is once.
    assert desk.again(FEED) == found


def test_an_answer_that_nobody_could_read_when_it_came_is_read_now(desk, monkeypatch):
    desk.ask(FEED, rss(("a", "First")))
    parsed = NewsFeed._parse

    def fails(self: NewsFeed, answer: Any, memory: str) -> Any:
        if b"Second" in answer.body:
            raise DataError("nobody knows this form yet")
        return parsed(self, answer, memory)

    with monkeypatch.context() as patched:
        patched.setattr(NewsFeed, "_parse", fails)
        desk.ask(FEED, rss(("a", "Second")))
    assert [title for title, _ in titles(desk).values()] == ["First"]
    found = desk.again(FEED)
    assert (found.left_out, found.revisions) == ((), 1)
    assert [title for title, _ in titles(desk).values()] == ["Second"]


def test_a_feed_whose_last_answer_is_there_is_read_as_it_says_now(desk, monkeypatch):
    desk.ask(FEED, rss(("a", "First")))
    desk.ask(FEED, rss(("a", "Second"), ("b", "Other")))
    read = again_module.reread_document

    def otherwise(entry: Any, document: Any, **more: Any) -> Any:
        shown = read(entry, document, **more)
        return replace(
            shown, sightings=tuple(replace(one, text="Read otherwise.") for one in shown.sightings)
        )

    monkeypatch.setattr(again_module, "reread_document", otherwise)
    found = desk.again(FEED)
    assert (found.left_out, found.revisions) == ((), 2)
    assert sorted(title for title, _ in titles(desk).values()) == ["Other", "Second"]
    assert desk.again(FEED).revisions == 0
