"""Pictures of the journal: a trade in its bars."""

from __future__ import annotations

from collections.abc import Callable

from vigie.drawing.frame import Frame
from vigie.services.operations.journal import JournalTrade
from vigie.views.web.pages.journal.charts import chart_description, trade_chart
from vigie.views.web.pages.trading import words
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer


def trade_title(context: RequestContext, trade: JournalTrade) -> str:
    """Return what a trade's picture is called; one that was decided afterwards says so."""
    title = f"{trade.slot}, {words.mode_text(context, trade.mode)}"
    return f"{title} \u00b7 {context.text('replayed')}" if trade.is_replayed else title


def _trade(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    inputs = {"account": context.query.get("account", "main"), "trade": context.query.get("trade", "")}
    trade, chart = context.call("journal.trade", **inputs), context.call("journal.chart", **inputs)
    source = source_namer(context)(f"{trade.mode} on {trade.venue}")
    frame = make_frame(
        ChartCaption(
            trade_title(context, trade),
            chart_description(context, trade),
            source,
            trade.fact.exit_ts,
        )
    )
    return trade_chart(context, chart, frame)


PICTURES = (Picture("journal", _trade),)
