"""Formulas are read or refused, never executed; they know nothing before it was known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.formulas import (
    FUNCTIONS,
    LONGEST_DAYS,
    MOST_LETTERS,
    FunctionCall,
    KnownSeries,
    SeriesRef,
    evaluate,
    parse_formula,
    render_formula,
    series_of,
    unit_of,
)

EXAMPLE = "ratio(onchain/bitcoin/active_addresses,market/bitcoin/price_usd)"
IDS = [
    "market/bitcoin/price_usd",
    "sentiment/fear_greed_index",
    "derivatives/bitget-perp:btc-usdt-perp/basis_fraction",
]
SPANS = st.integers(1, LONGEST_DAYS).map(lambda days: days * DAY_MS) | st.integers(1, 23).map(
    lambda h: h * HOUR_MS
)


def trees(depth=4):
    """Return formulas no deeper than the language allows."""
    if depth == 0:
        return st.sampled_from(IDS).map(SeriesRef)
    inner = trees(depth - 1)

    def call(name):
        function = FUNCTIONS[name]
        span = SPANS if function.has_span else st.just(0)
        return st.builds(FunctionCall, st.just(name), st.tuples(*[inner] * function.formulas), span)

    return st.sampled_from(IDS).map(SeriesRef) | st.sampled_from(sorted(FUNCTIONS)).flatmap(call)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(trees().filter(lambda tree: len(render_formula(tree)) <= MOST_LETTERS))
def test_reading_what_was_written_brings_back_the_formula(formula):
    assert parse_formula(render_formula(formula)) == formula


def read_or_refused(text):
    """Return what was read, or the words of a refusal."""
    try:
        return parse_formula(text)
    except UsageError as error:
        return str(error)


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.text(max_size=80) | st.text("ratiomendxlg(),/ 1230d_.-", max_size=80))
def test_any_text_is_read_or_refused_with_words(text):
    found = read_or_refused(text)
    if isinstance(found, str):
        assert "must" in found or found.startswith(("a formula may use only", "a formula can nest at most"))
    else:
        assert parse_formula(render_formula(found)) == found


def test_the_example_may_have_spaces():
    spaced = " ratio( onchain/bitcoin/active_addresses , market/bitcoin/price_usd ) "
    assert render_formula(parse_formula(spaced)) == EXAMPLE
    assert series_of(parse_formula(EXAMPLE)) == (
        "onchain/bitcoin/active_addresses",
        "market/bitcoin/price_usd",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a formula must not be empty"),
        ("__import__('os')", "a formula may use only names, series and"),
        (
            "eval(market/bitcoin/price_usd)",
            "function must be one of ratio difference index log change mean zscore, was 'eval'",
        ),
        ("price", "a series must look like market/bitcoin/price_usd, was 'price'"),
        ("../../etc/passwd", "a formula may use only names, series and"),
        ("a/../b", "a series must look like"),
        ("ratio(a/b)", "ratio must have 2 formulas: expected ',', had ')'"),
        ("ratio(a/b,c/d,e/f)", "expected ')', had ','"),
        ("mean(a/b)", "mean must have 1 formula and a span: expected ',', had ')'"),
        ("mean(a/b,0d)", "period of mean must be 1h to 2000d, was '0d'"),
        ("mean(a/b,9999d)", "period of mean must be"),
        ("mean(a/b,30)", "period of mean must be"),
        ("log(a/b", "had the end"),
        ("log(", "must have a name or a series here, had the end"),
        ("log(a/b) log(a/b)", "must end after log(a/b), went on with 'log'"),
        ("log(" * 7 + "a/b" + ")" * 7, "a formula can nest at most 6 brackets"),
        ("a/b+c/d", "a formula may use only names, series and"),
        ("x" * (MOST_LETTERS + 1), "at most 400 characters, had 401"),
    ],
)
def test_hostile_formulas_are_refused_with_words(text, words):
    with pytest.raises(UsageError) as refusal:
        parse_formula(text)
    assert words in str(refusal.value)


def test_more_than_eight_series_are_refused():
    parts = [f"s{k}/x" for k in range(8)]
    while len(parts) > 1:
        parts = [f"ratio({a},{b})" for a, b in zip(parts[::2], parts[1::2], strict=True)]
    assert len(series_of(parse_formula(parts[0]))) == 8
    with pytest.raises(UsageError, match="at most 8 series, used 9"):
        parse_formula(f"ratio({parts[0]},z/z)")


def known(ts, values):
    """Return a small series."""
    return KnownSeries(np.array(ts, dtype=np.int64), np.array(values, dtype=np.float64))


A = known([10, 20, 30], [1.0, 2.0, 4.0])
B = known([15, 30], [10.0, 0.0])


def values(text, ts=False, **more):
    """Return the values of a formula of a/a and b/b."""
    found = evaluate(parse_formula(text), {"a/a": A, "b/b": B}, **more)
    return (found.ts.tolist(), found.values.tolist()) if ts else found.values.tolist()


def test_parts_are_joined_by_the_time_they_became_known():
    ts, got = values("ratio(a/a,b/b)", ts=True)
    assert ts == [15, 20, 30]
    np.testing.assert_allclose(got, [0.1, 0.2, np.nan])
    assert values("difference(a/a,b/b)") == [-9.0, -8.0, 4.0]


def test_nothing_is_known_before_it_was_known():
    assert values("ratio(a/a,b/b)", ts=True, as_of=20) == ([15, 20], [0.1, 0.2])
    assert values("ratio(a/a,b/b)", ts=True, as_of=14) == ([], [])


@settings(derandomize=True, deadline=None, max_examples=80)
@given(trees(2), st.integers(0, 60))
def test_cutting_the_past_never_changes_it(formula, at):
    rng = np.random.default_rng(3)
    series = {
        name: KnownSeries(np.sort(rng.integers(0, 60, 30)) * DAY_MS, rng.uniform(0.5, 2, 30)) for name in IDS
    }
    series = {
        name: KnownSeries(*(part[np.unique(one.ts, return_index=True)[1]] for part in (one.ts, one.values)))
        for name, one in series.items()
    }
    whole, cut = evaluate(formula, series), evaluate(formula, series, as_of=at * DAY_MS)
    held = whole.ts <= at * DAY_MS
    np.testing.assert_array_equal(whole.ts[held], cut.ts)
    np.testing.assert_allclose(whole.values[held], cut.values, rtol=1e-9)


def test_index_begins_at_100_and_log_is_decimal():
    assert values("index(a/a)") == [100.0, 200.0, 400.0]
    np.testing.assert_allclose(values("log(b/b)"), [1.0, np.nan])


def days(n):
    """Return a daily series 1, 2, 3 ..."""
    return {"a/a": known([k * DAY_MS for k in range(n)], [float(k + 1) for k in range(n)])}


def test_windows_are_of_time_and_unknown_until_whole():
    found = evaluate(parse_formula("mean(a/a,3d)"), days(6))
    np.testing.assert_allclose(found.values, [np.nan, np.nan, np.nan, 3, 4, 5])
    found = evaluate(parse_formula("zscore(a/a,3d)"), days(6))
    np.testing.assert_allclose(found.values[3:], [1.2247448714] * 3)
    found = evaluate(parse_formula("change(a/a,48h)"), days(4))
    np.testing.assert_allclose(found.values, [np.nan, np.nan, 2.0, 1.0])


def test_unknown_values_of_a_series_are_skipped():
    found = evaluate(SeriesRef("a/a"), {"a/a": known([1, 2, 3], [1.0, np.nan, 3.0])})
    assert found.ts.tolist() == [1, 3]


def test_a_series_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="series c/c is unknown"):
        evaluate(parse_formula("ratio(a/a,c/c)"), {"a/a": A})


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("a/a", "usd"),
        ("ratio(a/a,b/b)", "usd/count"),
        ("ratio(a/a,a/a)", "ratio"),
        ("difference(a/a,b/b)", ""),
        ("mean(difference(a/a,a/a),2d)", "usd"),
        ("index(a/a)", "index"),
        ("log(a/a)", "log"),
        ("change(a/a,1d)", "fraction"),
        ("zscore(a/a,1d)", "sigma"),
    ],
)
def test_units_follow_from_the_parts(text, unit):
    assert unit_of(parse_formula(text), {"a/a": "usd", "b/b": "count"}) == unit
