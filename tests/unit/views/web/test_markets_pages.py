"""Pages of Markets: a blank says why it is blank, and the order of a list is of one moment."""

import re

import pytest

from tests.houses import VENUE, Browser, house
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote
from vigie.services.operation_calls import run_operation


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """Return a house in its first minute: a price, and no bar yet."""
    made = house(tmp_path_factory.mktemp("fresh"), with_bars=False)
    now = made.clock.market_now()
    made.quotes.put([Quote(VENUE, "btc-usdt-perp", now, now, 90_000.0, change_24h=0.01)])
    return made


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Fetching the history of 1 asset: its changes over 1 h, 7 d"),
        ("fr", "L’historique de 1 actif est en cours de collecte\u00a0: ses"),
    ],
)
def test_changes_that_are_blank_say_that_history_is_being_fetched(built, fresh, language, told):
    assert told in Browser(fresh, language=language).get("/markets").text
    assert told not in Browser(built, language=language).get("/markets").text
    assert "Fetching the history" not in Browser(fresh).get("/markets?as_of=2024-01-01").text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Of 1 asset no bars are stored: its changes over 1 h"),
        ("fr", "De 1 actif, aucune bougie n’est enregistrée\u00a0: ses variations"),
    ],
)
def test_blank_changes_of_assets_of_which_bars_must_be_imported_are_not_called_fetched(
    tmp_path, language, told
):
    # A stablecoin is watched from the first start on, but nobody gathers bars of it.
    made = house(tmp_path / "home", with_bars=False)
    now = made.clock.market_now()
    made.quotes.put([Quote(VENUE, "usdc-usdt-perp", now, now, 1.0, change_24h=0.01)])
    page = Browser(made, language=language).get("/markets").text
    assert told in page
    assert "Fetching the history" not in page
    assert "en cours de collecte" not in page


@pytest.mark.parametrize(
    ("path", "said"), [("/", "of "), ("/markets/movers?floor=0", "Ranking and changes as of")]
)
def test_rises_and_falls_stand_still_and_say_of_what_moment_they_are(built, path, said):
    page = Browser(built).get(path).text
    found = re.findall(r'<table class="table" id="(?:list-)?(up|down)".*?</table>', page, re.DOTALL)
    assert found
    for name in found:
        table = page.split(f'id="{"list-" if path == "/" else ""}{name}"')[1].split("</table>")[0]
        assert "data-live" not in table
        assert f"delta-{'down' if name == 'up' else 'up'}" not in table
    assert re.search(rf"{said}[^<]*\d\d:\d\d:\d\d", page.split('id="main')[-1])


@pytest.mark.parametrize(
    ("where", "is_live"),
    [
        ("change_24h>-1", False),
        ("price>1,rsi_14>0", False),
        ("rsi_14>0", True),
        # Cells of other spans are of the moment of the page, whatever the condition.
        ("change_7d>-1", True),
    ],
)
def test_a_screen_holds_still_what_its_conditions_are_of(built, where, is_live):
    page = Browser(built).get(f"/markets/screener?where={where}").text
    table = page.split('id="found"')[1].split("</table>")[0]
    assert "<td" in table
    live = set(re.findall(r'data-live="[^":]*[^"]*:(\w+)"', table))
    assert live - {"ts_event"} == ({"last", "change_24h"} if is_live else set())


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Cannot sort by “%s”; the rows are in their usual order"),
        ("fr", "Tri par «\u00a0%s\u00a0» impossible"),
    ],
)
@pytest.mark.parametrize("path", ["/markets", "/markets/screener", "/sources?part=figures"])
def test_an_order_that_a_table_does_not_have_falls_back_and_says_so(built, language, told, path):
    browser = Browser(built, language=language)
    usual = browser.get(path).text
    assert told.partition("%s")[0] not in usual
    for sort in ("-spark", "nonsense", "x" * 100):
        answer = browser.get(f"{path}{'&' if '?' in path else '?'}sort={sort}")
        assert answer.status_code == 200
        assert told % (sort if len(sort) < 60 else "x" * 57 + "...") in answer.text
        assert re.findall(r'<th scope="row".*?</th>', answer.text) == re.findall(
            r'<th scope="row".*?</th>', usual
        )
        # Its files are in the order of the page.
        assert f"sort={sort}&" not in answer.text.split("table-foot")[-1]


