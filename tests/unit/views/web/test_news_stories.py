"""Stories on the page of news: who was first and last, what is new to the reader, what the price did since."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest

from tests.databases import HandClock
from tests.houses import Browser, house, person
from tests.newsrooms import EVENT, read_all, told_house
from vigie.domain.asset import Asset
from vigie.domain.bar import Bars
from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.metrics import AssetMetrics
from vigie.ports.source_fetches import SourceFetch
from vigie.services.caches.asset_metrics import AssetReading, price_change_since
from vigie.services.operation_calls import run_operation

TITLES = (
    "Bitcoin miners move to Oslo", "Ethereum developers set a date for the upgrade", "Solana outage lasts two hours",
    "Cardano foundation names a director", "XRP holders sue a lender", "Dogecoin accepted by a car maker",
    "Polkadot votes on its treasury", "Avalanche adds a gaming partner", "Litecoin halving passes quietly",
    "Chainlink feeds reach a bank", "Uniswap turns on its fee", "Monero delisted in Dubai",
    "TRON burns its reserves", "Stellar pays refugees in dollars",
)  # fmt: skip


def tell(opened, source, seen, title):
    address = f"https://{source}.example/{seen}"
    said = Sighting(source, str(seen), address, title, precision="minute", ts_published=seen)
    opened.items.take(SourceFetch(source, seen, (said,)))


@pytest.fixture
def built(tmp_path):
    return told_house(tmp_path / "home")


def table(page: str) -> str:
    return page.partition('id="top"')[2].partition("</section>")[0]


def test_each_story_says_who_was_first_and_last_and_how_far_it_is_believed(built):
    rows = run_operation(built, person(), "stories.top", {"period": "1w", "least": 1}).rows
    assert rows
    shown = table(Browser(built, language="en").get("/news?period=1w").text)
    for row in rows:
        line = shown.partition(f'href="/story/{row.story}"')[2].partition("</tr>")[0]
        said = html.unescape(re.sub(r"<[^>]+>", " ", line))
        assert row.first_publisher in said
        assert row.last_publisher in said
        assert {"confirmed": "Confirmed", "repeated": "Repeated", "disputed": "Disputed",
                "unconfirmed": "Unconfirmed", "flagged": "Flagged"}[row.status] in said  # fmt: skip


def test_a_story_that_goes_on_after_all_was_read_is_new(built):
    browser = Browser(built, language="en")
    assert "New since" not in table(browser.get("/news?period=1w").text)
    browser.post("/news/mark", {"until": str(EVENT + 30 * HOUR_MS), "query": "period=1w"})
    shown = table(browser.get("/news?period=1w").text)
    assert "is-new" not in shown
    title = "SEC opens a comment period on spot Bitcoin funds"
    said = Sighting("sec_press", "late", "https://www.sec.gov/late", title, precision="minute",
                    ts_published=EVENT + 40 * HOUR_MS)  # fmt: skip
    built.items.take(SourceFetch("sec_press", EVENT + 45 * HOUR_MS, (said,)))
    read_all(built)
    fresh, _, seen = table(browser.get("/news?period=1w").text).partition("Earlier")
    assert "New since" in fresh
    assert title in fresh
    assert title not in seen
    assert seen.count("/story/") >= 1


def test_a_list_of_a_day_shows_no_time_of_before_that_day(built):
    shown_at = EVENT + 48 * HOUR_MS
    title = "Trading of Grayscale spot Ether ETF begins, SEC says"
    said = Sighting("decrypt", "late", "https://decrypt.co/late", title,
                    "The Securities and Exchange Commission approved the fund, worth 2.1 billion dollars.",
                    precision="minute", ts_published=shown_at - 3 * HOUR_MS)  # fmt: skip
    built.items.take(SourceFetch("decrypt", shown_at - 3 * HOUR_MS, (said,)))
    read_all(built)
    (row,) = run_operation(built, person(), "stories.top", {"period": "24h", "least": 2}).rows
    assert row.ts_first == EVENT
    for path, start in (("/news", 'id="top"'), ("/", 'id="stories"')):
        part = Browser(built, language="en").get(path).text.partition(start)[2].partition("</section>")[0]
        times = [int(ts) for ts in re.findall(r'data-age="(\d+)"', part)]
        assert times
        assert min(times) >= shown_at - 24 * HOUR_MS, path


@pytest.mark.parametrize(("order", "name"), [("ts_last", "ts_last"), ("ts_first", "ts_first")])
def test_stories_are_ordered_by_the_time_asked_for(built, order, name):
    for sort, is_falling in ((order, False), (f"-{order}", True)):
        rows = run_operation(built, person(), "stories.top", {"period": "1w", "least": 1, "sort": sort}).rows
        times = [getattr(row, name) for row in rows]
        assert times == sorted(times, reverse=is_falling)


def test_stories_are_narrowed_by_state_and_kind_of_source(built):
    rows = run_operation(built, person(), "stories.top", {"period": "1w", "least": 1}).rows
    for name, key in (("status", "status"), ("tier", "tiers")):
        for value in {part for row in rows for part in getattr(row, key).split(",")}:
            asked = run_operation(
                built, person(), "stories.top", {"period": "1w", "least": 1, name: value}
            ).rows
            assert {row.story for row in asked} == {
                row.story for row in rows if value in getattr(row, key).split(",")
            }


def test_a_story_is_ranked_by_its_publishers_however_few_items_it_has(tmp_path):
    opened = house(tmp_path / "home", clock=HandClock(EVENT + 12 * HOUR_MS))
    for place, title in enumerate(TITLES):
        tell(opened, "decrypt", EVENT + place * 60_000, title)
    tell(opened, "sec_press", EVENT - HOUR_MS, "SEC opens a comment period on spot Bitcoin funds")
    read_all(opened)
    asked = {"period": "24h", "least": 1, "limit": 12}
    top = run_operation(opened, person(), "stories.top", asked)
    assert top.rows[0].publisher.startswith("SEC")
    assert len(top.rows) == 12
    assert top.total == len(TITLES) + 1
    shown = table(Browser(opened, language="en").get("/news").text)
    assert f"All {top.total} stories" in shown
    assert "a regulator or primary source counting as two more" in shown


def test_a_filter_of_items_leaves_stories_out(built):
    browser = Browser(built, language="en")
    for query in ("q=sec", "language=fr", "topic=etf", "first_hand=1", "source=sec_press"):
        assert 'id="top"' not in browser.get(f"/news?period=1w&{query}").text


@pytest.mark.parametrize(
    ("ts", "change"),
    [
        (2 * HOUR_MS, 0.5),  # Known after the hour that closed at 100.
        (2 * HOUR_MS + 59 * 60_000, 0.5),
        (3 * HOUR_MS, 0.25),  # The next hour has closed, at 120.
        (HOUR_MS - 1, None),  # Before the first closed hour.
        (9 * HOUR_MS, None),  # Newer than the price.
    ],
)
def test_the_change_since_a_story_is_against_the_last_hour_closed_before_it(ts, change):
    close = np.array([90.0, 100.0, 120.0])
    hours = np.arange(3, dtype=np.int64) * HOUR_MS
    bars = Bars("btc-usdt-perp", HOUR_MS, hours, close, close, close, close, np.ones(3))
    metrics = AssetMetrics("bitcoin", "BTC", 4 * HOUR_MS, price=150.0)
    reading = AssetReading(
        Asset("bitcoin", "BTC", "Bitcoin"), metrics, "binance-perp:btc-usdt-perp", bars, None
    )
    found = price_change_since(reading, ts)
    assert found == (change if change is None else pytest.approx(change))


def test_who_denies_a_report_is_not_the_one_in_doubt(built):
    rows = run_operation(built, person(), "news.list", {"period": "1w"}).rows
    by_id = {row.id: row for row in rows}
    denials = [row for row in rows if row.denies]
    assert denials
    doubted = [row for row in rows if row.status == "disputed" and not row.denies]
    assert doubted
    browser = Browser(built, language="en")
    for row in denials:
        head = browser.get(f"/news/{row.id}").text.partition("<h1")[2].partition('id="origin"')[0]
        assert "Contradicts a report" in head
        assert ">Disputed<" not in head
        assert by_id[row.denies].ts_first_seen <= row.ts_first_seen
    head = browser.get(f"/news/{doubted[0].id}").text.partition("<h1")[2].partition('id="origin"')[0]
    assert "Disputed" in head
    assert "Contradicts a report" not in head
