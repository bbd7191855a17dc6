"""Several assets on one chart, with the numbers beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.views.drawing.frame import Frame, legend_key
from vigie.views.web.pages.asset import happened, words
from vigie.views.web.pages.asset.charts import compare_chart
from vigie.views.web.visit import Visit

ROWS: Final = 12
STATE: Final = ("with", "range", "mode", "as_of")
POINTS: Final = 400
# For the browser's chart, which can be zoomed.
FINE_POINTS: Final = 1_500


def show(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for the closes of several assets."""
    if "add" in visit.query:
        return RedirectResponse(_with_asset(visit), 303)
    if visit.fragment == happened.PART:
        return happened.of_several(visit, visit.ask("assets.compare", **_asked(visit, visit.params["id"])))
    first = visit.ask("assets.get", asset=visit.params["id"], as_of=visit.as_of)
    if first.id != visit.params["id"]:
        return RedirectResponse(
            visit.url(f"/asset/{first.id}/compare", **words.chosen(visit.query, *STATE)), 303
        )
    others = words.listed(visit.query.get("with", ""))
    asked = _asked(visit, first.id)
    answer = visit.ask("assets.compare", **asked)
    query = {"assets": asked["assets"], "mode": answer.mode, "range": answer.range}
    if visit.as_of is not None:
        query["as_of"] = str(visit.as_of)
    told = happened.of_several(visit, answer)
    return {
        **told,
        "coin": first,
        "answer": answer,
        "table": _rows(visit, answer),
        "ends": words.price_time(answer),
        "is_daily": answer.timeframe == "1d",
        "title": words.span_of(visit, answer.range),
        "svg": _svg(visit, answer, told["marked"]) if answer.rows else "",
        "keys": [Markup(legend_key(place + 1)) for place in range(len(answer.lines))],  # noqa: S704 - drawn from a number
        "without": _without(visit, others, answer),
        "choices": _choices(visit, answer),
        "ranges": [
            (words.short_span(visit, span), visit.url(range=span, cursor=None), span == answer.range)
            for span in words.RANGES
        ],
        "modes": [
            (visit.text("100 at the start"), visit.url(mode=None, cursor=None), answer.mode == "rebased"),
            (
                words.prices_in(visit, answer.unit),
                visit.url(mode="absolute", cursor=None),
                answer.mode == "absolute",
            ),
        ],
        "query": query,
        "marks": visit.url("/api/v1/assets/news_marks", **told["marks_query"]) if told["marked"] else "",
        "data": visit.url(
            "/api/v1/assets/compare", **query, until="now", points=FINE_POINTS,
            **visit.counting("assets.compare"),
        ),
    }  # fmt: skip


def _asked(visit: Visit, first: str) -> dict[str, Any]:
    others = words.listed(visit.query.get("with", ""))
    return {
        "assets": ",".join([first, *others]), **words.chosen(visit.query, "range", "mode"),
        "until": "now", "as_of": visit.as_of, "points": POINTS,
    }  # fmt: skip


def _svg(visit: Visit, answer: Any, marked: Any) -> Markup:
    frame = Frame(
        "compared", words.span_of(visit, answer.range), words.compared_description(visit, answer),
        language=visit.tongue.language, zone=visit.tongue.zone,
    )  # fmt: skip
    # What is drawn is cleaned where it is drawn.
    drawn = compare_chart(answer, frame, happened.marks_of(visit, marked), happened.TWIN)
    return Markup(drawn)  # noqa: S704 - words are escaped where they are drawn


def _without(visit: Visit, others: list[str], answer: Any) -> dict[str, str]:
    """Return the link that takes each asset away, by its id; the page's own stays."""
    symbols = {one.asset: one.symbol.lower() for one in answer.compared}
    found = {}
    for asset, symbol in symbols.items():
        left = [word for word in others if word.lower() not in (asset, symbol)]
        if len(left) < len(others):
            found[asset] = visit.url(**{"with": ",".join(left) or None, "cursor": None})
    return found


def _choices(visit: Visit, answer: Any) -> list[tuple[str, str]]:
    """Return the assets that may be added."""
    shown = [one.asset for one in answer.compared]
    return [
        (row["asset"], f"{row['name']} ({row['symbol']})")
        for row in visit.ask("assets.search", limit=200).rows
        if row["has_bars"] and row["asset"] not in shown
    ]


def _rows(visit: Visit, answer: Any) -> Any:
    """Return a page of a comparison's rows: those before the cursor."""
    text = visit.query.get("cursor", "")
    before = int(text) if text.isdecimal() and len(text) < 16 else None
    rows = [row for row in answer.rows if before is None or row["ts"] < before]
    shown = rows[:ROWS]
    cursor = str(shown[-1]["ts"]) if len(rows) > ROWS else None
    return answer.model_copy(update={"rows": shown, "next_cursor": cursor})


def _with_asset(visit: Visit) -> str:
    """Return the address that the form asks for: with one asset more."""
    others = words.listed(f"{visit.query.get('with', '')},{visit.query['add']}")
    kept = words.chosen(visit.query, "range", "mode", "as_of")
    if others:
        kept["with"] = ",".join(dict.fromkeys(others))
    return visit.url(visit.path, **kept)
