"""Pages of Markets: a blank says why it is blank, and the order of a list is of one moment."""

import re

import pytest

from tests.houses import VENUE, Browser, house
from vigie.domain.quote import Quote


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
        ("en", "History of 1 asset is being fetched"),
        ("fr", "L’historique de 1 actif est en cours de collecte"),
    ],
)
def test_changes_that_are_blank_say_that_history_is_being_fetched(built, fresh, language, told):
    assert told in Browser(fresh, language=language).get("/markets").text
    assert told not in Browser(built, language=language).get("/markets").text
    assert "is being fetched" not in Browser(fresh).get("/markets?as_of=2024-01-01").text


@pytest.mark.parametrize(
    ("path", "said"), [("/", "of "), ("/markets/movers?floor=0", "Order and changes are of ")]
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
