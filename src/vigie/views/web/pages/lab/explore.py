"""Columns before any model is fitted, with pictures: over the first 70% of the time alone, the rest stays unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.drawing.histogram import HistogramBar, histogram_chart
from vigie.drawing.ranked_bars import RankedBar, ranked_bars_chart
from vigie.services.operations.feature_looks import ColumnTable
from vigie.services.operations.features import ColumnLookRow
from vigie.views.web.page import Page
from vigie.views.web.pages.lab import charts
from vigie.views.web.request_context import RequestContext

PATH: Final = "/columns"
_BARS: Final = ("instrument", "venue", "timeframe")
_LABELS: Final = ("direction", "return", "volatility", "barrier")
# Below it a distribution has hardly moved.
_HARDLY_MOVED: Final = 0.1
_GROUP: Final = "price"


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask what there is to see, and look where somebody asked: it takes a second or two for all columns of a group."""
    lang = context.lang
    listed = context.call("features.list", language=lang.content_language).rows
    groups = list(dict.fromkeys(row.group for row in listed))
    asked = {name: context.query[name] for name in (*_BARS, "label", "horizon") if context.query.get(name)}
    group = context.query.get("group", "")
    group = group if group in groups else _GROUP
    values: dict[str, object] = {
        "choices": context.call("models.choices"), "groups": _group_names(context, groups),
        "group": group, "asked": asked, "table": None,
        "labels": _label_names(context), "texts": {row.name: row.text for row in listed},
    }  # fmt: skip
    if not asked:
        return values
    names = [row.name for row in listed if row.group == group]
    inputs = {**asked, "columns": ",".join(names), "language": lang.content_language}
    table = context.call("features.explore", **inputs)
    known = [row for row in table.rows if row.known]
    column = context.query.get("column", "")
    column = column if column in [row.name for row in known] else known[0].name if known else ""
    return {
        **values,
        "table": table,
        "inputs": inputs,
        "pictures": _pictures(context, known),
        "column": column,
        **(_column_values(context, asked, column) if column else {}),
    }


def _group_names(context: RequestContext, groups: Sequence[str]) -> list[tuple[str, str]]:
    titles = {
        "price": context.text("Price"),
        "volume": context.text("Volume"),
        "indicators": context.text("Indicators"),
        "calendar": context.text("Calendar"),
        "cross": context.text("Other assets"),
        "derivatives": context.text("Derivatives"),
        "onchain": context.text("On-chain"),
        "news": context.text("News"),
    }
    return [(group, titles.get(group, group)) for group in groups]


def _label_names(context: RequestContext) -> dict[str, str]:
    return dict(
        zip(
            _LABELS,
            (
                context.text("Direction"),
                context.text("Return"),
                context.text("Volatility"),
                context.text("Triple barrier"),
            ),
            strict=True,
        )
    )


def _pictures(context: RequestContext, rows: Sequence[ColumnLookRow]) -> list[tuple[str, str, str]]:
    """Return id, title and drawing of what is compared between columns."""
    lang = context.lang
    found = {
        "information": [
            RankedBar(row.name, row.information, lang.fixed(row.information, 4), row.by_chance)
            for row in rows
            if row.information is not None
        ],
        "stability": [
            RankedBar(row.name, row.stability, lang.fixed(row.stability, 2), _HARDLY_MOVED)
            for row in rows
            if row.stability is not None
        ],
        "gaps": [RankedBar(row.name, row.missing or 0.0, lang.percent(row.missing, 1)) for row in rows],
    }
    titles = {
        "information": context.text("Information about the label; the mark is the chance level"),
        "stability": context.text("Stability (PSI); below the mark it hardly moved"),
        "gaps": context.text("Gaps after the first value"),
    }
    return [
        (name, titles[name], _ranked(context, name, titles[name], bars))
        for name, bars in found.items()
        if any(bar.value for bar in bars)
    ]


def _ranked(context: RequestContext, name: str, title: str, bars: Sequence[RankedBar]) -> str:
    text = context.lang.semicolon.join(f"{bar.name} {bar.text}" for bar in bars)
    return ranked_bars_chart(bars, frame=charts.page_frame(context, f"look-{name}", title, text))


def _column_values(context: RequestContext, asked: Mapping[str, str], column: str) -> dict[str, object]:
    inputs = {**{name: asked[name] for name in _BARS if name in asked}, "column": column}
    seen: ColumnTable = context.call("features.column", **inputs)
    return {
        "seen": seen,
        "column_inputs": inputs,
        "halves": [
            (title, _distribution(context, seen, half, title))
            for half, title in (
                ("earlier", context.text("Distribution, first half")),
                ("later", context.text("Distribution, second half")),
            )
        ],
        "memory": _ranked(
            context,
            "memory",
            context.text("Autocorrelation"),
            [
                RankedBar(
                    context.lang.plural("%(num)s bar before", "%(num)s bars before", one.lag)
                    % {"num": one.lag},
                    one.correlation,
                    context.lang.fixed(one.correlation, 2),
                )
                for one in seen.lags
            ],
        ),
    }


def _distribution(context: RequestContext, seen: ColumnTable, half: str, title: str) -> str:
    step = max(len(seen.rows) // 4, 1)
    bars = [
        HistogramBar(
            context.lang.number(row.low, 4) if place % step == 0 and place else "", row[half], row.low >= 0.0
        )
        for place, row in enumerate(seen.rows)
    ]
    most = max(seen.rows, key=lambda row: int(row[half]))
    text = context.text("Most values lie between %(low)s and %(high)s.") % {
        "low": context.lang.number(most.low, 4),
        "high": context.lang.number(most.high, 4),
    }
    return histogram_chart(bars, frame=charts.page_frame(context, f"half-{half}", title, text))


EXPLORE: Final = Page(
    name="explore",
    path=PATH,
    title="Columns for models",
    description="What columns look like and what they say of a label, before any model is fitted.",
    show=show,
    template="explore.html",
    is_in_menu=False,
    folder="lab",
)
