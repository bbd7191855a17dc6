"""An account that a guard or a limit keeps from entering is not said to enter."""

from __future__ import annotations

import pytest

from tests import houses
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.time import DAY_MS, HOUR_MS, iso
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.accounts import account_status
from vigie.services.trading.limits.active_limits import find_account_limits
from vigie.views.cli.trade_status import print_status
from vigie.views.web.language import UserLanguage

NOW = BEGUN + DAYS * DAY_MS + 20 * HOUR_MS
TOMORROW = (NOW // DAY_MS + 1) * DAY_MS
FREE = dict.fromkeys(
    ("stops_until", "window_until", "global_until", "halt_until", "paused", "daily_latched"), 0
)
OWNER = houses.person("owner")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, {}),
        ({"stops_until": NOW + 1}, {"stops_of_account": NOW + 1}),
        ({"stops_until": NOW}, {}),
        ({"halt_until": NOW + 1, "daily_latched": 1}, {"account_drawdown": NOW + 1, "daily_loss": TOMORROW}),
        ({"paused": 1}, {"loss_streak": TOMORROW}),
    ],
)
def test_what_bars_is_what_the_next_entry_is_refused_with(changed, named):
    assert find_account_limits({**FREE, **changed}, ts=NOW - 1, now=NOW) == named


def test_what_holds_for_a_day_is_over_with_it():
    assert find_account_limits({**FREE, "paused": 1, "daily_latched": 1}, ts=NOW - DAY_MS, now=NOW) == {}
    assert find_account_limits(None, ts=0, now=NOW) == {}


def test_page_operation_and_terminal_say_that_it_enters_nothing(traded_home, tmp_path, monkeypatch, capsys):
    house, _ = house_of(traded_home, tmp_path / "home", BEGUN)
    assert run_operation(house, OWNER, "trading.account", {}).barred_by == []
    browser = houses.Browser(house)
    assert "Entries are paused" not in browser.get("/trading").text
    until = {"stops_of_account": NOW + HOUR_MS, "loss_streak": TOMORROW}
    for module in ("vigie.services.operations.trading", "vigie.services.trading.accounts.account_status"):
        monkeypatch.setattr(f"{module}.find_account_limits", lambda record, *, ts, now: until)
    assert run_operation(house, OWNER, "trading.account", {}).barred_until == until
    when = {name: UserLanguage("en", zone="Asia/Tokyo").moment(ts) for name, ts in until.items()}
    browser.post("/settings", {"zone": "Asia/Tokyo", "theme": "auto", "language": "en"})
    page = browser.get("/trading").text
    assert "Entries are paused" in page
    assert f"Recent stops (until {when['stops_of_account']})" in page
    assert f"on their own from {when['loss_streak']}" in page
    assert ">Active<" not in page
    told = bound(house, account_status.get_account_status)("main", "owner")
    print_status(told)
    said = f"entries are paused by stops_of_account until {iso(NOW + HOUR_MS)}, loss_streak"
    assert said in capsys.readouterr().out
    print_status({**told, "is_simulated": True})
    assert capsys.readouterr().out.count("by the market's clock") == 2, "the limits' and the last event's"
    run_operation(house, OWNER, "trading.stop", {})
    assert f"not before {when['loss_streak']}" in browser.get("/trading").text
    browser.post("/settings", {"zone": "UTC", "theme": "auto", "language": "fr"})
    french = UserLanguage("fr").moment(until["loss_streak"])
    assert f"quand quelqu’un les relancera, et pas avant le {french}" in browser.get("/trading").text
