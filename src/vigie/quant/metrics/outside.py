"""Figures of results that do not come with Vigie: what a program of them declares, and what it promises."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS


@dataclass(frozen=True, slots=True)
class OutsideMetric:
    """One figure of a result.

    Attributes
    ----------
    key : str
        a-z, 0-9 and _.
    title, unit, definition : str
        For people: its name, ``fraction`` or ``count`` or ``ratio``, and how it is computed in a sentence.
    compute : callable
        Takes the times of the equity's samples in epoch milliseconds and the equity; gives a number, NaN where it is
        not defined.
    """

    key: str
    title: str
    unit: str
    definition: str
    compute: Callable[[IntArray, FloatArray], float]

    def value(self, ts: IntArray, equity: FloatArray) -> float | None:
        """Return the figure of a result; None where it is not defined or cannot be computed.

        Parameters
        ----------
        ts : int64 array, shape (n_samples,)
            Epoch milliseconds, ascending; the function gets a copy.
        equity : float64 array, shape (n_samples,)
            Quote currency; the function gets a copy.

        Returns
        -------
        float or None
            In `unit`; None also where it is infinite or the function raised.
        """
        try:
            number = float(self.compute(ts.copy(), equity.copy()))
        except Exception:  # noqa: BLE001 - a function of others may raise anything; the others still show
            return None
        return number if math.isfinite(number) else None


def broken_rules(metrics: object) -> list[str]:
    """Return what a program's ``METRICS`` break of their contract; nothing where they keep it.

    Parameters
    ----------
    metrics : object
        The value of ``METRICS`` in a plug-in; each is run on a walk, a flat account, one sample and none.

    Returns
    -------
    list of str
        Sentences in English that begin with the metric's key; empty where nothing is broken.
    """
    if not isinstance(metrics, tuple) or not all(isinstance(item, OutsideMetric) for item in metrics):
        return ["METRICS must be a tuple of OutsideMetric"]
    return [
        f"{item.key}: {rule}" for item in metrics if isinstance(item, OutsideMetric) for rule in _check(item)
    ]


def _check(metric: OutsideMetric) -> list[str]:
    found = [
        f"{name} must be a text"
        for name in ("key", "title", "unit", "definition")
        if not getattr(metric, name)
    ]
    rng = np.random.default_rng(1)
    walk = 10_000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, 400)))
    for name, equity in {
        "a walk": walk, "a flat account": np.full(400, 10_000.0), "one sample": walk[:1], "no sample": walk[:0],
    }.items():  # fmt: skip
        ts = 1_700_000_000_000 + np.arange(len(equity), dtype=np.int64) * DAY_MS
        before = equity.copy()
        try:
            first, second = (float(metric.compute(ts.copy(), equity)) for _ in range(2))
        except Exception as fault:  # noqa: BLE001 - whatever it raises is what is looked at
            found.append(f"of {name} it raised {fault!r}")
            continue
        if not (first == second or (math.isnan(first) and math.isnan(second))):
            found.append(f"of {name} it gave {first} and then {second}")
        if equity.tobytes() != before.tobytes():
            found.append("it must not change the equity that it is given")
    return list(dict.fromkeys(found))
