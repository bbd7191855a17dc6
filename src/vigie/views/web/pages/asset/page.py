"""One asset: price, verdict, chart with indicators, figures, bars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.time import iso
from vigie.views.drawing.frame import Frame
from vigie.views.web.page import Page
from vigie.views.web.pages.asset import comparison, happened, quote, words
from vigie.views.web.pages.asset.charts import POINTS, own_chart, price_chart
from vigie.views.web.pages.asset.replay import replay_of
from vigie.views.web.pages.news import words as news_words
from vigie.views.web.visit import Visit

ROWS: Final = 12
STORIES: Final = 5
ENTITY: Final = re.compile(ENTITY_PATTERN)
# More than the bars' operation gives when it is not told.
ALL_ROWS: Final = 100_000
STATE: Final = ("range", "timeframe", "lines", "place", "as_of")


def show(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for the asset, its chart and a page of its bars; for the news on the chart alone no more than these need."""
    if visit.fragment == happened.PART:
        return _news_alone(visit)
    if "add" in visit.query:
        return RedirectResponse(_with_line(visit), 303)
    coin = visit.ask("assets.get", asset=visit.params["id"], as_of=visit.as_of)
    if coin.id != visit.params["id"]:
        return RedirectResponse(
            visit.url(f"/asset/{coin.id}", **words.chosen(visit.query, *STATE, "cursor")), 303
        )
    state = words.chosen(visit.query, *STATE)
    asked = {"asset": coin.id, **words.chosen(state, "range", "timeframe", "place", "lines")}
    chart = visit.ask("assets.chart", **asked, as_of=visit.as_of, points=POINTS)
    cursor = visit.query.get("cursor") or None
    bars = visit.ask("assets.bars", **asked, as_of=visit.as_of, limit=ROWS, cursor=cursor)
    exports = {**asked, "as_of": visit.as_of, "limit": ALL_ROWS if (bars.total or 0) > 10_000 else None}
    known = {key: value for key, value in exports.items() if value is not None}
    told = happened.told(visit, chart)
    return {
        "coin": coin,
        "chart": chart,
        "bars": bars,
        "svg": _price_svg(visit, chart, told["marked"]),
        "below": _below(visit, chart, known),
        "ranges": [
            (
                words.short_span(visit, span),
                visit.url(range=span, cursor=None, timeframe=None),
                span == chart.range,
            )
            for span in words.RANGES
        ],
        "shown_lines": _chips(visit),
        "kinds": [("", visit.text("None")), *((kind, words.line_name(kind)) for kind in words.LINES)],
        "timeframes": [
            (name, visit.text("Automatic") if name == "auto" else name) for name in words.TIMEFRAMES
        ],
        "exports": known,
        "span": words.span_of(visit, chart.range),
        "step": words.length_of(visit, chart.timeframe),
        "is_daily": chart.timeframe in ("1d", "1w"),
        "data": _addresses(visit, coin.id, asked, chart, told["marks_query"] if told["marks_on"] else {}),
        "as_of_text": iso(coin.as_of)[:16] if coin.as_of is not None else "",
        "state": state,
        "replay": replay_of(visit, chart),
        "lengths": {name: words.length_of(visit, name) for name in words.TIMEFRAMES},
        **told,
        **_told(visit, coin.id),
    }


def _news_alone(visit: Visit) -> dict[str, Any]:
    asked = words.chosen(visit.query, "range", "timeframe", "place")
    chart = visit.ask("assets.chart", asset=visit.params["id"], **asked, as_of=visit.as_of, points=POINTS)
    return {**happened.alone(visit, chart), **news_words.all_of(visit)}


def _told(visit: Visit, asset: str) -> dict[str, Any]:
    """Return the newest stories about the asset and how its news sounded; nothing of them on a page of the past."""
    if visit.is_past:
        return {"stories": [], "moods": [], **news_words.all_of(visit)}
    asked = {"asset": asset, "period": "1m", "least": 1, "limit": STORIES}
    moods = (
        visit.ask("entities.sentiment", entity=f"coin:{asset}") if ENTITY.fullmatch(f"coin:{asset}") else None
    )
    return {
        **news_words.all_of(visit),
        "stories": visit.ask("stories.top", **asked, language=visit.tongue.language).rows,
        "moods": [row for row in moods.rows if row["items"]] if moods else [],
    }


