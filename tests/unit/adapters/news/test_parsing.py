"""Reading feeds: every captured and every odd one, dates of all forms, markup and addresses made harmless."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import shared_dir
from vigie.adapters.sources.news.cleaning import MAX_TEXT_LENGTH, plain_text, resolve_public_url
from vigie.adapters.sources.news.dates import parse_date
from vigie.adapters.sources.news.listing import SHIPPED, SIMULATED, feeds
from vigie.adapters.sources.news.parsing import (
    MAX_ENTRIES,
    MAX_JSON_ITEMS,
    FeedContext,
    ParsedSource,
    parse_feed,
)
from vigie.domain.errors import DataError, TransientError

FEEDER = FeedContext("s", "https://feed.example/x/feed.xml")
MANY = 4_000_000
# Entries read, refused, dated; or what the whole answer is.
EXPECTED = (
    ("odd/atom_minimal_picofeed.xml", 1, 0, 1),
    ("odd/cercle_psy_picofeed.xml", 7, 0, 7),
    ("odd/feedparser_encoding_big5.xml", 0, 0, 0),
    ("odd/feedparser_encoding_bozo_bogus_encoding.xml", 0, 0, 0),
    ("odd/feedparser_encoding_bozo_double-encoded-html.xml", 1, 0, 0),
    ("odd/feedparser_encoding_bozo_linenoise.xml", 1, 0, 0),
    ("odd/feedparser_encoding_demoronize-1.xml", 1, 0, 0),
    ("odd/feedparser_encoding_euc-kr.xml", 0, 0, 0),
    ("odd/feedparser_encoding_no_content_type_default.xml", 0, 0, 0),
    ("odd/feedparser_encoding_utf-16be.xml", 0, 0, 0),
    ("odd/feedparser_encoding_utf-32le-bom.xml", 0, 0, 0),
    ("odd/feedparser_encoding_utf-8-bom.xml", 0, 0, 0),
    ("odd/feedparser_illformed_aaa_illformed.xml", 0, 0, 0),
    ("odd/feedparser_illformed_always_strip_doctype.xml", 0, 0, 0),
    ("odd/feedparser_illformed_chardet_gb2312.xml", 1, 0, 0),
    ("odd/feedparser_illformed_chardet_koi8r.xml", 1, 0, 0),
    ("odd/feedparser_illformed_http_high_bit_date.xml", 0, 0, 0),
    ("odd/feedparser_illformed_rss_empty_document.xml", TransientError),
    ("odd/feedparser_illformed_rss_item_link_corrupted_ampersands.xml", 0, 1, 0),
    ("odd/feedparser_illformed_undeclared_namespace.xml", 0, 0, 0),
    ("odd/feedparser_wellformed_cdf_channel_lastmod_parsed.xml", TransientError),
    ("odd/feedparser_wellformed_cdf_channel_title.xml", TransientError),
    ("odd/feedparser_wellformed_rdf_rdf_channel_title.xml", 0, 0, 0),
    ("odd/feedparser_wellformed_rdf_rdf_item_description.xml", 1, 0, 0),
    ("odd/feedparser_wellformed_sanitize_item_fullitem_onclick.xml", 0, 1, 0),
    ("odd/feedparser_wellformed_xml_empty_xmlns_uri.xml", 0, 0, 0),
    ("odd/fulltextrss.xml", 6, 0, 6),
    ("odd/html_page_instead_of_feed.html", TransientError),
    ("odd/own_access_denied_200.html", TransientError),
    ("odd/own_atom_only_updated_relative_links.atom", 1, 0, 1),
    ("odd/own_control_chars.xml", 1, 0, 1),
    ("odd/own_dates_mixed.xml", 10, 0, 8),
    ("odd/own_duplicate_guid_edited_title.xml", 2, 0, 2),
    ("odd/own_entity_expansion.xml", DataError),
    ("odd/own_fca_drupal_date.xml", 1, 0, 1),
    ("odd/own_gzip_bytes.xml.gz", 1, 0, 1),
    ("odd/own_hostile_links.xml", 2, 5, 2),
    ("odd/own_html_in_title_and_script.xml", 1, 0, 1),
    ("odd/own_jsonfeed.json", 1, 0, 1),
    ("odd/own_latin1_declared_utf8.xml", 1, 0, 1),
    ("odd/own_truncated_mid_item.xml", 2, 1, 2),
    ("odd/own_zero_bytes.xml", TransientError),
    ("odd/resorts_picofeed.xml", 1, 0, 1),
    ("odd/rss091_picofeed.xml", 6, 0, 0),
    ("odd/rss092_picofeed.xml", 21, 0, 0),
    ("odd/univers_freebox_fr.xml", 30, 0, 30),
    ("odd/windows1251_xakep_ru.xml", 25, 0, 25),
    ("odd/womensweardaily.xml", 20, 0, 20),
    ("odd/youtube_legacy_gdata.xml", 25, 0, 25),
    ("real/bis_press_rdf_2026-03-22_trimmed.xml", 1, 0, 1),
    ("real/cftc_enforcement_2026-06-26.xml", 1, 0, 1),
    ("real/cftc_general_press_2026-06-26.xml", 2, 0, 2),
    ("real/coindesk_rss_2026-09-25.xml", 3, 0, 3),
    ("real/cointelegraph_rss_2026-10-03.xml", 4, 0, 4),
    ("real/decrypt_rss_2026-10-03.xml", 4, 0, 4),
    ("real/ecb_press_2026-07-28_trimmed.xml", 2, 0, 2),
    ("real/edgar_current_8k_2026-09-23.atom", 4, 0, 4),
    ("real/edgar_current_8k_full_2026.atom", 39, 0, 39),
    ("real/esma_news_2026-07-16_trimmed.xml", 3, 0, 3),
    ("real/fed_press_all_2026-04-27.xml", 20, 0, 20),
    ("real/fed_press_all_2026-09-24.xml", 3, 0, 3),
    ("real/fed_speeches_2026.xml", 15, 0, 15),
    ("real/korea_fsc_press_2026.xml", 2, 1, 2),
    ("real/reddit_pics_2025-12-30_trimmed.atom", 1, 0, 1),
    ("real/sec_litigation_releases_2024-07-01.xml", 7, 0, 7),
    ("real/sec_press_releases_2026-06-18.xml", 25, 0, 25),
    ("real/theblock_rss_2026-05-01.xml", 20, 0, 20),
    ("real/yahoo_finance_news_2026.xml", 47, 0, 47),
    ("real/youtube_channel_2026-08-14.xml", 2, 0, 2),
)  # fmt: skip


def read(body: bytes, feeder: FeedContext = FEEDER, max_bytes: int = MANY) -> ParsedSource:
    return parse_feed(feeder, body, document="d1", max_bytes=max_bytes)


def rss(*items: str) -> bytes:
    whole = "".join(f"<item>{one}</item>" for one in items)
    return f'<rss version="2.0"><channel><title>t</title>{whole}</channel></rss>'.encode()


@pytest.mark.shared
@pytest.mark.parametrize("expected", EXPECTED, ids=lambda one: one[0])
def test_every_feed_is_read_as_far_as_it_can_be(expected):
    name, *counts = expected
    body = shared_dir("data", "news", "feeds", *name.split("/")).read_bytes()
    if isinstance(counts[0], type):
        with pytest.raises(counts[0]):
            read(body)
        return
    found = read(body)
    dated = sum(one.ts_published is not None for one in found.sightings)
    assert [len(found.sightings), len(found.refused), dated] == counts
    for one in found.sightings:
        assert one.url == "" or one.url.startswith(("http://", "https://"))
        assert not any("\x00" <= sign < "\x20" or "\x7f" <= sign < "\xa0" for sign in one.title + one.text)
        assert len(one.text) <= MAX_TEXT_LENGTH
        assert one.document == "d1"


@pytest.mark.shared
def test_no_feed_lacks_an_expectation():
    root = shared_dir("data", "news", "feeds")
    there = {f"{path.parent.name}/{path.name}" for path in root.glob("*/*")}
    assert there == {one[0] for one in EXPECTED}


@pytest.mark.parametrize(
    ("written", "stamp", "precision"),
    [
        ("Mon, 27 Jul 2026 14:21:32 -0000", "2026-07-27T14:21:32", "second"),
        ("2026-07-18T07:57:43", "2026-07-18T07:57:43", "second"),
        ("18 Jul 26 07:57:43 EST", "2026-07-18T12:57:43", "second"),
        ("31 Jul, 2026 +0530", "2026-07-31T00:00:00", "day"),
        ("lundi 3 ao\u00fbt 2026 09:30", "2026-08-03T09:30:00", "minute"),
        ("1er janvier 2026", "2026-01-01T00:00:00", "day"),
        ("1785542400", "2026-08-01T00:00:00", "second"),
        ("Mon, 27 Jul 2026 14:21 PDT", "2026-07-27T21:21:00", "minute"),
        ("Thursday, September 10, 2026 - 15:04", "2026-09-10T15:04:00", "minute"),
        ("July 4, 2026 3:05 pm", "2026-07-04T15:05:00", "minute"),
        ("2026-07-16T13:53:00+02:00", "2026-07-16T11:53:00", "second"),
        ("Fri, 01 May 2099 10:00:00 GMT", "2099-05-01T10:00:00", "second"),
    ],
)
def test_dates_of_many_forms_are_read_with_how_exact_they_are(written, stamp, precision):
    expected = round(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp() * 1_000)
    assert parse_date(written) == (expected, precision)


@pytest.mark.parametrize(
    "written", ["", "2026-02-30T10:00:00Z", "soon", "1 Foo 2026", "0001-01-01", "1970-01-01"]
)
def test_what_is_no_date_is_none(written):
    assert parse_date(written) is None


def test_a_time_without_a_zone_is_that_of_the_source():
    summer, _ = parse_date("Thursday, September 10, 2026 - 15:04", "Europe/London")
    assert summer == round(datetime(2026, 9, 10, 14, 4, tzinfo=UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b>Token</b> <img src=x onerror=alert(1)> rallies", "Token rallies"),
        (
            "<script>alert(1)</script><p>Body &amp; more</p><iframe src='https://evil.example'></iframe>",
            "Body & more",
        ),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Fees &amp;lt; 1%", "Fees < 1%"),
        ("it\x92s 5 \x80", "it\u2019s 5 \u20ac"),
        ("Bell \x07 and\u202e turned\u200b", "Bell and turned"),
        ("a <p>b</p><p>c</p>", "a b c"),
    ],
)
def test_markup_and_hidden_signs_are_taken_off(written, shown):
    assert plain_text(written, 100) == shown


@given(st.text(max_size=300))
def test_nothing_that_is_written_survives_as_markup(text):
    shown = plain_text(text, 200)
    assert len(shown) <= 200
    assert "<script" not in shown.casefold()
    assert not any(sign < " " for sign in shown)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "data:text/html;base64,x", "file:///etc/passwd", "http://127.0.0.1:8080/admin",
        "http://10.0.0.1/", "http://[::1]/", "http://localhost/x", "https://good.example@evil.example/x",
        "https://a b.example/", "ftp://feed.example/",
    ],
)  # fmt: skip
def test_addresses_that_lead_anywhere_else_are_refused(link):
    with pytest.raises(ValueError, match="address"):
        resolve_public_url(link, FEEDER.base)


def test_an_address_is_made_absolute():
    assert resolve_public_url("/news/1", FEEDER.base) == "https://feed.example/news/1"
    assert resolve_public_url("../1?a=b", FEEDER.base) == "https://feed.example/1?a=b"


def test_an_entry_that_is_no_item_leaves_the_others():
    found = read(rss("<title>One</title><link>https://e.example/1</link>", "<link>javascript:x()</link>", ""))
    assert [one.title for one in found.sightings] == ["One"]
    assert len(found.refused) == 2


def test_of_one_key_the_newest_counts_and_of_equals_the_last():
    entry = "<guid>g</guid><title>{}</title><pubDate>Fri, 01 May 2026 {}:00:00 GMT</pubDate>"
    found = read(rss(entry.format("later", 11), entry.format("first", 10)))
    assert [one.title for one in found.sightings] == ["later"]
    found = read(rss(entry.format("first", 10), entry.format("last", 10)))
    assert [one.title for one in found.sightings] == ["last"]


def test_of_more_entries_than_are_read_the_newest_count_wherever_they_stand():
    dated = "<title>{0}</title><pubDate>{1} May 2026 10:00:00 GMT</pubDate>"
    old = [dated.format(f"old {number}", 1) for number in range(MAX_ENTRIES)]
    new = [dated.format(f"new {number}", 2) for number in range(MAX_ENTRIES - 1)]
    # One without a date is as new as the one before it.
    found = read(rss(*old, *new, "<title>last</title>"))
    assert {one.title for one in found.sightings} == {*(f"new {n}" for n in range(MAX_ENTRIES - 1)), "last"}
    assert (found.left_out, found.refused) == (MAX_ENTRIES, ())
    without = read(rss(*(f"<title>{number}</title>" for number in range(MAX_ENTRIES + 3))))
    assert [one.title for one in without.sightings] == [str(number) for number in range(MAX_ENTRIES)]
    assert without.left_out == 3
    assert read(rss(*old)).left_out == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_of_its_own_are_refused_in_any_encoding(encoding):
    bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa">]><rss><channel/></rss>'
    with pytest.raises(DataError, match="entities"):
        read(bomb.encode(encoding))


def test_an_archive_that_expands_is_refused():
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(b" " * 2_000_000) + packer.flush()
    with pytest.raises(DataError, match="unpack"):
        read(packed, max_bytes=100_000)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400), st.binary(max_size=200).map(lambda body: b"<rss><channel><item>" + body)
    )
)
def test_whatever_is_answered_is_read_or_refused(body):
    try:
        found = read(body)
    except (TransientError, DataError):
        return
    assert all(one.title for one in found.sightings)


def test_the_lists_are_read_and_no_two_feeds_are_the_same():
    shipped, simulated = feeds(SHIPPED), feeds(SIMULATED)
    every = [*shipped, *simulated]
    assert len({one.id for one in every}) == len(every)
    asked = [one for one in every if one.url]
    assert len({one.url for one in asked}) == len(asked)
    letters = [one for one in every if one.kind == "mailbox"]
    assert {one.id for one in letters} == {"chainpost_letter", "veille_lettre"}
    unasked = [one for one in every if not one.url and one not in letters]
    assert all(one.off for one in unasked), "who has no address says why it is not asked"
    assert all(one.tier == "draft" and one.verified == "never verified" for one in shipped)
    assert {"sec_press", "cftc", "fed", "esma", "eba", "ecb_press", "fca", "bafin"} <= {
        one.id for one in shipped if one.publisher == "regulator"
    }
    assert all(one.url.split("/")[2].endswith(one.domain) for one in asked)
    assert all(one.domain.endswith(".example") for one in simulated)


@pytest.mark.parametrize("sign", ["\xad", "\u061c", "\u3164", "\u180e", "\ufff9", "\U000e0041", "\U000e0101"])
def test_signs_that_only_programs_see_are_taken_off(sign):
    assert plain_text(f"Bit{sign}coin{sign * 20} rallies", 100) == "Bitcoin rallies"


@pytest.mark.parametrize("name", ["utf-7", "cp037", "unicode_escape", "no-such"])
def test_entities_hidden_by_an_encoding_of_no_page_are_not_expanded(name):
    text = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY a "EXPANDED">]>'
        "<rss version='2.0'><channel><item><title>x &a; y</title></item></channel></rss>"
    ).replace("utf-8", name)
    body = text.replace("<!", "+ADwAIQ-") if name == "utf-7" else text.replace("<!", "\\x3c\\x21")
    raw = text.encode("cp037") if name == "cp037" else body.encode()
    for media in ("application/xml", f"application/xml; charset={name}"):
        try:
            parsed = parse_feed(FEEDER, raw, content_type=media, max_bytes=MANY)
        except (TransientError, DataError):
            continue
        assert not any("EXPANDED" in one.title for one in parsed.sightings)


def test_comments_that_never_end_do_not_hold_a_reader_up():
    # Minutes, where each is looked for to the end of all.
    body = b"<rss version='2.0'><channel><item><title>Rules</title><description><![CDATA[Said. "
    body += b"<!--" * 300_000 + b"]]></description></item></channel></rss>"
    (said,) = parse_feed(FEEDER, body, max_bytes=MANY).sightings
    assert (said.title, said.text) == ("Rules", "Said.")


def test_a_json_feed_of_more_items_than_any_has_is_refused_before_they_are_made():
    body = b'{"version": "1.1", "items": [' + b",".join([b"{}"] * (MAX_JSON_ITEMS + 1)) + b"]}"
    with pytest.raises(DataError, match=f"at most {MAX_JSON_ITEMS} items"):
        read(body)
