"""The path: one minute of open, high and low, close; amounts by hand, tick 0.1, slippage 5 bps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.sandbox.exchange.worlds import BTC, ME, D, Wander
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie_sandbox.exchange.core.entities import ExchangeRefusal, OrderRequest

FLAT = (100.0, 100.0, 100.0, 100.0)
# Open, then down to 90, up to 110, close 105 - or up first: the seed says.
WIDE = (100.0, 110.0, 90.0, 105.0)
THIRD = MINUTE_MS // 3


def low_first_seed() -> int:
    """Return a seed with which the second minute goes down before it goes up."""
    for seed in range(50):
        here = Wander([FLAT, WIDE], seed=seed)
        here.at(MINUTE_MS + THIRD)
        if here.exchange.last("BTCUSDT") == 90:
            return seed
    raise AssertionError("no seed goes down first")


def test_price_goes_straight_from_corner_to_corner_and_ends_at_the_close() -> None:
    here = Wander([FLAT, WIDE, FLAT], seed=low_first_seed())
    seen = []
    for ts in (
        0,
        MINUTE_MS,
        MINUTE_MS + THIRD // 2,
        MINUTE_MS + THIRD,
        MINUTE_MS + 2 * THIRD,
        2 * MINUTE_MS - 1,
    ):
        here.at(ts)
        seen.append(here.exchange.last("BTCUSDT"))
    assert seen == [D(100), D(100), D(95), D(90), D(110), D("105.0")]
    here.at(2 * MINUTE_MS)
    assert here.exchange.last("BTCUSDT") == 100


def test_seed_decides_the_order_of_high_and_low_for_everybody() -> None:
    def at_a_third(seed: int) -> object:
        here = Wander([FLAT, WIDE], seed=seed)
        here.at(MINUTE_MS + THIRD)
        return here.exchange.last("BTCUSDT")

    assert {at_a_third(seed) for seed in range(20)} == {D(90), D(110)}
    assert [at_a_third(seed) for seed in range(20)] == [at_a_third(seed) for seed in range(20)]


def test_market_order_fills_at_once_at_the_price_of_now_with_slippage() -> None:
    here = Wander([FLAT, WIDE], seed=low_first_seed())
    here.at(MINUTE_MS + THIRD // 2)
    order = here.order(1, "2")
    # 95 * 1.0005 = 95.0475
    assert (order.state, order.average) == ("filled", D("95.1"))
    (trade,) = here.exchange.trades(ME)
    assert (trade.ts, trade.fee) == (MINUTE_MS + THIRD // 2, D("0.11412"))


def test_resting_limit_fills_when_touched_as_maker_at_its_price() -> None:
    here = Wander([FLAT, WIDE], seed=low_first_seed())
    here.at(MINUTE_MS - 1)
    order = here.order(1, "1", price=D("92.5"))
    assert order.state == "live"
    assert here.exchange.money(ME).frozen == D("18.5")
    here.at(MINUTE_MS + 2 * THIRD)
    (trade,) = here.exchange.trades(ME)
    assert (trade.price, trade.is_maker) == (D("92.5"), True)
    assert trade.ts == MINUTE_MS + THIRD * 3 // 4
    assert here.exchange.money(ME).frozen == 0


def test_limit_that_takes_never_pays_more_than_it_says() -> None:
    here = Wander([FLAT, FLAT])
    assert here.order(1, "1", price=D("100.0")).average == D("100.0")
    assert here.order(1, "1", price=D("101")).average == D("100.1")
    with pytest.raises(ExchangeRefusal) as refusal:
        here.order(1, "1", price=D("101"), force="post_only")
    assert refusal.value.code == "would_take"
    assert here.order(1, "1", price=D("99"), force="ioc").state == "cancelled"


def test_stop_fires_on_its_way_even_if_nobody_asked_meanwhile() -> None:
    here = Wander([FLAT, WIDE, FLAT], seed=low_first_seed())
    here.order(1, "1", stop=D("95"), target=D("120"))
    here.at(2 * MINUTE_MS)
    leave = here.exchange.trades(ME)[-1]
    # 95 * 0.9995 = 94.9525
    assert (leave.cause, leave.price, leave.ts) == ("stop", D("94.9"), MINUTE_MS + THIRD // 2)
    assert here.exchange.open_plans(ME) == []


def test_asking_often_or_once_makes_the_same_trades() -> None:
    def trades(steps: int) -> list[object]:
        here = Wander([FLAT, WIDE, (105, 112, 80, 100), FLAT], seed=low_first_seed())
        here.order(1, "1", stop=D("85"))
        here.order(1, "1", price=D("93"))
        here.order(-1, "1", price=D("111"), reduce_only=True)
        for step in range(1, steps + 1):
            here.at(4 * MINUTE_MS * step // steps)
        return [(one.ts, one.price, one.cause, one.qty) for one in here.exchange.trades(ME)]

    assert trades(1) == trades(7) == trades(1_000)
    assert len(trades(1)) == 4


def test_price_that_jumps_over_a_stop_fills_it_where_it_lands() -> None:
    here = Wander([FLAT, (95, 95, 95, 95)])
    here.order(1, "1", stop=D("98"))
    here.at(MINUTE_MS)
    leave = here.exchange.trades(ME)[-1]
    assert (leave.cause, leave.price, leave.ts) == ("stop", D("94.9"), MINUTE_MS)


def test_price_that_jumps_over_liquidation_leaves_nothing_to_the_stop() -> None:
    here = Wander([FLAT, (80, 80, 80, 80)])
    here.order(1, "1", stop=D("98"))
    here.at(MINUTE_MS)
    leave = here.exchange.trades(ME)[-1]
    assert (leave.cause, leave.price, leave.profit) == ("liquidation", D("80.5805"), D("-20.02"))


def test_stop_comes_before_liquidation_where_the_price_passes_both() -> None:
    here = Wander([FLAT, (100, 100, 70, 100)])
    here.order(1, "1", stop=D("98"))
    here.at(2 * MINUTE_MS)
    assert [one.cause for one in here.exchange.trades(ME)] == ["order", "stop"]


def test_position_without_a_stop_is_liquidated_when_the_price_passes() -> None:
    here = Wander([FLAT, (100, 130, 100, 100)])
    here.order(-1, "1")
    here.at(2 * MINUTE_MS)
    leave = here.exchange.trades(ME)[-1]
    assert (leave.cause, leave.price) == ("liquidation", D("119.3805"))


def test_trigger_order_waits_for_its_price_and_opens_there() -> None:
    here = Wander([FLAT, (100, 104, 100, 104)])
    plan = here.exchange.place_plan(ME, OrderRequest("t", "BTCUSDT", 1, "market", D(1)), trigger=D("102"))
    assert plan.way == 1
    here.at(2 * MINUTE_MS - 1)
    (trade,) = here.exchange.trades(ME)
    assert (trade.price, trade.cause, trade.client_id) == (D("102.1"), "trigger", "t")


def test_stop_limit_rests_where_the_price_ran_past_it() -> None:
    here = Wander([FLAT, WIDE], seed=low_first_seed())
    here.order(1, "1", stop=D("96"), stop_limit=D("97"))
    here.at(MINUTE_MS + THIRD)
    (waiting,) = here.exchange.open_orders(ME)
    assert (waiting.price, waiting.cause) == (D("97"), "stop")
    here.at(MINUTE_MS + 2 * THIRD)
    assert here.exchange.trades(ME)[-1].price == D("97")


def test_funding_is_settled_at_its_time_for_positions_entered_before() -> None:
    rates = [(MINUTE_MS, D("0.0001")), (3 * MINUTE_MS + 20_000, D("0.001"))]
    here = Wander([FLAT] * 3 + [(110, 110, 110, 110)], fundings={"BTCUSDT": rates})
    here.at(MINUTE_MS)
    here.order(-1, "2")
    here.at(4 * MINUTE_MS)
    (bill,) = here.exchange.bills(ME, "funding")
    assert (bill.amount, bill.mark, bill.ts) == (D("0.22"), D(110), 3 * MINUTE_MS)


def test_halted_contract_does_not_trade_and_reopens_with_a_jump() -> None:
    here = Wander([FLAT, WIDE, (95, 95, 95, 95), (94, 94, 94, 94)], seed=low_first_seed())
    here.order(1, "1", stop=D("98"))
    here.exchange.set_status("BTCUSDT", "maintain")
    here.at(2 * MINUTE_MS + 1)
    assert here.exchange.last("BTCUSDT") == 100
    assert len(here.exchange.trades(ME)) == 1
    with pytest.raises(ExchangeRefusal) as refusal:
        here.order(1, "1")
    assert refusal.value.code == "halted"
    here.exchange.set_status("BTCUSDT", "normal")
    here.at(2 * MINUTE_MS + 2)
    assert here.exchange.trades(ME)[-1].price == D("94.9")


def test_delisting_ends_orders_levels_and_positions() -> None:
    here = Wander([FLAT, FLAT])
    here.order(1, "1", stop=D("98"))
    here.order(1, "1", price=D("90"))
    here.exchange.set_status("BTCUSDT", "off")
    assert here.exchange.positions(ME) == []
    assert here.exchange.open_orders(ME) == []
    assert here.exchange.open_plans(ME) == []
    assert here.exchange.trades(ME)[-1].cause == "delisting"


@pytest.mark.parametrize("cause", ["adl", "person", "liquidation"])
def test_position_closed_from_outside_is_told_with_its_cause(cause: str) -> None:
    here = Wander([FLAT, FLAT])
    here.order(1, "1", stop=D("98"))
    trade = here.exchange.force_close(ME, "BTCUSDT", cause)  # type: ignore[arg-type]
    assert (trade.cause, trade.client_id) == (cause, "")
    assert here.exchange.positions(ME) == []
    assert here.exchange.open_plans(ME) == []


def test_partial_fill_waits_until_it_is_let_go_and_the_stop_follows_what_is_filled() -> None:
    here = Wander([FLAT] * 3)
    here.exchange.split_next_orders(D("0.333"))
    order = here.order(1, "1", stop=D("98"))
    assert (order.state, order.filled) == ("partial", D("0.33"))
    here.at(MINUTE_MS)
    assert [plan.qty for plan in here.exchange.open_plans(ME)] == [D("0.33")]
    here.exchange.release_withheld_orders()
    assert here.exchange.open_orders(ME) == []
    assert [plan.qty for plan in here.exchange.open_plans(ME)] == [D(1)]


def test_rest_of_a_partial_fill_can_be_cancelled() -> None:
    here = Wander([FLAT] * 3)
    here.exchange.split_next_orders(D("0.5"))
    order = here.exchange.cancel(ME, order_id=here.order(1, "1").id)
    assert (order.state, order.filled) == ("cancelled", D("0.5"))
    here.exchange.release_withheld_orders()
    assert here.exchange.positions(ME)[0].qty == D("0.5")


def test_dropped_levels_leave_the_position_naked() -> None:
    here = Wander([FLAT] * 3)
    here.exchange.drop_next_levels()
    here.order(1, "1", stop=D("98"))
    assert here.exchange.open_plans(ME) == []
    here.order(1, "1", stop=D("98"))
    assert [plan.qty for plan in here.exchange.open_plans(ME)] == [D(1)]


def test_crossed_positions_go_when_the_equity_does_not_keep_them() -> None:
    here = Wander([FLAT, (100, 100, 80, 80), (80, 80, 80, 80)], capital="100")
    here.exchange.set_margin_mode(ME, "BTCUSDT", "crossed")
    order = here.order(1, "4.9")
    assert order.margin_mode == "crossed"
    assert here.exchange.positions(ME)[0].liquidation is None
    here.at(2 * MINUTE_MS)
    assert here.exchange.trades(ME)[-1].cause == "liquidation"


def test_changed_rules_hold_for_the_next_order() -> None:
    here = Wander([FLAT] * 3)
    here.exchange.change_contract(replace(BTC, lot=D(1), taker=D("0.001")))
    with pytest.raises(ExchangeRefusal) as refusal:
        here.order(1, "0.5")
    assert refusal.value.code == "bad_qty"
    here.order(1, "1")
    assert here.exchange.trades(ME)[0].fee == D("0.1001")


def test_price_stays_in_gaps_and_after_the_end() -> None:
    here = Wander([FLAT, (101, 101, 101, 101)])
    here.at(HOUR_MS)
    assert here.exchange.last("BTCUSDT") == 101
