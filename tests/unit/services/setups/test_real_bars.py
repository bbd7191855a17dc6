"""Setups of real bars with holes: each ends once, no hole ends a confirmed one, what comes later changes nothing."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import polars as pl
import pytest

from tests.shared import shared_dir
from tests.unit.engine.material import plan
from vigie.data.frames import to_bars
from vigie.domain.account import AccountSettings
from vigie.domain.ids import SeriesId
from vigie.domain.setup import ENDED
from vigie.engine.run import execute
from vigie.services.setups.folding import SlotFold, change_record
from vigie.trading import catalogue

BARS = 90 * 24
COLUMNS = ("ts", "open", "high", "low", "close", "volume")
HOLES = ((700, 3), (1_100, 1), (1_500, 30), (1_900, 2))
STRATEGIES = ("donchian_breakout", "ema_cross", "rsi_reversion", "zscore_reversion", "supertrend_flip")


@pytest.fixture(scope="module")
def bars():
    path = shared_dir("data", "market", "binance-perp", "BTCUSDT-1h.parquet")
    whole = to_bars(pl.read_parquet(path), SeriesId("binance-perp", "btc-usdt-perp", "1h"))
    part = whole.slice(len(whole) - BARS, len(whole))
    kept = np.ones(BARS, dtype=bool)
    for begin, length in HOLES:
        kept[begin : begin + length] = False
    columns = {name: getattr(part, name)[kept] for name in COLUMNS}
    return dataclasses.replace(part, **columns, _memo={})


def run_of(bars, name):
    return execute(
        [plan(bars, of=catalogue.load(name), account=AccountSettings(mode="isolated"))],
        AccountSettings(mode="isolated"),
        check=False,
    ).slots[0]


def changes_of(run, cuts):
    """Fold close by close, or several closes at once."""
    fold, changes = SlotFold(), []
    for begin, stop in itertools.pairwise(cuts):
        run_here = (
            run_of(run.plan.bars.slice(0, stop), run.plan.strategy.name) if stop < len(run.plan.bars) else run
        )
        changes += fold.take(run_here, begin)
    return changes


@pytest.mark.parametrize("name", STRATEGIES)
def test_each_setup_ends_once_and_no_hole_ends_a_confirmed_one(bars, name):
    by_setup: dict[str, list] = {}
    for change in SlotFold().take(run_of(bars, name), 0):
        by_setup.setdefault(change.setup, []).append(change)
    assert len(by_setup) > 10
    for changes in by_setup.values():
        states = [change.state for change in changes]
        assert len(set(states)) == len(states)
        assert [state in ENDED for state in states[:-1]] == [False] * (len(states) - 1)
        assert states in (
            ["forming"], ["confirmed"], ["forming", "confirmed"],
            *([*begun, end] for begun in (["forming"], ["confirmed"], ["forming", "confirmed"]) for end in ENDED),
        )  # fmt: skip
        if "confirmed" in states:
            assert changes[-1].cause not in ("gap", "beyond_stop", "not_near", "closes")
        elif states[-1] != "forming":
            assert changes[-1].cause in ("gap", "beyond_stop", "not_near", "closes")


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_hole_ends_what_was_forming_and_nothing_that_was_confirmed(bars, name):
    changes = list(SlotFold().take(run_of(bars, name), 0))
    tried: set[str] = set()
    for change, after in itertools.pairwise(one for one in changes if one.side == "long"):
        begin = int(np.searchsorted(bars.ts, change.ts_bar))
        lasts = change.setup == after.setup and after.ts_bar - change.ts_bar > 3 * bars.span_ms
        if not lasts or change.state in tried or (np.diff(bars.ts[begin : begin + 4]) != bars.span_ms).any():
            continue
        tried.add(change.state)
        kept = np.arange(len(bars)) != begin + 1
        columns = {column: getattr(bars, column)[kept] for column in COLUMNS}
        cut = dataclasses.replace(bars, **columns, _memo={}).slice(0, begin + 3)
        told = [one for one in SlotFold().take(run_of(cut, name), 0) if one.setup == change.setup]
        if change.state == "forming":
            assert [one.cause for one in told[-2:]] == ["near", "gap"]
            assert told[-1].ts_bar == bars.ts[begin + 2]
        else:
            assert told[-1].cause != "gap"
    assert tried


@pytest.mark.parametrize("name", STRATEGIES[:2])
def test_close_by_close_in_pieces_and_at_once_are_the_same_byte_for_byte(bars, name):
    run = run_of(bars, name)
    at_once = [change_record(change) for change in changes_of(run, [0, len(bars)])]
    pieces = [change_record(change) for change in changes_of(run, [*range(0, len(bars), 211), len(bars)])]
    assert repr(pieces) == repr(at_once)
    assert len(at_once) > 20
