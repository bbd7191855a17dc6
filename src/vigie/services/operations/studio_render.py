"""Boards of the Studio with their numbers: parts, alternative text, whether all eyes tell the colours apart."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Final

from vigie.domain.person import Caller
from vigie.services.app_context import AppContext
from vigie.services.operation import Column, OperationResult, Origin, Table, operation
from vigie.services.operations.studio import BoardInput, find_board
from vigie.services.operations.studio_style import style_of
from vigie.services.people.ownership import owner_of
from vigie.services.studio import alt_text, colours
from vigie.services.studio.board import Board, ChartPart, HeatPart
from vigie.services.studio.board_filler import FilledBoard, fill_plan
from vigie.services.studio.plan import read_plan


class FilledBoardResult(OperationResult):
    """A board with its numbers: what pictures and files are made of."""

    board: Board
    missing: list[str]
    alt: str
    is_drafted: bool


class AltTextResult(OperationResult):
    """What a picture shows, for who cannot see it: as it is exported, and as it is drafted from the numbers."""

    alt: str
    drafted: str
    is_drafted: bool


NUMBERS: Final = [
    Column(name="part", title="Part", unit="count", definition="Starts at 1."),
    Column(name="title", title="Title"),
    Column(name="row", title="Row", definition="Line, row or name."),
    Column(name="column", title="Column"),
    Column(name="ts", title="Time", unit="ms"),
    Column(name="value", title="Value", definition="Percentages are fractions of 1."),
    Column(name="text", title="Text"),
]
COLOURS: Final = [
    Column(name="part", title="Chart"),
    Column(name="first", title="Line"),
    Column(name="second", title="Compared with", definition="Another line of the chart, or the background."),
    Column(name="vision", title="Vision"),
    Column(
        name="distance",
        title="Difference",
        unit="ratio",
        definition="CIELAB difference between two lines; contrast ratio between a line and the background.",
    ),
    Column(name="least", title="At least", unit="ratio"),
    Column(name="is_clear", title="Distinct"),
]


@operation("studio.fill", example={"board": "b0123456789abcdef"})
def fill_board(app_context: AppContext, caller: Caller, params: BoardInput) -> FilledBoardResult:
    """Read a board with its numbers of now, their sources and what could not be shown."""
    filled_board = fill_own_board(app_context, caller, params.board)
    board = filled_board.board
    return FilledBoardResult(
        as_of=board.as_of, board=board, missing=list(filled_board.missing), alt=alt_text.alt_text(board),
        is_drafted=not board.alt.strip(),
    )  # fmt: skip


@operation("studio.numbers", example={"board": "b0123456789abcdef"})
def list_numbers(app_context: AppContext, caller: Caller, params: BoardInput) -> Table:
    """List every number and text of a board's parts, one a row, with their sources."""
    board = fill_own_board(app_context, caller, params.board).board
    rows = [row for number, part in enumerate(board.parts, start=1) for row in _part_rows(number, part)]
    return Table(
        columns=NUMBERS,
        rows=rows,
        origins=[
            Origin(
                source=f"{credit.source}: {credit.series}" if credit.series else credit.source,
                licence=credit.licence,
            )
            for credit in board.credits
        ],
        total=len(rows),
        as_of=board.as_of,
    )


@operation("studio.alt", example={"board": "b0123456789abcdef"})
def read_alt(app_context: AppContext, caller: Caller, params: BoardInput) -> AltTextResult:
    """Read a board's alternative text, and the one drafted from its numbers."""
    board = fill_own_board(app_context, caller, params.board).board
    return AltTextResult(
        as_of=board.as_of,
        alt=alt_text.alt_text(board),
        drafted=alt_text.draft_alt_text(board),
        is_drafted=not board.alt.strip(),
    )


@operation("studio.colours", example={"board": "b0123456789abcdef"})
def check_colours(app_context: AppContext, caller: Caller, params: BoardInput) -> Table:
    """List how far apart the lines of a board's charts are for four kinds of eyes, the nearest first."""
    style = style_of(app_context, owner_of(app_context, caller))
    colour_check = colours.check_line_colours(
        replace(fill_own_board(app_context, caller, params.board).board, style=style)
    )
    rows: list[dict[str, Any]] = [
        {
            "part": entry.part, "first": entry.first, "second": entry.second, "vision": entry.vision,
            "distance": round(entry.distance, 1), "least": colours.LEAST_DISTANCE, "is_clear": entry.is_clear,
        }
        for entry in sorted(colour_check.pairs, key=lambda pair: pair.distance)
    ]  # fmt: skip
    rows += [
        {
            "part": entry.part, "first": entry.name, "second": "", "vision": "usual",
            "distance": round(entry.ratio, 2), "least": colours.LEAST_CONTRAST, "is_clear": entry.is_enough,
        }
        for entry in sorted(colour_check.contrasts, key=lambda entry: entry.ratio)
    ]  # fmt: skip
    return Table(columns=COLOURS, rows=rows, origins=[Origin(source="vigie")], total=len(rows))


def fill_own_board(app_context: AppContext, caller: Caller, board_id: str) -> FilledBoard:
    """Return a board of the caller's, filled with what is known now."""
    return fill_plan(app_context, caller, read_plan(find_board(app_context, caller, board_id).plan))


def _part_rows(number: int, part: Any) -> list[dict[str, Any]]:
    empty = {
        "part": number,
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
            {
                **empty,
                "row": entry.publisher,
                "column": f"/story/{entry.story}",
                "ts": entry.ts,
                "text": entry.title,
            }
            for entry in marks
        ]
    if isinstance(part, HeatPart):
        cells = [
            {**empty, "row": entry.name, "column": "change", "value": entry.change} for entry in part.cells
        ]
        cells += [{**empty, "row": entry.name, "column": "size", "value": entry.size} for entry in part.cells]
        return cells + [
            {**empty, "row": name, "column": column_name, "value": value}
            for name, values in zip(part.names, part.matrix, strict=True)
            for column_name, value in zip(part.names, values, strict=True)
        ]
    part_values = asdict(part)
    if "columns" in part_values:
        names = [entry.name for entry in part.columns]
        return [
            {**empty, "row": str(row[0]), "column": name}
            | ({"text": value} if isinstance(value, str) else {"value": value})
            for row in part.rows
            for name, value in zip(names, row, strict=True)
        ]
    if "words" in part_values:
        return [{**empty, "row": entry.text, "value": entry.weight} for entry in part.words]
    return [{**empty, "row": part.publisher, "column": part.link, "ts": part.at, "text": part.text}]
