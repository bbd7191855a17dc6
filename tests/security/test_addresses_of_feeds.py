"""Addresses of sources of one's own may hold a token: whoever may not change them never sees it, wherever they look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.security.people import Town, town
from tests.unit.adapters.news.test_feed import Site, pull
from vigie.adapters.connectors import own_entries
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.readers import READERS
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.domain.errors import DataError, TransientError
from vigie.ports.own_feeds import masked_address, public_address
from vigie.services.operation import operations
from vigie.services.operation_calls import run_operation
from vigie.views.web.page import pages

TOKEN = "hunter2hunter2"
ADDRESS = f"https://office.example/feed.xml?key={TOKEN}"


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Town:
    made = town(tmp_path_factory.mktemp("home"))
    put: dict[str, Any] = {"url": ADDRESS, "title": "Office"}
    run_operation(made.house, made.caller(made.admin), "own_feeds.put", put)
    put = {
        "url": f"https://office.example/list?key={TOKEN}", "title": "List", "kind": "json",
        "reads": {"items": "data", "title": "t", "url_form": f"https://office.example/a?key={TOKEN}&id={{id}}"},
    }  # fmt: skip
    run_operation(made.house, made.caller(made.admin), "own_feeds.put", put)
    for at, path in enumerate((f"private/{TOKEN}/feed.xml", f"rss/{TOKEN}")):
        put = {"url": f"https://office.example/{path}", "title": f"Path {at}", "kind": ("feed", "page")[at]}
        put["reads"] = ({}, {"rows": "p", "title": "a"})[at]
        run_operation(made.house, made.caller(made.admin), "own_feeds.put", put)
    folder = made.house.directory.feeds.folder
    (folder / "broken.toml").write_text(
        f'title = "x"\nurl = "https://u:{TOKEN}@office.example:port/?{TOKEN}"\n'
    )
    return made


def test_no_page_and_no_operation_tells_a_reader(place):
    ann = place.browser(place.ann)
    for one in operations().values():
        if one.scope == "read":
            assert TOKEN not in ann.ask(one, one.example).text, one.name
    for page in pages().values():
        there = page.path.replace("{name}", "list.opml").replace("{", "").replace("}", "")
        assert TOKEN not in ann.get(there).text, page.name
    for form in ("json", "csv"):
        assert TOKEN not in ann.get(f"/api/v1/sources/list.{form}").text
    for address in ("/sources/office", "/sources?part=news", "/sources/feeds?feed=office", "/sources/feeds"):
        assert TOKEN not in ann.get(address).text, address


def test_who_may_change_them_sees_them_whole(place):
    admin = place.caller(place.admin)
    held = {one.id: one for one in run_operation(place.house, admin, "own_feeds.list", {}).feeds}
    assert held["office"].url == ADDRESS
    assert TOKEN in held["list"].reads["url_form"]
    assert TOKEN in run_operation(place.house, admin, "own_feeds.opml", {}).text
    assert TOKEN in place.browser(place.admin).get("/sources/feeds?feed=office").text


def test_a_reader_sees_host_and_path_and_that_something_is_left_out(place):
    ann = place.caller(place.ann)
    held = {one.id: one for one in run_operation(place.house, ann, "own_feeds.list", {}).feeds}
    assert held["office"].url == "https://office.example/feed.xml?***"
    assert held["broken"].fault.startswith("its file cannot be used")
    assert "https://office.example/feed.xml?***" in run_operation(place.house, ann, "own_feeds.opml", {}).text


def test_the_record_of_changes_does_not_hold_it(place):
    told = run_operation(place.house, place.caller(place.admin), "audit.list", {"kind": "feed.added"})
    assert told.rows
    assert TOKEN not in told.model_dump_json()


@pytest.mark.parametrize(
    ("url", "shown", "masked"),
    [
        ("https://a.example/x", "https://a.example/x", "https://a.example/x"),
        ("https://a.example/x?k=1#y", "https://a.example/x", "https://a.example/x?***"),
        ("https://me:" + "word@a.example:8443/x", "https://a.example:8443/x", "https://a.example:8443/x?***"),
        (
            "https://a.example/my/list/feed.xml",
            "https://a.example/my/list/feed.xml",
            "https://a.example/***/feed.xml",
        ),
        (
            f"https://a.example/my/{TOKEN}/feed.xml?k=1",
            "https://a.example/my",
            "https://a.example/***/feed.xml?***",
        ),
        (f"https://a.example/rss/{TOKEN}", "https://a.example/rss", "https://a.example/***/***"),
        (f"https://a.example/{TOKEN}.xml", "https://a.example", "https://a.example/***"),
        ("https://a.example/aB3-dE5_fG7-hI9_jK1-lM2", "https://a.example", "https://a.example/***"),
        ("https://a.example/bitcoin-news-2024.xml", *["https://a.example/bitcoin-news-2024.xml"] * 2),
        ("https://[::1", "", "?***"),
        ("no address", "", "?***"),
    ],
)
def test_what_is_shown_of_an_address(url, shown, masked):
    assert (public_address(url), masked_address(url)) == (shown, masked)


def entry(place: Town, **more: Any) -> FeedEntry:
    (found,) = [one for one in own_entries(place.house.directory.feeds.folder) if one.id == "office"]
    return replace(found, **more)


def test_what_such_a_source_says_of_a_fault_goes_without(place):
    one = entry(place, kind="text", reads={"rows": "main"})
    for kind in ("text", "page", "calendar"):
        with pytest.raises(TransientError) as told:
            READERS[kind](SourceResponse(replace(one, kind=kind), b"<p>nothing</p>", 0))
        assert TOKEN not in str(told.value)
    site = Site((302, b"", {"location": f"https://elsewhere.example/?again={TOKEN}"}))
    with pytest.raises(DataError) as moved:
        pull(replace(site.feed(), entry=one))
    assert TOKEN not in str(moved.value)


def test_items_of_such_a_source_lead_to_its_address_without(place):
    one = entry(place, kind="text", reads={"rows": "p"})
    before = READERS["text"](SourceResponse(one, b"<p>old</p>", 0)).memory
    (said,) = READERS["text"](SourceResponse(one, b"<p>new</p>", 0, memory=before)).sightings
    assert said.url == "https://office.example/feed.xml"
    body = b"<rss version='2.0'><channel><item><title>Rules</title><link>#top</link></item></channel></rss>"
    (said,) = READERS["feed"](SourceResponse(entry(place), body, 0)).sightings
    assert TOKEN not in said.url
