"""Daily closes over real files: joined days against a source that is in none of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from benchmarks import daily_prices

from tests.shared import shared_dir
from vigie.services.market_data.daily_prices import DayValues

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def folder() -> Path:
    shared_dir("data", "onchain", "btc-coinmarketcap-daily.parquet")
    return shared_dir("data")


@pytest.fixture(scope="module")
def joined(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> DayValues:
    home = tmp_path_factory.mktemp("home")
    return daily_prices.ask(home, folder, "bitcoin", ["coinmetrics", "binance_spot"])


def test_every_day_since_2010_has_a_close_and_says_who_gave_it(joined):
    assert joined.days[0] == (date(2010, 7, 18) - date(1970, 1, 1)).days
    assert joined.missing[-1] == date(2010, 7, 17), "before the first price of all"
    assert [(span.source, span.last) for span in joined.spans] == [
        ("", date(2010, 7, 17)),
        ("coinmetrics", date(2025, 12, 31)),
    ]


@pytest.mark.parametrize("asset", ["ethereum", "ripple", "dogecoin"])
def test_spot_goes_on_the_day_after_the_last_of_coin_metrics(folder, tmp_path, asset):
    found = daily_prices.ask(tmp_path, folder, asset, ["coinmetrics", "binance_spot"])
    spans = [span for span in found.spans if span.source]
    assert [span.source for span in spans] == ["coinmetrics", "binance_spot"]
    assert spans[0].last == date(2020, 7, 27)
    assert spans[1].first == date(2020, 7, 28)
    at = found.days.tolist().index((spans[1].first - date(1970, 1, 1)).days)
    assert abs(found.values[at] / found.values[at - 1] - 1) < 0.15, "no jump where they meet"


def test_closes_are_near_those_of_a_source_of_its_own(folder):
    rows = {(row.name, row.period): row for row in daily_prices.measure(folder)}
    bitcoin = "BTC: what Vigie answers, CoinMarketCap"
    assert rows[bitcoin, "2020 to 2025"].days == 2_192
    assert rows[bitcoin, "2020 to 2025"].median < 0.001
    assert rows[bitcoin, "2014 to 2017"].median < 0.005
    assert rows[bitcoin, "2010 to 2013"].median < 0.02
    for symbol, most in (("BTC", 0.002), ("ETH", 0.003), ("XRP", 0.003), ("DOGE", 0.01)):
        assert rows[f"{symbol}: Coin Metrics, Binance spot", "2020 to 2025"].median < most


def test_closes_of_a_day_later_are_much_further_away(folder, joined):
    other = daily_prices.read_closes(folder / "onchain" / "btc-coinmarketcap-daily.parquet", "close")
    newest = daily_prices.compare("same", joined, other)[-1].median
    for shift in (-1, 1):
        moved = {day + shift: value for day, value in other.items()}
        assert daily_prices.compare("moved", joined, moved)[-1].median > 10 * newest
