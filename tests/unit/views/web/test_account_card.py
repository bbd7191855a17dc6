"""The trader's account on Today: its money, what is open with signed distances, a way to one where there is none."""

from __future__ import annotations

import re

import pytest

from tests import houses
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation

OWNER = houses.person("owner")


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    return house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", BEGUN + DAYS * DAY_MS)[0]


def card_of(house, language="en", persona="trader"):
    browser = houses.Browser(house, language=language)
    browser.post("/settings", {"persona": persona, "zone": "UTC", "theme": "auto", "language": language})
    return browser.get("/").text.partition('id="account"')[2].partition("</section>")[0]


def test_the_card_has_the_equity_and_each_open_position_with_its_distance_to_the_stop(house):
    account = run_operation(house, OWNER, "trading.account", {"account": "main"})
    positions = run_operation(house, OWNER, "trading.positions", {"account": "main"}).rows
    text = card_of(house)
    assert 'href="/trading?account=main"' in text
    assert f'data-live="account:main:equity" data-format="{account.currency}"' in text
    assert f"{account.equity:,.2f}" in text
    assert positions
    for row in positions[:4]:
        assert f'data-live="position:main/{row["slot"]}:stop_move"' in text
    assert len(re.findall(r":pnl_fraction", text)) == min(len(positions), 4)


def test_the_card_speaks_french_and_only_the_trader_has_it(house):
    assert "Compte main" in card_of(house, "fr")
    assert card_of(house, persona="journalist") == ""


def test_who_has_no_account_is_told_what_one_is(tmp_path):
    text = card_of(houses.house(tmp_path / "home"))
    assert "A paper account trades your strategies on live prices without money." in text
    assert 'href="/trading"' in text
