"""The drawings of a model, its calibration and its account, and what they say to those who do not see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from markupsafe import Markup

from vigie.domain.bar import FloatArray
from vigie.drawing.calibration import CalibrationPoint, calibration_chart
from vigie.drawing.frame import Frame, legend_key
from vigie.drawing.lines import PlotLine, lines_chart
from vigie.services.operation import Table
from vigie.services.operations.model_figures import ModelBandRow, ModelEquityRow
from vigie.views.web.request_context import RequestContext

_START: Final = 100.0


def calibration_title(context: RequestContext) -> str:
    """Return what the picture of a calibration is called."""
    return context.text("Predicted and observed")


def calibration_names(context: RequestContext) -> tuple[str, str, str]:
    """Return what its three lines are called."""
    return context.text("Observed"), context.text("Perfect calibration"), context.text("Overall rate")


def overall_rate(table: Table[ModelBandRow]) -> float:
    """Return the share that came of all rows that were judged."""
    rows = sum(row.rows for row in table.rows)
    return sum(row.came * row.rows for row in table.rows) / rows if rows else 0.0


def calibration_text(context: RequestContext, table: Table[ModelBandRow]) -> str:
    """Return in words what the picture shows."""
    if not table.rows:
        return context.text("No rows were judged.")
    first, last = table.rows[0], table.rows[-1]
    pattern = context.text(
        "The lowest tenth was predicted at %(low_said)s and came true in %(low_came)s of %(rows)s cases, the highest "
        "at %(high_said)s and in %(high_came)s. Of all cases %(overall)s came true."
    )
    lang = context.lang
    return pattern % {
        "low_said": lang.percent(first.said, 1), "low_came": lang.percent(first.came, 1),
        "high_said": lang.percent(last.said, 1), "high_came": lang.percent(last.came, 1),
        "rows": lang.number(first.rows, 0), "overall": lang.percent(overall_rate(table), 1),
    }  # fmt: skip


def draw_calibration(context: RequestContext, table: Table[ModelBandRow], frame: Frame) -> str:
    """Return the picture of a calibration."""
    lang = context.lang
    pattern = context.text("predicted %(said)s, observed %(came)s, %(rows)s rows")
    points = [
        CalibrationPoint(
            row.said, row.came, row.rows,
            pattern % {
                "said": lang.percent(row.said, 1), "came": lang.percent(row.came, 1),
                "rows": lang.number(row.rows, 0),
            },
        )
        for row in table.rows
    ]  # fmt: skip
    return calibration_chart(
        points, overall_rate=overall_rate(table), frame=frame, names=calibration_names(context)
    )


def equity_names(context: RequestContext) -> tuple[str, str]:
    """Return what the two lines of an account are called."""
    return context.text("Account of the model"), context.text("Buy and hold")


def equity_title(context: RequestContext) -> str:
    """Return what the picture of the account is called."""
    return context.text("Account out of sample, 100 at the start")


def equity_text(context: RequestContext, table: Table[ModelEquityRow]) -> str:
    """Return in words what the account came to."""
    if not table.rows:
        return context.text("This version was trained before accounts were recorded: train the model again.")
    lang, last = context.lang, table.rows[-1]
    pattern = context.text(
        "From %(start)s to %(end)s the account made %(earned)s after costs, buy and hold %(held)s."
    )
    return pattern % {
        "start": lang.day(table.rows[0].ts), "end": lang.day(last.ts),
        "earned": lang.percent(last.earned, 1, signed=True), "held": lang.percent(last.held, 1, signed=True),
    }  # fmt: skip


def draw_equity(context: RequestContext, table: Table[ModelEquityRow], frame: Frame) -> str:
    """Return the account beside buy-and-hold, 100 at the start."""
    ts = np.array([row.ts for row in table.rows], np.int64)
    values: list[FloatArray] = [
        _START * (1.0 + np.array([row.earned for row in table.rows])),
        _START * (1.0 + np.array([row.held for row in table.rows])),
    ]
    names = equity_names(context)
    return lines_chart(
        [PlotLine(name, ts, line) for name, line in zip(names, values, strict=True)], frame=frame
    )


def compared_title(context: RequestContext) -> str:
    """Return what the picture of several accounts is called."""
    return context.text("Accounts out of sample, 100 at the start")


def compared_text(context: RequestContext, accounts: Mapping[str, Table[ModelEquityRow]]) -> str:
    """Return in words what several accounts came to."""
    lang = context.lang
    return lang.semicolon.join(
        f"{name}{lang.colon}{lang.percent(table.rows[-1].earned, 1, signed=True)}"
        for name, table in accounts.items()
    )


def draw_compared(
    context: RequestContext, accounts: Mapping[str, Table[ModelEquityRow]], frame: Frame
) -> str:
    """Return the accounts of several models, each 100 at its start."""
    lines = [
        PlotLine(
            name,
            np.array([row.ts for row in table.rows], np.int64),
            _START * (1.0 + np.array([row.earned for row in table.rows])),
        )
        for name, table in accounts.items()
    ]
    return lines_chart(lines, frame=frame)


def read_accounts(context: RequestContext, models: Sequence[str]) -> dict[str, Table[ModelEquityRow]]:
    """Return the accounts of versions such as ``btc_day/1``; older ones, which have none, are left out."""
    found = {}
    for model in models:
        name, _, version = model.partition("/")
        table = context.call("models.equity", name=name, version=version)
        if table.rows:
            found[model] = table
    return found


def keys(count: int) -> list[Markup]:
    """Return the samples of the first lines for a legend."""
    return [Markup(legend_key(line)) for line in range(1, count + 1)]  # noqa: S704 - drawn from a number


def page_frame(context: RequestContext, name: str, title: str, text: str) -> Frame:
    """Return the frame of a drawing in the page."""
    return Frame(name, title, text, language=context.lang.language, zone=context.lang.zone)
