"""Pictures of formulas: ``/chart/formula.svg?f=index(market/bitcoin/price_usd)&days=365``; two units are two."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.views.drawing.frame import Frame
from vigie.views.web.naming import caller_of, licence_of
from vigie.views.web.pages.asset import happened
from vigie.views.web.pages.onchain.charts import charts_of, marked_of
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit


def _formula(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    given = {name: visit.query[name] for name in ("f", "g", "days", "joined") if visit.query.get(name)}
    answer = visit.ask("onchain.formula", **given, as_of=visit.as_of)
    called, allowed = caller_of(visit), licence_of(visit)
    source = ", ".join(
        f"{called(one.source)} ({allowed(one.licence)})" if one.licence else called(one.source)
        for one in answer.origins
    )
    marks, dots = happened.of_file(visit, marked_of(visit, answer)["marked"])
    source = " \u00b7 ".join(part for part in (source, dots) if part)
    newest = max((line.last.ts_event or 0 for line in answer.lines), default=0)

    def frame(_name: str, title: str, said: str) -> Frame:
        return framed(Told(title, said, source, newest or None))

    drawn = charts_of(visit, answer, frame, marks)
    if not drawn:
        raise NotFound("nothing is known of these series in this time")
    unit = visit.query.get("unit")
    chosen = next((one for one in drawn if one.unit == unit), drawn[0])
    return chosen.svg


PICTURES = (Picture("formula", _formula),)
