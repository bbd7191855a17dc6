"""What every indicator of the registry promises."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tests.unit.quant.indicators.walks import answer, constant, cut, walk
from vigie.domain.errors import UsageError
from vigie.quant import indicators

REGISTRY = indicators.registry()
NAMES = sorted(REGISTRY)
N_BARS = 400
WALK = walk(N_BARS)
TICKED = walk(N_BARS, seed=2, tick=0.25)  # many equal prices


def variants(name):
    """The defaults, and a second set of parameters."""
    parameters = REGISTRY[name].parameters
    other = {key: value + 3 if isinstance(value, int) else value * 1.5 for key, value in parameters.items()}
    return (parameters, other) if parameters else (parameters,)


def whole_parameters(name):
    return [key for key, value in REGISTRY[name].parameters.items() if isinstance(value, int)]


def equal_bits(left, right):
    return all(a.tobytes() == b.tobytes() for a, b in zip(left, right, strict=True))


def test_registry_when_read_then_every_file_of_the_folder_is_in_it():
    folder = Path(indicators.__file__).parent
    for path in folder.glob("*.py"):
        if not path.stem.startswith("_"):
            entries = import_module(f"vigie.quant.indicators.{path.stem}").INDICATORS
            assert entries
            assert all(REGISTRY[entry.name] is entry for entry in entries)
    assert len(REGISTRY) >= 35


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_described_then_words_are_complete(name):
    indicator = REGISTRY[name]
    assert indicator.formula
    assert indicator.source
    for section in ("Parameters\n", "Returns\n", "References\n"):
        assert section in (indicator.function.__doc__ or "")
    assert set(indicator.inputs) <= set(WALK)


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_computed_then_fresh_float64_of_the_same_length(name):
    indicator = REGISTRY[name]
    before = {key: column.copy() for key, column in WALK.items()}
    outputs = answer(indicator, WALK)
    assert len(outputs) == len(indicator.outputs) == len(indicator.warmups(**indicator.parameters))
    for output in outputs:
        assert output.dtype == np.float64
        assert output.shape == (N_BARS,)
        assert not any(np.shares_memory(output, column) for column in WALK.values())
    assert all((before[key] == WALK[key]).all() for key in before)


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_warm_then_first_value_exactly_as_declared(name):
    indicator = REGISTRY[name]
    for parameters in variants(name):
        warmups = indicator.warmups(**parameters)
        for output, warmup in zip(answer(indicator, WALK, **parameters), warmups, strict=True):
            known = ~np.isnan(output)
            first = int(np.argmax(known))
            assert known.any()
            assert known[first:].all()
            assert first == warmup if indicator.exact else first >= warmup
        assert indicator.warmup(**parameters) == max(warmups)


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_input_too_short_then_all_unknown_without_an_error(name):
    indicator = REGISTRY[name]
    for parameters in variants(name):
        warmups = indicator.warmups(**parameters)
        for n_bars in {0, 1, 2, *(w + d for w in warmups for d in (-1, 0, 1)), max(warmups) // 2} - {-1}:
            outputs = answer(indicator, cut(WALK, 0, n_bars), **parameters)
            for output, warmup in zip(outputs, warmups, strict=True):
                assert output.shape == (n_bars,)
                assert np.isnan(output[:warmup]).all()
                if indicator.exact:
                    assert not np.isnan(output[warmup:]).any()


@pytest.mark.parametrize("columns", [WALK, TICKED], ids=["walk", "ticked"])
@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_history_is_cut_then_earlier_values_keep_every_bit(name, columns):
    indicator = REGISTRY[name]
    for parameters in variants(name):
        whole = answer(indicator, columns, **parameters)
        for stop in np.random.default_rng(7).integers(1, N_BARS, 12).tolist():
            part = answer(indicator, cut(columns, 0, stop), **parameters)
            assert equal_bits(part, [output[:stop] for output in whole])


@pytest.mark.parametrize("unknown", [np.nan, np.inf], ids=["nan", "inf"])
@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_a_bar_is_unknown_then_history_starts_anew_after_it(name, unknown):
    indicator = REGISTRY[name]
    whole = answer(indicator, WALK)
    hole = 230
    later = answer(indicator, cut(WALK, hole + 1, N_BARS))
    for column in set(indicator.inputs) - {"ts"}:
        broken = {**WALK, column: WALK[column].copy()}
        broken[column][hole] = unknown
        outputs = answer(indicator, broken)
        assert equal_bits([output[:hole] for output in outputs], [output[:hole] for output in whole])
        assert all(np.isnan(output[hole]) for output in outputs)
        assert equal_bits([output[hole + 1 :] for output in outputs], later)


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_first_bars_are_unknown_then_a_later_start(name):
    indicator = REGISTRY[name]
    start = 33
    late = {key: column.copy() for key, column in WALK.items()}
    late[next(key for key in indicator.inputs if key != "ts")][:start] = np.nan
    outputs = answer(indicator, late)
    assert all(np.isnan(output[:start]).all() for output in outputs)
    assert equal_bits([output[start:] for output in outputs], answer(indicator, cut(WALK, start, N_BARS)))


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_everything_is_unknown_then_so_is_the_answer(name):
    indicator = REGISTRY[name]
    nothing = {key: np.full(50, np.nan) for key in WALK} | {"ts": WALK["ts"][:50]}
    assert all(np.isnan(output).all() for output in answer(indicator, nothing))


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_inputs_are_read_only_strided_or_lists_then_same_bits(name):
    indicator = REGISTRY[name]
    expected = answer(indicator, WALK)
    frozen = {key: column.copy() for key, column in WALK.items()}
    for column in frozen.values():
        column.flags.writeable = False
    assert equal_bits(answer(indicator, frozen), expected)
    assert equal_bits(answer(indicator, {k: np.repeat(v, 2)[::2] for k, v in WALK.items()}), expected)
    assert equal_bits(answer(indicator, {k: v.tolist() for k, v in WALK.items()}), expected)


PRICE, VOLUME = 0.3, 7.0


def level(flat):
    """Return the value that a declaration means: ``price``, ``20 price``, ``volume`` or a number."""
    if isinstance(flat, float):
        return flat
    times, _, unit = flat.rpartition(" ")
    return float(times or 1) * {"price": PRICE, "volume": VOLUME}[unit]


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_prices_never_move_then_the_defined_value(name):
    indicator = REGISTRY[name]
    outputs = answer(indicator, constant(150, PRICE, VOLUME))
    for output, value in zip(outputs, map(level, REGISTRY[name].flat), strict=True):
        known = output[~np.isnan(output)]
        assert known.size > 0 or np.isnan(value)
        # A difference of equal prices is exactly zero; a level may differ in its last digit.
        np.testing.assert_allclose(known, value, rtol=1e-14, atol=0.0)


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in NAMES for key in whole_parameters(name)])
def test_indicator_when_a_count_of_bars_is_impossible_then_refused(name, key):
    for value in (0, -3, 2.5, "many"):
        with pytest.raises(UsageError, match=f"{key} must be"):
            answer(REGISTRY[name], WALK, **{key: value})


@pytest.mark.parametrize(
    ("name", "key"),
    [(name, key) for name in NAMES for key in REGISTRY[name].parameters if key not in whole_parameters(name)],
)
def test_indicator_when_a_factor_is_impossible_then_refused(name, key):
    for value in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(UsageError, match=f"{key} must be"):
            answer(REGISTRY[name], WALK, **{key: value})


@pytest.mark.parametrize("name", ["adx", "cci", "hma", "rsi", "rolling_correlation", "zscore"])
def test_indicator_when_window_below_its_own_minimum_then_refused(name):
    with pytest.raises(UsageError, match="window must be >= 2, was 1"):
        answer(REGISTRY[name], WALK, window=1)


@pytest.mark.parametrize("name", [name for name in NAMES if len(REGISTRY[name].inputs) > 1])
def test_indicator_when_inputs_differ_in_length_then_refused(name):
    indicator = REGISTRY[name]
    shorter = {**WALK, indicator.inputs[-1]: WALK[indicator.inputs[-1]][:-1]}
    with pytest.raises(UsageError, match="all inputs must have 400 values"):
        answer(indicator, shorter)


@pytest.mark.parametrize("name", NAMES)
def test_indicator_when_given_a_table_then_refused(name):
    indicator = REGISTRY[name]
    wide = {key: np.ones((5, 2)) for key in WALK}
    with pytest.raises(UsageError, match="1 dimension"):
        answer(indicator, wide)


def test_macd_when_fast_is_not_faster_then_refused():
    with pytest.raises(UsageError, match="fast must be < slow, was 26 with slow 26"):
        answer(REGISTRY["macd"], WALK, fast=26)


def test_parabolic_sar_when_maximum_below_acceleration_then_refused():
    with pytest.raises(UsageError, match=r"maximum must be >= acceleration 0.02, was 0.01"):
        answer(REGISTRY["parabolic_sar"], WALK, maximum=0.01)


@pytest.mark.parametrize("name", indicators.charted())
def test_indicator_when_drawn_then_its_lines_are_outputs_with_keys_of_their_own(name):
    indicator = REGISTRY[name]
    assert indicators.charted()[name] is indicator
    style = indicator.chart
    assert {line.output for line in style.outputs} <= set(indicator.outputs)
    assert len({line.key for line in style.outputs}) == len(style.outputs)
    assert set(indicator.inputs) <= {"values", "ts", "open", "high", "low", "close", "volume"}
    assert ("window" in indicator.parameters) == (style.window > 0)


def test_registry_when_drawn_then_no_style_is_missed_by_the_files_read():
    assert {name for name in NAMES if REGISTRY[name].chart} == set(indicators.charted())
