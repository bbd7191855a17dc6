"""A venue with a short history is told beside one of the same home with a much longer one."""

from __future__ import annotations

import pytest

from tests import houses
from vigie.domain.ids import SeriesId
from vigie.domain.person import OWNER
from vigie.services.learning.venue_histories import list_history_days, say_longer_history
from vigie.services.operation_calls import run_operation

SHORT = "bitget-perp"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = houses.house(tmp_path_factory.mktemp("two-venues"))
    bars = made.data.bars.read(SeriesId(houses.VENUE, "btc-usdt-perp", "1h"), last=40 * 24 + 1)
    made.data.bars.upsert(SeriesId(SHORT, "btc-usdt-perp", "1h"), bars)
    return made


def test_venues_are_listed_with_the_longest_history_first(home):
    days = list_history_days(home.data, "BTC", "1h")
    assert (list(days), days[SHORT]) == ([houses.VENUE, SHORT], 40)
    assert list_history_days(home.data, "BTC", "4h")[SHORT] == 40
    assert list_history_days(home.data, "ETH", "1h").keys() == {houses.VENUE}


def test_the_short_one_is_told_in_both_languages_and_the_long_one_is_not(home):
    long = list_history_days(home.data, "BTC", "1h")[houses.VENUE]
    for language, said in (
        ("en", f"40 at {SHORT}, {long} at {houses.VENUE}. Choose {houses.VENUE}"),
        ("fr", f"40 sur {SHORT}, {long} sur {houses.VENUE}. Choisissez {houses.VENUE}"),
    ):
        assert said in say_longer_history(home.data, SHORT, "BTCUSDT", "1h", language)
        assert say_longer_history(home.data, houses.VENUE, "BTC", "1h", language) == ""


def test_looks_at_columns_say_it_and_forms_offer_the_longest_first(home):
    def look(venue):
        asked = {"instrument": "BTC", "venue": venue, "columns": "price.body"}
        return run_operation(home, OWNER, "features.explore", asked).remarks

    assert f"Choose {houses.VENUE}" in look(SHORT)[0]
    assert "Choose" not in " ".join(look(houses.VENUE))
    assert run_operation(home, OWNER, "models.choices", {}).venues == [houses.VENUE, SHORT]
    page = houses.Browser(home).get("/lab").text
    assert f"{SHORT} · 40 days" in page
    assert page.index(f"{houses.VENUE} · ") < page.index(f"{SHORT} · ")
