"""The pages of an asset and its pictures: in both languages, now and as of then, with much and with nothing."""

import csv
import io
import json
import re
import threading
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.houses import DAYS, START, VENUE, Browser, house, market
from tests.unit.views.web.texts import has_letters
from vigie.adapters.clock import SystemClock
from vigie.data.bar_reader import BarReader
from vigie.domain.fact import Observation
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS, iso, parse_time
from vigie.services.market_data import asset_facts
from vigie.services.operations import assets
from vigie.views.web.language import UserLanguage, texts
from vigie.views.web.pictures import pictures

FIRST = parse_time(START)
END = FIRST + DAYS * DAY_MS
PLACE = f"{VENUE}:btc-usdt-perp"
PNG = b"\x89PNG\r\n\x1a\n"


class Then(SystemClock):
    """A clock whose market stands an hour after the last bar."""

    def market_now(self) -> int:
        return END + HOUR_MS


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("home"), clock=Then())
    made.facts.append(
        [
            Observation("onchain/bitcoin/hashrate_hs", END - DAY_MS, END - DAY_MS, 6e20),
            Observation(f"derivatives/{PLACE}/open_interest_usd", END, END, 1e10),
        ]
    )
    about = {"description": {"en": "A <b>coin</b>.", "fr": "Une monnaie."}}
    made.facts.put_document("coingecko", "coin/bitcoin", END, about)
    return made


@pytest.fixture(scope="module")
def browser(built):
    return Browser(built)


def plain(text: str) -> str:
    """Return what a page says, without its marks and with plain spaces."""
    text = re.sub(r"<[^>]+>", " ", text)
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def test_page_shows_price_changes_verdict_chart_figures_cards_and_bars(browser):
    page = browser.get("/asset/bitcoin")
    assert page.status_code == 200
    said = plain(page.text)
    for text in (
        "Bitcoin BTC",
        "In plain words",
        "Keep in mind",
        "Key figures",
        "Hash rate",
        "Open interest",
    ):
        assert text in said
    assert "A &lt;b&gt;coin&lt;/b&gt;." in page.text
    close = float(market().bars("BTC", "1h").close[-1])
    assert f"${close:,.2f}" in said
    assert 'data-chart="candles"' in page.text
    assert "<svg" in page.text.split('data-chart="candles"')[1][:900]
    assert "TradingView" in page.text


def test_page_speaks_french(built):
    page = Browser(built, language="fr").get("/asset/bitcoin")
    said = plain(page.text)
    assert 'lang="fr"' in page.text
    for text in ("En clair", "À garder en tête", "Chiffres clés", "Une monnaie.", "1 sem"):
        assert text in said


def test_every_title_and_definition_of_a_figure_has_its_french():
    columns = [*assets.HEADER_COLUMNS, *asset_facts.ONCHAIN, *asset_facts.DERIVATIVES, *asset_facts.SUPPLY]
    asked = {text for column in columns for text in (column.title, column.definition) if has_letters(text)}
    assert asked - set(texts("fr")) == set()


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/asset/BTC?range=1y&lines=sma_20", "/asset/bitcoin?range=1y&lines=sma_20"),
        ("/asset/eth/compare?with=bitcoin", "/asset/ethereum/compare?with=bitcoin"),
    ],
)
def test_a_ticker_leads_to_the_asset_and_keeps_the_query(browser, path, there):
    answer = browser.get(path, follow=False)
    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == urlsplit(there).path
    assert dict(parse_qsl(urlsplit(answer.headers["location"]).query)) == dict(
        parse_qsl(urlsplit(there).query)
    )


def test_words_of_the_query_that_mean_nothing_do_no_harm(browser):
    assert browser.get("/asset/BTC?path=/x&self=1").status_code == 200


def test_unknown_assets_and_states_are_refused_with_a_reason(browser):
    assert browser.get("/asset/nothing").status_code == 404
    for query in ("lines=magic", "range=2y", "timeframe=3h", "as_of=soon", "place=nowhere", "cursor=x"):
        assert browser.get(f"/asset/bitcoin?{query}").status_code == 400


def test_an_indicator_is_added_and_taken_away_by_addresses(browser):
    added = browser.get(
        "/asset/bitcoin?range=1y&lines=sma_20&add=rsi&window=9&timeframe=auto&as_of=", follow=False
    )
    there = added.headers["location"]
    assert dict(parse_qsl(urlsplit(there).query)) == {"range": "1y", "lines": "sma_20,rsi_9"}
    page = browser.get(there).text
    assert "SMA 20" in page
    assert "/asset/bitcoin?range=1y&amp;lines=rsi_9" in page
    assert "Remove RSI 9" in page


