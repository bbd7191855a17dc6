"""Real money: three switches, each refused alone with its cure; without all of them nothing is opened."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import houses
from vigie.domain.errors import Forbidden
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.engine.live import steps
from vigie.ports.tradebook import TradeChange
from vigie.services.trading.modes import Switches, check_papered, check_switches, words_to_type

BEGUN = 1_760_000_000_000
PLAN = "the plan"
TYPED = words_to_type("main")


@pytest.fixture
def book(tmp_path):
    return houses.house(tmp_path / "home", with_bars=False).trades


def papered(book, days: float, *, plan: str = PLAN, mode: str = "paper", owner: str = "owner"):
    """A run that was traded for so long."""
    account = f"{mode}-{owner}-{plan}-{days}"
    book.begin(TradeRun(f"run-{account}", account, owner, "bitget-perp", mode, plan, Decimal(1), BEGUN))
    lease = book.take(account, "tests", for_s=60.0)
    book.commit(lease, TradeChange(steps=(steps.written(steps.Opened(1, BEGUN + round(days * DAY_MS), ())),)))


def test_real_money_is_traded_when_all_three_switches_are_on(book):
    papered(book, 14.0)
    check_switches(Switches(is_allowed=True, typed=TYPED), "main")
    check_papered(book, "owner", PLAN)


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        (Switches(is_allowed=False, typed=TYPED), "allow_live = true"),
        (Switches(is_allowed=True, typed=""), "type 'trade real money on main'"),
        (Switches(is_allowed=True, typed=words_to_type("other")), "must be confirmed"),
        (Switches(is_allowed=True, typed=TYPED, is_simulated=True), "simulated market"),
    ],
)
def test_each_switch_that_is_off_refuses_and_says_how_it_is_set(switches, said):
    with pytest.raises(Forbidden, match=said):
        check_switches(switches, "main")


@pytest.mark.parametrize(
    "given",
    [
        {"days": 13.9},
        {"days": 30.0, "plan": "another plan"},
        {"days": 30.0, "mode": "demo"},
        {"days": 30.0, "owner": "somebody"},
    ],
)
def test_paper_too_short_or_of_something_else_is_no_paper_period(book, given):
    papered(book, **given)
    with pytest.raises(Forbidden, match="14 days of paper trading"):
        check_papered(book, "owner", PLAN)
