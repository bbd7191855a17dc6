"""Pictures of derivatives over time: ``/chart/derivatives.svg?measure=funding&asset=bitcoin&days=30``."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.asset import happened
from vigie.views.web.pages.derivatives.charts import (
    description_of,
    history_chart,
    marked_of,
    sources_of,
    title_of,
)
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit


def _history(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    given = {name: visit.query[name] for name in ("measure", "asset", "days") if visit.query.get(name)}
    history = visit.ask("derivatives.history", **given, as_of=visit.as_of)
    if not history.rows:
        raise NotFound(f"nothing is known of {history.measure} of {history.asset} in this time")
    newest = history.origins[0].ts_event
    marks, said = happened.of_file(visit, marked_of(visit, history)["marked"])
    source = " \u00b7 ".join(part for part in (sources_of(visit, history), said) if part)
    told = Told(title_of(visit, history), description_of(visit, history), source, newest)
    return history_chart(visit, history, framed(told), marks)


PICTURES = (Picture("derivatives", _history),)
