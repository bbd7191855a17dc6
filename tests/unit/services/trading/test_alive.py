"""Whether an account is traded: its process has the right to, and was heard of within seconds."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests import houses
from tests.clocks import StandingClock
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.quote import Quote
from vigie.ports.health import HomeHealth, LastHeartbeat, part_name
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.accounts.account_status import get_account_status
from vigie.services.trading.accounts.live_rows import live_rows
from vigie.services.trading.process.trading import LEASE_S, begin_run
from vigie.views.cli.trade_status import print_status

OWNER = houses.person("owner")
PRICE = Quote(houses.VENUE, "btc-usdt-perp", BEGUN, BEGUN, 100.0)


@pytest.fixture(scope="module")
def leased(tmp_path_factory):
    """Return a house in which a process has just taken the right to trade."""
    folder = tmp_path_factory.mktemp("leased")
    clock = type(
        "Hand",
        (),
        {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN, "market_speed": lambda self: 1.0},
    )()
    house = houses.house(folder / "home", clock=clock)
    bound(house, begin_run)(planned(house, folder), "owner")
    house.trades.take("main", "trade@here:1", for_s=LEASE_S)
    return house


def said(house, *beats):
    """Return what the account and the stream say where these signs of life are known."""
    heard = replace(house, home_health=HomeHealth(beats=lambda: beats))
    told = dict(bound(heard, live_rows)("owner"))["account"]
    return run_operation(heard, OWNER, "trading.account", {}).is_traded, told["is_traded"]


@pytest.mark.parametrize(
    ("age_s", "is_traded"), [(0.0, True), (7.0, True), (11.0, False), (29.0, False), (300.0, True)]
)
def test_a_process_that_is_not_heard_of_any_more_trades_nothing_though_its_right_lasts(
    leased, age_s, is_traded
):
    # Older than the right itself: another machine took it, the sign is that of a process long gone.
    assert said(leased, LastHeartbeat(part_name("main"), age_s, {})) == (is_traded, is_traded)


def test_only_its_own_process_speaks_for_an_account(leased):
    assert said(leased, LastHeartbeat(part_name("other"), 20.0, {}), LastHeartbeat("serve", 20.0, {})) == (
        True,
        True,
    )


def test_nobody_trades_an_account_whose_right_nobody_has(leased):
    lease = leased.trades.holder("main")
    leased.trades.leave(lease)
    assert said(leased, LastHeartbeat(part_name("main"), 1.0, {})) == (False, False)
    leased.trades.take("main", "trade@here:2", for_s=LEASE_S)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_hides_what_is_not_so_and_the_stream_may_show_it(leased, language):
    silent = replace(
        leased, home_health=HomeHealth(beats=lambda: [LastHeartbeat(part_name("main"), 12.0, {})])
    )
    for house, is_traded in ((leased, True), (silent, False)):
        text = houses.Browser(house, language=language).get("/trading").text
        for shown in (True, False):
            word = "true" if shown else "false"
            mark = f'data-live="account:main:is_traded" data-shown="{word}"'
            hidden = f"{mark} hidden"
            assert mark in text
            assert (hidden in text) == (shown != is_traded)


@pytest.mark.parametrize(
    ("is_simulated", "words"),
    [(False, "vigie trade run FILE"), (True, ("The demo restarts it automatically. It resumes"))],
)
def test_who_begins_it_again_is_said(leased, is_simulated, words):
    home = replace(leased, is_simulated=is_simulated)
    assert words in houses.Browser(home).get("/trading").text


@pytest.mark.parametrize(
    ("is_simulated", "words"),
    [(False, "vigie trade run my.toml"), (True, ("Demo account starts automatically"))],
)
def test_a_home_without_an_account_says_who_begins_one(tmp_path, is_simulated, words):
    home = replace(houses.house(tmp_path / "home"), is_simulated=is_simulated)
    assert words in houses.Browser(home).get("/trading").text


def test_the_status_says_that_nobody_trades_and_that_prices_stopped(leased, capsys):
    def shown(house) -> str:
        print_status(bound(house, get_account_status)("main", "owner"))
        return capsys.readouterr().out

    beating = replace(
        leased, home_health=HomeHealth(beats=lambda: [LastHeartbeat(part_name("main"), 1.0, {})])
    )
    quotes = replace(beating, quotes=SimpleNamespace(since=lambda _: (1, [PRICE])))
    for after_s, is_silent in ((20, False), (45, True)):
        told = shown(replace(quotes, clock=StandingClock(BEGUN + after_s * 1_000)))
        assert ("ATTENTION: no price from binance-perp for 45 s" in told) == is_silent, told
        assert "not running" not in told
    lease = leased.trades.holder("main")
    leased.trades.leave(lease)
    told = shown(
        replace(quotes, home_health=HomeHealth(beats=lambda: [LastHeartbeat(part_name("main"), 40.0, {})]))
    )
    alive = shown(quotes)
    leased.trades.take("main", "trade@here:3", for_s=LEASE_S)
    # As on a full disk: the right cannot be kept, and the process that guards is there.
    assert "main: PAPER on binance-perp, active, its process runs but cannot trade, equity" in alive
    assert "ATTENTION: its process runs but cannot write, for" in alive
    assert "not running" not in alive
    assert "vigie trade run" not in alive
    assert "main: PAPER on binance-perp, active, not running, equity" in told
    assert "to resume: vigie trade run CONFIG --account main" in told
