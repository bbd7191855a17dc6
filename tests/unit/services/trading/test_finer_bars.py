"""Paper on finer bars: met as they were known, pinned to the run, the same whoever was killed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from tests import houses
from tests.traded import hand
from tests.unit.services.trading.material import BEGUN, BUSY, FILE, planned, run_file
from tests.unit.services.trading.test_trading import go
from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.engine.live.fold import steps
from vigie.services.needs import bound
from vigie.services.runs import request_builder
from vigie.services.runs.backtest import plan_slots
from vigie.services.runs.run_gap import gap_record
from vigie.services.trading.account_plans.account_plan import folder_of, load_plan
from vigie.services.trading.account_plans.detail_timeframe import choose_detail, list_detail_series
from vigie.services.trading.accounts.account_status import MarkPrice, distances
from vigie.services.trading.journal import comparing
from vigie.services.trading.process import trading
from vigie.views.cli.trade_status import print_status

QUARTER = 15 * MINUTE_MS
ONE = FILE.replace('["BTC", "ETH", "SOL"]', '["BTC"]').replace('"ema_cross"', '"ema_cross"\n' + BUSY)
FINE = ONE + '\n[data]\ndetail = "15m"\n'
ENDS = BEGUN + 4 * DAY_MS
IDS = re.compile(r"\b[0-9a-f]{32}\b")


def quarters(bars: Bars) -> Bars:
    """Four finer bars an hour that show its range: down to the low, up to the high, back to the close."""
    middle = (bars.high + bars.close) / 2
    path = [bars.open, bars.low, bars.high, middle, bars.close]
    opened, closed = (np.column_stack(part).ravel() for part in (path[:4], path[1:]))
    ts = (bars.ts[:, None] + QUARTER * np.arange(4)).ravel()
    high, low = np.maximum(opened, closed), np.minimum(opened, closed)
    return Bars(bars.instrument, QUARTER, ts, opened, high, low, closed, np.ones(len(ts)), venue=houses.VENUE)


@pytest.fixture
def house(tmp_path):
    made = houses.house(tmp_path / "home", clock=hand(BEGUN))
    put(made, quarters(houses.market().bars("BTC", "1h")))
    return made


def put(house, bars: Bars) -> None:
    house.data.bars.upsert(SeriesId(houses.VENUE, bars.instrument, "15m"), to_frame(bars))


def log_of(house, run) -> list[tuple[str, int, str]]:
    return [(one.kind, one.ts, IDS.sub("id", one.body)) for one in house.trades.steps(run.id)]


def test_paper_on_finer_bars_is_its_backtest_whatever_is_corrected_after_it_was_met(house, tmp_path):
    whole = go(house, planned(house, tmp_path, text=FINE, account="whole"), ENDS, [])
    killed = planned(house, tmp_path, text=FINE, account="killed")
    run = go(house, killed, BEGUN + 50 * HOUR_MS + 40 * MINUTE_MS, [])
    taken = [steps.decode_step(one) for one in house.trades.steps(run.id)]
    met = [bar for step in taken for bar in getattr(step, "finer", ())]
    assert met, "something must be held on finer bars"
    # Corrected since: each would have stopped whoever met it so.
    stored = quarters(houses.market().bars("BTC", "1h"))
    at = np.isin(stored.ts, [bar.ts for bar in met])
    low, high = np.where(at, stored.low * 0.5, stored.low), np.where(at, stored.high * 2.0, stored.high)
    put(house, replace(stored, low=low, high=high))
    go(house, killed, ENDS, [], begun=BEGUN + 51 * HOUR_MS)
    assert log_of(house, run) == log_of(house, whole)
    account, backtest = (
        comparing.load_account_run(house.results, house.trades, run),
        bound(house, comparing.run_own_backtest)(run),
    )
    assert abs(Decimal(gap_record(backtest, account)["gap"])) < Decimal("1e-6")
    ends = trading.load_event_log(house.results, house.trades, run).account.trades
    inside = ends[(ends["exit_ts"] % HOUR_MS != 0) & (ends["exit_ts"] % QUARTER == 0)]
    assert len(inside) >= 2, "positions must end inside the bars of their slots"
    assert len(account.trades) == len(backtest.trades) >= len(inside)


def test_a_run_keeps_the_finer_bars_it_began_with_and_an_older_one_has_none(house, tmp_path):
    plan = planned(house, tmp_path, text=ONE)
    assert plan.detail == "1h", "the finest that is pushed and stored, for the slot of 4h"
    assert [one.detail for one in plan.live_slots()] == ["", "1h"]
    fine = planned(house, tmp_path, text=FINE)
    assert [one.detail for one in fine.live_slots()] == ["15m", "15m"]
    assert fine.fingerprint == plan.fingerprint, "fourteen days on paper are of the same run file"
    assert planned(house, tmp_path, text=FINE, mode="demo").detail == "", "a venue meets levels by itself"
    run = bound(house, trading.begin_run)(fine, "owner")
    assert bound(house, trading.check_run)(plan, "owner", is_new=False) == bound(house, trading.check_run)(
        fine, "owner", is_new=False, detail="15m"
    )
    with pytest.raises(UsageError, match=r"checks its levels on 15m bars since .*detail is now 5m"):
        bound(house, trading.check_run)(fine, "owner", is_new=False, detail="5m")
    path = folder_of(house.results, run.id) / "plan.json"
    before = json.loads(path.read_bytes())
    del before["detail"]
    path.write_text(json.dumps(before))
    assert load_plan(house.results, run.id).detail == ""
    assert bound(house, trading.check_run)(fine, "owner", is_new=False, detail="15m") == run, (
        "it keeps the bars of its slots"
    )


def test_finer_bars_must_be_finer_and_stored(house, tmp_path):
    series = [SeriesId(houses.VENUE, "btc-usdt-perp", one) for one in ("1h", "4h")]
    store = house.data.bars
    assert choose_detail(store, series, None) == "1h"
    assert choose_detail(store, series[:1], None) == "", "nothing that is pushed and finer is stored"
    assert choose_detail(store, series, "30m") == "30m", "made of quarters of an hour"
    with pytest.raises(UsageError, match="detail must be finer than the bars of a slot, was 4h"):
        choose_detail(store, series, "4h")
    with pytest.raises(UsageError, match="detail = 5m needs finer bars of btc-usdt-perp"):
        choose_detail(store, series, "5m")
    assert [str(one) for one in list_detail_series(series, None)] == ["binance-perp:btc-usdt-perp/1m"]


def test_a_backtest_with_detail_takes_slots_whose_bars_are_as_fine_as_they_are(house, tmp_path):
    path = run_file(tmp_path, ONE + '\n[data]\ndetail = "1h"\n')
    asked = request_builder.build_request(house.data, config=path, own_strategies=house.results.strategies)
    fast, slow = plan_slots(house.data, asked)
    assert (fast.slot.timeframe, fast.detail) == ("1h", None)
    assert slow.detail is not None
    assert slow.detail.timeframe == "1h"


@pytest.mark.parametrize(
    ("side", "price", "to_stop", "passed"),
    [
        ("long", 100.0, 0.1, False),
        ("long", 80.0, -0.125, True),
        ("short", 100.0, -0.1, True),
        ("short", 80.0, 0.125, False),
    ],
)
def test_a_distance_has_a_sign_and_a_passed_stop_says_when_it_settles(
    house, tmp_path, side, price, to_stop, passed
):
    plan = planned(house, tmp_path, text=FINE)
    row = {"slot": str(plan.slots[1].slot), "side": side, "timeframe": "4h"}
    row |= {"stop": "90", "target": "120", "liquidation": 85.0}
    now = BEGUN + 7 * MINUTE_MS
    told = distances(plan, row, MarkPrice(price, now))
    assert told["stop_distance"] == pytest.approx(to_stop)
    assert told["is_stop_passed"] is passed
    assert told["settles_ts"] == (BEGUN + QUARTER if passed else None)
    assert (told["liquidation_distance"] < 0) == (price < 85.0 if side == "long" else price > 85.0)
    # Moves are told from the price, whichever side is held.
    assert told["stop_move"] == pytest.approx((90 - price) / price)
    assert told["target_move"] == pytest.approx((120 - price) / price)
    assert told["liquidation_move"] == pytest.approx((85 - price) / price)
    assert told["decides_ts"] == (BEGUN // (4 * HOUR_MS) + 1) * 4 * HOUR_MS
    own = distances(replace(plan, detail=""), row, MarkPrice(price, now))
    assert own["settles_ts"] == (BEGUN // (4 * HOUR_MS) * 4 * HOUR_MS + 4 * HOUR_MS if passed else None)
    assert not distances(replace(plan, mode="demo"), row, MarkPrice(price, now))["is_stop_passed"]
    untold = distances(plan, row, None)
    assert {untold[name] for name in ("stop_distance", "stop_move", "target_move", "decides_ts")} == {None}


def test_a_quote_beyond_the_stop_is_told_and_trades_nothing(house, tmp_path, capsys, monkeypatch):
    run = go(house, planned(house, tmp_path, text=FINE), BEGUN + 20 * HOUR_MS, [])
    before = log_of(house, run)
    from vigie.services.trading.accounts import account_status

    (held, *_) = bound(house, account_status.get_account_status)("main", "owner")["positions"]
    now = BEGUN + 20 * HOUR_MS + MINUTE_MS
    beyond = float(held["stop"]) * (0.9 if held["side"] == "long" else 1.1)
    house.quotes.put([Quote(houses.VENUE, held["instrument"], now, now, beyond)])
    print_status(bound(house, account_status.get_account_status)("main", "owner"))
    said = capsys.readouterr().out
    assert re.search(r"stop [\d.]+ \(-[\d.]+%, stop crossed, exit at \d\d:15 UTC\)", said), said
    assert log_of(house, run) == before
