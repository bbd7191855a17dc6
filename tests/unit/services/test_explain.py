"""Why there was a trade or none: every sentence, from runs small enough to read; and what differs between two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.services.backtest_material import VENUE, market, store_bars, write_bars, write_instruments
from vigie.domain import codes
from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.engine.run import Run
from vigie.services.runs.backtest import BacktestRequest, SlotRequest, run_backtest
from vigie.services.runs.explain import explain_bar
from vigie.wiring.data import open_data

# Files of one's own are judged in processes of their own.
pytestmark = pytest.mark.usefixtures("forked_witnesses")


@pytest.fixture
def request_(home: Path, tmp_path: Path) -> BacktestRequest:
    """Two slots on stored simulated bars, the first hundred bars only warming up."""
    store_bars(home)
    slots = (SlotRequest("BTC", "4h", "donchian_breakout"), SlotRequest("ETH", "4h", "donchian_breakout"))
    start = int(market().bars("BTC", "4h").ts[100])
    return BacktestRequest(
        slots=slots,
        venue=VENUE,
        instruments=write_instruments(tmp_path / "i.csv"),
        start_ms=start,
        warmup_bars=100,
    )


def run_of(request: BacktestRequest) -> Run:
    return run_backtest(open_data(), request)


def why(request: BacktestRequest, ts: int, slot: str = "btc-usdt-perp/4h/donchian_breakout") -> dict:
    return explain_bar(open_data(), request, slot, iso(ts))


def first(run: Run, code: int, number: int = 0) -> int:
    log = run.log
    return int(log[(log[:, 1] == number) & (log[:, 6] == code)][0, 0])


def test_an_entry_that_was_filled(request_: BacktestRequest):
    run = run_of(request_)
    ts = first(run, codes.ENTRY_INTENT) - run.slots[0].plan.bars.span_ms
    answer = why(request_, ts)
    assert answer["sentence"] == "An entry was decided at this close; it was filled at the next open."
    assert answer["known_at"] == iso(ts + 14_400_000)
    assert answer["score"]["long"] + answer["score"]["short"] > 0


def test_an_entry_that_the_next_open_refused(request_: BacktestRequest, tmp_path: Path):
    # Every fourth bar is missing, so opens jump; levels nearly at the close are passed by them.
    bars = market().bars("BTC", "1h")
    there = np.arange(len(bars)) % 4 != 1
    arrays = {name: getattr(bars, name)[there] for name in ("ts", "open", "high", "low", "close", "volume")}
    path = write_bars(tmp_path / "BTCUSDT-1h.csv", replace(bars, **arrays))
    account = replace(request_.account, sizing=replace(request_.account.sizing, target_atr=0.1))
    slots = (SlotRequest(str(path), "1h", "zscore_reversion"),)
    request = BacktestRequest(slots=slots, bars=(path,), account=account)
    run = run_of(request)
    gapped = first(run, codes.GAP_THROUGH_LEVEL)
    decided = int(arrays["ts"][np.searchsorted(arrays["ts"], gapped) - 1])
    slot = "btc-usdt-perp/1h/zscore_reversion"
    answer = why(request, decided, slot)
    assert (
        answer["sentence"]
        == "An entry was decided at this close; the next open refused it: gap_through_level."
    )
    assert any("gap_through_level" in text for text in why(request, gapped, slot)["events"])


def test_an_open_position(request_: BacktestRequest):
    run = run_of(request_)
    trade = run.slots[0].trades[0]
    inside = int(run.slots[0].plan.bars.ts[trade["entry_bar"] + 1])
    answer = why(request_, inside)
    side = "long" if trade["side"] > 0 else "short"
    assert (
        answer["sentence"]
        == f"A {side} position was open; it ended by {codes.REASONS[int(trade['reason'])]}."
    )
    assert answer["position"]["pnl"] == float(trade["pnl"])
    done = why(request_, int(run.slots[0].plan.bars.ts[trade["exit_bar"]]))
    assert any(text.startswith("done: ") for text in done["events"])


def test_bars_on_which_nothing_is_decided(request_: BacktestRequest):
    bars = market().bars("BTC", "4h")
    early = why(request_, int(bars.ts[3]))
    assert early["sentence"] == "This bar is for the indicators only; nothing is decided on it."
    assert early["criteria"]["long"][0]["threshold"] is None
    last = why(request_, int(bars.ts[-1]))
    assert last["sentence"].startswith(("The last bar: nothing is decided", "A "))


def test_no_signal_names_what_is_missing_on_each_side(request_: BacktestRequest):
    run = run_of(request_)
    flat = np.ones(len(run.slots[0].plan.bars), np.bool_)
    for trade in run.slots[0].trades:
        flat[trade["entry_bar"] - 1 : trade["exit_bar"] + 1] = False
    signals = run.slots[0].input.flags & 3
    bar = int(np.flatnonzero(flat & (signals == 0))[150])
    answer = why(request_, int(run.slots[0].plan.bars.ts[bar]))
    assert answer["sentence"].startswith("No signal: long lacks ")
    for side in ("long", "short"):
        for card in answer["criteria"][side]:
            if card["required"] and not card["holds"]:
                assert card["name"] in answer["sentence"]
                assert 0.0 <= card["nearness"] < 1.0


EARLY = '''"""Enters on the first bars."""

from dataclasses import dataclass
import numpy as np
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, param

TIMEFRAME = "4h"

@dataclass(frozen=True, slots=True)
class Params:
    unused: int = param(1, low=1, high=2)

def warmup(params):
    return 0

def criteria(bars, params):
    return Criteria(long=(is_above("price", bars.close, 0.0),), short=(is_above("never", bars.close, np.inf),))
'''


def test_criteria_that_hold_before_everything_is_known(request_: BacktestRequest, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "early.py").write_text(EARLY)
    slots = (SlotRequest("BTC", "4h", "early"),)
    request = replace(request_, slots=slots, own_strategies=tmp_path / "mine", start_ms=None, warmup_bars=0)
    answer = why(request, int(market().bars("BTC", "4h").ts[5]), "early")
    assert answer["sentence"].startswith(
        "The criteria hold, but its exit condition or ATR(14) is not known yet"
    )


@pytest.mark.parametrize(
    "slot",
    [
        "btc-usdt-perp/4h/donchian_breakout",
        "BTC/4h/donchian_breakout",
        "BTCUSDT/4h/donchian_breakout",
        "btc-usdt",
    ],
)
def test_a_slot_may_be_spelt_as_people_do(request_: BacktestRequest, slot: str):
    ts = int(market().bars("BTC", "4h").ts[200])
    assert why(request_, ts, slot)["slot"] == "btc-usdt-perp/4h/donchian_breakout"


@pytest.mark.parametrize("slot", ["donchian_breakout", "SOL/4h/donchian_breakout", "/", "!/4h/x"])
def test_a_slot_that_names_none_or_several_is_refused(request_: BacktestRequest, slot: str):
    with pytest.raises(UsageError, match=r"slot must name one of these, was .*:\n  (btc|eth)-usdt-perp/4h/d"):
        why(request_, int(market().bars("BTC", "4h").ts[200]), slot)