def test_the_state_of_the_chart_is_in_every_link_and_export(browser):
    page = browser.get("/asset/bitcoin?range=1w&lines=sma_20").text
    assert "/chart/asset.png?asset=bitcoin&amp;range=1w&amp;lines=sma_20" in page
    assert "/api/v1/assets/bars.csv?asset=bitcoin&amp;range=1w&amp;lines=sma_20" in page
    assert "/asset/bitcoin?range=max&amp;lines=sma_20" in page


def test_weeks_are_chosen_and_listed_by_their_mondays(browser):
    page = browser.get("/asset/bitcoin?range=1y&timeframe=1w").text
    assert re.search(r'<option value="1w" selected', page)
    assert "1 week bars" in page
    address = re.search(r'/api/v1/assets/bars\.csv\?[^"]+', page).group().replace("&amp;", "&")
    assert "timeframe=1w" in address
    newest = json.loads(browser.get("/api/v1/assets/chart?asset=bitcoin&range=1y&timeframe=1w").text)["bars"][
        -1
    ]
    assert UserLanguage("en").day(newest[0]) in page.split('id="bars-table"')[1]


def test_exports_hold_the_numbers_of_the_screen(browser):
    page = browser.get("/asset/bitcoin?range=1w&lines=sma_20").text
    address = re.search(r'/api/v1/assets/bars\.csv\?[^"]+', page).group().replace("&amp;", "&")
    rows = list(
        csv.DictReader(line for line in io.StringIO(browser.get(address).text) if "# " not in line[:3])
    )
    assert len(rows) == 168
    table = page.split('id="bars-table"')[1]
    for row in rows[:12]:
        for name in ("open", "close", "sma_20"):
            assert UserLanguage("en").unit(float(row[name]), "usd") in table
    chart = json.loads(browser.get("/api/v1/assets/chart?asset=bitcoin&range=1w&lines=sma_20").text)
    assert chart["bars"][-1][1:5] == [float(rows[0][name]) for name in ("open", "high", "low", "close")]
    assert chart["lines"][0]["values"][-1][1] == pytest.approx(float(rows[0]["sma_20"]))


def test_bars_are_paged(browser):
    first = browser.get("/asset/bitcoin?range=1w").text
    nxt = re.search(r"/asset/bitcoin\?range=1w&amp;cursor=\d+", first).group().replace("&amp;", "&")
    second = browser.get(nxt).text
    assert "Previous" in second
    assert first.split('id="bars-table"')[1][:3_000] != second.split('id="bars-table"')[1][:3_000]


def test_the_table_alone_has_500_bars_a_page_and_goes_on(browser):
    def starts(address):
        page = unescape(browser.get(address).text)
        rows = page.split('id="bars-table"')[1].partition("</table>")[0].partition("<tbody>")[2]
        links = re.findall(r'href="(/asset/bitcoin\?[^"]*cursor=[^"]*)"[^>]*>(?:<svg.*?</svg>)?([^<]*)', page)
        on = next((link for link, word in links if word.strip() == "Next"), links)
        return re.findall(r'<th scope="row">(.*?)</th>', rows, re.DOTALL), on

    first, on = starts("/asset/bitcoin?range=1y&timeframe=4h&rows=500")
    second, _ = starts(on)
    assert "rows=500" in on
    assert (len(first), len(second)) == (500, 500)
    assert set(first) & set(second) == set()
    total = browser.call("assets.bars", asset="bitcoin", range="1y", timeframe="4h", limit=1).json()["total"]
    assert total > 1_000, "two pages would be all"


def test_as_of_then_the_page_says_so_and_shows_nothing_later(browser):
    at = FIRST + 100 * DAY_MS
    page = browser.get(f"/asset/bitcoin?as_of={iso(at)}&range=1m").text
    said = plain(page)
    assert "As of 11 Apr 2025 00:00 UTC" in said
    assert 'href="/asset/bitcoin?range=1m"' in page
    known = market().bars("BTC", "1h")
    close = float(known.close[known.ts + HOUR_MS <= at][-1])
    assert f"${close:,.2f}" in said
    assert "Hash rate" not in said
    assert f"as_of={at}" in page
    assert "data-live=" not in page.split("<main")[1]


def test_the_same_instant_is_drawn_again_byte_for_byte(browser):
    path = f"/asset/bitcoin?as_of={FIRST + 90 * DAY_MS}&lines=ema_20,adx"
    assert browser.get(path).content == browser.get(path).content


