"""Pictures of the journal: a trade in its bars."""

from __future__ import annotations

from collections.abc import Callable

from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.journal.charts import described, trade_chart
from vigie.views.web.pages.trading import words
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit


def _trade(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    asked = {"account": visit.query.get("account", "main"), "trade": visit.query.get("trade", "")}
    told, candles = visit.ask("journal.trade", **asked), visit.ask("journal.candles", **asked)
    source = f"Vigie {told.mode} {told.venue}"
    frame = framed(
        Told(
            f"{told.slot}, {words.mode(visit, told.mode)}", described(visit, told), source, told.fact.exit_ts
        )
    )
    return trade_chart(visit, told, candles, frame)


PICTURES = (Picture("journal", _trade),)
