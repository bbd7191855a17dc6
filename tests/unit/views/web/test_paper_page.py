"""A paper account prepared on a page: the file that the command reads, what is said of it, refusals, roles."""

from __future__ import annotations

import html
import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house, market
from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, MINUTE_MS, parse_time
from vigie.services.runs import requests
from vigie.services.trading import planning

END = parse_time(START) + DAYS * DAY_MS
PLACE = "binance-perp:btc-usdt-perp"
FORM = {"account": "first", "place": PLACE, "strategy": "ema_cross", "timeframe": "4h", "capital": "2 500,50"}


@pytest.fixture
def built(tmp_path):
    made = house(tmp_path / "home", clock=StandingClock(END + MINUTE_MS))
    made.quotes.put([Quote("binance-perp", market().bars("BTC", "1h").instrument, END, END, 50_000.0)])
    return made


def test_the_file_is_the_one_that_the_command_trades(built):
    browser = Browser(built)
    assert PLACE in browser.get("/trading/paper").text
    told = browser.post("/trading/paper", FORM).text
    command = shlex.split(html.unescape(re.findall(r"<code[^>]*>(vigie trade run [^<]+)</code>", told)[0]))
    assert command[:3] == ["vigie", "trade", "run"]
    assert command[4:] == ["--account", "first"]
    asked = requests.build(built.data, config=Path(command[3]), own_strategies=built.results.strategies)
    planning.check(asked)
    assert [str(one) for one in planning.series_of(asked)] == ["binance-perp:btc-usdt-perp/4h"]
    assert (asked.account.sizing.capital, asked.account.mode) == (2_500.5, "portfolio")
    # It is said to be begun by nobody yet, and is not.
    assert "Nothing trades yet" in told
    assert "no bars yet" not in told
    assert built.trades.accounts() == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"account": "../x"}, "pattern"),
        ({"place": "binance-spot:btc-usdt-spot"}, "perpetuals"),
        ({"place": "nowhere"}, "venue must look like"),
        ({"strategy": 'x"]'}, "there is no strategy"),
        ({"capital": "much"}, "capital"),
        ({"capital": "1"}, "greater than or equal to 10"),
    ],
)
def test_what_cannot_be_traded_is_refused_beside_what_was_given(built, more, why):
    answer = Browser(built).post("/trading/paper", {**FORM, **more})
    assert (answer.status_code, why in html.unescape(answer.text)) == (400, True)
    assert 'name="capital"' in answer.text
    assert not (Path(built.about["home"]) / "accounts").exists()


def test_an_account_that_is_there_is_not_prepared_again(built):
    built.trades.begin(TradeRun("r", "first", OWNER.user, "binance-perp", "paper", "f", Decimal(1), END))
    answer = Browser(built).post("/trading/paper", FORM)
    assert (answer.status_code, "choose another name" in answer.text) == (409, True)
    assert 'value="2 500,50"' in answer.text


def test_who_may_not_trade_is_told_so_and_a_home_without_prices_too(built, tmp_path):
    shown = Browser(built, is_owner=False).get("/trading/paper").text
    assert "Who may trade prepares an account." in shown
    assert 'action="/trading/paper"' not in shown
    assert Browser(built, is_owner=False).post("/trading/paper", FORM).status_code == 403
    empty = house(tmp_path / "empty", with_bars=False)
    assert "Il n’y a encore aucun prix" in Browser(empty, language="fr").get("/trading/paper").text
