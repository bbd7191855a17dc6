"""Pictures of a trading account: its equity."""

from __future__ import annotations

from collections.abc import Callable

from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.trading import words
from vigie.views.web.pages.trading.charts import described, equity_chart
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit


def _equity(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    name = visit.query.get("account", "main")
    account, curve = visit.ask("trading.account", account=name), visit.ask("trading.curve", account=name)
    title = (
        f"{visit.text('Equity')}: {account.account}, {words.mode(visit, account.mode)}, {account.currency}"
    )
    source = f"Vigie {account.mode} {account.venue}"
    return equity_chart(
        visit, curve, framed(Told(title, described(visit, account, curve), source, curve.rows[-1]["ts"]))
    )


PICTURES = (Picture("trading", _equity),)
