"""An account that a guard or a limit keeps from entering is not said to enter."""

from __future__ import annotations

import pytest

from tests import houses
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.asking import ask
from vigie.services.trading import standing
from vigie.services.trading.barring import barred_by
from vigie.views.cli.trade import _print

NOW = BEGUN + DAYS * DAY_MS + 20 * HOUR_MS
FREE = dict.fromkeys(
    ("stops_until", "window_until", "global_until", "halt_until", "paused", "daily_latched"), 0
)
OWNER = houses.person("owner")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, []),
        ({"stops_until": NOW + 1}, ["stops_of_account"]),
        ({"stops_until": NOW}, []),
        ({"halt_until": NOW + 1, "daily_latched": 1}, ["account_drawdown", "daily_loss"]),
        ({"paused": 1}, ["loss_streak"]),
    ],
)
def test_what_bars_is_what_the_next_entry_is_refused_with(changed, named):
    assert barred_by({**FREE, **changed}, ts=NOW - 1, now=NOW) == named


def test_what_holds_for_a_day_is_over_with_it():
    assert barred_by({**FREE, "paused": 1, "daily_latched": 1}, ts=NOW - DAY_MS, now=NOW) == []
    assert barred_by(None, ts=0, now=NOW) == []


def test_page_operation_and_terminal_say_that_it_enters_nothing(traded_home, tmp_path, monkeypatch, capsys):
    house, _ = house_of(traded_home, tmp_path / "home", BEGUN)
    assert ask(house, OWNER, "trading.account", {}).barred_by == []
    browser = houses.Browser(house)
    assert "The account enters nothing now" not in browser.get("/trading").text
    for module in ("vigie.services.desk.trading", "vigie.services.trading.standing"):
        monkeypatch.setattr(f"{module}.barred_by", lambda record, *, ts, now: ["stops_of_account"])
    page = browser.get("/trading").text
    assert "The account enters nothing now" in page
    assert "Stops within the window" in page
    assert ">may enter<" not in page
    _print(standing.standing(house, "main", "owner"))
    assert "it enters nothing now, because of stops_of_account" in capsys.readouterr().out
    told = standing.standing(house, "main", "owner")
    _print({**told, "is_simulated": True})
    assert "by the market's clock" in capsys.readouterr().out
