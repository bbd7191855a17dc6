"""Columns before any model is fitted, with pictures: over the first 70% of the time alone, the rest stays unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.drawing.ranked_bars import RankedBar
from vigie.services.operations.feature_looks import ColumnTable
from vigie.services.operations.features import ColumnLookRow, ExploreTable
from vigie.views.web.page import Page
from vigie.views.web.pages.lab import charts, looks
from vigie.views.web.request_context import RequestContext

PATH: Final = "/columns"
_LABELS: Final = ("direction", "return", "volatility", "barrier")
_GROUP: Final = "price"


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask what there is to see, and look where somebody asked: it takes a second or two for all columns of a group."""
    lang = context.lang
    listed = context.call("features.list", language=lang.content_language).rows
    groups = list(dict.fromkeys(row.group for row in listed))
    asked = {
        name: context.query[name] for name in (*looks.BARS, "label", "horizon") if context.query.get(name)
    }
    group = context.query.get("group", "")
    group = group if group in groups else _GROUP
    values: dict[str, object] = {
        "choices": context.call("models.choices"), "groups": _group_names(context, groups),
        "group": group, "asked": asked, "table": None,
        "labels": _label_names(context), "texts": {row.name: row.text for row in listed},
    }  # fmt: skip
    if not asked:
        return values
    inputs = {**asked, "group": group, "language": lang.content_language}
    table = context.call("features.explore", **inputs)
    known = [row for row in table.rows if row.known]
    column = context.query.get("column", "")
    column = column if column in [row.name for row in known] else known[0].name if known else ""
    return {
        **values,
        "table": table,
        "missing": "" if known else _how_to_get(context, group, table),
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


def _how_to_get(context: RequestContext, group: str, table: ExploreTable) -> str:
    """Return what is missing where no column of a group has a value, and the command that gets it."""
    reads = {
        "cross": context.text(
            "They compare with other instruments of the same venue, and none with %(timeframe)s bars up to the same "
            "time is stored here. `vigie data fetch %(venue)s ETH SOL --timeframe %(timeframe)s` fetches some."
        )
        % {"venue": table.venue, "timeframe": table.timeframe},
        "derivatives": context.text(
            "They read funding, open interest, basis and liquidations, and none of these is stored here for this "
            "asset. `vigie collect` collects them."
        ),
        "onchain": context.text(
            "They read on-chain metrics, and none is stored here for this asset. `vigie collect` collects them for the "
            "assets that a source covers."
        ),
        "news": context.text(
            "They read news about this asset and the market's mood, and nothing of these is stored here. "
            "`vigie collect` collects both."
        ),
    }
    return reads.get(group, table.rows[0].left_out)


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
    found = {name: looks.compared_bars(context, rows, name) for name in looks.COMPARED}
    return [
        (name, title, _ranked(context, name, title, bars))
        for name, bars in found.items()
        if any(bar.value for bar in bars)
        for title in (looks.compared_title(context, name),)
    ]


def _ranked(context: RequestContext, name: str, title: str, bars: Sequence[RankedBar]) -> str:
    text = looks.ranked_text(context, bars)
    return looks.draw_ranked(bars, charts.page_frame(context, f"look-{name}", title, text))


def _column_values(context: RequestContext, asked: Mapping[str, str], column: str) -> dict[str, object]:
    inputs = {**{name: asked[name] for name in looks.BARS if name in asked}, "column": column}
    seen: ColumnTable = context.call("features.column", **inputs)
    return {
        "seen": seen,
        "column_inputs": inputs,
        "halves": [(half, *_half(context, seen, half)) for half in looks.HALVES],
        "memory_title": looks.memory_title(context),
        "memory": _ranked(context, "memory", looks.memory_title(context), looks.memory_bars(context, seen)),
    }


def _half(context: RequestContext, seen: ColumnTable, half: str) -> tuple[str, str]:
    title, text = looks.half_title(context, half), looks.half_text(context, seen, half)
    frame = charts.page_frame(context, f"half-{half}", title, text)
    return title, looks.draw_half(context, seen, half, frame)


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
