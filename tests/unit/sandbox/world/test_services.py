"""Services other than Bitget: what they answer is the same truth, and the past stays as it was."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from tests.unit.sandbox.world.captured import lacks, samples, shape
from tests.unit.sandbox.world.hands import DAY_MS, HOUR_MS, MINUTE_MS, OPENED_MS, ask, go, small_world
from vigie.domain.asset import WATCHED
from vigie_sandbox.world.services.hyperliquid_users import TRADER
from vigie_sandbox.world.wire import ServiceRefusal

GECKO = "/api/v3/"


@pytest.fixture
def world():
    return small_world()


def refused(world, service, path, **query):
    with pytest.raises(ServiceRefusal) as caught:
        ask(world, service, path, **query)
    return caught.value.status


def info(world, **body):
    return ask(world, "hyperliquid", "/info", body)


def test_binance_klines_from_a_start_come_oldest_first(world):
    start = OPENED_MS - 10 * DAY_MS
    asked = {"symbol": "BTCUSDT", "interval": "1h", "startTime": start, "limit": 5}
    rows = ask(world, "binance", "/fapi/v1/klines", **asked)
    assert [row[0] for row in rows] == [start + i * HOUR_MS for i in range(5)]
    assert rows[0][6] == start + HOUR_MS - 1


@pytest.mark.shared
def test_binance_klines_have_the_shape_of_captured_ones(world):
    real = samples("orderbook", "exchange-message-samples.json")["binance"]
    rows = ask(world, "binance", "/fapi/v1/klines", symbol="BTCUSDT", interval="1h", limit=1)
    assert shape(rows) == shape(real["spot/http_json/klines_response.json"])


def test_binance_refuses_with_its_codes(world):
    with pytest.raises(ServiceRefusal) as caught:
        ask(world, "binance", "/fapi/v1/klines", symbol="NOPE", interval="1h")
    assert (caught.value.status, caught.value.body["code"]) == (400, -1121)
    old = {"symbol": "BTCUSDT", "period": "1h", "startTime": OPENED_MS - 31 * DAY_MS}
    assert refused(world, "binance", "/futures/data/openInterestHist", **old) == 400
    assert refused(world, "binance", "/futures/data/basis", pair="BTCUSDT", period="2d") == 400


@pytest.mark.parametrize(
    "name",
    [
        "openInterestHist",
        "globalLongShortAccountRatio",
        "topLongShortAccountRatio",
        "topLongShortPositionRatio",
        "takerlongshortRatio",
        "basis",
    ],
)
@pytest.mark.parametrize("period", ["5m", "1h", "1d"])
def test_binance_statistics_have_one_row_a_period_and_never_change(world, name, period):
    asked = {"symbol": "ETHUSDT", "pair": "ETHUSDT", "period": period, "limit": 20}
    rows = ask(world, "binance", "/futures/data/" + name, **asked)
    times = [row["timestamp"] for row in rows]
    assert len(rows) == 20
    assert times[-1] <= world.now_ms()
    go(world, 3 * HOUR_MS)
    later = ask(world, "binance", "/futures/data/" + name, **asked, startTime=times[0])
    assert later == rows


def test_funding_differs_by_venue_and_hyperliquid_settles_hourly(world):
    rates = {
        name: venue.funding_now(world.coin_by_symbol["BTC"], world.now_ms())
        for name, venue in world.venues.items()
    }
    assert len(set(rates.values())) > 1
    rows = info(world, type="fundingHistory", coin="BTC", startTime=OPENED_MS - 5 * HOUR_MS)
    assert [row["time"] for row in rows] == [OPENED_MS - i * HOUR_MS for i in (5, 4, 3, 2, 1, 0)]


def test_venues_agree_within_a_few_basis_points(world):
    prices = [
        venue.ticker(world.coin_by_symbol["BTC"], world.now_ms()).last for venue in world.venues.values()
    ]
    assert max(prices) / min(prices) - 1.0 < 6e-4


@pytest.mark.shared
def test_hyperliquid_answers_have_the_shape_of_captured_ones(world):
    real = samples("leaderboard", "hyperliquid-info-samples.json")
    assert lacks(info(world, type="l2Book", coin="BTC"), real["http_l2_book_btc.json"]).keys() <= {"levels"}
    assert (
        lacks(info(world, type="recentTrades", coin="BTC")[0], real["http_recent_trades_btc.json"][0]) == {}
    )
    rows = info(world, type="fundingHistory", coin="BTC", startTime=0)
    assert lacks(rows[0], real["http_funding_history.json"][0]) == {}
    ours, theirs = info(world, type="meta")["universe"][0], real["http_meta_perp_sample.json"]["universe"][0]
    assert lacks(ours, {key: theirs[key] for key in ("name", "szDecimals", "maxLeverage")}) == {}


def test_hyperliquid_prices_keep_five_significant_figures(world):
    for price in info(world, type="allMids").values():
        digits = price.replace(".", "").lstrip("0").rstrip("0")
        assert len(digits) <= 5


def test_hyperliquid_tells_the_fills_of_one_account_and_of_no_other(world):
    rows = info(world, type="userFillsByTime", user=TRADER, startTime=0)
    assert info(world, type="userRole", user=TRADER) == {"role": "user"}
    assert info(world, type="userFills", user=TRADER) == rows[::-1]
    assert [row["time"] for row in rows] == sorted({row["time"] for row in rows})
    assert rows[-1]["time"] <= world.clock.now_ms() < rows[-1]["time"] + 8 * HOUR_MS
    # Each position is closed before the next is opened.
    assert {row["startPosition"] for row in rows if row["dir"].startswith("Open")} == {"0"}
    assert {row["dir"] for row in rows} == {"Open Long", "Close Long", "Open Short", "Close Short"}
    later = info(world, type="userFillsByTime", user=TRADER, startTime=rows[3]["time"])
    assert later == rows[3:]
    other = "0x" + "0" * 40
    assert info(world, type="userFillsByTime", user=other, startTime=0) == []
    assert info(world, type="userRole", user=other) == {"role": "missing"}
    for bad in ({"user": "0x1"}, {"user": TRADER, "startTime": "x"}, {}):
        with pytest.raises(ServiceRefusal):
            info(world, type="userFillsByTime", **bad)


def test_hyperliquid_predicts_funding_of_three_venues(world):
    rows = dict(info(world, type="predictedFundings"))
    assert [venue for venue, _ in rows["BTC"]] == ["BinPerp", "HlPerp", "BitgetPerp"]


def test_coingecko_ranks_41_assets_and_knows_the_watched_ones(world):
    rows = ask(
        world, "coingecko", GECKO + "coins/markets", vs_currency="usd", price_change_percentage="24h,7d,1y"
    )
    assert [row["market_cap_rank"] for row in rows] == list(range(1, 42))
    assert {asset.id for asset in WATCHED} <= {row["id"] for row in rows}
    assert [row["market_cap"] for row in rows] == sorted((row["market_cap"] for row in rows), reverse=True)
    assert rows[0]["price_change_percentage_7d_in_currency"] is not None
    # Forty days do not reach back a year.
    assert rows[0]["price_change_percentage_1y_in_currency"] is None


def test_coingecko_pages_filters_and_other_currencies(world):
    everything = ask(world, "coingecko", GECKO + "coins/markets", vs_currency="usd")
    second = ask(world, "coingecko", GECKO + "coins/markets", vs_currency="usd", per_page=10, page=2)
    assert second == everything[10:20]
    some = ask(world, "coingecko", GECKO + "coins/markets", vs_currency="eur", ids="bitcoin,solana")
    assert {row["id"] for row in some} == {"bitcoin", "solana"}
    dollars = next(row for row in everything if row["id"] == "bitcoin")
    euros = next(row for row in some if row["id"] == "bitcoin")
    assert 0.7 < euros["current_price"] / dollars["current_price"] < 1.1
    assert refused(world, "coingecko", GECKO + "coins/markets", vs_currency="xyz") == 422


def test_coingecko_price_is_the_price_of_the_venues(world):
    row = ask(world, "coingecko", GECKO + "coins/markets", vs_currency="usd", ids="bitcoin")[0]
    last = world.venues["bitget"].ticker(world.coin_by_symbol["BTC"], world.now_ms()).last
    assert row["current_price"] == pytest.approx(last, rel=3e-4)


def test_coingecko_totals_are_the_sums_of_the_assets(world):
    rows = ask(world, "coingecko", GECKO + "coins/markets", vs_currency="usd")
    data = ask(world, "coingecko", GECKO + "global")["data"]
    # The coin that no venue lists is in the list, and in no sum.
    counted = [row for row in rows if row["id"] != "lumera"]
    assert data["total_market_cap"]["usd"] == pytest.approx(
        sum(row["market_cap"] for row in counted), rel=1e-9
    )
    share = rows[0]["market_cap"] / data["total_market_cap"]["usd"] * 100
    assert data["market_cap_percentage"][rows[0]["symbol"]] == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize(("days", "rows"), [(1, 288), (7, 168), (30, 720)])
def test_coingecko_charts_grow_and_keep_their_past(world, days, rows):
    path = GECKO + "coins/ethereum/market_chart"
    chart = ask(world, "coingecko", path, vs_currency="usd", days=days)
    assert abs(len(chart["prices"]) - rows) <= 1
    go(world, 2 * HOUR_MS)
    later = ask(world, "coingecko", path, vs_currency="usd", days=days)
    known = dict(map(tuple, later["prices"]))
    assert all(known[at] == price for at, price in chart["prices"] if at in known)
    assert len(known) > rows / 2


def test_coingecko_history_is_one_year_at_most(world):
    assert (
        refused(world, "coingecko", GECKO + "coins/bitcoin/market_chart", vs_currency="usd", days=366) == 401
    )


@pytest.mark.parametrize("id_", ["bitcoin", "aldor"])
def test_coingecko_texts_are_in_both_languages(world, id_):
    text = ask(world, "coingecko", GECKO + "coins/" + id_)["description"]
    assert set(text) == {"en", "fr"}
    assert "{name}" not in text["en"] + text["fr"]
    assert refused(world, "coingecko", GECKO + "coins/nope") == 404


def test_new_coins_appear_in_the_list_and_their_pools_with_them(world):
    before = {row["id"] for row in ask(world, "coingecko", GECKO + "coins/list")}
    go(world, DAY_MS)
    after = {row["id"] for row in ask(world, "coingecko", GECKO + "coins/list")}
    assert before < after
    pools = ask(world, "coingecko", GECKO + "onchain/networks/new_pools")["data"]
    created = [pool["attributes"]["pool_created_at"] for pool in pools]
    assert created == sorted(created, reverse=True)
    assert pools[0]["relationships"]["network"]["data"]["id"]


def test_coingecko_categories_exchanges_trends_and_rates_answer(world):
    categories = ask(world, "coingecko", GECKO + "coins/categories")
    total = ask(world, "coingecko", GECKO + "global")["data"]["total_market_cap"]["usd"]
    assert sum(row["market_cap"] for row in categories) == pytest.approx(total)
    assert {row["id"] for row in ask(world, "coingecko", GECKO + "exchanges")} == set(world.venues)
    assert len(ask(world, "coingecko", GECKO + "search/trending")["coins"]) == 10
    rates = ask(world, "coingecko", GECKO + "exchange_rates")["rates"]
    assert rates["btc"]["value"] == 1.0
    assert rates["usd"]["value"] > rates["eur"]["value"] * 0.7


def test_fear_and_greed_has_one_value_a_day_newest_first(world):
    rows = ask(world, "feargreed", "/fng/", limit=0)["data"]
    days = [int(row["timestamp"]) for row in rows]
    assert days[0] * 1_000 == OPENED_MS // DAY_MS * DAY_MS
    assert np.diff(days).tolist() == [-86_400] * (len(days) - 1)
    assert all(0 <= int(row["value"]) <= 100 for row in rows)
    go(world, DAY_MS)
    later = ask(world, "feargreed", "/fng/", limit=0)["data"]
    assert [row["value"] for row in later[1:]] == [row["value"] for row in rows]


def test_defillama_totals_are_the_sums_of_the_chains(world):
    history = ask(world, "defillama", "/api/v2/historicalChainTvl")
    chains = [row["name"] for row in ask(world, "defillama", "/api/v2/chains")]
    last = sum(ask(world, "defillama", f"/api/v2/historicalChainTvl/{name}")[-1]["tvl"] for name in chains)
    assert history[-1]["tvl"] == pytest.approx(last, rel=1e-6)
    go(world, 2 * DAY_MS)
    assert ask(world, "defillama", "/api/v2/historicalChainTvl")[: len(history)] == history


def test_defillama_sees_a_stablecoin_slip(world):
    world.start_scene("stablecoin")
    go(world, 2 * HOUR_MS)
    rows = ask(world, "defillama", "/stablecoins/stablecoins", includePrices="true")["peggedAssets"]
    assert {row["symbol"]: round(row["price"], 2) for row in rows} == {"USDT": 1.0, "USDC": 0.97}


@pytest.mark.parametrize("path", ["/api/overview/dexs", "/api/overview/fees"])
def test_defillama_overviews_sum_what_their_charts_say(world, path):
    whole = ask(world, "defillama", path)
    assert whole["total24h"] == pytest.approx(whole["totalDataChart"][-1][1], rel=1e-6)
    assert sum(row["total24h"] for row in whole["protocols"]) == pytest.approx(whole["total24h"])
    assert ask(world, "defillama", path, excludeTotalDataChart="true")["totalDataChart"] == []


def test_defillama_yields_and_charts_of_stablecoins_answer(world):
    assert ask(world, "defillama", "/yields/pools")["status"] == "success"
    total = ask(world, "defillama", "/stablecoins/stablecoincharts/all")[-1]["totalCirculating"]["peggedUSD"]
    each = [
        ask(world, "defillama", "/stablecoins/stablecoincharts/all", stablecoin=n)[-1]["totalCirculating"][
            "peggedUSD"
        ]
        for n in (1, 2)
    ]
    assert total == pytest.approx(sum(each))


def test_mempool_fees_are_ordered_and_the_hash_rate_is_daily(world):
    fees = ask(world, "mempool", "/api/v1/fees/recommended")
    assert (
        fees["fastestFee"]
        >= fees["halfHourFee"]
        >= fees["hourFee"]
        >= fees["economyFee"]
        >= fees["minimumFee"]
    )
    rates = ask(world, "mempool", "/api/v1/mining/hashrate/1m")
    assert len(rates["hashrates"]) == 30
    assert rates["hashrates"][-1]["timestamp"] * 1_000 == OPENED_MS // DAY_MS * DAY_MS - DAY_MS
    adjustment = ask(world, "mempool", "/api/v1/difficulty-adjustment")
    assert 0 <= adjustment["progressPercent"] <= 100


def test_the_stale_series_goes_on_answering_with_what_it_knew():
    world = small_world(flawless=False)
    before = ask(world, "mempool", "/api/v1/mining/hashrate/1m")
    go(world, 3 * DAY_MS)
    assert ask(world, "mempool", "/api/v1/mining/hashrate/1m") == before
    assert before["hashrates"][-1]["timestamp"] * 1_000 < OPENED_MS - 6 * DAY_MS


def test_coinmetrics_publishes_a_day_some_time_after_its_end(world):
    def newest():
        rows = ask(world, "coinmetrics", "/v4/timeseries/asset-metrics", assets="btc", metrics="AdrActCnt")[
            "data"
        ]
        return rows[-1]["time"][:10]

    midnight = OPENED_MS // DAY_MS * DAY_MS + DAY_MS
    go(world, midnight - world.now_ms() + HOUR_MS)
    assert newest() == "2025-12-31"
    go(world, HOUR_MS)
    assert newest() == "2026-01-01"


def test_coinmetrics_pages_meet_without_gap_or_overlap(world):
    asked = {"assets": "btc,eth", "metrics": "AdrActCnt,PriceUSD", "start_time": "2025-12-20"}
    path = "/v4/timeseries/asset-metrics"
    whole = ask(world, "coinmetrics", path, **asked, page_size=1000)["data"]
    pages, token = [], None
    while True:
        page = ask(
            world, "coinmetrics", path, **asked, page_size=5, **({"next_page_token": token} if token else {})
        )
        pages += page["data"]
        token = page.get("next_page_token")
        if token is None:
            break
    assert pages == whole
    assert {row["asset"] for row in whole} == {"btc", "eth"}
    assert refused(world, "coinmetrics", path, assets="btc", metrics="Nope") == 400


def test_deribit_candles_are_whole_and_page_back(world):
    path = "/api/v2/public/get_volatility_index_data"
    asked = {"currency": "BTC", "resolution": "3600", "start_timestamp": 0, "end_timestamp": world.now_ms()}
    rows = ask(world, "deribit", path, **asked)["result"]
    assert rows["continuation"] is None
    assert all(
        low <= min(first, last) and high >= max(first, last) for _, first, high, low, last in rows["data"]
    )
    assert rows["data"][-1][0] == OPENED_MS - HOUR_MS
    assert refused(world, "deribit", path, currency="SOL", resolution="3600") == 400


def test_deribit_volatility_rises_in_a_crash(world):
    path = "/api/v2/public/get_volatility_index_data"
    asked = {"currency": "BTC", "resolution": "3600", "start_timestamp": 0}
    calm = ask(world, "deribit", path, **asked)["result"]["data"][-1][4]
    world.start_scene("flash-crash")
    go(world, 2 * HOUR_MS)
    assert ask(world, "deribit", path, **asked)["result"]["data"][-1][4] > calm + 5


def test_ecb_rates_are_of_working_days_and_come_in_the_afternoon(world):
    def days(name):
        tree = ElementTree.fromstring(ask(world, "ecb", "/stats/eurofxref/" + name))
        return [cube.attrib["time"] for cube in tree.iter() if "time" in cube.attrib]

    # The world opens on the first of January 2026, a Thursday, at 11:00.
    assert days("eurofxref-daily.xml") == ["2025-12-31"]
    go(world, 5 * HOUR_MS)
    assert days("eurofxref-daily.xml") == ["2026-01-01"]
    go(world, 2 * DAY_MS)
    assert days("eurofxref-hist-90d.xml")[:3] == ["2026-01-02", "2026-01-01", "2025-12-31"]


def test_ecb_rates_agree_with_coingecko(world):
    go(world, 5 * HOUR_MS)
    tree = ElementTree.fromstring(ask(world, "ecb", "/stats/eurofxref/eurofxref-daily.xml"))
    dollar = next(float(cube.attrib["rate"]) for cube in tree.iter() if cube.attrib.get("currency") == "USD")
    rates = ask(world, "coingecko", GECKO + "exchange_rates")["rates"]
    assert rates["usd"]["value"] / rates["eur"]["value"] == pytest.approx(dollar, rel=1e-4)


def test_the_key_rate_moves_with_the_meetings_of_the_calendar(world):
    from vigie_sandbox.world import macro_figures

    path = "/service/data/FM/D.U2.EUR.4F.KR.DFR.LEV"
    rows = [line.split(",") for line in ask(world, "ecb_data", path, format="csvdata").split()[1:]]
    values = {macro_figures.FIRST_DAY + place: float(value) for place, (_, _, value) in enumerate(rows)}
    assert [row[1] for row in rows] == [macro_figures.format_day(day) for day in values]
    assert rows[-1][1] == "2026-01-01"
    changed = [day for day in values if day - 1 in values and values[day] != values[day - 1]]
    assert len(changed) > 5
    assert {(day - macro_figures.EURO_LAG_DAYS) % (7 * macro_figures.MEETING_WEEKS) for day in changed} == {0}
    assert {round(abs(values[day] - values[day - 1]), 2) for day in changed} == {0.25}
    since = ask(world, "ecb_data", path, format="csvdata", startPeriod="2025-12-31").split()
    assert [line.split(",")[1] for line in since[1:]] == ["2025-12-31", "2026-01-01"]
    assert refused(world, "ecb_data", path, format="csvdata", startPeriod="2026-01-02") == 404


def test_prices_of_a_month_are_out_in_the_middle_of_the_next_one(world):
    euro, dollar = "/service/data/ICP/M.U2.N.000000.4.ANR", "/publicAPI/v1/timeseries/data/CUUR0000SA0"

    def newest():
        months = ask(world, "bls", dollar)["Results"]["series"][0]["data"]
        told = ask(world, "ecb_data", euro, format="csvdata").split()[-1]
        return told.split(",")[1], f"{months[0]['year']}-{months[0]['period']}"

    before = ask(world, "bls", dollar)["Results"]["series"][0]["data"]
    assert newest() == ("2025-11", "2025-M11")
    # The world opens on the first of January 2026.
    go(world, 13 * DAY_MS)
    assert newest() == ("2025-11", "2025-M12")
    go(world, 5 * DAY_MS)
    assert newest() == ("2025-12", "2025-M12")
    after = ask(world, "bls", dollar)["Results"]["series"][0]["data"]
    assert [row["value"] for row in after[1:]] == [row["value"] for row in before if row["year"] != "2022"][
        : len(after) - 1
    ]


def test_a_federal_funds_rate_is_out_on_the_next_working_day_and_lies_in_its_range(world):
    def days(count):
        return ask(world, "nyfed", f"/api/rates/unsecured/effr/last/{count}.json")["refRates"]

    # The world opens on Thursday the first of January 2026, at 11:00.
    assert [row["effectiveDate"] for row in days(2)] == ["2025-12-30", "2025-12-29"]
    go(world, 4 * HOUR_MS)
    assert days(1)[0]["effectiveDate"] == "2025-12-31"
    go(world, 2 * DAY_MS)
    assert [row["effectiveDate"] for row in days(2)] == ["2026-01-01", "2025-12-31"]
    assert all(row["targetRateFrom"] < row["percentRate"] < row["targetRateTo"] for row in days(500))


def test_every_service_says_404_to_what_it_does_not_have(world):
    for service in (
        "bitget",
        "binance",
        "coingecko",
        "feargreed",
        "defillama",
        "mempool",
        "coinmetrics",
        "deribit",
        "ecb",
        "ecb_data",
        "nyfed",
        "bls",
    ):
        assert refused(world, service, "/no/such/path") == 404


def test_minutes_before_the_first_one_are_not_invented(world):
    venue = world.venues["binance"]
    found = venue.candles(venue.by_symbol["BTC"], MINUTE_MS, 0, world.tape.minutes_start_ms, world.now_ms())
    assert len(found) == 0
