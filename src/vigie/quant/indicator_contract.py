"""What every indicator promises, asked of some that do not come with Vigie: what they break, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import HOUR_MS
from vigie.quant.indicators import registry
from vigie.quant.indicators._spec import Indicator

_N_BARS: Final = 400
_CUTS: Final = (97, 211, 399)
Columns = Mapping[str, FloatArray | IntArray]


def broken_rules(indicators: object) -> list[str]:
    """Return what a program's ``INDICATORS`` break; nothing where they keep the contract.

    Parameters
    ----------
    indicators : object
        The value of ``INDICATORS`` in a plug-in; each is run on 400 made-up bars and on parts of them.

    Returns
    -------
    list of str
        Sentences in English that begin with the indicator's name; empty where nothing is broken.
    """
    if not isinstance(indicators, tuple) or not all(isinstance(item, Indicator) for item in indicators):
        return ["INDICATORS must be a tuple of Indicator"]
    return [
        f"{item.name}: {rule}" for item in indicators if isinstance(item, Indicator) for rule in _check(item)
    ]


def _check(indicator: Indicator) -> list[str]:
    if indicator.name in registry():
        return ["Vigie already has an indicator of this name"]
    columns = _walk(_N_BARS)
    if unknown := sorted(set(indicator.inputs) - set(columns)):
        return [f"inputs must be among {' '.join(columns)}, has {unknown[0]}"]
    try:
        whole = _call(indicator, columns, _N_BARS)
        warmups = indicator.warmups(**indicator.parameters)
        parts = {stop: _call(indicator, columns, stop) for stop in _CUTS}
    except Exception as fault:  # noqa: BLE001 - whatever it raises is what is looked at
        return [f"it raised {fault!r}"]
    if not len(whole) == len(indicator.outputs) == len(warmups) == len(indicator.flat):
        return ["outputs, warmups and flat must have an entry for each array that it returns"]
    found = []
    if any(output.dtype != np.float64 or output.shape != (_N_BARS,) for output in whole):
        found.append("it must return float64 arrays as long as its inputs")
    for output, name, warmup in zip(whole, indicator.outputs, warmups, strict=True):
        first = int(np.argmax(~np.isnan(output)))
        if np.isnan(output[:warmup]).sum() < warmup or (indicator.exact and first != warmup):
            found.append(f"{name} must be NaN for exactly the first {warmup} bars, was for {first}")
    for stop, part in parts.items():
        same = (a[:stop].tobytes() == b.tobytes() for a, b in zip(whole, part, strict=True))
        if not all(same):
            found.append(
                f"values must not change when later bars come: {stop} bars give others than {_N_BARS}"
            )
            break
    return found + _check_style(indicator)


def _check_style(indicator: Indicator) -> list[str]:
    style = indicator.chart
    if style is None:
        return []
    found = []
    if unknown := {line.output for line in style.outputs} - set(indicator.outputs):
        found.append(f"chart draws {min(unknown)}, which is no output")
    if ("window" in indicator.parameters) != (style.window > 0):
        found.append("chart must have a window exactly where there is a parameter window")
    if "other" in indicator.inputs:
        found.append("the chart has no second series to give it")
    return found


def _call(indicator: Indicator, columns: Columns, stop: int) -> tuple[FloatArray, ...]:
    out = indicator.function(*(columns[name][:stop].copy() for name in indicator.inputs))
    return out if isinstance(out, tuple) else (out,)


def _walk(n_bars: int) -> dict[str, FloatArray | IntArray]:
    rng = np.random.default_rng(1)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.005, n_bars)))
    spread = np.abs(rng.normal(0.0, 0.3, n_bars))
    return {
        "open": close * 0.999, "high": close * 1.001 + spread, "low": close * 0.998 - spread, "close": close,
        "volume": rng.lognormal(3.0, 1.0, n_bars), "values": close,
        "other": close * 0.5 + rng.normal(0.0, 0.5, n_bars),
        "ts": 1_700_000_000_000 // HOUR_MS * HOUR_MS + np.arange(n_bars, dtype=np.int64) * HOUR_MS,
    }  # fmt: skip