def _price_svg(visit: Visit, chart: Any, marked: Any) -> Markup:
    told = _frame(visit, "price", words.title_of(visit, chart), words.description_of(visit, chart))
    # What is drawn is cleaned where it is drawn.
    marks = happened.marks_of(visit, marked)
    return Markup(price_chart(chart, told, marks, happened.TWIN))  # noqa: S704 - words are escaped where they are drawn


def _frame(visit: Visit, name: str, title: str, description: str) -> Frame:
    return Frame(name, title, description, language=visit.tongue.language, zone=visit.tongue.zone)


def _below(visit: Visit, chart: Any, exports: Mapping[str, Any]) -> list[tuple[str, Markup, dict[str, Any]]]:
    """Return title, drawing and exports of each indicator that has a scale of its own."""
    found: dict[str, list[Any]] = {}
    for line in chart.lines:
        if line.pane == "own":
            found.setdefault(line.key.removesuffix("_signal"), []).append(line)
    return [
        (
            lines[0].name,
            Markup(own_chart(lines, _frame(visit, f"own-{place}", lines[0].name, lines[0].name))),  # noqa: S704 - words are escaped where they are drawn
            {**exports, "lines": word},
        )
        for place, (word, lines) in enumerate(found.items())
    ]


def _addresses(
    visit: Visit, asset: str, asked: Mapping[str, str], chart: Any, marks: Mapping[str, Any]
) -> dict[str, str]:
    """Return where the browser's chart reads bars, comparisons, drawings and marks, and where a span leads."""
    compared = {
        "mode": "absolute", "at": "open", "points": 5_000, "range": chart.range, "timeframe": chart.timeframe,
    }  # fmt: skip
    money = visit.counting("assets.chart")
    return {
        "chart": visit.url("/api/v1/assets/chart", **asked, as_of=visit.as_of, points=3_000, **money),
        "compare": visit.url("/api/v1/assets/compare", **compared, as_of=visit.as_of, **money),
        "marks": visit.url("/api/v1/assets/happened", **marks) if marks else "",
        "happened": visit.url(**{"from": None, "to": None, "cursor": None}),
        # A level in euros is no level in dollars: what is drawn belongs to the currency it was drawn in.
        "drawings": visit.url(f"/asset/{asset}/drawings", currency="eur" if chart.unit == "eur" else None)
        if visit.caller.may("write")
        else "",
    }


def _chips(visit: Visit) -> list[tuple[str, str]]:
    """Return each indicator shown with the link that takes it away."""
    shown = words.listed(visit.query.get("lines", ""))
    return [
        (words.line_name(word), visit.url(lines=",".join(w for w in shown if w != word) or None, cursor=None))
        for word in shown
    ]


def _with_line(visit: Visit) -> str:
    """Return the address that the form of the chart asks for: without what is left empty."""
    given = visit.query
    shown = words.listed(given.get("lines", ""))
    if added := given["add"]:
        window = given.get("window", "")
        shown.append(f"{added}_{window}" if window and added != "macd" else added)
    kept = words.chosen(given, "range", "place", "as_of")
    if given.get("timeframe", "auto") != "auto":
        kept["timeframe"] = given["timeframe"]
    if shown:
        kept["lines"] = ",".join(dict.fromkeys(shown))
    return visit.url(visit.path, **kept)


PAGES = (
    Page(
        name="asset",
        path="/asset/{id}",
        title="Asset",
        description="Price, changes, a verdict in plain words, chart with indicators, figures with sources, bars.",
        show=show,
        is_dated=True,
    ),
    Page(
        name="asset-compare",
        path="/asset/{id}/compare",
        title="Compare",
        description="Up to eight assets on one chart, from 100 at the start or in prices, with the numbers.",
        show=comparison.show,
        is_dated=True,
        template="compare.html",
    ),
    Page(
        name="quote",
        path="/quote/{place}",
        title="Quote",
        description="What a venue quotes of an instrument now, and whether a cited price fits the bar of its time.",
        show=quote.show,
        template="quote.html",
    ),
)
