"""What a series is called where trials are counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.material import history
from vigie.domain.bar import Bars
from vigie.research.series import content_hash, series_name


def test_named_bars_go_by_their_name_and_others_by_their_content():
    bars = history(300)
    assert series_name(bars) == "test-perp:btc-usdt-perp/4h"
    assert series_name(replace(bars, venue="")) == ":btc-usdt-perp/4h"
    nameless = replace(bars, venue="", instrument="")
    assert series_name(nameless) == f"bars:{content_hash(bars)}/4h"
    assert len(content_hash(bars)) == 16


def swapped(values: np.ndarray) -> np.ndarray:
    out = values.copy()
    out[[10, 20]] = out[[20, 10]]
    return out


def nudged(values: np.ndarray) -> np.ndarray:
    out = values.copy()
    out[7] = np.nextafter(out[7], np.inf)
    return out


@pytest.mark.parametrize(
    "other",
    [
        lambda bars: replace(bars, close=swapped(bars.close)),
        lambda bars: replace(bars, close=nudged(bars.close)),
        lambda bars: replace(bars, close=-bars.close),
        lambda bars: replace(bars, ts=bars.ts + bars.span_ms),
        lambda bars: bars.slice(0, 299),
        lambda bars: bars.slice(1, 300),
    ],
)
def test_any_other_content_has_another_name(other):
    bars = history(300)
    assert content_hash(other(bars)) != content_hash(bars)


def test_the_same_content_is_known_again_however_it_is_laid_out():
    bars = history(300)
    table = np.column_stack([bars.close, bars.close])
    sealed = bars.sealed()
    assert content_hash(replace(bars, close=table[:, 0])) == content_hash(sealed) == content_hash(bars)


def test_a_name_does_not_depend_on_machine_or_version():
    ts = np.arange(3, dtype=np.int64) * 60_000
    close = np.array([1.0, 2.5, -0.125])
    assert content_hash(Bars("", 60_000, ts, close, close, close, close, close)) == "1db56b00904e89c0"
