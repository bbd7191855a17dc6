"""Pictures of the lab: ``/chart/model-equity.svg?name=btc_day``, ``/chart/columns-information.svg?instrument=BTC``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vigie.domain.errors import NotFound
from vigie.drawing.frame import MOST_LINES, Frame
from vigie.views.web.pages.lab import looks
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


def _query_values(context: RequestContext, *names: str) -> dict[str, str]:
    return {name: context.query[name] for name in names if context.query.get(name)}


def _draw_look(name: str, context: RequestContext, make_frame: FrameMaker) -> str:
    asked = _query_values(context, *looks.BARS, "label", "horizon", "columns", "group", "language")
    table = context.call("features.explore", **asked)
    (origin,) = table.origins
    bars = looks.compared_bars(context, table.rows, name)
    caption = ChartCaption(
        f"{asked.get('instrument', '')}{context.lang.colon}{looks.compared_title(context, name)}",
        looks.ranked_text(context, bars), source_namer(context)(origin.source), origin.ts_event,
    )  # fmt: skip
    return looks.draw_ranked(bars, make_frame(caption))


def _draw_column(name: str, context: RequestContext, make_frame: FrameMaker) -> str:
    asked = _query_values(context, *looks.BARS, "column")
    seen = context.call("features.column", **asked)
    (origin,) = seen.origins
    is_memory = name == "memory"
    bars = looks.memory_bars(context, seen) if is_memory else []
    title = looks.memory_title(context) if is_memory else looks.half_title(context, name)
    text = looks.ranked_text(context, bars) if is_memory else looks.half_text(context, seen, name)
    called = f"{asked.get('instrument', '')} {asked.get('column', '')}".strip()
    frame = make_frame(
        ChartCaption(
            f"{called}{context.lang.colon}{title}",
            text,
            source_namer(context)(origin.source),
            origin.ts_event,
        )
    )
    return looks.draw_ranked(bars, frame) if is_memory else looks.draw_half(context, seen, name, frame)


PICTURES = (
    Picture("model-calibration", _calibration),
    Picture("model-equity", _equity),
    Picture("models-compared", _compared),
    *(Picture(f"columns-{name}", partial(_draw_look, name)) for name in looks.COMPARED),
    *(Picture(f"column-{name}", partial(_draw_column, name)) for name in (*looks.HALVES, "memory")),
)
