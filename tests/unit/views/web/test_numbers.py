"""Numbers as pages write them; `frontend/tests/format.test.ts` demands the same of the browser."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, localcontext

import pytest

from tests.houses import Browser, house, person
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.operation_calls import run_operation
from vigie.views.web.language import UserLanguage
from vigie.views.web.rendering import environment

EN, FR = UserLanguage("en"), UserLanguage("fr")


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (964e6, "$964.00M", "964,00\u00a0M\u00a0$"),
        (3.2545e9, "$3.25B", "3,25\u00a0Md\u00a0$"),
        (21e6, "$21.00M", "21,00\u00a0M\u00a0$"),
        (999.999e6, "$1.00B", "1,00\u00a0Md\u00a0$"),
        (-168.4e9, "\u2212$168.40B", "\u2212168,40\u00a0Md\u00a0$"),
        (2.93e12, "$2.93T", "2\u202f930\u00a0Md\u00a0$"),
    ],
)
def test_amounts_of_a_column_have_the_same_decimals(value, english, french):
    assert (EN.unit(value, "usd"), FR.unit(value, "usd")) == (english, french)


def test_a_small_sum_of_money_has_cents_and_a_price_the_digits_of_its_size():
    assert EN.unit(48.008, "usd") == "$48.008"
    assert [EN.unit(value, "usd", is_amount=True) for value in (48.008, -3.1, 0.0, 999_999.0)] == [
        "$48.01", "\u2212$3.10", "$0.00", "$999,999.00",
    ]  # fmt: skip
    assert FR.unit(48.008, "eur", EN.column([48.008]), is_amount=True) == "48,01\u00a0\u20ac"
    # Less than a cent is not nothing.
    assert EN.unit(0.0034, "usd", is_amount=True) == "$0.0034"


def test_what_is_called_by_money_is_a_sum_unless_it_is_a_price():
    sums = ("volume_24h", "market_cap", "tvl_usd", "defi/total/fees_usd", "liquidations_long_usd", "usd")
    assert all(map(UserLanguage.is_amount, sums))
    prices = ("price_usd", "stablecoins/tether/peg_usd", "fx/eur/per_usd", "reference_rate_usd", "last", "")
    assert not any(map(UserLanguage.is_amount, prices))
    assert not UserLanguage.is_amount("defi/total/fees_usd", "market/bitcoin/price_usd")


def test_a_share_that_is_too_small_for_its_digits_is_not_nothing():
    assert [EN.share(value) for value in (0.0004, 0.0006, 0.0, None, 0.25)] == [
        "<0.1%",
        "0.1%",
        "0.0%",
        "\u2013",
        "25.0%",
    ]
    assert FR.share(0.0004) == "<\u00a00,1\u00a0%"
    assert EN.share(-0.0004) == "0.0%"


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (-0.00005, "change"), (-0.00002, "change"), (-0.00005, "fraction"), (-0.0000005, "rate"),
        (-0.00001, ""), (-0.001, "count"), (-0.004, "coins"), (-0.001, "ratio"), (-0.004, "index"), (-0.01, "bytes"),
        (-1e-15, "usd"), (-0.004, "USDT"), (-0.0, "price"),
    ],
)  # fmt: skip
def test_what_is_written_as_nothing_has_no_sign(value, unit):
    for language in (EN, FR):
        text = language.unit(value, unit)
        assert not set(text) & set("+-\u2212"), text
        assert not set(text) & set("123456789"), text
    # Halves round to the even digit, in the sign as in the number.
    assert (EN.percent(0.00005, signed=True), EN.percent(-0.00015)) == ("0.00%", "\u22120.02%")
    assert EN.compact(-0.004) == "0.00"
    assert EN.compact(-1.5e6) == "\u22121.50M"


def test_a_count_in_a_sentence_has_its_thousands_grouped():
    template = '{{ ngettext("%(num)s row", "%(num)s rows", n) }}'
    said = {
        language: [str(environment(language).from_string(template).render(n=n)) for n in (1, 1_050)]
        for language in ("en", "fr")
    }
    assert said == {"en": ["1 row", "1,050 rows"], "fr": ["1 ligne", "1\u202f050 lignes"]}


def test_coins_line_up_and_counts_stay_whole():
    assert [EN.unit(value, "coins") for value in (3088, 2876.7, 19.9e6)] == ["3,088.00", "2,876.70", "19.90M"]
    assert [EN.unit(value, "count") for value in (3088, 1.5e6)] == ["3,088", "1.50M"]


def test_prices_of_one_size_have_as_many_decimals_as_the_longest_of_their_column():
    prices = [12.345, 12.3, 67_250.0, 0.45, 0.451234, None, float("nan"), 3_000_000.0]
    column = EN.column(prices)
    assert [EN.price(one, column) for one in prices[:5]] == [
        "12.345",
        "12.300",
        "67,250.00",
        "0.45000",
        "0.45123",
    ]
    assert EN.unit(12.3, "usd", column) == "$12.300"
    assert EN.unit(12.3, "price", column) == "12.300"
    # Alone it ends where its zeros begin.
    assert EN.price(12.3) == "12.30"
    assert EN.unit(12.3, "price", EN.column([12.3, 14.25])) == "12.30"


def test_a_table_writes_its_prices_so(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    today = made.clock.market_now() // DAY_MS * DAY_MS
    prices = (12.345, 12.3, 14.0)
    days = [today - place * DAY_MS for place in range(len(prices))]
    series = "market/novum/price_usd"
    made.facts.append([Observation(series, ts, ts, price) for ts, price in zip(days, prices, strict=True)])
    page = Browser(made).get(f"/onchain/chart?f={series}&days=30").text
    table = page.split('<table class="table')[1].split("</table>")[0]
    assert [one for one in re.findall(r">\$([\d.]+)<", table) if "." in one][:3] == [
        "12.345",
        "12.300",
        "14.000",
    ]


def test_a_table_and_a_legend_of_sums_have_cents(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    ts = made.clock.market_now() // DAY_MS * DAY_MS
    series = "defi/total/fees_usd"
    days = [(ts - DAY_MS, 48.008), (ts, 7.5)]
    made.facts.append([Observation(series, day, day, value) for day, value in days])
    page = Browser(made).get(f"/onchain/chart?f={series}&days=30").text
    assert "$48.01" in page
    assert "$7.50" in page
    assert "48.008" not in re.sub(r'data-value="[^"]*"', "", page)


def test_a_chart_of_fractions_says_per_cent_at_its_values_and_not_in_its_title(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    ts = made.clock.market_now() // DAY_MS * DAY_MS
    series = "market/global/btc_dominance_fraction"
    days = [(ts - DAY_MS, 0.52), (ts, 0.54)]
    made.facts.append([Observation(series, day, day, value) for day, value in days])
    page = Browser(made).get(f"/onchain/chart?f={series}&days=30").text
    assert "(fraction)" not in page
    assert re.search(r">5[2-4](\.\d+)?%<", page)


def test_a_live_price_tells_the_browser_how_many_decimals_it_has(tmp_path):
    made = house(tmp_path / "home")
    page = Browser(made).get("/markets").text
    live = re.findall(
        r'data-live="quote:[^"]*:last" data-format="usd" data-digits="(\d+)">\$[\d,]*\.?(\d*)<', page
    )
    assert live
    assert all(int(digits) == len(decimals) for digits, decimals in live)


def test_prices_keep_five_significant_figures_and_an_index_its_decimals():
    assert [EN.price(value) for value in (0.03909134, 0.00001234, 0)] == ["0.039091", "0.00001234", "0.00"]
    assert [EN.unit(value, "index") for value in (43, 25.9)] == ["43", "25.90"]


# --- amounts in euros


@pytest.fixture
def built(tmp_path):
    made = house(tmp_path / "home")
    day = parse_time("2025-08-20")
    made.facts.append([
        Observation("fx/usd/per_eur", day - 100 * DAY_MS, day - 100 * DAY_MS, 1.0),
        Observation("fx/usd/per_eur", day, day, 1.25),
    ])  # fmt: skip
    return made


def in_euros(built, path="/asset/bitcoin"):
    browser = Browser(built)
    browser.post("/settings", {"currency": "eur", "zone": "UTC", "theme": "auto", "language": "en"})
    return browser.get(path).text


def test_figures_are_in_the_currency_of_the_visitor_and_the_page_says_by_which_rate(built):
    price = run_operation(built, person(), "assets.get", {"asset": "bitcoin"}).price
    page = in_euros(built)
    assert f'data-cite-value="{EN.unit(price.value * 0.8, "eur")}"' in page
    assert "1 $ = 0.8 € (ECB, 20 Aug 2025)" in page
    assert 'data-euro="0.8"' in page
    assert EN.unit(price.value, "usd") in Browser(built).get("/asset/bitcoin").text


def test_a_page_of_the_past_counts_by_the_rate_of_then(built):
    assert 'data-euro="1.0"' in in_euros(built, "/markets?as_of=2025-06-01")


def test_files_are_in_the_currency_of_the_page_and_call_their_columns_by_it(built):
    page = in_euros(built, "/markets")
    rows = Browser(built).get("/api/v1/markets/list").json()["rows"]
    bitcoin = next(row for row in rows if row["asset"] == "bitcoin")
    assert EN.unit(bitcoin["price_usd"] * 0.8, "eur") in page
    [file] = re.findall(r'href="(/api/v1/markets/list\.json[^"]*)"', page)
    table = Browser(built).get(file.replace("&amp;", "&")).json()
    told = next(row for row in table["rows"] if row["asset"] == "bitcoin")
    assert told["price_eur"] == pytest.approx(bitcoin["price_usd"] * 0.8)
    assert "price_usd" not in told
    assert {one["unit"] for one in table["columns"] if one["name"] == "price_eur"} == {"eur"}


def test_a_chart_is_in_euros_each_bar_by_the_rate_that_was_known_at_its_close(built):
    asked = {"asset": "bitcoin", "range": "max", "timeframe": "1d"}
    dollars = run_operation(built, person(), "assets.chart", asked)
    euros = run_operation(built, person(), "assets.chart", {**asked, "currency": "eur"})
    day = parse_time("2025-08-20")
    by_open = {bar[0]: bar for bar in dollars.bars}
    assert euros.unit == "eur"
    # The first rate is of 100 days before; bars without a rate are left out, none is invented.
    assert euros.bars[0][0] == day - 101 * DAY_MS
    for bar in euros.bars:
        rate = 0.8 if bar[0] + DAY_MS >= day else 1.0
        assert bar[1:5] == pytest.approx([price * rate for price in by_open[bar[0]][1:5]])
        assert bar[5] == by_open[bar[0]][5]


def test_sentences_axes_and_pictures_are_in_euros(built):
    page = in_euros(built)
    chart = page[page.index("<desc") : page.index("</desc>")]
    assert "€" in chart
    assert "$" not in chart
    [picture] = re.findall(r'href="(/chart/asset\.svg[^"]*)"', page)
    assert "prices in euros" in Browser(built).get(picture.replace("&amp;", "&")).text
    liquidity = page[page.index('id="verdict"') :]
    assert "€" in liquidity
    assert "$" not in liquidity[: liquidity.index("</section>")]
    assert 'data-unit="eur"' in page


def test_no_page_tells_an_amount_in_dollars_to_who_counts_in_euros(built):
    for path in ("/", "/markets", "/markets/heatmap", "/markets/movers", "/asset/bitcoin",
                 "/asset/bitcoin/compare?with=ethereum&mode=absolute"):  # fmt: skip
        page = in_euros(built, path).replace("1 $ =", "")
        main = page[page.index("<main") : page.index("</main>")]
        assert not re.search(r"\$\d", re.sub(r'data-cite-source="[^"]*"', "", main)), path


def test_a_citation_tells_the_value_as_it_was_read_and_the_rate(built):
    price = run_operation(built, person(), "assets.get", {"asset": "bitcoin"}).price
    assert f"Binance BTC/USDT perp: {EN.unit(price.value, 'usd')} · 1 $ = 0.8 € (ECB)" in in_euros(built)


def test_drawings_on_the_chart_in_euros_are_kept_apart_from_those_in_dollars(built):
    level = {"id": "a", "kind": "horizontal", "points": [{"ts": 1.0, "price": 50_000.0}]}
    asked = {"asset": "bitcoin", "currency": "eur"}
    run_operation(built, person(), "assets.save_drawings", {**asked, "drawings": [level], "version": 0})
    assert [one.id for one in run_operation(built, person(), "assets.drawings", asked).drawings] == ["a"]
    assert run_operation(built, person(), "assets.drawings", {"asset": "bitcoin"}).drawings == []


def test_without_a_rate_the_page_says_that_amounts_stay_in_dollars(tmp_path):
    page = in_euros(house(tmp_path / "home"))
    assert "No euro rate yet: amounts are in dollars" in page
    assert "data-euro" not in page


def test_the_mean_of_exchanges_stands_in_where_the_reference_was_not_read(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    made.facts.append([Observation("fx/eur/per_usd", 1, 1, 0.9)])
    figure = run_operation(made, person(), "currencies.euro", {}).figure
    assert (figure.value, figure.source) == (0.9, "CoinGecko")


def test_what_was_written_before_changes_no_number_and_no_time():
    paris, ts = UserLanguage("fr", "Europe/Paris"), parse_time("2026-11-29T10:45:43Z")
    for _ in range(2):
        assert [EN.number(value) for value in (0.0, -0.0, 1, 1.0)] == ["0", "0", "1", "1"]
        assert [lang.percent(0.5) for lang in (EN, FR)] == ["50.00%", "50,00\u00a0%"]
        assert [EN.fixed(0.125, digits) for digits in (1, 2, 3)] == ["0.1", "0.12", "0.125"]
        assert (EN.moment(ts), EN.moment(ts, seconds=True)) == (
            "29 Nov 2026 10:45 UTC", "29 Nov 2026 10:45:43 UTC"
        )  # fmt: skip
        assert paris.moment(ts) == "29 nov. 2026 11:45 CET"


def test_a_library_that_rounds_otherwise_changes_no_number_of_a_page():
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        assert (EN.fixed(77.125), FR.percent(0.78125), EN.number(79.125)) == (
            "77.12",
            "78,12\u00a0%",
            "79.12",
        )
        assert (EN.price(81.625), EN.money(83.125)) == ("81.625", "US$83.12")
