"""What decisions read of features is what was known at each close, and stays so."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.memory_facts import MemoryFacts
from tests.contracts.memory_store import MemoryBars
from tests.unit.data.test_asof import HOUR, START, make_bars
from vigie.data.decided_features import DecidedFeatures
from vigie.data.features import add_facts
from vigie.domain.fact import Observation

NAME, SERIES = "news.sentiment.btc", "news/bitcoin/sentiment_index"


def told(hour: float, value: float, *, known: float) -> Observation:
    return Observation(SERIES, START + round(hour * HOUR), START + round(known * HOUR), value)


TOLD = st.builds(
    lambda event, late, value: told(event, value, known=event + late),
    st.integers(0, 12), st.integers(0, 4), st.sampled_from([-1.0, 0.0, 1.0, 2.0]),
)  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(TOLD, max_size=15))
def test_each_close_has_what_the_store_said_was_newest_then(observations):
    facts, bars = MemoryFacts(), make_bars(14)
    facts.append(sorted(observations, key=lambda one: one.ts_known))
    values = add_facts(bars, facts, [NAME]).feature(NAME)
    for close, value in zip((bars.ts + HOUR).tolist(), values.tolist(), strict=True):
        newest = facts.latest([SERIES], as_of=close).get(SERIES)
        assert np.isnan(value) if newest is None else value == newest.value


def test_bars_that_were_decided_on_keep_their_values_and_what_came_late_is_told_once():
    facts, late = MemoryFacts(), []
    facts.append([told(0, 1.0, known=0.5)])
    held = DecidedFeatures(MemoryBars(), facts, [NAME], on_late=lambda name, ts: late.append((name, ts)))
    bars = make_bars(4)
    first = held.add_features(bars)
    assert held.add_features(bars) is first
    before = held.fingerprint("bars")
    facts.append([told(2, 5.0, known=2.5)])
    assert held.add_features(bars) is first
    assert held.fingerprint("bars") == before
    held.check()
    held.check()
    assert late == [(NAME, START + 2 * HOUR), (NAME, START + 3 * HOUR)]
    grown = held.add_features(make_bars(6))
    assert grown.feature(NAME).tolist() == [1.0, 1.0, 1.0, 1.0, 5.0, 5.0]
    assert len(late) == 2
    assert held.fingerprint("bars") != before


def test_a_figure_of_an_economy_is_read_from_its_release_on_not_in_the_month_it_is_about():
    facts, name = MemoryFacts(), "macro.us.cpi_year_fraction"
    facts.append([Observation("macro/us/cpi_year_fraction", START, START + 3 * HOUR, 0.03)])
    values = add_facts(make_bars(5), facts, [name]).feature(name)
    assert np.isnan(values[:2]).all()
    assert values[2:].tolist() == [0.03, 0.03, 0.03], "the third bar closes when it comes out"


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(TOLD, max_size=10), st.lists(TOLD, min_size=1, max_size=10), st.integers(1, 10))
def test_a_process_that_goes_on_reads_what_the_one_before_it_decided_on(before, later, decided):
    facts, told, again = MemoryFacts(), [], []
    facts.append(sorted(before, key=lambda one: one.ts_known))
    first = DecidedFeatures(MemoryBars(), facts, [NAME], on_late=lambda name, ts: told.append(ts))
    known = first.add_features(make_bars(decided))
    kept = {
        ts: {NAME: value} for ts, value in zip(known.ts.tolist(), known.feature(NAME).tolist(), strict=True)
    }
    facts.append(sorted(later, key=lambda one: one.ts_known))
    second = DecidedFeatures(MemoryBars(), facts, [NAME], kept, on_late=lambda name, ts: again.append(ts))
    grown, bars = first.add_features(make_bars(12)), make_bars(12)
    assert np.array_equal(second.add_features(bars).feature(NAME), grown.feature(NAME), equal_nan=True)
    assert again == told
    assert second.fingerprint("bars") == first.fingerprint("bars")


def test_a_feature_that_no_decision_knew_is_read_as_stored():
    facts = MemoryFacts()
    facts.append([told(0, 1.0, known=0.5)])
    bars = make_bars(3)
    held = DecidedFeatures(MemoryBars(), facts, [NAME], {int(bars.ts[1]): {"news.items.btc": 7.0}})
    assert held.add_features(bars).feature(NAME).tolist() == [1.0, 1.0, 1.0]


def test_bars_without_features_are_left_alone():
    held, bars = DecidedFeatures(MemoryBars(), MemoryFacts(), ()), make_bars(3)
    assert held.add_features(bars) is bars
    assert held.fingerprint("bars") == "bars"
