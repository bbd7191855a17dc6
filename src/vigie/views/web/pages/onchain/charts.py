"""The drawings of formulas and of DeFi over time, and what they say to those who do not see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from vigie.domain.asset import WATCHED
from vigie.domain.errors import NotFound
from vigie.drawing.frame import Frame, legend_key
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.drawing.marks import ChartMark
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.request_context import RequestContext

# Series that are about one asset, and those of them that are about all.
OF_ASSETS: Final = ("market", "onchain", "stablecoins")
OF_ALL: Final = ("global", "total")
# Units that stand beside the values: a sign, per cent, or none.
_SAID: Final = ("", "usd", "eur", "index", "ratio", "fraction", "rate", "change")
NAMES: Final = {asset.id: asset.name for asset in WATCHED}


@dataclass(frozen=True, slots=True)
class FormulaChart:
    """One chart: lines of one unit."""

    title: str
    description: str
    unit: str
    svg: str
    legend: list[tuple[Markup, str, str]]


def news_values(context: RequestContext, result: Any) -> dict[str, Any]:
    """Return which news are marked on a chart of formulas: those about the assets that its series are of."""
    assets = dict.fromkeys(
        asset for line in result.lines for name in line.series if (asset := _series_asset(name))
    )
    start = min((row["ts"] for row in result.rows), default=None) if assets else None
    try:
        return chart_events.values_of_assets(context, ",".join(assets), start)
    except NotFound:
        # What no asset has, such as a chain without a coin of that name, has no news either.
        return chart_events.values_of_assets(context, "", None)


def _series_asset(series: str) -> str:
    topic, _, rest = series.partition("/")
    subject = rest.rpartition("/")[0]
    return subject if topic in OF_ASSETS and subject not in OF_ALL else ""


def draw_charts(
    context: RequestContext,
    result: Any,
    make_frame: Callable[[str, str, str], Frame],
    marks: Sequence[ChartMark] = (),
    more: str = "",
) -> list[FormulaChart]:
    """Return a chart for each unit of an answer of ``onchain.formula``, all over the same time.

    Parameters
    ----------
    make_frame : callable
        Makes the frame of a name, a title and a description.
    marks : sequence of ChartMark
        Of news, on each chart; `more` leads to all of them.
    """
    by_unit: dict[str, list[Any]] = {}
    for line in result.lines:
        by_unit.setdefault(line.unit, []).append(line)
    charts = []
    for place, (unit, lines_of_unit) in enumerate(by_unit.items()):
        if all(line.last.value is None for line in lines_of_unit):
            continue
        title = chart_title(context, lines_of_unit)
        description = chart_description(context, result, lines_of_unit)
        lines = [_line(result, line) for line in lines_of_unit]
        svg = lines_chart(
            lines,
            frame=make_frame(f"formula-{place}", title, description),
            unit=chart_unit(unit),
            marks=marks,
            news_link=more,
        )
        legend = [
            (
                Markup(legend_key(number + 1)),  # noqa: S704 - drawn here, of numbers alone
                line_name(context, line),
                value_text(context, line, line.last.value),
            )
            for number, line in enumerate(lines_of_unit)
        ]
        charts.append(FormulaChart(title, description, unit, svg, legend))
    return charts


def chart_unit(unit: str) -> str:
    """Return how a unit is written beside a chart."""
    return "fraction" if unit == "change" else unit if unit in ("usd", "eur", "fraction", "rate") else "index"


def value_text(context: RequestContext, line: Any, value: float | None) -> str:
    """Write a value of a line: money of which all series are sums has cents."""
    return context.lang.unit(value, line.unit, is_amount=context.lang.is_amount(*line.series))


def chart_title(context: RequestContext, lines: Sequence[Any]) -> str:
    """Return what a chart of some lines is called: their formulas, and the unit where it has a name."""
    unit = lines[0].unit
    names = ", ".join(line_name(context, line) for line in lines)
    return names if unit in _SAID else f"{names} ({context.text(unit)})"


def line_name(context: RequestContext, line: Any) -> str:
    """Return what a line is called: a series by its title, anything else by its formula."""
    if not line.subject:
        return str(line.title).replace(",", ", ")
    subject = subject_name(context, line.series[0], line.subject)
    return context.text("{title}: {subject}").format(title=context.text(line.title), subject=subject)


def subject_name(context: RequestContext, series: str, subject: str) -> str:
    """Return what a series is about as people say it; its id where nobody gave it a name."""
    if subject in OF_ALL:
        topic = series.partition("/")[0]
        return {"stablecoins": context.text("all stablecoins"), "defi": context.text("all of DeFi")}.get(
            topic, context.text("the whole market")
        )
    area_names = {"euro": context.text("Euro area"), "us": context.text("United States")}
    return (area_names if series.startswith("macro/") else NAMES).get(subject, subject)


def chart_description(context: RequestContext, result: Any, lines: Sequence[Any]) -> str:
    """Return first, last, lowest and highest value of each line in words."""
    pattern = context.text("{line}: first {first}, last {last}, lowest {low}, highest {high}")
    parts = []
    for line in lines:
        values = [row[line.key] for row in result.rows if row.get(line.key) is not None]
        if values:
            values_text = {
                key: value_text(context, line, value)
                for key, value in (
                    ("first", values[0]), ("last", values[-1]), ("low", min(values)), ("high", max(values)),
                )
            }  # fmt: skip
            parts.append(pattern.format(line=line_name(context, line), **values_text))
    return context.lang.semicolon.join(parts) if parts else context.text("No data for this period.")


def _line(result: Any, line: Any) -> PlotLine:
    rows = [row for row in result.rows if row.get(line.key) is not None]
    ts = np.array([row["ts"] for row in rows], dtype=np.int64)
    return PlotLine(line.title, ts, np.array([row[line.key] for row in rows], dtype=np.float64))
