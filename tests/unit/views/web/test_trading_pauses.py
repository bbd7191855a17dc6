"""A curve that is flat for weeks says why, in both languages."""

from __future__ import annotations

import pytest

from tests import houses
from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN
from tests.unit.views.web.test_desk_pages import main_of
from vigie.domain.time import DAY_MS
from vigie.services.needs import bound
from vigie.services.trading.log.account_view import open_account_view
from vigie.services.trading.log.event_log import EntryRefusal

SLOT = "btc-usdt-perp/4h/macd_cross"


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    return house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", BEGUN)[0]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "a limit of the whole account held"), ("fr", "une limite de tout le compte s’appliquait")],
)
def test_weeks_without_entries_are_told_beside_the_curve_with_the_limit(house, monkeypatch, language, said):
    with bound(house, open_account_view)(house.trades.run("main")) as story:
        refused = [
            EntryRefusal(BEGUN + day * DAY_MS, SLOT, "long", "account_drawdown", 0.1, 0.12)
            for day in (0, 5, 10)
        ]
        monkeypatch.setattr(story, "refusals", refused)
    assert said in main_of(houses.Browser(house, language=language).get("/trading"))
