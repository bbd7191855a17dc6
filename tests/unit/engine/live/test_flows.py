"""Money that somebody pays in or out is no gain and no loss; what a sweep cost is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.crash import market
from tests.parity.test_trader_on_paper import live_slots
from vigie.domain.time import DAY_MS
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.steps import Adjusted, Closed, ClosedBar, Opened

GUARDED = replace(
    market.PROTECTIONS, daily_loss_fraction=0.04, window_drawdown_fraction=0.05, global_drawdown_fraction=0.05,
    account_drawdown_fraction=0.05,
)  # fmt: skip


def lived(*steps):
    """An account that sees two bars, with something between them."""
    slots = live_slots(market.inputs())
    ts = int(market.inputs()[0][1].bars.ts[0])
    account = LiveAccount(slots, GUARDED, ts)
    hour = 3_600_000
    for number in range(1, 9):
        if number == 4:
            for step in steps:
                account.apply(step)
        now = ts + number * hour
        opened = tuple((k, 100.0) for k, _ in enumerate(slots))
        account.apply(Opened(number, now - hour, opened))
        bars = tuple(
            ClosedBar(k, now - hour, 100.0, 101.0, 99.0, 100.0, 0, 1.0, 1.0) for k, _ in enumerate(slots)
        )
        account.apply(Closed(number, now, bars))
    assert ts // DAY_MS == (ts + 8 * hour) // DAY_MS, "all of it is one day"
    return account.record


def locks(record):
    return {
        name: int(record[name]) for name in ("daily_latched", "window_until", "global_until", "halt_until")
    }


@pytest.mark.parametrize("share", [-0.4, -0.1, 0.5])
def test_what_is_paid_in_or_out_moves_every_limit_with_it(share):
    capital = float(lived()["cash"])
    record = lived(Adjusted(0, share * capital, "somebody"))
    assert record["cash"] == pytest.approx((1 + share) * capital)
    assert record["day_open"] == pytest.approx(record["cash"])
    assert record["global_peak"] == record["halt_peak"] == pytest.approx(record["cash"])
    assert not any(locks(record).values())


@pytest.mark.parametrize("share", [-1.0, -1.2])
def test_an_account_that_somebody_empties_goes_on_and_begins_anew_with_what_is_paid_in(share):
    capital = float(lived()["cash"])
    emptied = lived(Adjusted(0, share * capital, "somebody"))
    assert not any(locks(emptied).values())
    again = lived(Adjusted(0, share * capital, "somebody"), Adjusted(0, 2.0 * capital, "somebody"))
    assert again["day_open"] == again["halt_peak"] == pytest.approx((3.0 + share) * capital)
    assert not any(locks(again).values())


def test_a_loss_stays_the_share_that_it_was_whatever_is_taken_out():
    capital = float(lived()["cash"])
    loss = Adjusted(0, -0.03 * capital, "dust", "btc", ("1",))
    record = lived(loss, Adjusted(0, -0.6 * capital, "somebody"))
    assert 1 - record["cash"] / record["day_open"] == pytest.approx(0.03)
    assert not any(locks(record).values())


def test_what_a_sweep_cost_is_a_loss():
    capital = float(lived()["cash"])
    record = lived(Adjusted(0, -0.1 * capital, "dust", "btc", ("1",)))
    assert record["day_open"] == pytest.approx(capital)
    assert all(locks(record).values())
