"""The worth of the last closes in euros: by the rate of the day that is named, whatever the clock says after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests import houses
from tests.clocks import StandingClock
from tests.unit.services.holdings.material import BEGUN, NOW, TODAY, ask, close_of, holding_house
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS
from vigie.views.cli.holding_figures import print_worth

FIRST = date.fromisoformat(houses.START)
LAST = houses.DAYS - 1
# Dollars for one euro on the day of the last close, and on the day after it, which has not ended.
THEN, LATER = 1.25, 2.0


def day(number: int) -> str:
    return (FIRST + timedelta(number)).isoformat()


@pytest.fixture
def built(tmp_path):
    built = holding_house(tmp_path / "home")
    opened = BEGUN + houses.DAYS * DAY_MS
    built.facts.append([Observation("fx/usd/per_eur", opened, opened + 1, LATER)])
    ask(built, "add", coin="BTC", quantity="1", day=day(10), amount="100", currency="EUR")
    return built


def shown(built):
    """Every figure that is told as the worth of the last closes."""
    told, letter = ask(built, "worth", currency="eur"), ask(built, "letter", currency="eur")
    history = {row.day: row.worth for row in ask(built, "history", currency="eur").rows}
    (position,) = ask(built, "positions", currency="eur").rows
    assert letter.last == told.price_day
    return [
        told.worth, letter.worth, position.worth, history[told.price_day], history[TODAY],
        sum(one.worth for one in told.shares if one.kind == "coin"),
    ]  # fmt: skip


@pytest.mark.parametrize("minutes", [1, 8 * 60, 24 * 60 - 1])
def test_it_does_not_move_after_midnight_and_is_that_of_history_and_letter(built, minutes):
    built.clock.now = BEGUN + houses.DAYS * DAY_MS + minutes * 60_000
    told = ask(built, "worth", currency="eur")
    assert (told.price_day, told.day) == (day(LAST), TODAY)
    assert shown(built) == [pytest.approx(close_of(LAST) / THEN)] * 6
    assert told.gain == pytest.approx(told.worth - 100)
    assert told.unrealised == pytest.approx(told.gain)
    moved = ask(built, "attribution", currency="eur", span="day")
    assert moved.change == pytest.approx((close_of(LAST) - close_of(LAST - 1)) / THEN)
    assert ask(built, "letter", currency="eur", last=day(LAST)).worth == told.worth


def test_money_of_the_day_that_has_not_ended_keeps_its_own_rate(built):
    ask(built, "add", coin="ETH", quantity="2", day=TODAY, amount="3000", currency="USD")
    told = ask(built, "worth", currency="eur")
    assert told.put_in == pytest.approx(100 + 3000 / LATER)
    assert told.worth == pytest.approx((close_of(LAST) + 2 * close_of(LAST, "ETH")) / THEN)


def test_a_rate_counts_for_seven_days_before_the_close_of_a_first_line_of_today(tmp_path):
    clock = StandingClock(NOW)
    bare = houses.house(tmp_path / "bare", clock=clock)
    bare = replace(bare, clock=clock, data=replace(bare.data, clock=clock))
    set_at = BEGUN + (LAST - 7) * DAY_MS
    bare.facts.append([Observation("fx/usd/per_eur", set_at, set_at, THEN)])
    ask(bare, "add", coin="BTC", quantity="1", day=TODAY, amount="100", currency="EUR")
    assert ask(bare, "worth", currency="eur").worth == pytest.approx(close_of(LAST) / THEN)


def test_the_terminal_tells_the_same(built, capsys):
    told, positions = ask(built, "worth", currency="eur"), ask(built, "positions", currency="eur")
    print_worth(told, positions, "en")
    assert f"worth: {close_of(LAST) / THEN:,.2f} EUR" in capsys.readouterr().out


def test_coins_of_which_none_has_a_price_are_worth_an_unknown_sum_and_not_zero(tmp_path, capsys):
    made = holding_house(tmp_path / "bare")
    assert ask(made, "worth").worth == 0.0, "nothing is held"
    ask(made, "add", coin="dogecoin", quantity="1000", day=day(10), amount="50", currency="USD")
    told = ask(made, "worth", currency="usd")
    assert (told.worth, told.no_price, told.gain) == (None, ["dogecoin"], None)
    letter = ask(made, "letter", currency="usd")
    assert letter.worth is None
    assert "none of them has a price" in " ".join(row.text for row in letter.rows)
    print_worth(told, ask(made, "positions", currency="usd"), "en")
    assert "worth: not known" in capsys.readouterr().out
    ask(made, "add", coin="BTC", quantity="1", day=day(10), amount="50", currency="USD")
    assert ask(made, "worth", currency="usd").worth == pytest.approx(close_of(LAST))
