"""What counts for and against a setup is read as it was known at its close; what comes later changes nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.unit.quant.patterns.hand_made import SERIES, mirrored, through
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.setups.contributions import USUAL_WEIGHTS
from vigie.ports.setups import StoredChange
from vigie.services.setups.contributing import contributions_of

NOW = 1_750_000_000_000 // HOUR_MS * HOUR_MS
PERP = "derivatives/binance-perp:btc-usdt-perp"
CRITERION = {
    "name": "Close above", "value": 1.0, "threshold": 0.5, "weight": 1.0, "required": True, "holds": True,
    "nearness": 1.0, "sense": "above",
}  # fmt: skip


def change(side="long", ts=NOW):
    body = {"criteria": [CRITERION], "cause": "decided"}
    return StoredChange(
        1, "0" * 16, "main", False, "r1", "binance-perp", "btc-usdt-perp/1h/ema_cross", side, "confirmed", "decided",
        ts - HOUR_MS, ts, ts, ts, body, "d" * 64,
    )  # fmt: skip


def each(series, step, values, *, end=NOW, late=0):
    """Return observations that end at a time."""
    first = end - (len(values) - 1) * step
    return [
        Observation(series, first + place * step, first + place * step + late, value)
        for place, value in enumerate(values)
    ]


@pytest.fixture
def facts(tmp_path):
    facts = ParquetFacts(tmp_path / "facts")
    facts.append(each(f"{PERP}/funding_fraction", 8 * HOUR_MS, [0.0001] * 100 + [0.002]))
    facts.append(each(f"{PERP}/basis_fraction", HOUR_MS, [0.001 * (n % 7) for n in range(200)] + [-0.01]))
    facts.append(
        each(f"{PERP}/open_interest_coins", HOUR_MS, [1e9 + 1e6 * (n % 24) for n in range(24 * 60)] + [2e9])
    )
    facts.append(each("market/bitcoin/price_usd", HOUR_MS, [100.0 - n for n in range(30)]))
    facts.append(each(f"{PERP}/liquidations_long_usd", HOUR_MS, [3e6] * 10))
    facts.append(each(f"{PERP}/liquidations_short_usd", HOUR_MS, [1e6] * 10))
    facts.append(each("news/bitcoin/sentiment_index", HOUR_MS, [10.0, 40.0]))
    return facts


@pytest.fixture
def bars(tmp_path):
    return ParquetBars(tmp_path / "bars")


def by_name(told):
    return {reading.name: reading for part in told.parts for reading in part.readings}


def test_each_family_says_what_is_known_and_the_rest_says_why_not(facts, bars):
    told = contributions_of(facts, bars, change(), USUAL_WEIGHTS)
    readings = by_name(told)
    assert readings["funding"].lean == -1.0
    assert readings["basis"].lean == 1.0
    # New positions came with a fall; more longs than shorts were liquidated.
    assert readings["open_interest"].lean == -1.0
    assert readings["liquidations"].lean == -0.5
    assert readings["mvrv"].absence == "missing"
    assert readings["news"].lean == 0.4
    parts = {part.family: part for part in told.parts}
    assert parts["derivatives"].value == pytest.approx((-1.0 + 1.0 - 1.0 - 0.5) / 4)
    assert (parts["patterns"].absence, parts["traders"].absence) == ("missing", "not_built")
    weighted = 1.0 * 1.0 + 0.5 * 0.4 + 0.5 * parts["derivatives"].value
    assert told.total == pytest.approx(weighted / 2.0, abs=1e-9)


def test_mvrv_counts_against_the_crowd_by_its_own_past(facts, bars):
    before = contributions_of(facts, bars, change(), USUAL_WEIGHTS)
    facts.append(each("onchain/bitcoin/cap_mvrv_cur", DAY_MS, [1.0 + n / 100 for n in range(40)] + [9.0]))
    told = contributions_of(facts, bars, change(), USUAL_WEIGHTS)
    reading = by_name(told)["mvrv"]
    assert (reading.lean, reading.value, reading.absence) == (-1.0, 9.0, "")
    parts = {part.family: part for part in told.parts}
    assert parts["derivatives"].value == pytest.approx((-1.0 + 1.0 - 1.0 - 0.5 - 1.0) / 5)
    assert told.total < before.total


def test_for_a_short_setup_facts_count_the_other_way_and_its_own_criteria_do_not(facts, bars):
    long, short = (
        contributions_of(facts, bars, change(side), USUAL_WEIGHTS).parts for side in ("long", "short")
    )
    for one, other in zip(long, short, strict=True):
        assert one.value == (other.value if one.family == "criteria" else -other.value)


def test_what_comes_later_or_is_revised_later_changes_nothing(facts, bars):
    before = contributions_of(facts, bars, change(), USUAL_WEIGHTS)
    later = NOW + HOUR_MS
    facts.append([Observation("news/bitcoin/sentiment_index", NOW, later, -90.0)])
    facts.append([Observation(f"{PERP}/funding_fraction", NOW, later, -0.01)])
    facts.append([Observation(f"{PERP}/basis_fraction", later, later, 0.5)])
    assert contributions_of(facts, bars, change(), USUAL_WEIGHTS) == before


def test_what_is_old_says_nothing(facts, bars):
    told = contributions_of(facts, bars, change(ts=NOW + 3 * DAY_MS), USUAL_WEIGHTS)
    readings = by_name(told)
    assert {readings[name].absence for name in ("funding", "basis", "open_interest", "news")} <= {
        "stale",
        "missing",
    }
    assert [part.family for part in told.parts if part.weight > 0.0] == ["criteria"]
    assert told.total == 1.0


def test_without_any_facts_the_criteria_stand_alone(tmp_path, bars):
    told = contributions_of(ParquetFacts(tmp_path / "facts"), bars, change(), USUAL_WEIGHTS)
    assert told.total == 1.0
    assert contributions_of(ParquetFacts(tmp_path / "facts"), bars, change(), {}).total is None


def test_an_old_figure_that_was_read_a_moment_ago_is_old(tmp_path, bars):
    facts = ParquetFacts(tmp_path / "facts")
    old = NOW - 40 * DAY_MS
    facts.append(
        each(f"{PERP}/funding_fraction", 8 * HOUR_MS, [0.0001] * 100, end=old, late=40 * DAY_MS - HOUR_MS)
    )
    facts.append(each(f"{PERP}/liquidations_long_usd", HOUR_MS, [1e6] * 10))
    facts.append(each(f"{PERP}/liquidations_short_usd", HOUR_MS, [1e6], end=NOW - 22 * HOUR_MS))
    facts.append(each(f"{PERP}/open_interest_coins", HOUR_MS, [1e9 + n for n in range(24 * 60)]))
    facts.append(each("market/bitcoin/price_usd", HOUR_MS, [100.0, 101.0], end=NOW - 40 * HOUR_MS))
    readings = by_name(contributions_of(facts, bars, change(), USUAL_WEIGHTS))
    assert {readings[name].absence for name in ("funding", "liquidations", "open_interest")} == {"stale"}


# Two tops at 100.25, the valley at 94.875: known at bar 43, confirmed by the close of bar 46.
TOPS = [*SERIES["double_top"][:-1], (46, 94.0), (50, 94.0), (56, 89.0), (60, 89.0)]
SERIES_ID = SeriesId("binance-perp", "btc-usdt-perp", "1h")


def keep(store, columns, *, left_out=()):
    """Store a series whose bar 50 ends at the close that is judged."""
    high, low, close = columns
    opening = np.append(close[:1], close[:-1])
    n_bars = len(close)
    ts = NOW + (np.arange(n_bars) - 51) * HOUR_MS
    is_kept = ~np.isin(np.arange(n_bars), left_out)
    made = Bars(
        SERIES_ID.instrument, HOUR_MS, ts[is_kept], opening[is_kept], np.maximum(high, opening)[is_kept],
        np.minimum(low, opening)[is_kept], close[is_kept], np.ones(int(is_kept.sum())), SERIES_ID.venue,
    )  # fmt: skip
    store.upsert(SERIES_ID, to_frame(made))


def patterns_of(facts, bars, side="long", bar=50):
    told = contributions_of(facts, bars, change(side, NOW + (bar - 50) * HOUR_MS), USUAL_WEIGHTS)
    part = next(part for part in told.parts if part.family == "patterns")
    shown = [one for one in told.parts if one.weight > 0.0]
    mean = math.fsum(one.weight * one.value for one in shown) / math.fsum(one.weight for one in shown)
    assert told.total == pytest.approx(mean, abs=1e-9)
    return part


@pytest.mark.parametrize("turned", [False, True])
def test_a_pattern_that_holds_counts_towards_its_side_half_until_a_close_confirms_it(facts, bars, turned):
    keep(bars, mirrored(through(TOPS)) if turned else through(TOPS))
    towards, against = ("long", "short") if turned else ("short", "long")
    for bar, value in ((43, 0.5), (45, 0.5), (46, 1.0), (50, 1.0)):
        part = patterns_of(facts, bars, towards, bar)
        assert (part.value, part.weight, part.absence) == (value, 0.5, "")
        assert patterns_of(facts, bars, against, bar).value == -value
        (reading,) = part.readings
        assert reading.name == ("double_bottom" if turned else "double_top")
        assert reading.ts_known == NOW + (43 - 50) * HOUR_MS
        assert reading.value == pytest.approx(256.0 - 94.875 if turned else 94.875)


def test_before_a_pattern_is_known_and_after_it_ended_it_weighs_nothing_and_says_so(facts, bars):
    keep(bars, through(TOPS))
    for bar in (42, 56, 60):
        part = patterns_of(facts, bars, bar=bar)
        assert (part.value, part.weight, part.absence) == (0.0, 0.0, "none")


def test_bars_after_the_close_change_nothing_and_a_missing_one_ends_what_was_known(facts, bars, tmp_path):
    keep(bars, through([*TOPS[:-2], (56, 120.0), (60, 120.0)]))
    other, broken = ParquetBars(tmp_path / "other"), ParquetBars(tmp_path / "broken")
    keep(other, through(TOPS))
    keep(broken, through(TOPS), left_out=[47])
    assert patterns_of(facts, bars) == patterns_of(facts, other)
    assert patterns_of(facts, broken).absence == "none"
    assert patterns_of(facts, broken, bar=47).absence == "missing"
