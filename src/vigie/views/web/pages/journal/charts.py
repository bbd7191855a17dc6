"""The drawing of a trade: its bars, with entry, stop, target and exit as lines while it was held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import NotFound
from vigie.domain.ids import parse_instrument
from vigie.domain.time import TIMEFRAME_MS
from vigie.views.drawing.candles import Candles, candles_chart
from vigie.views.drawing.frame import Frame
from vigie.views.drawing.marks import Mark
from vigie.views.web.pages.asset import happened
from vigie.views.web.visit import Visit


def described(visit: Visit, told: Any) -> str:
    """Return what the drawing shows, for those who do not see it."""
    tongue, fact, plan = visit.tongue, told.fact, told.plan
    return visit.text(
        "%(slot)s: entered at %(entry)s on %(begin)s, stop %(stop)s, target %(target)s, left at %(exit)s on %(end)s."
    ) % {
        "slot": told.slot, "entry": tongue.price(fact.entry), "begin": tongue.moment(fact.entry_ts),
        "stop": tongue.price(plan.stop), "target": tongue.price(plan.target),
        "exit": tongue.price(fact.exit), "end": tongue.moment(fact.exit_ts),
    }  # fmt: skip


def trade_chart(visit: Visit, told: Any, candles: Any, given: Frame, marks: Sequence[Mark] = ()) -> str:
    """Return the bars around a trade with its levels over them, and marks of news."""
    span = TIMEFRAME_MS[told.timeframe]
    ts = np.array([row["ts"] for row in candles.rows], dtype=np.int64)
    open_, high, low, close = (_column(candles, name) for name in ("open", "high", "low", "close"))
    bars = Candles(ts, open_, high, low, close, np.zeros(0), span)
    begin, end = told.fact.entry_ts // span * span, told.fact.exit_ts
    overlays = [
        (visit.text("Entry"), _level(ts, told.fact.entry, begin, end)),
        (visit.text("Stop"), _level(ts, told.plan.stop, begin, end)),
        (visit.text("Target"), _level(ts, told.plan.target, begin, end)),
        (visit.text("Exit"), _level(ts, told.fact.exit, end - span, int(ts[-1]) if len(ts) else 0)),
    ]
    return candles_chart(bars, frame=given, overlays=overlays, marks=marks)


def marks_of(visit: Visit, told: Any, candles: Any) -> list[Mark]:
    """Return the stories about the asset of a trade that were first seen while its bars were made."""
    if not candles.rows or not happened.are_on(visit):
        return []
    begin, end = candles.rows[0]["ts"], candles.rows[-1]["ts"] + TIMEFRAME_MS[told.timeframe]
    ticker = parse_instrument(told.instrument).base
    try:
        marked = visit.ask("assets.news_marks", assets=ticker, start=begin, end=end, most=happened.MOST)
    except NotFound:
        return []
    return happened.marks_of(visit, marked)


def _level(ts: IntArray, price: float, begin: int, end: int) -> FloatArray:
    # A line lies at the closes of bars: one more on the left, so that a trade of one bar has one, too.
    span = int(ts[1] - ts[0]) if len(ts) > 1 else 0
    return np.where((ts >= begin - span) & (ts < max(end, begin + span)), price, np.nan)


def _column(candles: Any, name: str) -> FloatArray:
    return np.array([row[name] for row in candles.rows], dtype=np.float64)
