"""News marked on the chart with their table, and what happened in a span that a person chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, iso, parse_time
from vigie.drawing.marks import ChartMark
from vigie.views.web.request_context import RequestContext

# The table of what is marked, as scripts ask for it alone.
PART: Final = "span_news"
# Where the table of what is marked stands.
TWIN: Final = "#in-span"
# More would lie over one another on most screens, and make the page slow.
MOST: Final = 30
_DAY_LETTERS: Final = len("2026-01-01")
_LONGEST: Final = 40


def chart_values(context: RequestContext, chart: Any) -> dict[str, Any]:
    """Return what is marked on a chart, whether marks are on, and what happened in the span of the address."""
    is_on, news = has_news_marks(context), marked_news(context, chart)
    return {
        "marks_on": is_on,
        "marked": news,
        "marks_query": news_query(context, chart) if chart.bars else {},
        "kinds_said": _kinds(context),
        **_span_values(context, chart),
    }


def news_table_values(context: RequestContext, chart: Any) -> dict[str, Any]:
    """Return what the table of what is marked on an asset's chart shows, for those who read that part alone."""
    return {
        "marked": marked_news(context, chart),
        "marks_query": news_query(context, chart) if chart.bars else {},
    }


def values_of_comparison(context: RequestContext, result: Any) -> dict[str, Any]:
    """Return what is marked on a comparison, and whether marks are on."""
    lines = [line.values for line in result.lines if line.values]
    assets = ",".join(item.asset for item in result.compared)
    return values_of_assets(context, assets, min((values[0][0] for values in lines), default=None))


def values_of_assets(context: RequestContext, assets: str, start: int | None) -> dict[str, Any]:
    """Return what is marked of assets from a time on, and whether marks are on; nothing where there is no time."""
    is_on = has_news_marks(context)
    query: dict[str, Any] = {}
    if start is not None:
        query = {"assets": assets, "start": start, "most": MOST}
        query |= {} if context.as_of is None else {"as_of": context.as_of}
    news = context.call("assets.news_marks", **query) if is_on and query else None
    return {"marks_on": is_on, "marked": news, "marks_query": query}


def has_news_marks(context: RequestContext) -> bool:
    """Tell whether this visitor wants news marked on charts."""
    return bool(context.settings.get("news_marks", "on") != "off")


def file_marks(context: RequestContext, news: Any) -> tuple[list[ChartMark], str]:
    """Return the marks of a file, and what it says of its dots."""
    marks = chart_marks(context, news)
    return marks, context.text("dots: news, when first seen") if marks else ""


def marked_news(context: RequestContext, chart: Any) -> Any:
    """Return what is marked on a chart; None where marks are off."""
    return _ask_events(context, chart) if has_news_marks(context) and chart.bars else None


def chart_marks(context: RequestContext, news: Any) -> list[ChartMark]:
    """Return the marks of a chart: one a story, at the time it was first seen; of several assets each is named."""
    rows = news.rows if news is not None else []
    return [
        ChartMark(
            row["ts"],
            f"{_mark_title(row)} ({row['source']}, {context.lang.moment(row['ts'])})",
            f"/story/{row['story']}",
            row["language"],
        )
        for row in rows
    ]


def _mark_title(row: Mapping[str, Any]) -> str:
    return f"{row['name']}: {row['title']}" if row.get("name") else str(row["title"])


def news_query(context: RequestContext, chart: Any) -> dict[str, Any]:
    """Return what to ask of the news that are marked on a chart."""
    inputs = {
        "asset": chart.asset,
        "kind": "story",
        "start": chart.bars[0][0],
        "as_of": context.as_of,
        "most": MOST,
    }
    return {name: value for name, value in inputs.items() if value is not None}


def _ask_events(context: RequestContext, chart: Any) -> Any:
    return context.call("assets.happened", **news_query(context, chart))


def _span_values(context: RequestContext, chart: Any) -> dict[str, Any]:
    """Return the span of the address with what happened in it; nothing where none was chosen."""
    first, last = (context.query.get(name, "").strip()[:_LONGEST] for name in ("from", "to"))
    days = _form_days(chart, first, last)
    empty_values: dict[str, Any] = {
        "span_days": days,
        "happened": None,
        "happened_query": {},
        "span_refused": "",
        "span_said": (),
    }
    if not first and not last:
        return empty_values
    try:
        start, end = _start(first), _end(last)
        inputs = {"asset": chart.asset, "start": start, "end": end, "as_of": context.as_of}
        query = {name: value for name, value in inputs.items() if value is not None}
        events = context.call("assets.happened", **query)
    except UsageError:
        refusal = context.text("Choose a start date before the end date.")
        return {**empty_values, "span_refused": refusal}
    ends = end if end is not None else context.as_of or context.now
    begins = start if start is not None else ends - 7 * DAY_MS
    return {**empty_values, "happened": events, "happened_query": query, "span_said": (begins, ends)}


def _start(text: str) -> int | None:
    return max(0, parse_time(text)) if text else None


def _end(text: str) -> int | None:
    """Return the end of a span: of a day without an hour its last instant."""
    return max(0, parse_time(text) + (DAY_MS if len(text) == _DAY_LETTERS else 0)) if text else None


def _form_days(chart: Any, first: str, last: str) -> tuple[str, str]:
    """Return the days that the form shows: those chosen, else those of the chart."""
    if not chart.bars:
        return first[:_DAY_LETTERS], last[:_DAY_LETTERS]
    begins, ends = iso(chart.bars[0][0]), iso((chart.ts_end or chart.bars[-1][0]) - 1)
    return (first or begins)[:_DAY_LETTERS], (last or ends)[:_DAY_LETTERS]


def _kinds(context: RequestContext) -> dict[tuple[str, str], str]:
    """Return what a row of what happened is, by kind and what."""
    return {
        ("story", "first_seen"): context.text("News, first seen"),
        ("register", "added"): context.text("Register: added"),
        ("register", "changed"): context.text("Register: changed"),
        ("register", "ended"): context.text("Register: licence ended"),
        ("register", "removed"): context.text("Register: removed"),
        ("funding", "highest"): context.text("Highest funding rate"),
        ("funding", "lowest"): context.text("Lowest funding rate"),
        ("price", "span"): context.text("Price over the period"),
        ("price", "bar"): context.text("Price over one bar"),
    }