@pytest.mark.parametrize(
    "path",
    [
        "/markets/categories",
        "/markets/exchanges",
        "/markets/emerging",
        "/onchain/defi",
        "/derivatives",
        "/derivatives/basis",
    ],
)
def test_an_unknown_order_is_no_fault_where_nothing_is_gathered_either(built, path):
    assert Browser(built).get(f"{path}?sort=-spark").status_code == 200


def test_a_drawn_column_has_no_link_that_sorts(built):
    head = Browser(built).get("/markets").text.split('id="prices"')[1].split("</thead>")[0]
    assert 'data-column="change_7d"' in head
    assert 'data-column="spark"' not in head
    # Programs are told, as before: what they ask for is not there.
    answer = Browser(built).call("markets.list", sort="-spark")
    assert (answer.status_code, "sort must be one of" in answer.json()["detail"]) == (400, True)


def test_the_largest_coins_of_a_category_are_called_by_their_names(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    row = {
        "id": "layer-1", "name": "Layer 1", "market_cap": 2e12, "market_cap_change_24h": 1.0, "volume_24h": 5e10,
        "top_3_coins_id": ["bitcoin", "ethereum", "tezos", "unheard-of"],
    }  # fmt: skip
    made.facts.put_document("coingecko", "categories", made.clock.market_now(), {"rows": [row]})
    table = Browser(made).get("/markets/categories").text.split('<table class="table')[1].split("</table>")[0]
    assert re.findall(r'<a href="/asset/([a-z]+)">([^<]+)</a>', table) == [
        ("bitcoin", "Bitcoin"),
        ("ethereum", "Ethereum"),
    ]
    # No page is about what the catalogue does not know.
    assert ", Tezos, Unheard Of<" in table
    assert "/asset/tezos" not in table
    assert "unheard-of" not in table


def test_pairs_are_called_by_their_tickers(built):
    page = Browser(built).get("/markets/correlation").text
    table = page.split('id="pairs"')[1].split("</table>")[0]
    pairs = re.findall(r'<a href="/asset/([a-z]+)">([A-Z]+)</a>', table)
    assert {("bitcoin", "BTC"), ("ethereum", "ETH"), ("solana", "SOL")} == set(pairs)


def test_a_window_and_an_interval_are_asked_for_and_counted(built):
    browser = Browser(built)
    days = browser.call("markets.correlation", days=30, interval="1d").json()["rows"]
    hours = browser.call("markets.correlation", days=30, interval="1h").json()["rows"]
    assert {row["observations"] for row in days} == {30}
    assert {row["observations"] for row in hours} == {30 * 24}


def test_the_heat_map_is_walked_by_links_and_told_again_as_a_table(built):
    page = Browser(built).get("/markets/heatmap?size=volume").text
    drawn = page.split('class="card heat-wide"')[1].split("</svg>")[0]
    table = page.split('id="heat-table"')[1].split("</table>")[0]
    linked = re.findall(r'href="/asset/([a-z]+)"', drawn)
    assert len(linked) == 3
    assert sorted(re.findall(r'href="/asset/([a-z]+)"', table)) == sorted(linked)


def test_what_is_traded_below_the_floor_moves_no_list_and_is_counted(built):
    browser = Browser(built)
    free = browser.call("markets.movers", floor_usd=0).json()
    volumes = sorted({row["volume_24h_usd"] for row in free["rows"] if row["list"] in ("up", "down")})
    floor = volumes[0] + 1
    held = browser.call("markets.movers", floor_usd=floor).json()
    assert held["below_floor"] == free["below_floor"] + 1
    assert all(row["volume_24h_usd"] >= floor for row in held["rows"])
    assert "1 asset is below this volume" in browser.get(f"/markets/movers?floor={floor:.0f}").text


def test_exchanges_tell_volumes_trust_and_pairs_gathered_here_and_that_reserves_are_unknown(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    now = made.clock.market_now()
    row = {
        "id": "binance_futures", "name": "Binance", "trade_volume_24h_btc": 9_000.0, "trust_score": 10,
        "trade_volume_24h_btc_normalized": 5_000.0, "country": "Malta", "year_established": 2017,
    }  # fmt: skip
    made.facts.put_document("coingecko", "exchanges", now, {"rows": [row]})
    made.quotes.put([Quote(VENUE, name, now, now, 1.0) for name in ("btc-usdt-perp", "eth-usdt-perp")])
    browser = Browser(made)
    (told,) = browser.call("markets.exchanges").json()["rows"]
    assert (told["volume_24h_btc"], told["volume_normalized_btc"], told["trust"]) == (9_000.0, 5_000.0, 10)
    assert told["pairs"] == 2
    assert "Volumes are as reported by the exchanges." in browser.get("/markets/exchanges").text


def test_a_heat_map_of_which_nothing_is_chosen_is_the_one_of_the_page(built):
    browser = Browser(built)
    chosen, empty = (browser.get(f"/markets/heatmap{more}") for more in ("", "?span=&size="))
    assert empty.status_code == chosen.status_code == 200
    assert empty.text.count("<rect") == chosen.text.count("<rect") > 0


def rows_of(page):
    return set(re.findall(r'<th scope="row"><a href="/asset/([a-z-]+)"', page))


def test_chips_narrow_the_table_the_map_and_their_files_alike(built):
    browser = Browser(built)
    everything = browser.call("markets.list").json()["rows"]
    rising = {row["asset"] for row in everything if row["change_24h"] > 0}
    falling = {row["asset"] for row in everything if row["change_24h"] < 0}
    assert rising | falling
    for move, expected in (("up", rising), ("down", falling)):
        for path in ("/markets", "/markets/heatmap"):
            page = browser.get(f"{path}?move={move}").text
            assert rows_of(page) == expected
            assert ("No asset matches" in page or "meets every condition" in page) == (not expected)
            # The other view is of the same assets.
            assert f'move={move}" data-key="h"' in page
            if expected:
                assert re.search(rf'href="[^"]*[?&;]move={move}[^"]*" download', page)
    volumes = sorted(row["volume_24h_usd"] for row in everything)
    found = browser.call("markets.list", floor_usd=volumes[-1]).json()["rows"]
    assert [row["volume_24h_usd"] for row in found] == volumes[-1:]
    assert browser.call("markets.list", kind="stablecoin").json()["rows"] == []


def test_a_filter_that_there_is_not_is_none(built):
    browser = Browser(built)
    usual = rows_of(browser.get("/markets").text)
    for query in ("move=sideways", "kind=<b>", "volume=-1", "list=w0", "volume=x&list="):
        answer = browser.get(f"/markets?{query}")
        assert (answer.status_code, rows_of(answer.text)) == (200, usual)
        assert browser.get(f"/markets/heatmap?{query}").status_code == 200


def test_a_watchlist_is_a_filter_once_it_holds_something(tmp_path):
    opened = house(tmp_path / "home")
    browser = Browser(opened)
    assert 'name="list"' not in browser.get("/markets").text
    values = {"name": "Two <of> them", "assets": ["solana", "bitcoin"]}
    made = run_operation(opened, OWNER, "watchlists.create", values)
    run_operation(opened, OWNER, "watchlists.create", {"name": "None yet"})
    page = browser.get(f"/markets?list={made.watchlist}").text
    assert rows_of(page) == {"solana", "bitcoin"}
    assert "Two &lt;of&gt; them" in page
    assert "None yet" not in page
    assert rows_of(browser.get(f"/markets/heatmap?list={made.watchlist}").text) == {"solana", "bitcoin"}


def heads(text, table):
    """Return the titles of a table's columns."""
    head = text.partition(f'id="{table}"')[2].partition("</thead>")[0]
    return [re.sub(r"<[^>]+>|[▲▼]", "", cell).strip() for cell in re.findall(r"<th.*?</th>", head, re.DOTALL)]


def test_columns_of_markets_and_of_the_screener_are_chosen_by_address_and_kept(built):
    browser = Browser(built)
    usual = heads(browser.get("/markets").text, "prices")
    assert len(usual) == 9
    asked = heads(browser.get("/markets?columns=price_usd,instrument").text, "prices")
    assert asked == ["Name", "Price", "Instrument"]
    browser.post("/columns", {"table": "markets", "next": "/markets", "columns": "name,cap_usd"})
    assert heads(browser.get("/markets").text, "prices") == ["Name", "Market cap"]
    browser.post("/columns", {"table": "markets", "next": "/markets", "usual": "1"})
    assert heads(browser.get("/markets").text, "prices") == usual
    screened = browser.get("/markets/screener?where=price>0&columns=change_24h").text
    assert len(heads(screened, "found")) == 2
    assert 'name="columns" value="change_24h"' in screened
