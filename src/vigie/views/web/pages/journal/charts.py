"""The drawing of a trade: its bars, with entry, stop, target and exit as lines while it was held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import NotFound
from vigie.domain.ids import parse_instrument
from vigie.domain.time import TIMEFRAME_MS
from vigie.drawing.candles import CandleSeries, candles_chart
from vigie.drawing.frame import Frame
from vigie.drawing.marks import ChartMark
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.request_context import RequestContext


def chart_description(context: RequestContext, trade: Any) -> str:
    """Return what the drawing shows, for those who do not see it."""
    lang, fact, plan = context.lang, trade.fact, trade.plan
    return context.text(
        "%(slot)s: opened at %(entry)s on %(begin)s, stop %(stop)s, target %(target)s, closed at %(exit)s "
        "on %(end)s."
    ) % {
        "slot": trade.slot, "entry": lang.price(fact.entry), "begin": lang.moment(fact.entry_ts),
        "stop": lang.price(plan.stop), "target": lang.price(plan.target),
        "exit": lang.price(fact.exit), "end": lang.moment(fact.exit_ts),
    }  # fmt: skip


def trade_chart(
    context: RequestContext, trade: Any, candles: Any, frame: Frame, marks: Sequence[ChartMark] = ()
) -> str:
    """Return the bars around a trade with its levels over them, and marks of news."""
    span = TIMEFRAME_MS[trade.timeframe]
    ts = np.array([row["ts"] for row in candles.rows], dtype=np.int64)
    open_, high, low, close = (_column(candles, name) for name in ("open", "high", "low", "close"))
    bars = CandleSeries(ts, open_, high, low, close, np.zeros(0), span)
    begin, end = trade.fact.entry_ts // span * span, trade.fact.exit_ts
    overlays = [
        (context.text("Entry"), _level(ts, trade.fact.entry, begin, end)),
        (context.text("Stop"), _level(ts, trade.plan.stop, begin, end)),
        (context.text("Target"), _level(ts, trade.plan.target, begin, end)),
        (context.text("Exit"), _level(ts, trade.fact.exit, end - span, int(ts[-1]) if len(ts) else 0)),
    ]
    return candles_chart(bars, frame=frame, overlays=overlays, marks=marks)


def trade_marks(context: RequestContext, trade: Any, candles: Any) -> list[ChartMark]:
    """Return the stories about the asset of a trade that were first seen while its bars were made."""
    if not candles.rows or not chart_events.has_news_marks(context):
        return []
    begin, end = candles.rows[0]["ts"], candles.rows[-1]["ts"] + TIMEFRAME_MS[trade.timeframe]
    ticker = parse_instrument(trade.instrument).base
    try:
        news = context.call("assets.news_marks", assets=ticker, start=begin, end=end, most=chart_events.MOST)
    except NotFound:
        return []
    return chart_events.chart_marks(context, news)


def _level(ts: IntArray, price: float, begin: int, end: int) -> FloatArray:
    # A line lies at the closes of bars: one more on the left, so that a trade of one bar has one, too.
    span = int(ts[1] - ts[0]) if len(ts) > 1 else 0
    return np.where((ts >= begin - span) & (ts < max(end, begin + span)), price, np.nan)


def _column(candles: Any, name: str) -> FloatArray:
    return np.array([row[name] for row in candles.rows], dtype=np.float64)
