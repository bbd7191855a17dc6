"""What every column for models promises: known when it says, blind to what comes later, named where it says nothing."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.memory_facts import MemoryFacts
from tests.unit.quant.indicators.walks import walk
from vigie.catalogue import read_catalogue
from vigie.data.feature_columns import FACT_FEATURES
from vigie.data.features import feature_series
from vigie.data.frames import NUMBERS
from vigie.domain.bar import Bars
from vigie.domain.errors import InvariantBroken, UsageError
from vigie.domain.fact import Observation
from vigie.domain.time import HOUR_MS
from vigie.quant import features
from vigie.quant.feature_causality import refuse_look_ahead
from vigie.quant.feature_table import KNOWN_BY, LEFT_OUT, FeatureColumn, FeatureInputs, compute_features
from vigie.research.learning.feature_inputs import join_inputs

REGISTRY = features.registry()
NAMES = list(REGISTRY)
N_BARS = 420
UNITS = {"log", "fraction", "ratio", "index", "z", "count", "flag", "hours"}


def bars_of(n_bars: int = N_BARS, seed: int = 1, instrument: str = "btc-usdt-perp") -> Bars:
    """Hourly bars of a random walk."""
    made = walk(n_bars, seed)
    prices = (made[name] for name in ("open", "high", "low", "close", "volume"))
    return Bars(instrument, HOUR_MS, made["ts"], *prices)


BARS = bars_of()
PEERS = [bars_of(seed=seed, instrument=f"{name}-usdt-perp") for seed, name in ((2, "eth"), (3, "sol"))]


def stored() -> MemoryFacts:
    """Every series that columns read, a value each three hours, known ten minutes after its hour."""
    facts, dice = MemoryFacts(), np.random.default_rng(4)
    for name in FACT_FEATURES.values():
        series = feature_series(name.format(asset="btc"))
        for ts in BARS.ts[::3].tolist():
            value = float(dice.lognormal(0.0, 0.3))
            facts.append([Observation(series, ts - HOUR_MS, ts + HOUR_MS // 6, value)])
    return facts


FACTS = stored()
INPUTS = join_inputs(BARS, PEERS, FACTS)


def test_registry_when_read_then_every_file_of_the_folder_is_in_it():
    for path in Path(features.__file__).parent.glob("[!_]*.py"):
        columns = import_module(f"vigie.quant.features.{path.stem}").COLUMNS
        assert columns
        assert all(REGISTRY[column.full_name] is column for column in columns)
        assert {column.group for column in columns} == {path.stem}
    assert len(REGISTRY) >= 60


def test_registry_when_two_columns_have_one_name_then_refused():
    column = REGISTRY["price.return_24"]
    with pytest.raises(InvariantBroken, match=r"two columns are called price\.return_24"):
        features.by_name([column, column])


def test_column_when_described_then_words_are_complete_in_both_languages():
    french = read_catalogue("fr").texts
    texts = [column.text for column in REGISTRY.values()]
    assert len(set(texts)) == len(texts)
    assert all(column.unit in UNITS for column in REGISTRY.values())
    assert all(text.endswith(".") for text in texts)
    assert [text for text in [*texts, *KNOWN_BY.values(), *LEFT_OUT.values()] if text not in french] == []


def test_column_when_it_reads_series_then_they_can_be_joined():
    for column in REGISTRY.values():
        assert set(column.reads) <= set(FACT_FEATURES)
        assert bool(column.reads) == (column.known_by == "facts")
    assert all(feature_series(name.format(asset="btc")) for name in FACT_FEATURES.values())


@pytest.mark.parametrize("name", NAMES)
def test_column_when_computed_then_known_from_its_look_back_on(name):
    column = REGISTRY[name]
    before = {key: getattr(INPUTS, key).copy() for key in ("open", "high", "low", "close", "volume")}
    values = column.compute(INPUTS)
    assert values.dtype == np.float64
    assert values.shape == (N_BARS,)
    assert not np.isinf(values).any()
    assert int(np.argmax(~np.isnan(values))) == column.lookback
    assert not np.isnan(values[column.lookback :]).any()
    assert all((getattr(INPUTS, key) == kept).all() for key, kept in before.items())
    # What several columns share is nobody's to change.
    assert not any(
        np.shares_memory(values, kept) for kept, _ in INPUTS._memo.values() if isinstance(kept, np.ndarray)
    )


def test_columns_when_their_inputs_are_let_go_then_nothing_waits_for_the_garbage_collector():
    inputs = join_inputs(BARS.slice(0, N_BARS), PEERS, FACTS)
    compute_features(inputs)
    closes = weakref.ref(inputs.close)
    gc.disable()
    try:
        del inputs
        assert closes() is None
    finally:
        gc.enable()


def test_columns_when_the_future_is_cut_then_earlier_values_keep_every_bit():
    whole = compute_features(INPUTS).values
    assert set(whole) == set(NAMES)
    for stop in np.random.default_rng(7).integers(1, N_BARS, 10).tolist():
        part = join_inputs(BARS.slice(0, stop), PEERS, FACTS)
        for name in NAMES:
            assert REGISTRY[name].compute(part).tobytes() == whole[name][:stop].tobytes(), (name, stop)


def test_columns_when_other_bars_follow_then_earlier_values_keep_every_bit():
    whole = compute_features(INPUTS).values
    stop = 301
    other = BARS.slice(0, N_BARS)
    for column in (other.open, other.high, other.low, other.close):
        column[stop:] *= 0.5
    other.volume[stop:] = 0.0
    peers = [replace(peer, close=np.where(peer.ts >= BARS.ts[stop], 0.5, 1.0) * peer.close) for peer in PEERS]
    values = compute_features(join_inputs(other, peers, FACTS)).values
    assert set(values) == set(NAMES)
    for name in values:
        assert values[name][:stop].tobytes() == whole[name][:stop].tobytes(), name


def test_columns_when_a_datum_arrives_late_then_nothing_before_changes():
    late = MemoryFacts()
    late.rows = list(FACTS.rows)
    at = 250
    for name in FACT_FEATURES.values():
        series = feature_series(name.format(asset="btc"))
        # About a time long past, a revision and a value of its own; both known within bar 250.
        known = int(BARS.ts[at]) + HOUR_MS // 2
        late.append([Observation(series, int(BARS.ts[200] - HOUR_MS), known, 9.0)])
        late.append([Observation(series, int(BARS.ts[at]), known, 7.0)])
    before, after = compute_features(INPUTS).values, compute_features(join_inputs(BARS, PEERS, late)).values
    changed = set()
    for name, column in REGISTRY.items():
        assert after[name][:at].tobytes() == before[name][:at].tobytes(), name
        if after[name].tobytes() != before[name].tobytes():
            changed.add(column.known_by)
    assert changed == {"facts"}


def test_columns_when_a_bar_of_another_instrument_closes_later_then_it_is_not_there_yet():
    # The same bars as of a venue whose hours end a minute later: the last one that has closed is the one before.
    shifted = [replace(peer, ts=peer.ts + 60_000) for peer in PEERS]
    market = compute_features(join_inputs(BARS, PEERS, FACTS), ["cross.market_return_1"]).values
    later = compute_features(join_inputs(BARS, shifted, FACTS), ["cross.market_return_1"]).values
    (now,), (then,) = market.values(), later.values()
    assert then[2:].tobytes() == now[1:-1].tobytes()


def test_columns_when_a_bar_of_another_instrument_is_missing_then_the_market_is_unknown_there():
    gap, late = 300, 100
    eth, sol = PEERS
    kept = np.arange(N_BARS) != gap
    short = Bars(eth.instrument, HOUR_MS, *(getattr(eth, name)[kept] for name in ("ts", *NUMBERS)))
    names = ["cross.market_return_1", "cross.breadth_24"]
    whole = compute_features(join_inputs(BARS, PEERS, FACTS), names).values
    values = compute_features(join_inputs(BARS, [short, sol], FACTS), names).values
    for name, lookback in zip(names, (1, 24), strict=True):
        unknown = np.isnan(values[name][lookback:])
        # There, and where its return would begin there.
        assert np.flatnonzero(unknown).tolist() == [gap - lookback, gap], name
        assert np.array_equal(values[name][lookback:][~unknown], whole[name][lookback:][~unknown])
    for name, column in REGISTRY.items():
        if column.known_by == "peers":
            assert np.isnan(column.compute(join_inputs(BARS, [short, sol], FACTS))[gap]), name
    # One whose bars begin later is left out until then: the market is that of the others.
    young = eth.slice(late, N_BARS)
    values = compute_features(join_inputs(BARS, [young, sol], FACTS), names).values
    alone = compute_features(join_inputs(BARS, [sol], FACTS), names).values
    for name, lookback in zip(names, (1, 24), strict=True):
        begins = late + lookback
        assert values[name][:begins].tobytes() == alone[name][:begins].tobytes(), name
        assert values[name][begins:].tobytes() == whole[name][begins:].tobytes(), name


def test_columns_when_they_say_nothing_then_named_and_left_out():
    flat = np.full(50, 3.0)
    data = FeatureInputs(BARS.ts[:50], HOUR_MS, flat, flat, flat, flat, np.ones(50))
    table = compute_features(data)
    reasons = {left.name: left.reason for left in table.left_out}
    assert reasons["price.return_1"] == "constant"
    assert reasons["price.return_72"] == "unknown"
    assert reasons["derivatives.funding"] == "unknown"
    assert set(table.values) | set(reasons) == set(NAMES)
    assert "calendar.hour_sine" in table.values


def made_up(values: np.ndarray) -> dict[str, FeatureColumn]:
    """A registry of one column."""
    column = FeatureColumn("own", "made_up", lambda data: values, 0, "ratio", "Made up.")
    return {column.full_name: column}


@pytest.mark.parametrize(
    ("values", "reason", "words"),
    [
        (np.full(N_BARS, np.nan), "unknown", "is known"),
        (np.full(N_BARS, 2.0), "constant", "one value throughout"),
        (np.append(np.arange(N_BARS - 1.0), np.inf), "infinite", "infinite values"),
    ],
    ids=["unknown", "constant", "infinite"],
)
def test_column_that_says_nothing_when_asked_for_by_name_then_refused(values, reason, words):
    columns = made_up(values)
    assert compute_features(INPUTS, columns=columns).left_out[0].reason == reason
    with pytest.raises(UsageError, match=f"own.made_up.*{words}"):
        compute_features(INPUTS, ["own.made_up"], columns=columns)


def test_column_when_asked_for_wrongly_then_a_cure_is_said():
    with pytest.raises(UsageError, match=r"no column 'price.retrun_24'; the nearest is price.return_24"):
        compute_features(INPUTS, ["price.retrun_24"])
    with pytest.raises(UsageError, match=r"price.body is given twice"):
        compute_features(INPUTS, ["price.body", "price.range", "price.body"])
    with pytest.raises(InvariantBroken, match=r"must have 420 float64 values, had \(3,\)"):
        compute_features(INPUTS, columns=made_up(np.zeros(3)))


LEAKS = {
    "tomorrow": lambda data: np.append(data.close[1:], np.nan) / data.close,
    "the mean of all": lambda data: data.close / data.close.mean(),
    "the last fact": lambda data: data.close * data.fact("funding")[-1],
    "a peer's next close": lambda data: np.append(data.peers[0][1:], np.nan),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_column_that_reads_the_future_when_computed_then_refused_by_name(leak):
    column = FeatureColumn("own", "leaking", LEAKS[leak], 0, "ratio", "Made up.")
    columns = {**REGISTRY, column.full_name: column}
    table = compute_features(INPUTS, columns=columns)
    with pytest.raises(UsageError, match=r"column own\.leaking reads the future: its value at 20\d\d-"):
        refuse_look_ahead(INPUTS, table, columns)


def test_columns_that_are_shipped_when_computed_then_none_is_refused():
    refuse_look_ahead(INPUTS, compute_features(INPUTS))


def test_columns_when_a_price_is_unknown_then_so_are_they_and_they_begin_anew():
    broken = BARS.slice(0, N_BARS)
    broken.close[200] = np.nan
    values = compute_features(join_inputs(broken, PEERS, FACTS)).values
    assert all(
        np.isnan(values[name][200]) for name in ("price.return_1", "indicators.rsi_14", "cross.beta_168")
    )
    assert np.isnan(values["price.return_24"][224])
    assert not np.isnan(values["price.return_24"][225])
