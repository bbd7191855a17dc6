"""The picture of the house style: ``/chart/studio-style.svg``, a board of made-up lines."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.services.studio.board import Board, BoardLine, ChartPart, Column, TablePart
from vigie.views.drawing.frame import Frame
from vigie.views.publishing.embed import svg_file
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit

_DAYS: Final = 30
_NAMES: Final = ("A", "B", "C", "D")


def _sample(visit: Visit, framed: Callable[[Told], Frame]) -> str:
    style = visit.ask("studio.style").style
    now = visit.now - visit.now % DAY_MS
    lines = tuple(
        BoardLine(
            name, tuple((now + (at - _DAYS) * DAY_MS, 0.04 * place + _wave(at, place)) for at in range(_DAYS))
        )
        for place, name in enumerate(_NAMES)
    )
    rows = tuple((line.name, 1_234.5 * (at + 1), line.points[-1][1]) for at, line in enumerate(lines))
    columns = (Column(""), Column("", "money", "USD"), Column("", "share"))
    board = Board(
        title=visit.text("A sample in your house style"), subtitle=visit.text("Lines and numbers are made up."),
        note="", alt="", shape="wide", language=style.language or visit.tongue.language, credits=(), as_of=now,
        simulated=False, style=style, parts=(ChartPart("", "", True, lines), TablePart("", columns, rows)),
    )  # fmt: skip
    return svg_file(board).decode()


def _wave(at: int, place: int) -> float:
    return 0.05 * math.sin(at / (4 + place))


PICTURES = (Picture("studio-style", _sample),)
