"""The drawings of setups: bars with entry, stop and target over them, large and small."""

from __future__ import annotations

from vigie.drawing.frame import Frame
from vigie.drawing.points import NumberedMark
from vigie.drawing.setup_sketch import setup_sketch
from vigie.services.operations.setup_charts import SetupChart
from vigie.services.setups.setup_bars import POINT_NAMES
from vigie.services.setups.setup_rows import SetupRow
from vigie.views.web.level_chart import level_chart
from vigie.views.web.pages.signals import words
from vigie.views.web.request_context import RequestContext


def setup_description(context: RequestContext, row: SetupRow) -> str:
    """Return what the drawing shows, for those who do not see it."""
    lang = context.lang
    return context.text(
        "%(market)s %(side)s, %(state)s on %(when)s: close %(entry)s, stop %(stop)s, target %(target)s."
    ) % {
        "market": words.market_name(row.instrument), "side": words.side_text(context, row.side),
        "state": words.state_text(context, row.state).lower(), "when": lang.moment(row.ts_known),
        "entry": lang.price(row.entry), "stop": lang.price(row.stop), "target": lang.price(row.target),
    }  # fmt: skip


def setup_chart(context: RequestContext, chart: SetupChart, frame: Frame) -> str:
    """Return the bars around a setup with its levels over them."""
    names = POINT_NAMES[context.lang.language]
    points = [
        NumberedMark(point.number, point.ts, point.price, point.place, names[point.about])
        for point in chart.points
    ]
    return level_chart(chart, line_names(context, chart), frame, points=points)


def line_names(context: RequestContext, chart: SetupChart) -> dict[str, str]:
    """Return what the lines of a setup's chart are called, in their order."""
    names = {
        "entry": context.text("Close price"), "stop": context.text("Stop"), "target": context.text("Target"),
        "upper": context.text("Upper line"),
        "lower": context.text("Lower line"),
    }  # fmt: skip
    return {line.key: names[line.key] for line in chart.lines}


def setup_picture(context: RequestContext, row: SetupRow, chart: SetupChart) -> str:
    """Return the small picture of a setup."""
    shown = next((len(line.values) for line in chart.lines if line.key == "entry"), 0)
    return setup_sketch(
        [(bar[1], bar[2], bar[3], bar[4]) for bar in chart.bars],
        shown=shown, entry=row.entry or 0.0, stop=row.stop, target=row.target,
        label=setup_description(context, row),
    )  # fmt: skip
