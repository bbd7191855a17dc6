"""Labels lie ahead of their bar, say which bars they used, and weigh little where others use the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.engine.material import rules, walk
from vigie.domain.account import Costs, Sizing
from vigie.domain.codes import TARGET
from vigie.domain.errors import UsageError
from vigie.engine.barrier_walk import walk_barriers
from vigie.quant.labels.forward import direction, forward_return, forward_volatility
from vigie.quant.labels.label import NO_BAR, Labels
from vigie.quant.labels.triple_barrier import meta_labels, result_labels
from vigie.quant.labels.uniqueness import uniqueness

BARS = walk(200)
HORIZON = 5


def trades_of(bars, sides=None):
    chosen = np.ones(len(bars), np.int64) if sides is None else sides
    return walk_barriers(
        bars, chosen, np.full(len(bars), 0.5), (rules(),), terms=Sizing(max_bars=HORIZON), costs=Costs()
    )


KINDS = {
    "return": lambda bars: forward_return(bars.open, bars.close, HORIZON, bars.gaps),
    "direction": lambda bars: direction(bars.open, bars.close, HORIZON, 0.004, bars.gaps),
    "volatility": lambda bars: forward_volatility(bars.close, HORIZON, bars.gaps),
    "result": lambda bars: result_labels(trades_of(bars)),
    "meta": lambda bars: meta_labels(trades_of(bars)),
}


def test_forward_return_when_made_then_from_the_next_open_to_the_close_at_the_horizon():
    labels = KINDS["return"](BARS)
    assert labels.values[10] == pytest.approx(np.log(BARS.close[15] / BARS.open[11]))
    assert (labels.first[10], labels.last[10]) == (11, 15)
    assert np.isnan(labels.values[-HORIZON:]).all()
    assert labels.span_bars == HORIZON


def test_direction_when_the_move_is_small_then_zero():
    moves, signs = KINDS["return"](BARS).values, KINDS["direction"](BARS).values
    known = ~np.isnan(moves)
    assert (signs[known & (moves > 0.004)] == 1.0).all()
    assert (signs[known & (moves < -0.004)] == -1.0).all()
    assert (signs[known & (np.abs(moves) <= 0.004)] == 0.0).all()
    assert np.isnan(signs[~known]).all()
    assert set(signs[known]) == {-1.0, 0.0, 1.0}


def test_direction_when_its_zone_is_not_known_then_no_label():
    zone = np.full(len(BARS), 0.004)
    zone[:20] = np.nan
    labels = direction(BARS.open, BARS.close, HORIZON, zone)
    assert np.isnan(labels.values[:20]).all()
    assert (labels.last[:20] == NO_BAR).all()
    with pytest.raises(UsageError, match=r"dead zone must be >= 0, was -0.1"):
        direction(BARS.open, BARS.close, HORIZON, -0.1)


def test_volatility_when_made_then_of_the_bars_ahead_alone():
    labels = KINDS["volatility"](BARS)
    moves = np.diff(np.log(BARS.close))
    assert labels.values[50] == pytest.approx(np.sqrt(np.mean(moves[50:55] ** 2)))


def test_meta_label_when_a_signals_trade_reached_its_target_then_one():
    sides = np.zeros(len(BARS), np.int64)
    sides[::7] = 1
    trades = trades_of(BARS, sides)
    labels = meta_labels(trades)
    assert np.isnan(labels.values[sides == 0]).all()
    has_trade = trades.last != NO_BAR
    assert (labels.values[has_trade] == (trades.reason[has_trade] == TARGET)).all()
    assert set(labels.values[has_trade]) == {0.0, 1.0}
    assert (labels.last == trades.last).all()


@pytest.mark.parametrize("kind", KINDS)
def test_label_when_its_span_is_known_then_what_follows_changes_nothing(kind):
    whole = KINDS[kind](BARS)
    stop = 120
    part = KINDS[kind](BARS.slice(0, stop))
    used = whole.before(stop)
    # A trade that a shorter history does not see to its end is no label there either.
    for name in ("values", "first", "last"):
        assert getattr(part, name).tobytes() == getattr(used, name).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_label_when_bars_outside_its_span_change_then_it_keeps_every_bit(kind):
    whole = KINDS[kind](BARS)
    bar = 100
    last = int(whole.last[bar])
    other = BARS.slice(0, len(BARS))
    for column in (other.open, other.high, other.low, other.close):
        column[last + 1 :] *= 0.5
        # The close of the label's own bar is where it begins.
        column[:bar] *= 2.0
    assert KINDS[kind](other).values[bar] == whole.values[bar]


@pytest.mark.parametrize("kind", ["return", "direction", "volatility"])
def test_label_when_bars_are_missing_ahead_then_none(kind):
    holed = replace(BARS, ts=np.where(np.arange(len(BARS)) >= 100, BARS.ts + 7_200_000, BARS.ts))
    labels = KINDS[kind](holed)
    assert np.isnan(labels.values[95:100]).all()
    assert not np.isnan(labels.values[[94, 100]]).any()


def test_horizon_when_it_does_not_fit_then_refused_with_a_cure():
    with pytest.raises(UsageError, match="horizon must be >= 1 bar, was 0"):
        forward_return(BARS.open, BARS.close, 0)
    with pytest.raises(UsageError, match=r"200 bars needs more than 200 bars; choose a shorter one"):
        forward_volatility(BARS.close, 200)


def slow_uniqueness(labels: Labels) -> list[float]:
    users = [0] * len(labels)
    spans = [
        range(first, last + 1) if last != NO_BAR else range(0)
        for first, last in zip(labels.first.tolist(), labels.last.tolist(), strict=True)
    ]
    for span in spans:
        for bar in span:
            users[bar] += 1
    return [float(np.mean([1.0 / users[bar] for bar in span])) if span else 0.0 for span in spans]


@pytest.mark.parametrize("kind", KINDS)
def test_uniqueness_when_spans_overlap_then_the_mean_share_of_their_bars(kind):
    labels = KINDS[kind](BARS)
    np.testing.assert_allclose(uniqueness(labels), slow_uniqueness(labels), atol=1e-12)


def test_uniqueness_when_no_span_overlaps_then_one():
    first = np.array([1, NO_BAR, NO_BAR, 4, NO_BAR, NO_BAR])
    last = np.array([3, NO_BAR, NO_BAR, 5, NO_BAR, NO_BAR])
    values = np.where(first == NO_BAR, np.nan, 1.0)
    assert uniqueness(Labels(values, first, last)).tolist() == [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
