"""What other conduct would have made of a trade, on bars made for it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from vigie.domain import codes
from vigie.domain.bar import Bars
from vigie.domain.time import HOUR_MS
from vigie.services.trading.journal.counterfactuals import compute_counterfactuals

# No slippage and no fees: results are plain differences.
ACCOUNT = SimpleNamespace(
    rule=lambda number, ts: {"tick_multiple": 1, "tick_scale": 100.0, "figures": 0, "taker": 0.0},
    settings=lambda number: {"slip": 0.0},
)


def bars(*rows: tuple[float, float, float, float]) -> Bars:
    """The first is the bar of the decision, the second the one that was entered at its open."""
    columns = [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]
    ts = np.arange(len(rows), dtype=np.int64) * HOUR_MS
    return Bars("btc-usdt-perp", HOUR_MS, ts, *columns, np.ones(len(rows)), "paper")


def trade(*, side: int = 1, exit_bar: int = 3, exit_at: float = 101.0, reason: int = codes.SIGNAL):
    stop, target = (90.0, 120.0) if side > 0 else (110.0, 80.0)
    return {
        "slot": 0, "side": side, "qty": 2.0, "entry": 100.0, "entry_ts": HOUR_MS, "exit": exit_at,
        "exit_ts": exit_bar * HOUR_MS, "stop": stop, "target": target, "reason": reason,
    }  # fmt: skip


def test_a_trade_left_by_signal_would_have_met_its_target():
    told = compute_counterfactuals(ACCOUNT, trade(), bars(
        (99, 101, 98, 100), (100, 102, 99, 101), (101, 103, 100, 102), (102, 110, 101, 109), (109, 125, 108, 121),
    ))  # fmt: skip
    assert (told[0].kind, told[0].end, told[0].pnl, told[0].exit_ts) == (
        "levels",
        "target",
        40.0,
        5 * HOUR_MS,
    )


def test_a_bar_that_touches_both_levels_counts_as_the_stop():
    told = compute_counterfactuals(
        ACCOUNT, trade(), bars((99, 101, 98, 100), (100, 121, 89, 101), (101, 103, 100, 102))
    )
    assert (told[0].end, told[0].pnl) == ("stop", -20.0)


def test_a_gap_through_the_stop_is_left_at_the_open():
    told = compute_counterfactuals(
        ACCOUNT, trade(), bars((99, 101, 98, 100), (100, 102, 99, 101), (80, 85, 79, 84))
    )
    assert (told[0].end, told[0].pnl) == ("stop", -40.0)


def test_what_met_no_level_is_still_open_at_the_last_close():
    told = compute_counterfactuals(
        ACCOUNT, trade(), bars((99, 101, 98, 100), (100, 102, 99, 101), (101, 103, 100, 102))
    )
    assert (told[0].end, told[0].pnl, told[0].exit_ts) == ("open", 4.0, None)


@pytest.mark.parametrize(
    ("side", "close", "end", "pnl"),
    [(1, 103.0, "trade", -6.0), (1, 99.0, "not_entered", 0.0), (-1, 97.0, "trade", 6.0)],
    ids=["long that went on", "long that turned", "short against which it opened"],
)
def test_waiting_enters_a_bar_later_only_where_it_went_on(side, close, end, pnl):
    later = 104.0
    told = compute_counterfactuals(
        ACCOUNT,
        trade(side=side, exit_bar=4, exit_at=101.0),
        bars((99, 101, 98, 100), (100, 105, 95, close), (later, 106, 95, 102), (102, 103, 100, 101)),
    )
    assert (told[1].kind, told[1].end, told[1].pnl) == ("waited", end, pnl)


def test_waiting_beyond_a_level_enters_nothing():
    told = compute_counterfactuals(
        ACCOUNT, trade(exit_bar=4), bars((99, 101, 98, 100), (100, 119, 99, 118), (121, 122, 95, 102))
    )
    assert (told[1].end, told[1].pnl) == ("not_entered", 0.0)


def test_a_trade_that_ended_in_its_first_bar_could_not_have_waited():
    told = compute_counterfactuals(
        ACCOUNT, trade(exit_bar=2), bars((99, 101, 98, 100), (100, 121, 99, 118), (118, 122, 95, 102))
    )
    assert told[1].end == "not_entered"


def test_nothing_is_told_where_its_bars_are_not_stored():
    assert compute_counterfactuals(ACCOUNT, trade(), bars((99, 101, 98, 100))) == []
