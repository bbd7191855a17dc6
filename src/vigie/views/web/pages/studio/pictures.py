"""The picture of the house style: ``/chart/studio-style.svg``, a board of made-up lines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.drawing.frame import Frame
from vigie.services.studio.board import Board, BoardColumn, BoardLine, ChartPart, TablePart
from vigie.views.publishing.embed import svg_file
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext

_DAYS: Final = 30
_NAMES: Final = ("A", "B", "C", "D")


def _sample(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    style = context.call("studio.style").style
    now = context.now - context.now % DAY_MS
    lines = tuple(
        BoardLine(
            name,
            tuple(
                (now + (day - _DAYS) * DAY_MS, 0.04 * line_index + _wave(day, line_index))
                for day in range(_DAYS)
            ),
        )
        for line_index, name in enumerate(_NAMES)
    )
    rows = tuple((line.name, 1_234.5 * (day + 1), line.points[-1][1]) for day, line in enumerate(lines))
    columns = (BoardColumn(""), BoardColumn("", "money", "USD"), BoardColumn("", "share"))
    board = Board(
        title=context.text("House style sample"), subtitle=context.text("Lines and numbers are invented."),
        note="", alt="", shape="wide",
        language=style.language or context.lang.content_language, credits=(), as_of=now,
        simulated=False, style=style, parts=(ChartPart("", "", True, lines), TablePart("", columns, rows)),
    )  # fmt: skip
    return svg_file(board).decode()


def _wave(day: int, line_index: int) -> float:
    return 0.05 * math.sin(day / (4 + line_index))


PICTURES = (Picture("studio-style", _sample),)