def test_before_everything_the_page_is_empty_and_leads_back(browser):
    page = browser.get("/asset/bitcoin?as_of=2020-01-01").text
    assert "Nothing was known about it at that time." in page
    assert "Back to now" in page
    assert "data-chart=" not in page


def test_an_asset_without_bars_says_what_will_be_here(browser):
    page = browser.get("/asset/tether")
    assert page.status_code == 200
    assert "No bars for Tether" in page.text
    assert "data-chart=" not in page.text


def test_an_empty_home_has_a_page_for_each_asset(tmp_path):
    browser = Browser(house(tmp_path / "home", with_bars=False))
    for path in ("/asset/bitcoin", "/asset/bitcoin/compare?with=ethereum"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "state-empty" in page.text


def test_an_old_price_is_shown_as_old(tmp_path):
    page = Browser(house(tmp_path / "home")).get("/asset/bitcoin").text
    assert "state-stale" in page
    assert "This price is stale" in page


def test_a_quote_is_the_price_and_moves_by_the_stream(tmp_path):
    built = house(tmp_path / "home", clock=Then())
    built.quotes.put(
        [Quote(VENUE, "btc-usdt-perp", END + 1, END + 2, 123_456.0, funding_rate=1e-4, funding_hours=8.0)]
    )
    page = Browser(built).get("/asset/bitcoin").text
    assert "$123,456" in plain(page)
    assert f'data-live="quote:{PLACE}:last"' in page
    assert f'data-chart-live="quote:{PLACE}:last"' in page
    assert "Funding rate (8 h)" in page


def test_one_who_may_only_read_gets_no_address_for_drawings(built):
    assert "data-drawings-url" in Browser(built).get("/asset/bitcoin").text
    assert "data-drawings-url" not in Browser(built, is_owner=False).get("/asset/bitcoin").text


# --- comparing


def test_compared_assets_are_a_chart_a_legend_and_a_table(browser):
    page = browser.get("/asset/bitcoin/compare?with=ethereum,SOL&range=1w")
    said = plain(page.text)
    assert page.status_code == 200
    for text in ("Bitcoin", "Ethereum", "Solana", "Rebased to 100"):
        assert text in said
    assert 'data-chart="lines"' in page.text
    assert 'href="/asset/bitcoin/compare?with=ethereum&amp;range=1w"' in page.text
    answer = browser.call("assets.compare", assets="bitcoin,ethereum,solana", range="1w").json()
    for row in answer["rows"][:12]:
        assert f"{row['solana']:.2f}" in said


def test_an_asset_is_added_to_a_comparison_by_an_address(browser):
    answer = browser.get("/asset/bitcoin/compare?with=ethereum&range=1w&add=solana", follow=False)
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert query == {"with": "ethereum,solana", "range": "1w"}


def test_an_asset_without_bars_is_named_and_left_out(browser):
    page = browser.get("/asset/bitcoin/compare?with=tether&mode=absolute").text
    assert "No bars for tether: left out." in page


def test_too_many_assets_are_refused(browser):
    assert browser.get("/asset/bitcoin/compare?with=" + ",".join(["ethereum"] * 8)).status_code == 400


# --- pictures


def test_pictures_say_title_source_and_time(browser):
    picture = browser.get("/chart/asset.svg?asset=bitcoin&range=1w&lines=sma_20")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    for text in ("Bitcoin, 1 week", "Source: Binance BTC/USDT perp, Vigie", "as of 29 Aug 2025"):
        assert text in picture.text
    assert "<style" not in picture.text
    assert "simulated" not in picture.text


def test_pictures_of_a_simulated_home_say_so_in_both_languages(tmp_path):
    from dataclasses import replace

    built = replace(house(tmp_path / "home"), is_simulated=True)
    assert "simulated market, invented prices" in Browser(built).get("/chart/asset.svg?asset=bitcoin").text
    french = Browser(built, language="fr").get("/chart/compare.svg?assets=bitcoin,ethereum").text
    assert "marché simulé, prix inventés" in french


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "query",
    [
        "asset.png?asset=bitcoin&lines=sma_20",
        "compare.png?assets=bitcoin,ethereum",
        "asset-indicator.png?lines=rsi",
    ],
)
def test_pngs_hold_the_pixels_of_their_texts(browser, query, theme):
    from PIL import Image

    picture = browser.get(f"/chart/{query}&theme={theme}")
    assert picture.content.startswith(PNG)
    image = Image.open(io.BytesIO(picture.content)).convert("L")
    assert image.size == (2400, 1260)
    ground = image.getpixel((4, 4))

    def inked(box):
        shades = image.crop(box).histogram()
        return sum(n for shade, n in enumerate(shades) if abs(shade - ground) > 60)

    # Title above, source and time below, the drawing between.
    assert inked((56, 40, 1200, 100)) > 1_000
    assert inked((56, 1200, 1200, 1240)) > 500
    assert inked((56, 200, 2200, 1100)) > 5_000


