"""News marked on the chart with their table, and what happened in a span that a person chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, iso, parse_time
from vigie.views.drawing.marks import Mark
from vigie.views.web.visit import Visit

# The table of what is marked, as scripts ask for it alone.
PART: Final = "span_news"
# Where the table of what is marked stands.
TWIN: Final = "#in-span"
# More would lie over one another on most screens, and make the page slow.
MOST: Final = 30
_DAY_LETTERS: Final = len("2026-01-01")
_LONGEST: Final = 40


def told(visit: Visit, chart: Any) -> dict[str, Any]:
    """Return what is marked on a chart, whether marks are on, and what happened in the span of the address."""
    is_on, marked = are_on(visit), marked_of(visit, chart)
    return {
        "marks_on": is_on,
        "marked": marked,
        "marks_query": _asked(visit, chart) if chart.bars else {},
        "kinds_said": _kinds(visit),
        **_chosen(visit, chart),
    }


def alone(visit: Visit, chart: Any) -> dict[str, Any]:
    """Return what the table of what is marked on an asset's chart shows, for those who read that part alone."""
    return {"marked": marked_of(visit, chart), "marks_query": _asked(visit, chart) if chart.bars else {}}


def of_several(visit: Visit, answer: Any) -> dict[str, Any]:
    """Return what is marked on a comparison, and whether marks are on."""
    lines = [line.values for line in answer.lines if line.values]
    assets = ",".join(one.asset for one in answer.compared)
    return of_assets(visit, assets, min((values[0][0] for values in lines), default=None))


def of_assets(visit: Visit, assets: str, start: int | None) -> dict[str, Any]:
    """Return what is marked of assets from a time on, and whether marks are on; nothing where there is no time."""
    is_on = are_on(visit)
    query: dict[str, Any] = {}
    if start is not None:
        query = {"assets": assets, "start": start, "most": MOST}
        query |= {} if visit.as_of is None else {"as_of": visit.as_of}
    marked = visit.ask("assets.news_marks", **query) if is_on and query else None
    return {"marks_on": is_on, "marked": marked, "marks_query": query}


def are_on(visit: Visit) -> bool:
    """Tell whether this visitor wants news marked on charts."""
    return bool(visit.settings.get("news_marks", "on") != "off")


def of_file(visit: Visit, marked: Any) -> tuple[list[Mark], str]:
    """Return the marks of a file, and what it says of its dots."""
    marks = marks_of(visit, marked)
    return marks, visit.text("dots: news, when first seen") if marks else ""


def marked_of(visit: Visit, chart: Any) -> Any:
    """Return what is marked on a chart; None where marks are off."""
    return _marked(visit, chart) if are_on(visit) and chart.bars else None


def marks_of(visit: Visit, marked: Any) -> list[Mark]:
    """Return the marks of a chart: one a story, at the time it was first seen; of several assets each is named."""
    rows = marked.rows if marked is not None else []
    return [
        Mark(
            row["ts"],
            f"{_named(row)} ({row['source']}, {visit.tongue.moment(row['ts'])})",
            f"/story/{row['story']}",
            row["language"],
        )
        for row in rows
    ]


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['name']}: {row['title']}" if row.get("name") else str(row["title"])


def _asked(visit: Visit, chart: Any) -> dict[str, Any]:
    found = {
        "asset": chart.asset,
        "kind": "story",
        "start": chart.bars[0][0],
        "as_of": visit.as_of,
        "most": MOST,
    }
    return {name: value for name, value in found.items() if value is not None}


def _marked(visit: Visit, chart: Any) -> Any:
    return visit.ask("assets.happened", **_asked(visit, chart))


def _chosen(visit: Visit, chart: Any) -> dict[str, Any]:
    """Return the span of the address with what happened in it; nothing where none was chosen."""
    first, last = (visit.query.get(name, "").strip()[:_LONGEST] for name in ("from", "to"))
    shown = _shown_days(chart, first, last)
    bare: dict[str, Any] = {
        "span_days": shown,
        "happened": None,
        "happened_query": {},
        "span_refused": "",
        "span_said": (),
    }
    if not first and not last:
        return bare
    try:
        start, end = _start(first), _end(last)
        asked = {"asset": chart.asset, "start": start, "end": end, "as_of": visit.as_of}
        query = {name: value for name, value in asked.items() if value is not None}
        found = visit.ask("assets.happened", **query)
    except UsageError:
        said = visit.text("Choose two dates, the first before the second.")
        return {**bare, "span_refused": said}
    ends = end if end is not None else visit.as_of or visit.now
    begins = start if start is not None else ends - 7 * DAY_MS
    return {**bare, "happened": found, "happened_query": query, "span_said": (begins, ends)}


def _start(text: str) -> int | None:
    return max(0, parse_time(text)) if text else None


def _end(text: str) -> int | None:
    """Return the end of a span: of a day without an hour its last instant."""
    return max(0, parse_time(text) + (DAY_MS if len(text) == _DAY_LETTERS else 0)) if text else None


def _shown_days(chart: Any, first: str, last: str) -> tuple[str, str]:
    """Return the days that the form shows: those chosen, else those of the chart."""
    if not chart.bars:
        return first[:_DAY_LETTERS], last[:_DAY_LETTERS]
    begins, ends = iso(chart.bars[0][0]), iso((chart.ts_end or chart.bars[-1][0]) - 1)
    return (first or begins)[:_DAY_LETTERS], (last or ends)[:_DAY_LETTERS]


def _kinds(visit: Visit) -> dict[tuple[str, str], str]:
    """Return what a row of what happened is, by kind and what."""
    return {
        ("story", "first_seen"): visit.text("News, first seen"),
        ("register", "added"): visit.text("Register: added"),
        ("register", "changed"): visit.text("Register: changed"),
        ("register", "ended"): visit.text("Register: licence ended"),
        ("register", "removed"): visit.text("Register: removed"),
        ("funding", "highest"): visit.text("Funding: highest"),
        ("funding", "lowest"): visit.text("Funding: lowest"),
        ("price", "span"): visit.text("Price over the span"),
        ("price", "bar"): visit.text("Price in one bar"),
    }
