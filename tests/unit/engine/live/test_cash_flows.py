"""Money that somebody pays in or out is no gain and no loss; what a sweep cost is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.crash import market
from tests.parity.test_trader_on_paper import live_slots
from vigie.domain import codes
from vigie.domain.state import LONG_ENTRY
from vigie.domain.time import DAY_MS
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.steps import BarsClosed, BarsOpened, CashAdjusted, ClosedBar
from vigie.quant import money

HOUR = 3_600_000
GUARDED = replace(
    market.PROTECTIONS, daily_loss_fraction=0.04, window_drawdown_fraction=0.05, global_drawdown_fraction=0.05,
    account_drawdown_fraction=0.05,
)  # fmt: skip


def lived(*steps):
    """An account that sees two bars, with something between them."""
    slots = live_slots(market.inputs())
    ts = int(market.inputs()[0][1].bars.ts[0])
    account = LiveAccount(slots, GUARDED, ts)
    for number in range(1, 9):
        if number == 4:
            for step in steps:
                account.apply(step)
        now = ts + number * HOUR
        opened = tuple((k, 100.0) for k, _ in enumerate(slots))
        account.apply(BarsOpened(number, now - HOUR, opened))
        bars = tuple(
            ClosedBar(k, now - HOUR, 100.0, 101.0, 99.0, 100.0, 0, 1.0, 1.0) for k, _ in enumerate(slots)
        )
        account.apply(BarsClosed(number, now, bars))
    assert ts // DAY_MS == (ts + 8 * HOUR) // DAY_MS, "all of it is one day"
    return account.record


def cash_of(record):
    return float(money.amount_of(record["cash_minor"]))


def locks(record):
    return {
        name: int(record[name]) for name in ("daily_latched", "window_until", "global_until", "halt_until")
    }


@pytest.mark.parametrize("share", [-0.4, -0.1, 0.5])
def test_what_is_paid_in_or_out_moves_every_limit_with_it(share):
    capital = cash_of(lived())
    record = lived(CashAdjusted(0, share * capital, "somebody"))
    assert cash_of(record) == pytest.approx((1 + share) * capital)
    assert record["day_open"] == pytest.approx(cash_of(record))
    assert record["global_peak"] == record["halt_peak"] == pytest.approx(cash_of(record))
    assert not any(locks(record).values())


@pytest.mark.parametrize("share", [-1.0, -1.2])
def test_an_account_that_somebody_empties_goes_on_and_begins_anew_with_what_is_paid_in(share):
    capital = cash_of(lived())
    emptied = lived(CashAdjusted(0, share * capital, "somebody"))
    assert not any(locks(emptied).values())
    again = lived(CashAdjusted(0, share * capital, "somebody"), CashAdjusted(0, 2.0 * capital, "somebody"))
    assert again["day_open"] == again["halt_peak"] == pytest.approx((3.0 + share) * capital)
    assert not any(locks(again).values())


def test_a_loss_stays_the_share_that_it_was_whatever_is_taken_out():
    capital = cash_of(lived())
    loss = CashAdjusted(0, -0.03 * capital, "dust", "btc", ("1",))
    record = lived(loss, CashAdjusted(0, -0.6 * capital, "somebody"))
    assert 1 - cash_of(record) / record["day_open"] == pytest.approx(0.03)
    assert not any(locks(record).values())


def test_what_a_sweep_cost_is_a_loss():
    capital = cash_of(lived())
    record = lived(CashAdjusted(0, -0.1 * capital, "dust", "btc", ("1",)))
    assert record["day_open"] == pytest.approx(capital)
    assert all(locks(record).values())


def ruined(*after):
    """A long position that a crash takes more from than the account has; then steps, then two more days of bars."""
    slots = live_slots(market.inputs())
    ts = int(market.inputs()[0][1].bars.ts[0])
    account = LiveAccount(slots, GUARDED, ts)
    rows = []
    for number, price in enumerate((100.0, 1.0, *[1.0] * 60), 1):
        now = ts + number * HOUR
        account.apply(BarsOpened(number, now - HOUR, tuple((k, price) for k, _ in enumerate(slots))))
        if number == 2:
            for step in (CashAdjusted(0, -1.2 * account.cash, "swept", "btc", ("1",)), *after):
                account.apply(step)
        bars = tuple(
            ClosedBar(k, now - HOUR, price, price, price, price, LONG_ENTRY if number > 2 else 0, 0.1, 0.1)
            for k, _ in enumerate(slots)
        )
        rows += account.apply(BarsClosed(number, now, bars))
    return account, rows


def test_what_was_lost_to_the_last_cent_stays_locked_as_in_a_backtest():
    account, rows = ruined()
    assert account.equity < 0.0
    assert int(account.record["day"]) == int(account.ts_start + 62 * HOUR) // DAY_MS, "days go on"
    assert {row.code for row in rows} <= {codes.WINDOW_DRAWDOWN, codes.GLOBAL_DRAWDOWN, codes.DAILY_LOSS}
    assert rows
    assert all(np.isfinite([row.limit, row.value]).all() for row in rows)


def test_a_payment_that_does_not_cover_a_loss_unlocks_nothing():
    paid = CashAdjusted(0, 10.0, "somebody")
    assert [row.code for row in ruined(paid)[1]] == [row.code for row in ruined()[1]]


def test_an_emptied_account_whose_position_wins_is_judged_again():
    capital = cash_of(lived())
    emptied = lived(
        CashAdjusted(0, -1.2 * capital, "somebody"), CashAdjusted(0, 0.7 * capital, "won", "btc", ("1",))
    )
    assert (
        emptied["day_open"] == emptied["global_peak"] == emptied["halt_peak"] == pytest.approx(0.5 * capital)
    )
    assert not any(locks(emptied).values())
