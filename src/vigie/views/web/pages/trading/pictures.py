"""Pictures of a trading account: its equity."""

from __future__ import annotations

from collections.abc import Callable

from vigie.drawing.frame import Frame
from vigie.views.web.pages.trading import words
from vigie.views.web.pages.trading.charts import chart_description, equity_chart
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer


def _equity(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    name = context.query.get("account", "main")
    account, curve = (
        context.call("trading.account", account=name),
        context.call("trading.curve", account=name),
    )
    title = f"{context.text('Equity')}: {account.account}, {words.mode_text(context, account.mode)}, {account.currency}"
    source = source_namer(context)(f"{account.mode} on {account.venue}")
    return equity_chart(
        context,
        curve,
        make_frame(
            ChartCaption(title, chart_description(context, account, curve), source, curve.rows[-1]["ts"])
        ),
    )


PICTURES = (Picture("trading", _equity),)
