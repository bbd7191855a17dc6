"""Pages, JSON, registers, EDGAR, YouTube, Reddit; letters that nobody names; dates that only pages state."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.shared import shared_dir
from tests.unit.adapters.news.test_feed import Site, pull
from vigie.adapters.sources.news.decoding import decode_text
from vigie.adapters.sources.news.edgar import search_url
from vigie.adapters.sources.news.feed import NewsFeed
from vigie.adapters.sources.news.listing import SHIPPED, SIMULATED, FeedEntry, feeds
from vigie.adapters.sources.news.parsing import FeedContext, ParsedSource, parse_feed
from vigie.adapters.sources.news.readers import READERS
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.adapters.sources.news.tree import _Step, parse_html, select_nodes
from vigie.domain.errors import ConfigError, DataError, TransientError
from vigie.intelligence.news.warning_matches import build_warning_index

NOW = 1_760_000_000_000
BASE = FeedEntry(
    "s",
    "The office",
    "https://office.example/news/",
    "regulator",
    "Office",
    "office.example",
    "en",
    60,
    "d",
    "t",
    "l",
)
REGISTER = replace(
    next(one for one in feeds(SIMULATED) if one.id == "valmer_register"), reads={
        "key": "ae_lei", "name": "ae_lei_name", "lei": "ae_lei", "country": "ae_homeMemberState", "services": "codes",
        "from": "since", "until": "end", "least": "2",
    }, title="Register",
)  # fmt: skip


def read(kind: str, body: str | bytes, reads: dict[str, str], **more: Any) -> ParsedSource:
    raw = body if isinstance(body, bytes) else body.encode()
    entry = more.pop("entry", replace(BASE, kind=kind, reads=reads))
    return READERS[kind](SourceResponse(entry, raw, NOW, **more))


PAGE = (
    '<html><head><style>li{}</style></head><body><nav><ul><li><a href="/home">Home</a></ul></nav><main>'
    '<ul class="news wide"><li><time datetime="2026-03-04T10:30:00Z">4 March</time> <a href="/a">Rules <b>for</b> coins'
    '</a><li><span class="when">5 mars 2026</span><a href="b?x=1">Second</a></li><li>no link here'
    '<li><a href="javascript:alert(1)">Bad</a></ul></main><script>var a = "<li>";</script></body></html>'
)


def test_a_page_is_read_row_by_row_with_its_links_and_dates():
    parsed = read("page", PAGE, {"rows": "main ul.news > li", "date": "time, .when"})
    assert [(one.title, one.url, one.ts_published, one.precision) for one in parsed.sightings] == [
        ("Rules for coins", "https://office.example/a", 1_772_620_200_000, "second"),
        ("Second", "https://office.example/news/b?x=1", 1_772_668_800_000, "day"),
    ]
    assert [one.why for one in parsed.refused] == ["address must be http or https, was 'javascript:alert(1)'"]
    for rows in ("main ol li", "main p"):
        with pytest.raises(TransientError, match="matches nothing; the page may have changed"):
            read("page", PAGE, {"rows": rows})
    with pytest.raises(ConfigError, match="a selector uses tags"):
        select_nodes(parse_html(PAGE), "li:nth-child(2)")


def test_a_text_tells_what_came_and_what_went_after_its_first_look():
    old = "<main><h1>Task force</h1><p>Meeting in May.</p><p>Contact us.</p></main>"
    new = "<main><h1>Task force</h1><p>Meeting in June.</p><p>Contact us.</p><li>A <i>round</i> table.</main>"
    rules = {"rows": "main"}
    first = read("text", old, rules)
    assert first.sightings == ()
    assert read("text", old, rules, memory=first.memory).sightings == ()
    (said,) = read("text", new, rules, memory=first.memory).sightings
    assert said.title == "The office: Meeting in June."
    assert said.text == "- Meeting in May.\n+ Meeting in June.\n+ A round table."
    assert said.key == read("text", new, rules, memory=first.memory).sightings[0].key


def test_a_list_for_programs_is_read_where_its_rules_say():
    body = json.dumps(
        {"data": [{"details": [{"n": 7, "head": "Listing <b>X</b>", "at": "1772620200000", "by": {"name": "Ann"}}]},
                  {"details": [{"head": ""}, 5]}]}
    )  # fmt: skip
    rules = {
        "items": "data.*.details", "title": "head", "key": "n", "date": "at", "author": "by.name",
        "url_form": "https://office.example/p/{n}",
    }  # fmt: skip
    parsed = read("json", body, rules)
    (one,) = parsed.sightings
    assert (one.key, one.title, one.url, one.author) == (
        "7",
        "Listing X",
        "https://office.example/p/7",
        "Ann",
    )
    assert one.ts_published == 1_772_620_200_000
    assert [row.why for row in parsed.refused] == [
        "a news item must have a title or a text, had neither",
        "an entry must be an object, was int",
    ]
    for odd in ("<html>", '{"data": 5}', "[" * 100_000):
        with pytest.raises(TransientError, match="answered"):
            read("json", odd, {"items": "data.rows", "title": "t"})


def rows(*lines: str) -> bytes:
    return "\r\n".join(
        ["ae_lei,ae_lei_name,ae_homeMemberState,codes,since,end,ac_lastupdate", *lines]
    ).encode()


def test_a_register_tells_licences_that_came_ended_changed_and_went():
    kept = [f"K{place},Firm {place},FR,a|b,01/02/2026,," for place in range(8)]
    first = rows(*kept, "A1,Alpha,EL,a|b,03/04/2026,,x", "B2,Beta,DE,c,2026-01-05,,x", "C3,Gamma,FR,d,,,x")
    start = read("register", first, {}, entry=REGISTER)
    assert start.sightings == ()
    assert start.snapshot is not None
    held = {one.key: one for one in start.snapshot.entries}
    alpha = held["A1"]
    assert (alpha.country, alpha.services, alpha.ts_from) == ("GR", ("a", "b"), 1_775_174_400_000)

    second = rows(
        *kept, "A1,Alpha,EL,a|b,03/04/2026,20/06/2026,y", "B2,Beta,DE,c|e,2026-01-05,,y", 'D4,"Delta, SA",BE,a,,,',
        "D4,half a row",
    )  # fmt: skip
    parsed = read("register", second, {}, entry=REGISTER, rows=lambda _: list(held.values()))
    assert [one.title for one in parsed.sightings] == [
        "Register: Alpha (GR): its licence has ended",
        "Register: Beta (DE): its entry in the register was changed",
        "Register: Delta, SA (BE) was added to the register",
        "Register: Gamma (FR) was removed from the register",
    ]
    # What columns are read for is said in words; others go by the authority's own names.
    assert parsed.sightings[0].text.startswith("licence until: – → 20/06/2026")
    assert parsed.sightings[1].text == "services: c → c|e"
    assert [one.why for one in parsed.refused] == ["a row must have 7 cells, had 2"]
    again = read("register", second, {}, entry=REGISTER, rows=lambda _: list(held.values()))
    assert [one.key for one in again.sightings] == [one.key for one in parsed.sightings]
    stamped = rows(*kept, *(line.replace(",x", ",z") for line in first.decode().split("\r\n")[9:]))
    assert read("register", stamped, {}, entry=REGISTER, rows=lambda _: list(held.values())).sightings == ()
    # Half a file, an error page, another file.
    for odd, why in (
        (rows(*kept), "the register must have at least"),
        (b"<html></html>", "which is not a register"),
        (rows("A1,x"), "at least"),
    ):
        with pytest.raises(TransientError, match=why):
            read("register", odd, {}, entry=REGISTER, rows=lambda _: list(held.values()))


def test_who_comes_to_a_list_of_warnings_is_warned_of_and_not_registered():
    cautioned = replace(REGISTER, reads={**REGISTER.reads, "lists": "warnings"})
    kept = [f"K{place},Firm {place},FR,a|b,01/02/2026,," for place in range(8)]
    start = read("register", rows(*kept, "A1,Alpha,SE,,,,x"), {}, entry=cautioned)
    assert start.snapshot is not None
    held = list(start.snapshot.entries)
    told = read("register", rows(*kept, "B2,Beta,DE,,,,x"), {}, entry=cautioned, rows=lambda _: held)
    assert [one.title for one in told.sightings] == [
        "Register: Beta (DE) was put on the list of warnings",
        "Register: Alpha (SE) was taken off the list of warnings",
    ]


def test_the_black_lists_of_the_amf_are_read_row_by_row_as_they_are_published():
    entry = next(one for one in feeds(SHIPPED) if one.id == "amf_warnings")
    entry = replace(entry, reads={**entry.reads, "least": "1"})
    body = (
        '\ufeff"nom";"categorie";"date_inscription"\r\n"gains-rapides.example";"Crypto-actifs";"2026-03-04"\r\n'
        '"Zentor Markets Ltd";"Forex";"05/03/2026"\r\n"desk@gains.example";"Usurpation";"2026-03-06"\r\n'
    )
    look = read("register", body.encode(), {}, entry=entry).snapshot
    assert look is not None
    assert [(one.name, one.ts_from is not None) for one in look.entries] == [
        ("gains-rapides.example", True), ("Zentor Markets Ltd", True), ("desk@gains.example", True),
    ]  # fmt: skip
    index = build_warning_index(look.entries)
    assert [one.how for one in index.find("Bitcoin", "", "https://gains-rapides.example/x")] == ["website"]
    assert [one.how for one in index.find("Zentor Markets Ltd sells Bitcoin", "")] == ["name"]
    assert index.find("A page", "", "https://gains.example/") == []


def test_the_warning_list_of_the_fca_is_read_from_its_feed_and_rows_that_it_shows_no_more_stay():
    entry = next(one for one in feeds(SHIPPED) if one.id == "fca_warnings")

    def feed(*titles):
        shown = "".join(
            f"<item><title>{title}</title><link>https://www.fca.org.uk/news/warnings/w{title[:4]}</link>"
            "<pubDate>Wed, 04 Mar 2026 10:30:00 +0000</pubDate></item>" for title in titles
        )  # fmt: skip
        return f'<rss version="2.0"><channel><title>Warnings</title>{shown}</channel></rss>'.encode()

    first = feed(
        "wealthy-gains.example (new)", "Zentor / ZENTOR MARKETS LTD https://www.zentor.example (updated)",
        "Alpine Trust Ltd (clone of FCA authorised firm)",
    )  # fmt: skip
    start = read("register", first, {}, entry=entry)
    assert start.sightings == ()
    assert start.snapshot is not None
    rows = list(start.snapshot.entries)
    assert {(one.name, one.website) for one in rows} == {
        ("wealthy-gains.example", "wealthy-gains.example"), ("Zentor", ""), ("ZENTOR MARKETS LTD", ""),
        ("https://www.zentor.example", "https://www.zentor.example"),
        ("Alpine Trust Ltd (clone of FCA authorised firm)", ""),
    }  # fmt: skip
    assert {one.ts_from for one in rows} == {1_772_620_200_000}
    index = build_warning_index(rows)
    assert [one.how for one in index.find("Bitcoin", "", "https://wealthy-gains.example/x")] == ["website"]
    assert [one.how for one in index.find("Zentor Markets Ltd sells Bitcoin", "")] == ["name"]
    assert index.find("Alpine Trust Ltd sells Bitcoin", "") == [], "the firm whose name was taken"

    later = read("register", feed("Quorex Ltd (new)"), {}, entry=entry, rows=lambda _: rows)
    assert [one.title for one in later.sightings] == [
        "FCA warning list, newest rows: Quorex Ltd was put on the list of warnings"
    ]
    assert later.snapshot is not None
    assert {one.key for one in rows} < {one.key for one in later.snapshot.entries}
    again = read("register", first, {}, entry=entry, rows=lambda _: later.snapshot.entries)
    assert again.sightings == ()
    corrected = feed("Zentor / ZENTOR MARKETS LTD (clone of FCA authorised firm) https://www.zentor.example")
    told = read("register", corrected, {}, entry=entry, rows=lambda _: later.snapshot.entries)
    assert told.snapshot is not None
    index = build_warning_index(told.snapshot.entries)
    assert index.find("Zentor Markets Ltd sells Bitcoin", "") == [], "the list has taken that back"
    assert [one.how for one in index.find("Bitcoin", "", "https://wealthy-gains.example/x")] == ["website"]
    with pytest.raises(TransientError, match="which is not a feed"):
        read("register", b"<html><body>Sorry</body></html>", {}, entry=entry, rows=lambda _: rows)


def test_a_register_written_as_windows_does_is_read():
    body = rows("A1,Société é,FR,a,,,", "B2,B,FR,b,,,").decode().encode("cp1252")
    look = read("register", body, {}, entry=REGISTER).snapshot
    assert look is not None
    assert look.entries[0].name == "Société é"


def test_filings_are_found_by_their_numbers_and_asked_for_by_day():
    source = {
        "ciks": ["0000320193"], "display_names": ["Coin Trust (CTR) (CIK 0000320193)"], "root_forms": ["8-K"],
        "file_date": "2026-03-04", "file_type": "EX-99.1", "adsh": "0000320193-26-000012",
    }  # fmt: skip
    hits = [{"_id": "0000320193-26-000012:ex991.htm", "_source": source}] * 2 + [
        {"_id": "1", "_source": {}},
        3,
    ]
    parsed = read("edgar", json.dumps({"hits": {"hits": hits}}), {"q": '"bitcoin"'})
    (one,) = parsed.sightings
    assert one.title == "8-K: Coin Trust (CTR) (CIK 0000320193)"
    assert one.url == "https://www.office.example/Archives/edgar/data/320193/000032019326000012/ex991.htm"
    assert (one.key, one.precision, len(parsed.refused)) == ("0000320193-26-000012", "day", 2)
    address = search_url("https://efts.example/x", {"q": '"bitcoin"', "forms": "8-K"}, 1_772_620_200_000)
    assert address.endswith("?q=%22bitcoin%22&dateRange=custom&startdt=2026-03-01&enddt=2026-03-04&forms=8-K")
    with pytest.raises(TransientError, match="which is not an EDGAR result"):
        read("edgar", '{"error": "x"}', {"q": "x"})


def test_videos_and_threads_are_read_from_captures():
    real = shared_dir() / "data/news/feeds/real"
    video = read("youtube", (real / "youtube_channel_2026-08-14.xml").read_bytes(), {}).sightings[0]
    assert (video.key, video.author) == ("yt:video:UbAsuvO-164", "NASA")
    assert video.text
    (thread,) = read("reddit", (real / "reddit_pics_2025-12-30_trimmed.atom").read_bytes(), {}).sightings
    assert (thread.key[-10:], thread.author, thread.text) == ("t3_1pz1lp2", "/u/NaturePerson88", "")


@pytest.mark.parametrize(
    ("name", "title"), [("koi8r", "Как пережить новогоднюю ночь"), ("gb2312", "不归移民漫画系列：专业工作")]
)
def test_letters_that_nobody_names_are_read_as_they_were_written(name, title):
    body = (shared_dir() / f"data/news/feeds/odd/feedparser_illformed_chardet_{name}.xml").read_bytes()
    parsed = parse_feed(FeedContext("s", "https://feed.example/"), body, max_bytes=1_000_000)
    assert parsed.sightings[0].title == title


FEED = (
    b'<rss version="2.0"><channel><title>t</title><item><title>Without a date</title>'
    b"<link>https://office.example/a</link></item><item><title>Elsewhere</title><link>https://far.example/b</link>"
    b"</item></channel></rss>"
)
ARTICLE = b'<html><head><meta property="article:published_time" content="2026-03-04T10:30:00Z"></head></html>'


def test_what_has_no_date_counts_from_its_first_sight_and_then_has_the_date_of_its_page():
    site = Site(
        (200, FEED, {"etag": '"1"'}), (200, ARTICLE, {}), (200, FEED, {"etag": '"1"'}), (304, b"", {})
    )
    feed: NewsFeed = replace(site.feed(), entry=replace(BASE, has_page_dates=True), address=BASE.url)
    first = pull(feed)
    assert [one.ts_published for one in first.shown.sightings] == [None, None]
    second = pull(feed, first.bookmark)
    assert [one.ts_published for one in second.shown.sightings] == [1_772_620_200_000, None]
    assert [str(one.url) for one in site.asked] == [BASE.url, "https://office.example/a", BASE.url]
    assert pull(feed, second.bookmark).shown is None


def test_a_page_that_names_no_date_or_does_not_answer_is_asked_once():
    site = Site((200, FEED, {}), (404, b"", {}), (200, FEED, {}), (200, FEED, {}))
    feed = replace(site.feed(), entry=replace(BASE, has_page_dates=True), address=BASE.url)
    second = pull(feed, pull(feed).bookmark)
    assert second.shown.sightings[0].ts_published is None
    assert pull(feed, second.bookmark).shown is None


def test_an_own_feed_that_leads_into_somebodys_network_is_no_fault_to_try_again():
    site = Site((302, b"", {"location": "http://169.254.169.254/latest"}))
    with pytest.raises(DataError, match="which is not office\\.example"):
        pull(replace(site.feed(), entry=BASE))


@pytest.mark.parametrize("sign", ["<!--", "<a ", "<a/", '<a a="', "<![CDATA[", "</script"])
def test_what_a_page_never_ends_is_left_out_of_it(sign):
    """Read from each of its signs, a rest of a megabyte would take hours."""
    root = parse_html(f'<main><a href="/a">Rules</a></main>{sign * 250_000}')
    (link,) = select_nodes(root, "main a")
    assert (link.text(), root.text()) == ("Rules", "Rules")
    assert parse_html("<p>Rules for a<b").text() == "Rules for a<b"


def test_a_declaration_that_nobody_knows_ends_a_page_and_does_not_break_its_source():
    assert parse_html("<p>Rules</p><![odd[ x ]]><p>more</p>").text() == "Rules"


def test_a_selector_looks_at_each_element_once_a_step(monkeypatch):
    looks = 0
    fits = _Step.matches

    def counted(step, node):
        nonlocal looks
        looks += 1
        return fits(step, node)

    monkeypatch.setattr(_Step, "matches", counted)
    depth = 150
    root = parse_html("<div>" * depth + "<a>x</a>" + "</div>" * depth)
    assert [one.tag for one in select_nodes(root, "div div div a")] == ["a"]
    assert looks <= 4 * (depth + 1)


@pytest.mark.parametrize("name", ["punycode", "idna", "undefined", "unicode_escape", "zlib"])
def test_a_page_is_read_in_no_encoding_that_is_none_of_the_webs(name):
    page = f"<meta charset={name}><p>caf\xe9 \\x41-".encode("cp1252")
    assert decode_text(page) == f"<meta charset={name}><p>caf\xe9 \\x41-"
