"""Pictures of a model: ``/chart/model-calibration.svg?name=btc_day`` and ``/chart/model-equity.svg?name=btc_day``."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.drawing.frame import MOST_LINES, Frame
from vigie.views.web.pages.lab.charts import (
    calibration_text,
    calibration_title,
    compared_text,
    compared_title,
    draw_calibration,
    draw_compared,
    draw_equity,
    equity_text,
    equity_title,
    read_accounts,
)
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer

FrameMaker = Callable[[ChartCaption], Frame]


def _asked(context: RequestContext) -> dict[str, str]:
    return {name: context.query[name] for name in ("name", "version") if context.query.get(name)}


def _caption(context: RequestContext, title: str, text: str, source: str, ts: int | None) -> ChartCaption:
    name, version = context.query.get("name", ""), context.query.get("version", "")
    called = f"{name}/{version}" if version else name
    return ChartCaption(f"{called}{context.lang.colon}{title}", text, source_namer(context)(source), ts)


def _calibration(context: RequestContext, make_frame: FrameMaker) -> str:
    table = context.call("models.calibration", **_asked(context))
    (origin,) = table.origins
    title, text = calibration_title(context), calibration_text(context, table)
    frame = make_frame(_caption(context, title, text, origin.source, origin.ts_event))
    return draw_calibration(context, table, frame)


def _equity(context: RequestContext, make_frame: FrameMaker) -> str:
    table = context.call("models.equity", **_asked(context))
    if not table.rows:
        raise NotFound(
            "model_without_equity",
            "{name} was trained before accounts were recorded: train it again",
            name=context.query.get("name", ""),
        )
    (origin,) = table.origins
    title, text = equity_title(context), equity_text(context, table)
    frame = make_frame(_caption(context, title, text, origin.source, table.rows[-1].ts))
    return draw_equity(context, table, frame)


def _compared(context: RequestContext, make_frame: FrameMaker) -> str:
    table = context.call("models.compare", models=context.query.get("models", ""))
    accounts = read_accounts(context, [f"{row.name}/{row.version}" for row in table.rows[:MOST_LINES]])
    if not accounts:
        raise NotFound("models_without_equity", "none of these models has an account: train them again")
    (origin,) = table.origins
    newest = max(own.rows[-1].ts for own in accounts.values())
    caption = ChartCaption(
        compared_title(context),
        compared_text(context, accounts),
        source_namer(context)(origin.source),
        newest,
    )
    return draw_compared(context, accounts, make_frame(caption))


PICTURES = (
    Picture("model-calibration", _calibration),
    Picture("model-equity", _equity),
    Picture("models-compared", _compared),
)