def test_pictures_are_the_same_again_and_need_not_be_sent_twice(browser):
    first = browser.get("/chart/asset.svg?asset=bitcoin&as_of=2025-05-01")
    second = browser.get("/chart/asset.svg?asset=bitcoin&as_of=2025-05-01")
    assert first.content == second.content
    again = browser.get(
        "/chart/asset.svg?asset=bitcoin&as_of=2025-05-01", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("nothing.svg", 404),
        ("asset.gif?asset=bitcoin", 404),
        ("asset.svg?asset=nothing", 404),
        ("asset.svg?asset=tether", 404),
        ("asset-indicator.svg?asset=bitcoin", 404),
        ("asset.svg?asset=bitcoin&theme=pink", 400),
        ("asset.svg?asset=bitcoin&lines=magic", 400),
        ("compare.svg?assets=tether", 404),
    ],
)
def test_pictures_that_cannot_be_are_refused(browser, query, status):
    assert browser.get(f"/chart/{query}").status_code == status


def test_pictures_are_limited_by_caller(built, monkeypatch):
    monkeypatch.setattr("vigie.views.web.pictures.PER_MINUTE", 3)
    browser = Browser(built)
    statuses = [browser.get("/chart/nothing.svg").status_code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
    assert int(browser.get("/chart/nothing.svg").headers["retry-after"]) > 0


def test_pictures_are_found_in_the_folders_of_pages():
    assert {"asset", "asset-indicator", "compare"} <= set(pictures())


# --- drawings


def put(browser, path, body, **more):
    import asyncio

    return asyncio.run(browser._send("PUT", path, content=body, **more))


MINE = {"id": "a", "kind": "trend", "points": [{"ts": FIRST, "price": 1.0}, {"ts": END, "price": 2.0}]}


def test_drawings_are_kept_and_a_second_tab_is_told(tmp_path):
    browser = Browser(house(tmp_path / "home"))
    stamp = {"x-csrf-token": browser.token}
    path = "/asset/bitcoin/drawings"
    assert browser.get(path).json() == {"asset": "bitcoin", "drawings": [], "version": 0}
    saved = put(browser, path, json.dumps({"drawings": [MINE], "version": 0}), headers=stamp)
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    assert browser.get(path).json()["drawings"] == [MINE]
    late = put(browser, path, json.dumps({"drawings": [], "version": 0}), headers=stamp)
    assert late.status_code == 409
    assert browser.get(path).json()["drawings"] == [MINE]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"drawings": 1}',
        '{"drawings": [], "more": 1}',
        '{"drawings": [], "asset": {}, "x": 2}',
    ],
)
def test_drawings_that_cannot_be_read_are_refused(browser, body):
    answer = put(browser, "/asset/bitcoin/drawings", body, headers={"x-csrf-token": browser.token})
    assert answer.status_code == 400


def test_drawings_too_large_to_keep_are_refused(browser):
    body = json.dumps({"drawings": [], "version": 0, "pad": "x" * 300_000})
    answer = put(browser, "/asset/bitcoin/drawings", body, headers={"x-csrf-token": browser.token})
    assert answer.status_code in (400, 413)


def test_drawings_are_not_taken_without_the_stamp_or_the_right(built, browser):
    body = json.dumps({"drawings": [], "version": 0})
    assert put(browser, "/asset/bitcoin/drawings", body).status_code == 403
    visitor = Browser(built, is_owner=False)
    stamped = put(visitor, "/asset/bitcoin/drawings", body, headers={"x-csrf-token": visitor.token})
    assert stamped.status_code == 403


def test_a_page_lists_the_stored_instruments_once(browser, monkeypatch):
    assert browser.get("/asset/bitcoin").status_code == 200
    listed, list_instruments = [], BarReader._list_instruments

    def counted(reader):
        # Prices that are old by now are measured beside the page.
        if threading.current_thread().name != "vigie-asset-metrics":
            listed.append(reader)
        return list_instruments(reader)

    monkeypatch.setattr(BarReader, "_list_instruments", counted)
    assert browser.get("/asset/bitcoin").status_code == 200
    assert len(listed) == 1
