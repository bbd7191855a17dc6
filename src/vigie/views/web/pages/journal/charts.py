"""The drawing of a trade: its bars, with entry, stop, target and exit as lines while it was held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigie.domain.errors import NotFound
from vigie.domain.ids import parse_instrument
from vigie.drawing.frame import Frame
from vigie.drawing.marks import ChartMark
from vigie.services.operations.journal_chart import TradeChart
from vigie.views.web.level_chart import level_chart
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
    context: RequestContext, chart: TradeChart, frame: Frame, marks: Sequence[ChartMark] = ()
) -> str:
    """Return the bars around a trade with its levels over them, and marks of news."""
    return level_chart(chart, level_names(context), frame, marks)


def level_names(context: RequestContext) -> dict[str, str]:
    """Return what the lines of a trade's chart are called."""
    return {
        "entry": context.text("Entry"), "stop": context.text("Stop"), "target": context.text("Target"),
        "exit": context.text("Exit"),
    }  # fmt: skip


def trade_marks(
    context: RequestContext, trade: Any, chart: TradeChart
) -> tuple[dict[str, str | int], list[ChartMark]]:
    """Return which stories about the asset of a trade were first seen while its bars were made, and their marks.

    The question is empty where there are none to ask for.
    """
    if not chart.bars or not chart_events.has_news_marks(context):
        return {}, []
    query: dict[str, str | int] = {
        "assets": parse_instrument(trade.instrument).base, "start": chart.bars[0][0],
        "end": chart.bars[-1][0] + chart.step_ms, "most": chart_events.MOST,
    }  # fmt: skip
    try:
        return query, chart_events.chart_marks(context, context.call("assets.news_marks", **query))
    except NotFound:
        return {}, []
