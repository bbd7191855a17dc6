"""Prices of long ago are never told as those of now: on Today, in lists, in the index, and in the head of a page."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, VENUE, Browser, house, market, person
from vigie.data.frames import to_frame
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, parse_time
from vigie.intelligence.market.metrics import measure
from vigie.ports.quotes import SourceHealth
from vigie.services.market_data.fear_greed import fear_greed_at
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation

END = parse_time(START) + DAYS * DAY_MS
LATE = END + 324 * DAY_MS


@pytest.fixture
def late(tmp_path):
    """A home whose bars ended long ago, and that reaches nobody."""
    return house(tmp_path / "home", clock=StandingClock(LATE))


@pytest.fixture
def current(tmp_path):
    made = house(tmp_path / "home", clock=StandingClock(END + MINUTE_MS))
    made.quotes.put([Quote("binance-perp", market().bars("BTC", "1h").instrument, END, END, 50_000.0)])
    return made


@pytest.fixture
def daily(tmp_path):
    """A home with days alone, some hours after the last one closed: the next comes tomorrow."""
    made = house(tmp_path / "home", with_bars=False, clock=StandingClock(END + 5 * HOUR_MS))
    bars = market().bars("BTC", "1d")
    made.data.bars.upsert(SeriesId(VENUE, bars.instrument, "1d"), to_frame(bars))
    return made


@pytest.fixture
def fresh(tmp_path):
    """A home in its first minute: a price of now, and no bar of a year ago."""
    made = house(tmp_path / "home", with_bars=False)
    now = made.clock.market_now()
    made.quotes.put([Quote(VENUE, "btc-usdt-perp", now, now, 90_000.0, change_24h=0.01, volume_24h=1e9)])
    return made


def part(page: str, start: str, end: str) -> str:
    return page.partition(start)[2].partition(end)[0]


def test_the_sentence_of_today_says_of_when_it_is(late, current):
    for language, said in (
        ("en", "UTC, not live: Almost all coins trade above their"),
        ("fr", "pas en direct\u00a0"),
    ):
        page = Browser(late, language=language).get("/").text
        assert said in part(page, 'class="hero-foot', "</section>")
    headline = part(Browser(late).get("/").text, 'id="headline"', "</p>")
    assert re.search(r"The latest price of Bitcoin, \$[\d,.]+, is \d+ (h|days) old\.", headline)
    now = part(Browser(current).get("/").text, 'class="card hero today-hero"', "</section>")
    assert "not live" not in now
    assert "old." not in now
    assert run_operation(late, person(), "today.read", {}).ts_prices == END


@pytest.mark.parametrize("lag", [5 * HOUR_MS, 2 * DAY_MS, 324 * DAY_MS])
@pytest.mark.parametrize(
    ("language", "old", "calm"),
    [
        (
            "en",
            "The newest prices of 3 coins are old: how they moved is not known.",
            ("Nothing unusual", "up to date"),
        ),
        ("fr", "Les derniers prix de 3 cryptoactifs sont anciens", ("Rien d\u2019inhabituel", "\u00e0 jour")),
    ],
)
def test_today_calls_nothing_quiet_whose_price_is_old(tmp_path, lag, language, old, calm):
    made = house(tmp_path / "home", clock=StandingClock(END + lag))
    browser = Browser(made, language=language)
    for _ in range(2):
        told = part(browser.get("/").text, 'id="changes"', "</section>")
        assert old in told
        assert not [word for word in calm if word in told]
        assert "Nothing to compare yet" not in told
        # A visitor who comes back is not called up to date either.
        browser.post("/look", {"seen": str(END + lag - HOUR_MS), "next": "/"})
    changes = run_operation(made, person(), "today.changes", {"since": END + lag - DAY_MS})
    assert (changes.late, changes.quiet, changes.items) == (3, 0, [])


def test_current_prices_are_still_compared(current):
    changes = run_operation(current, person(), "today.changes", {"since": END - DAY_MS})
    assert (changes.late, changes.quiet + len(changes.items)) == (0, 3)
    told = part(Browser(current).get("/").text, 'id="changes"', "</section>")
    assert "are old" not in told


def test_every_row_whose_price_is_old_is_marked_and_says_how_old(late, current):
    for path, table in (
        ("/", 'id="watch"'),
        ("/markets", 'id="prices"'),
        ("/markets/movers?floor=0", 'id="list-up"'),
        ("/markets/heatmap?size=volume", 'id="heat-table"'),
        ("/markets/screener", 'id="found"'),
    ):
        rows = part(Browser(late).get(path).text, table, "</table>").partition("<tbody")[2]
        assert rows.count("badge-warn") == rows.count("<tr") > 0
        assert "badge-warn" not in part(Browser(current).get(path).text, table, "</table>")
    (row,) = run_operation(late, person(), "markets.list", {"assets": "bitcoin"}).rows
    assert (row["ts_event"], row["is_stale"]) == (END, True)
    assert "is_stale" in Browser(late).get("/api/v1/markets/list.csv").text.partition("\n")[0]


def test_a_price_of_days_is_as_fresh_in_its_tile_and_on_its_own_page_as_in_the_watchlist(daily):
    for clock, is_old in ((daily.clock, False), (StandingClock(END + 3 * DAY_MS), True)):
        made = replace(daily, clock=clock)
        today = run_operation(made, person(), "today.read", {"assets": "bitcoin"})
        (row,) = today.watch.rows
        (tile,) = [tile for tile in today.tiles if tile.key == "bitcoin"]
        asset = run_operation(made, person(), "assets.get", {"asset": "bitcoin"})
        assert (row["is_stale"], tile.figure.is_stale, asset.price.is_stale) == (is_old, is_old, is_old)


def test_the_heat_map_shades_no_change_of_long_ago_and_says_that_it_is_old(late, current):
    drawn = part(Browser(late).get("/markets/heatmap?size=volume").text, "heat-wide", "</svg>")
    assert drawn.count("stale</text>") == drawn.count('class="heat-none"') == drawn.count("<rect ") > 0
    assert drawn.count(', older than 2 h"') == drawn.count("<rect ")
    assert "stale" not in part(
        Browser(current).get("/markets/heatmap?size=volume").text, "heat-wide", "</svg>"
    )
    for operation in ("heatmap", "movers", "screen"):
        for row in run_operation(late, person(), f"markets.{operation}", {}).rows:
            assert (row["ts_event"], row["is_stale"]) == (END, True)


@pytest.mark.parametrize(
    ("language", "word", "why", "key"),
    [
        ("en", "unknown", "no figure for this span", "Grey: a change below 10.0%. Dark: no figure"),
        (
            "fr",
            "inconnu",
            "pas de chiffre sur cette période",
            "Gris\u00a0: variation inférieure à 10,0\u00a0%. Foncé",
        ),
    ],
)
def test_a_cell_without_a_figure_says_so_and_is_not_grey_like_a_small_move(fresh, language, word, why, key):
    page = Browser(fresh, language=language).get("/markets/heatmap?size=volume&span=1y").text
    drawn = part(page, "heat-wide", "</svg>")
    assert drawn.count('class="heat-none"') == drawn.count(f">{word}</text>") == drawn.count("<rect ") > 0
    assert f', {why}"' in drawn
    assert key in page


def test_breadth_is_not_told_of_the_one_coin_whose_price_came_first(tmp_path):
    # After a stall one venue answers first: the others' prices are hours behind, and one coin is not the market.
    made = house(tmp_path / "home", clock=StandingClock(END + 3 * HOUR_MS + MINUTE_MS))
    first = END + 3 * HOUR_MS
    told = [Quote("binance-perp", market().bars("BTC", "1h").instrument, first, first, 50_000.0)]
    whole = run_operation(made, person(), "today.read", {})
    assert {one.key for one in whole.clauses} >= {"breadth", "day"}
    made.quotes.put(told)
    made.asset_metrics._cache.clear()
    found = run_operation(made, person(), "today.read", {})
    assert not {one.key for one in found.clauses} & {"breadth", "day"}
    for language, said in (
        ("en", "Market breadth and the median change are not"),
        ("fr", "ne sont pas connues"),
    ):
        assert said in found.sentences[language]
        assert "1 " in found.sentences[language]


def test_a_mean_of_days_that_ended_long_ago_is_not_that_of_now():
    daily = market().bars("BTC", "1d")
    end = int(daily.ts[-1]) + daily.span_ms
    for late, is_known in ((0, True), (1, True), (30, False)):
        at = end + late * DAY_MS
        quote = Quote("binance-perp", daily.instrument, at, at, 50_000.0)
        found = measure("bitcoin", "BTC", daily=daily, quote=quote)
        assert math.isnan(found.sma_50_distance) is not is_known


def test_no_index_of_now_is_made_of_prices_of_long_ago(late, current):
    assert bound(current, fear_greed_at)(END).value is not None
    assert bound(late, fear_greed_at)(LATE).value is None


def test_the_head_calls_nothing_live_where_no_price_is(late, current):
    assert 'data-old="no live prices"' in Browser(late).get("/").text
    assert "data-old" not in Browser(current).get("/").text


def test_regulators_that_nobody_reached_are_not_said_to_have_been_silent(late):
    browser = Browser(late)
    browser.post("/settings", {"persona": "journalist", "zone": "UTC", "theme": "auto", "language": "en"})
    told = part(browser.get("/").text, 'id="regulation"', "</section>")
    assert "No regulator has published anything about crypto" not in told
    assert "No regulator source has answered in seven days," in told
    names = [note.id for note in late.directory.news() if note.tier == "regulator"]
    late.quotes.put_health([SourceHealth(f"{names[0]}/feed", "live", LATE - MINUTE_MS, LATE - MINUTE_MS)])
    told = part(browser.get("/").text, 'id="regulation"', "</section>")
    assert "No regulator has published anything about crypto" in told
    assert f"1 of {len(names)} regulator sources answered." in told


def test_a_verdict_says_which_of_its_words_count_the_price_of_now(current):
    browser = Browser(current)
    said = part(browser.get("/asset/bitcoin").text, 'id="verdict"', "</section>")
    assert "Includes the current price and the unfinished day (UTC), as" in said
    browser.post("/settings", {"persona": "beginner", "zone": "UTC", "theme": "auto", "language": "en"})
    assert "Includes the current price and the unfinished day" in part(
        browser.get("/").text, 'id="words"', "</section>"
    )
