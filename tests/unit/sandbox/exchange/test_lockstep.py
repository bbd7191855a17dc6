"""Lock-step against amounts computed by hand: tick 0.1, slippage 5 bps, taker 6 bps, maker 2 bps, leverage 5."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.exchange.worlds import BTC, ME, D, Desk, bars, hourly
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.exchange.core.entities import Contract, ExchangeEvent, ExchangeRefusal
from vigie_sandbox.exchange.matchers.tracks import Track

QUIET = (100.0, 100.5, 99.5, 100.0)
ETH = Contract("ETHUSDT", "ETH", "USDT", tick=D("0.01"), lot=D("0.1"))


def test_entry_pays_slippage_against_it_and_the_takers_fee() -> None:
    desk = hourly(QUIET, QUIET)
    desk.go()
    desk.buy("2", client_id="a")
    assert desk.trades == []
    desk.pass_by()
    (trade,) = desk.trades
    # 100 * 1.0005 = 100.05, up to 100.1; 200.2 * 0.0006
    assert (trade.price, trade.fee, trade.client_id, trade.series) == (
        D("100.1"),
        D("0.12012"),
        "a",
        "BTCUSDT/1h",
    )
    assert desk.cash == D("9999.87988")
    held = desk.position
    assert held is not None
    assert (held.margin, held.liquidation) == (D("40.04"), D("80.58050"))


def test_short_sells_lower_and_buys_back_higher() -> None:
    desk = hourly(QUIET, QUIET, QUIET)
    desk.go()
    desk.sell("1")
    desk.go()
    desk.buy("1", reduce_only=True)
    desk.pass_by()
    assert [trade.price for trade in desk.trades] == [D("99.9"), D("100.1")]
    # 0.2 lost; fees 0.05994 and 0.06006
    assert desk.cash == D("9999.68")


def test_exit_fills_in_phase_one_and_entry_in_phase_two() -> None:
    desk = hourly(QUIET, QUIET, QUIET)
    desk.go()
    desk.buy("1")
    instant = desk.go()
    desk.sell("1", reduce_only=True)
    desk.hands.ack(instant.number, 1)
    assert [trade.side for trade in desk.trades] == [1, -1]
    desk.sell("1")
    desk.hands.ack(instant.number, 2)
    assert [trade.side for trade in desk.trades] == [1, -1, -1]
    assert desk.position is not None
    assert desk.position.side == -1


def test_stop_is_booked_in_the_step_in_which_its_bar_closes() -> None:
    desk = hourly(QUIET, (100, 100.2, 97.5, 98.5), QUIET)
    desk.go()
    desk.buy("1", stop=D("98"), target=D("103"))
    assert desk.go().trades == ()
    instant = desk.go()
    (leave,) = instant.trades
    assert (leave.cause, leave.price, leave.ts, leave.client_id) == ("stop", D("97.9"), 2 * HOUR_MS, "")
    assert [(plan.kind, plan.state) for plan in desk.exchange.plan_history(ME)] == [
        ("stop", "executed"),
        ("target", "cancelled"),
    ]


def test_bar_that_opens_beyond_the_stop_fills_at_the_open() -> None:
    desk = hourly(QUIET, (96, 96.5, 95, 96), QUIET)
    desk.go()
    desk.buy("1", stop=D("98"))
    desk.go(2)
    # 96 * 0.9995 = 95.952, down to 95.9
    assert desk.trades[-1].price == D("95.9")


def test_both_levels_touched_is_the_stop() -> None:
    desk = hourly(QUIET, (100, 104, 97, 100), QUIET)
    desk.go()
    desk.sell("1", stop=D("102"), target=D("98"))
    desk.go(2)
    assert (desk.trades[-1].cause, desk.trades[-1].price) == ("stop", D("102.1"))


@pytest.mark.parametrize(("opens", "price"), [(100.0, "103"), (104.05, "104.05")])
def test_limit_target_is_the_makers_and_not_rounded(opens: float, price: str) -> None:
    desk = hourly(QUIET, QUIET, (opens, 105, 99.5, 104), QUIET)
    desk.go()
    desk.buy("1", stop=D("98"))
    desk.pass_by()
    desk.sell("1", price=D("103"), reduce_only=True)
    desk.go(3)
    leave = desk.trades[-1]
    assert (leave.price, leave.is_maker, leave.cause) == (D(price), True, "order")
    assert leave.fee == D(price) * D("0.0002")
    assert desk.exchange.open_plans(ME) == []


def test_limit_target_is_cancelled_when_the_stop_comes_first() -> None:
    desk = hourly(QUIET, QUIET, (100, 105, 97, 104), QUIET)
    desk.go()
    desk.buy("1", stop=D("98"))
    desk.pass_by()
    limit = desk.sell("1", price=D("103"), reduce_only=True)
    desk.go(3)
    assert [trade.cause for trade in desk.trades] == ["order", "stop"]
    after = desk.exchange.order(ME, order_id=limit.id)
    assert after is not None
    assert (after.state, after.reason) == ("cancelled", "position_ended")


def test_preset_target_with_a_limit_fills_like_a_resting_one() -> None:
    desk = hourly(QUIET, (100, 103, 99.5, 102), QUIET)
    desk.go()
    desk.buy("1", target=D("103"), target_limit=D("103"))
    desk.go(2)
    assert (desk.trades[-1].price, desk.trades[-1].is_maker, desk.trades[-1].cause) == (
        D(103),
        True,
        "target",
    )


def test_position_stop_protects_what_the_preset_does_not() -> None:
    desk = hourly(QUIET, QUIET, (100, 100.5, 96, 97), QUIET)
    desk.go()
    desk.buy("3")
    desk.pass_by()
    desk.exchange.set_levels(ME, "BTCUSDT", stop=D("97"), target=None)
    desk.exchange.set_levels(ME, "BTCUSDT", stop=D("98"), target=None, stop_client_id="late")
    desk.go(3)
    leave = desk.trades[-1]
    assert (leave.cause, leave.qty, leave.client_id, leave.price) == ("pos_stop", D(3), "late", D("97.9"))
    assert [plan.reason for plan in desk.exchange.plan_history(ME)] == ["replaced", ""]


def test_bar_that_opens_beyond_liquidation_takes_the_margin_without_a_fee() -> None:
    desk = hourly(QUIET, QUIET, (79, 80, 78, 79), QUIET)
    desk.go()
    desk.buy("10", stop=D("98"))
    desk.go(3)
    leave = desk.trades[-1]
    assert (leave.cause, leave.price, leave.fee, leave.profit) == (
        "liquidation",
        D("80.5805"),
        D(0),
        D("-200.2"),
    )
    # 10,000 - 1001 * 0.0006 - 200.2
    assert desk.cash == D("9799.1994")


def test_low_beyond_liquidation_without_a_nearer_stop_takes_the_position() -> None:
    desk = hourly(QUIET, QUIET, (100, 100, 80, 99), QUIET)
    desk.go()
    desk.buy("10")
    desk.go(3)
    assert desk.trades[-1].cause == "liquidation"


def test_decided_exit_at_an_open_beyond_liquidation_is_a_liquidation() -> None:
    desk = hourly(QUIET, QUIET, (79, 80, 78, 79))
    desk.go()
    desk.buy("10")
    instant = desk.go(2)
    order = desk.sell("10", reduce_only=True)
    desk.hands.ack(instant.number, 1)
    assert (desk.trades[-1].cause, desk.trades[-1].ts) == ("liquidation", 2 * HOUR_MS)
    after = desk.exchange.order(ME, order_id=order.id)
    assert after is not None
    assert after.state == "cancelled"


def test_waiting_exit_fills_at_the_last_close_when_the_bars_have_ended() -> None:
    desk = hourly(QUIET, (100, 101, 99.5, 100.5))
    desk.go()
    desk.buy("1")
    instant = desk.go(2)
    assert instant.is_last
    assert instant.opened == ()
    desk.sell("1", reduce_only=True)
    desk.pass_by(instant)
    # 100.5 * 0.9995 = 100.44975
    assert (desk.trades[-1].price, desk.trades[-1].ts) == (D("100.4"), 2 * HOUR_MS)
    with pytest.raises(UsageError, match="ended"):
        desk.hands.step()


def test_funding_inside_a_bar_is_booked_before_its_stop_and_at_the_open_before_exits() -> None:
    fundings = {"BTCUSDT": [(HOUR_MS + 60_000, D("0.0001")), (2 * HOUR_MS, D("0.0002"))]}
    desk = hourly(QUIET, QUIET, (101, 101.5, 100, 101), QUIET, fundings=fundings)
    desk.go()
    desk.buy("3", stop=D("90"))
    instant = desk.go(2)
    # Inside bar 1 at its open 100: -3 * 100 * 0.0001; at the open of bar 2: -3 * 101 * 0.0002
    assert [bill.amount for bill in instant.fundings] == [D("-0.03"), D("-0.0606")]
    assert [(bill.ts, bill.ts_booked) for bill in instant.fundings] == [
        (HOUR_MS + 60_000, 2 * HOUR_MS),
        (2 * HOUR_MS, 2 * HOUR_MS),
    ]
    assert desk.position is not None
    assert desk.position.funding == D("-0.0906")


def test_funding_is_not_charged_at_the_entrys_own_open_and_is_found_in_a_hole() -> None:
    fundings = {"BTCUSDT": [(HOUR_MS, D("0.0001")), (5 * HOUR_MS + 30_000, D("0.0001"))]}
    track = Track("BTCUSDT", bars([QUIET, QUIET, QUIET], ts=[0, HOUR_MS, 7 * HOUR_MS]))
    desk = Desk([track], fundings=fundings, marks={"BTCUSDT": {5 * HOUR_MS: D(110)}})
    desk.go(2)
    desk.sell("1")
    assert desk.go().fundings == ()
    instant = desk.go()
    assert instant.ts == 7 * HOUR_MS
    assert [(bill.amount, bill.ts) for bill in instant.fundings] == [(D("0.011"), 5 * HOUR_MS)]


def test_exit_waits_for_the_next_stored_bar_of_its_series() -> None:
    track = Track("BTCUSDT", bars([QUIET, QUIET, (101, 101.5, 100.5, 101)], ts=[0, HOUR_MS, 7 * HOUR_MS]))
    desk = Desk([track])
    desk.go()
    desk.buy("1")
    desk.go(2)
    desk.sell("1", reduce_only=True)
    desk.pass_by()
    assert len(desk.trades) == 1
    desk.go()
    desk.pass_by()
    assert (desk.trades[-1].price, desk.trades[-1].ts) == (D("100.9"), 7 * HOUR_MS)


def test_two_series_of_one_contract_the_acknowledgement_says_where_an_entry_fills() -> None:
    day = Track("BTCUSDT", bars([QUIET, (100, 103, 97, 99), QUIET], DAY_MS))
    hours = Track("BTCUSDT", bars([QUIET] * 72))
    desk = Desk([hours, day])
    desk.go(24)
    instant = desk.go()
    order = desk.buy("1", stop=D("98"), client_id="x")
    assert order.series == "BTCUSDT/1h"
    desk.hands.ack(instant.number, 1)
    desk.hands.ack(instant.number, 2, {"x": "BTCUSDT/1d"})
    assert desk.trades[-1].series == "BTCUSDT/1d"
    desk.go(23)
    assert desk.position is not None
    assert [one.series for one in desk.go().trades] == ["BTCUSDT/1d"]


def test_things_within_one_instant_are_booked_in_series_order() -> None:
    fall = (100.0, 100.5, 97.0, 98.0)
    desk = Desk(
        [
            Track("ETHUSDT", bars([QUIET, fall, QUIET], name="eth")),
            Track("BTCUSDT", bars([QUIET, fall, QUIET])),
        ],
        contracts=[BTC, ETH],
    )
    desk.go()
    desk.pass_by()
    desk.go()
    desk.buy("1", stop=D("98"))
    desk.buy("1", "ETHUSDT", stop=D("98"))
    assert [trade.symbol for trade in desk.go().trades] == ["ETHUSDT", "BTCUSDT"]


def test_instant_tells_what_closed_and_what_opens() -> None:
    desk = hourly((100, 101, 99, 100.5), (100.7, 102, 100, 101))
    first = desk.go()
    assert (first.number, first.closed, first.opened) == (1, (), (("BTCUSDT/1h", D(100)),))
    second = desk.go()
    ((series, bar),) = second.closed
    assert (series, bar.ts, bar.open, bar.high, bar.low, bar.close) == (
        "BTCUSDT/1h", 0, D(100), D(101), D(99), D("100.5"),
    )  # fmt: skip
    assert second.opened == (("BTCUSDT/1h", D("100.7")),)
    assert not second.is_last


def test_steps_and_acknowledgements_keep_their_order() -> None:
    desk = hourly(QUIET, QUIET)
    instant = desk.hands.step()
    with pytest.raises(UsageError, match="waits for acknowledgement 1"):
        desk.hands.step()
    with pytest.raises(UsageError, match="must be 1 of instant 1, was 2"):
        desk.hands.ack(instant.number, 2)
    assert desk.hands.step(instant.number) == desk.hands.current() == instant
    desk.buy("1", client_id="x")
    desk.hands.ack(1, 1)
    with pytest.raises(UsageError, match="series must be one of BTCUSDT/1h"):
        desk.hands.ack(1, 2, {"x": "BTCUSDT/1d"})
    assert desk.hands.ack(1, 2) == desk.hands.ack(1, 2) == desk.exchange.seq
    assert len(desk.trades) == 1


def test_full_leverage_on_all_cash_is_taken_and_one_lot_more_is_refused() -> None:
    desk = hourly(QUIET, QUIET)
    desk.go()
    # floor(10000 * 5 / 100.1 / 0.01) lots
    with pytest.raises(ExchangeRefusal) as refusal:
        desk.buy("499.51")
    assert refusal.value.code == "no_balance"
    desk.buy("499.50")
    desk.pass_by()
    assert desk.trades[0].qty == D("499.50")
    assert desk.exchange.money(ME).available == 0


def test_events_tell_a_fill_once_in_order_after_it_is_booked() -> None:
    desk = hourly(QUIET, QUIET)
    desk.go()
    heard: list[ExchangeEvent] = []
    end = desk.exchange.subscribe(heard.append)
    desk.buy("1", stop=D("98"))
    assert [event.kind for event in heard] == ["order", "order", "balance"]
    desk.pass_by()
    kinds = [event.kind for event in heard[3:]]
    assert kinds == ["order", "trade", "bill", "position", "plan", "balance"]
    assert [event.seq for event in heard] == list(range(heard[0].seq, heard[0].seq + len(heard)))
    end()
    desk.go()
    assert len(heard) == 9
