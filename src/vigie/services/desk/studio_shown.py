"""Boards of the Studio with their numbers: parts, alternative text, whether all eyes tell the colours apart."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Final

from vigie.domain.person import Caller
from vigie.services.desk.studio import BoardAsk, found_board
from vigie.services.desk.studio_style import style_of
from vigie.services.house import House
from vigie.services.operation import Answer, Column, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.studio import alt, colours
from vigie.services.studio.board import Board, ChartPart, HeatPart
from vigie.services.studio.filling import Filled, filled
from vigie.services.studio.plan import read_plan


class FilledAnswer(Answer):
    """A board with its numbers: what pictures and files are made of."""

    board: Board
    missing: list[str]
    alt: str
    is_drafted: bool


class AltAnswer(Answer):
    """What a picture shows, for who cannot see it: as it is exported, and as it is drafted from the numbers."""

    alt: str
    drafted: str
    is_drafted: bool


NUMBERS: Final = [
    Column(name="part", title="Part", unit="count", definition="From 1 on."),
    Column(name="title", title="Title"),
    Column(name="row", title="Row", definition="Line, row or name."),
    Column(name="column", title="Column"),
    Column(name="ts", title="Time", unit="ms"),
    Column(name="value", title="Value", definition="Shares are parts of one."),
    Column(name="text", title="Text"),
]
COLOURS: Final = [
    Column(name="part", title="Chart"),
    Column(name="first", title="Line"),
    Column(name="second", title="And", definition="Another line of the chart, or the ground."),
    Column(name="vision", title="Seen with"),
    Column(
        name="distance",
        title="Apart",
        unit="ratio",
        definition="CIELAB units of two lines; contrast of a line on the ground.",
    ),
    Column(name="least", title="At least", unit="ratio"),
    Column(name="is_clear", title="Clear"),
]


@operation("studio.fill", example={"board": "b0123456789abcdef"})
def fill_board(house: House, caller: Caller, ask: BoardAsk) -> FilledAnswer:
    """Read a board with its numbers of now, their sources and what could not be shown."""
    found = board_of(house, caller, ask.board)
    board = found.board
    return FilledAnswer(
        as_of=board.as_of, board=board, missing=list(found.missing), alt=alt.told(board),
        is_drafted=not board.alt.strip(),
    )  # fmt: skip


@operation("studio.numbers", example={"board": "b0123456789abcdef"})
def list_numbers(house: House, caller: Caller, ask: BoardAsk) -> Table:
    """List every number and text of a board's parts, one a row, with their sources."""
    board = board_of(house, caller, ask.board).board
    rows = [row for place, part in enumerate(board.parts, start=1) for row in _rows(place, part)]
    return Table(
        columns=NUMBERS,
        rows=rows,
        origins=[
            Origin(source=f"{one.source}: {one.series}" if one.series else one.source, licence=one.licence)
            for one in board.credits
        ],
        total=len(rows),
        as_of=board.as_of,
    )


@operation("studio.alt", example={"board": "b0123456789abcdef"})
def read_alt(house: House, caller: Caller, ask: BoardAsk) -> AltAnswer:
    """Read a board's alternative text, and the one drafted from its numbers."""
    board = board_of(house, caller, ask.board).board
    return AltAnswer(
        as_of=board.as_of, alt=alt.told(board), drafted=alt.draft(board), is_drafted=not board.alt.strip()
    )


@operation("studio.colours", example={"board": "b0123456789abcdef"})
def check_colours(house: House, caller: Caller, ask: BoardAsk) -> Table:
    """List how far apart the lines of a board's charts are for four kinds of eyes, the nearest first."""
    style = style_of(house, owner_of(house, caller))
    found = colours.check(replace(board_of(house, caller, ask.board).board, style=style))
    rows: list[dict[str, Any]] = [
        {
            "part": one.part, "first": one.first, "second": one.second, "vision": one.vision,
            "distance": round(one.distance, 1), "least": colours.LEAST_DISTANCE, "is_clear": one.is_clear,
        }
        for one in sorted(found.pairs, key=lambda pair: pair.distance)
    ]  # fmt: skip
    rows += [
        {
            "part": one.part, "first": one.name, "second": "", "vision": "usual",
            "distance": round(one.ratio, 2), "least": colours.LEAST_CONTRAST, "is_clear": one.is_enough,
        }
        for one in sorted(found.contrasts, key=lambda one: one.ratio)
    ]  # fmt: skip
    return Table(columns=COLOURS, rows=rows, origins=[Origin(source="vigie")], total=len(rows))


def board_of(house: House, caller: Caller, board: str) -> Filled:
    """Return a board of the caller's, filled with what is known now."""
    return filled(house, caller, read_plan(found_board(house, caller, board).plan))


def _rows(place: int, part: Any) -> list[dict[str, Any]]:
    empty = {
        "part": place,
        "title": part.title,
        "row": "",
        "column": "",
        "ts": None,
        "value": None,
        "text": "",
    }
    if isinstance(part, ChartPart):
        marks = part.news.marks if part.news is not None else ()
        return [
            {**empty, "row": line.name, "ts": ts, "value": value}
            for line in part.lines
            for ts, value in line.points
        ] + [
            {**empty, "row": one.publisher, "column": f"/story/{one.story}", "ts": one.ts, "text": one.title}
            for one in marks
        ]
    if isinstance(part, HeatPart):
        cells = [{**empty, "row": one.name, "column": "change", "value": one.change} for one in part.cells]
        cells += [{**empty, "row": one.name, "column": "size", "value": one.size} for one in part.cells]
        return cells + [
            {**empty, "row": name, "column": other, "value": value}
            for name, values in zip(part.names, part.matrix, strict=True)
            for other, value in zip(part.names, values, strict=True)
        ]
    told = asdict(part)
    if "columns" in told:
        names = [one.name for one in part.columns]
        return [
            {**empty, "row": str(row[0]), "column": name}
            | ({"text": value} if isinstance(value, str) else {"value": value})
            for row in part.rows
            for name, value in zip(names, row, strict=True)
        ]
    if "words" in told:
        return [{**empty, "row": one.text, "value": one.weight} for one in part.words]
    return [{**empty, "row": part.publisher, "column": part.link, "ts": part.at, "text": part.text}]
