"""Today in the order of who looks at it."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from tests.clocks import JumpingClock
from tests.houses import DAYS, START, VENUE, Browser, house, market
from tests.newsrooms import EVENT, read_all, told_house
from tests.unit.services.figures_material import empty, full
from vigie.domain.fact import Observation
from vigie.domain.item import Sighting
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.ports.quotes import SourceHealth
from vigie.ports.source_fetches import SourceFetch
from vigie.services.market_data.tracked_series import TRACKED
from vigie.views.web.language import texts
from vigie.views.web.pages.today.page import CHARTED

MARKS = {
    "market": 'class="tiles"', "changes": 'id="changes"', "watchlist": 'id="watchlist"', "movers": 'id="movers-',
    "spreads": 'id="spreads"', "newcomers": 'id="newcomers"', "words": 'id="words"',
    "stories": 'id="stories"', "regulation": 'id="regulation"',
}  # fmt: skip

# When the newest bar is over: a change from older ones would be none of the span.
ENDED = parse_time(START) + DAYS * DAY_MS
GREED = "sentiment/fear_greed_index"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("home"))
    rows = [{"id": "novum", "name": "Novum", "symbol": "nov", "ts_first_seen": made.clock.market_now()}]
    made.facts.put_document("coingecko", "coin_list_new", made.clock.market_now(), {"rows": rows})
    return made


def order(browser, persona):
    """Return the blocks of Today as they stand, for somebody who said who they are."""
    browser.post("/settings", {"persona": persona, "zone": "UTC", "theme": "auto", "language": "en"})
    page = browser.get("/").text
    places = {name: page.find(mark) for name, mark in MARKS.items()}
    return sorted((name for name in places if places[name] >= 0), key=lambda name: places[name])


@pytest.mark.parametrize(
    ("persona", "first"),
    [
        ("", ["market", "changes", "watchlist", "stories", "regulation", "movers"]),
        ("trader", ["market", "changes", "watchlist", "stories", "movers", "regulation"]),
        (
            "journalist",
            ["market", "changes", "stories", "regulation", "newcomers", "watchlist", "movers"],
        ),
        ("beginner", ["market", "changes", "words", "watchlist", "stories", "movers"]),
    ],
)
def test_what_stands_first_is_what_the_visitor_came_for(built, persona, first):
    assert order(Browser(built), persona) == first


def test_a_trader_sees_where_funding_lies_furthest_apart(tmp_path):
    browser = Browser(full(tmp_path / "home"))
    assert "spreads" in order(browser, "trader")
    assert "spreads" not in order(browser, "beginner")


def test_a_beginner_reads_what_is_watched_in_plain_words(built):
    browser = Browser(built, language="fr")
    order(browser, "beginner")
    words = browser.get("/").text.split('id="words"')[1].split("</dl>")[0]
    assert "/asset/bitcoin" in words
    assert len(words) > 200


def test_an_item_of_regulation_is_as_old_as_the_story_of_it(tmp_path):
    built = told_house(tmp_path / "home")
    title = "SEC opens a comment period on spot Bitcoin funds"
    said = Sighting("sec_press", "late", "https://www.sec.gov/late", title, precision="minute",
                    ts_published=EVENT + 40 * HOUR_MS)  # fmt: skip
    built.items.take(SourceFetch("sec_press", EVENT + 45 * HOUR_MS, (said,)))
    read_all(built)
    lane = Browser(built).get("/").text.split('id="regulation"')[1].split("</section>")[0]
    assert f'data-age="{EVENT + 40 * HOUR_MS}"' in lane.split(title)[1].split("</li>")[0]


def test_an_unusual_change_names_its_chart_in_words_and_leads_to_it(tmp_path):
    made = house(tmp_path / "home")
    now = made.clock.market_now()
    for series, *_ in TRACKED:
        days = range(100)
        made.facts.append([
            Observation(series, now - (100 - day) * DAY_MS, now - (100 - day) * DAY_MS, 50.0 + day % 2 * 0.1)
            for day in days
        ] + [Observation(series, now - 1_000, now - 1_000, 90.0)])  # fmt: skip
    for language in ("en", "fr"):
        browser = Browser(made, language=language)
        changes = browser.get("/").text.split('id="changes"')[1].split("</ol>")[0]
        for series, *_ in TRACKED:
            words = texts(language).get(CHARTED[series], CHARTED[series])
            assert f">{words}</a>" in changes
        assert not any(f"{series}<" in changes or f"> {series}" in changes for series, *_ in TRACKED)
        links = re.findall(r'href="(/onchain/chart[^"]*)"', changes)
        assert len(links) == len(TRACKED)
        assert {browser.get(html.unescape(link)).status_code for link in links} == {200}


def test_an_unusual_price_leads_to_its_chart(tmp_path):
    made = house(tmp_path / "home", clock=JumpingClock(ENDED + 2_000))
    now = made.clock.market_now()
    made.quotes.put([Quote("binance-perp", "btc-usdt-perp", now - 1_000, now - 1_000, last=10_000_000.0)])
    page = Browser(made, language="fr").get("/").text
    changes = page.split('id="changes"')[1].split("</ol>")[0]
    assert '<a href="/asset/bitcoin">Graphique du prix</a>' in changes
    assert "price_usd" not in changes


def test_the_market_is_two_sentences_and_six_tiles_that_say_source_and_age(tmp_path):
    made = house(tmp_path / "home")
    now = made.clock.market_now()
    made.facts.append([
        Observation(series, now - days * DAY_MS, now - days * DAY_MS, value)
        for series, value in (
            ("market/global/cap_usd", 3e12), ("sentiment/fear_greed_index", 60.0),
            ("stablecoins/total/supply_usd", 2e11),
        )
        for days in (8, 1, 0)
    ])  # fmt: skip
    made.quotes.put([
        Quote("binance-perp", f"{base}-usdt-perp", now, now, last=100.0, funding_rate=0.0001, funding_hours=8.0)
        for base in ("btc", "eth")
    ])  # fmt: skip
    for language in ("en", "fr"):
        page = Browser(made, language=language).get("/").text
        tiles = re.findall(
            r'<div class="tile[^"]*" id="tile-(\w+)">(.*?)(?=<div class="tile[ "]|<p id=|<section)',
            page,
            re.DOTALL,
        )
        assert [name for name, _ in tiles] == [
            "bitcoin",
            "ethereum",
            "cap",
            "fear_greed",
            "funding",
            "stablecoins",
        ]
        said = [
            re.search(r'<span class="meta"><span>([^<]+)</span><span><span class="age', text)
            for _, text in tiles
        ]
        assert [one[1] for one in said] == [
            "Binance", "Binance", "CoinGecko", "alternative.me", "Binance", "DefiLlama",
        ]  # fmt: skip
        assert {"en": "The median of all perpetuals", "fr": "Médiane de tous les perpétuels"}[
            language
        ] in tiles[4][1]
        headline = html.unescape(re.search(r'<p class="headline" id="headline">([^<]+)</p>', page)[1])
        lead = html.unescape(re.search(r'<p class="lead">([^<]+)</p>', page)[1])
        assert headline == {
            "en": "Nothing unusual in the last 24 hours.",
            "fr": "Rien d’inhabituel depuis 24 heures.",
        }[language]  # fmt: skip
        assert "100" in lead
        assert lead.rstrip().find(". ") == -1
        signs = page.split('class="hero-foot')[1].split("</section>")[0]
        assert re.search(r"\b60\b", signs)


@pytest.mark.parametrize(
    ("language", "bitcoin", "empty_list"),
    [
        ("en", "Bitcoin trades at", "This watchlist is empty"),
        ("fr", "Bitcoin s’échange à", "Cette liste de suivi est vide"),
    ],
)
def test_an_empty_watchlist_leaves_the_market_its_sentence(tmp_path, language, bitcoin, empty_list):
    made = house(tmp_path / "home", clock=JumpingClock(ENDED + 2_000))
    browser = Browser(made, language=language)
    path = browser.post("/watchlists", {"name": "Mine", "assets": ""}, follow=False).headers["location"]
    page = html.unescape(browser.get("/").text)
    assert bitcoin in page.partition('id="summary"')[2].partition("</div>")[0]
    watched = page.partition('id="watchlist"')[2].partition("</section>")[0]
    assert empty_list in watched
    assert f'href="{path.partition("?")[0]}"' in watched.partition("state-empty")[2]


def test_a_sentence_and_a_tile_tell_one_change_of_the_day(tmp_path):
    made = house(tmp_path / "home", clock=JumpingClock(ENDED + 2_000))
    now = made.clock.market_now()
    made.quotes.put([
        Quote("binance-perp", "btc-usdt-perp", now - 1_000, now - 1_000, last=10_000_000.0, change_24h=7.89)
    ])  # fmt: skip
    page = Browser(made).get("/").text
    changes = page.partition('id="changes"')[2].partition("</ol>")[0]
    told = re.search(r'<p class="headline" id="headline">([^<]+)</p>', page)[1]
    assert "+789.00%" in page.partition('id="tile-bitcoin"')[2].partition('id="tile-')[0]
    assert "789.0%" in told
    assert "789.0%" in changes
    # Read again once the live figure has left it.
    said = re.search(r'<div id="summary"[^>]+>', page)[0]
    assert 'data-said="quote:binance-perp:btc-usdt-perp:last" data-price="10000000.0"' in said
    assert 'hx-trigger="every 5s, vigie:left"' in said


def test_how_fresh_all_is_stands_first_though_nothing_is_wrong(tmp_path):
    made = house(tmp_path / "home")
    assert 'class="strip"' not in Browser(empty(tmp_path / "new")).get("/").text
    now = made.clock.market_now()
    made.quotes.put([Quote("binance-perp", "btc-usdt-perp", now - 5_000, now - 5_000, last=100.0)])
    live = SourceHealth("binance/bars", "live", now, now, 60.0, None, 0, "")
    off = replace(live, source="deribit/volatility", state="off")
    made.quotes.put_health([live, replace(live, source="mempool/fees", state="waiting"), off])
    for language, said in (
        ("en", "1 of 2 sources answer"),
        ("fr", "sources qui répondent\N{NO-BREAK SPACE}: 1 sur 2"),
    ):
        page = Browser(made, language=language).get("/").text
        strip = page.partition('class="strip"')[2].partition("</ul>")[0]
        assert said in strip
        assert f'data-age="{now - 5_000}"' in strip
        assert page.index('class="strip"') < page.index('class="lead"')
        # Health counts as Today does.
        assert said in Browser(made, language=language).get("/health").text


def with_a_past(home):
    """Open a house with prices of now, in which one figure was calm each day until yesterday."""
    made = house(home)
    now = made.clock.market_now()
    bars = [market().bars(name, "1h") for name in ("BTC", "ETH", "SOL")]
    made.quotes.put([Quote(VENUE, one.instrument, now, now, float(one.close[-1])) for one in bars])
    days = ((day, now - (100 - day) * DAY_MS) for day in range(100))
    made.facts.append([Observation(GREED, ts, ts, 50.0 + day % 2 * 0.1) for day, ts in days])
    return made


def test_what_was_read_is_no_news_at_the_next_visit(tmp_path):
    made = with_a_past(tmp_path / "home")
    # A span of less than an hour is looked at as an hour.
    then = made.clock.market_now() - 2 * HOUR_MS
    made.facts.append([Observation(GREED, then, then, 90.0)])
    browser = Browser(made)
    before = browser.get("/").text.split('id="changes"')[1]
    assert "/onchain/chart" in before.split("</ol>")[0]
    (read,) = re.findall(r'name="seen" value="(\d+)"', before)
    after = (
        browser.post("/look", {"next": "/", "seen": read})
        .text.split('id="changes"')[1]
        .split("</section>")[0]
    )
    assert "since your last visit" in after
    assert "/onchain/chart" not in after


def test_what_was_read_a_moment_ago_is_listed_again_only_once_it_moves_on(tmp_path):
    made = with_a_past(tmp_path / "home")
    browser = Browser(made)

    def moves_to(value: float) -> None:
        now = made.clock.market_now()
        made.facts.append([Observation(GREED, now, now, value)])

    def changes(page: str) -> str:
        return page.split('id="changes"')[1].split("</section>")[0]

    def read(block: str) -> str:
        (seen,) = re.findall(r'name="seen" value="(\d+)"', block)
        (known,) = re.findall(r'name="read" value="([^"]*)"', block)
        return changes(browser.post("/look", {"next": "/", "seen": seen, "read": known}).text)

    moves_to(90.0)
    before = changes(browser.get("/").text)
    assert "/onchain/chart" in before
    after = read(before)
    assert "/onchain/chart" not in after
    assert "Nothing new since you last read this." in after
    assert re.search(r"<strong>You are up to date as of [^<]*\d\d:\d\d[^<]*\.</strong>", after)
    assert "up to date" not in before
    # Read once more, it stays read.
    again = read(after)
    assert "Nothing new since you last read this." in again
    moves_to(180.0)
    # A process keeps what it measured for some seconds; another one measures anew.
    later = Browser(house(tmp_path / "home"))
    later.cookies = browser.cookies
    assert "/onchain/chart" in changes(later.get("/").text)
    browser.post("/look", {"next": "/", "read": "market/bitcoin/price_usd=<script>"})
    assert browser.get("/").status_code == 200


def test_what_stands_above_the_fold_has_no_export_and_the_tables_below_have(built):
    page = Browser(built, language="en").get("/").text
    hero = page.partition('class="card hero today-hero"')[2].partition('class="columns')[0]
    assert 'class="tiles"' in hero
    assert 'data-chart="candles"' in hero
    assert 'class="exports"' not in hero
    assert 'class="exports"' in page
