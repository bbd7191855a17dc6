"""Boards of the Studio with their numbers: parts, alternative text, whether all eyes tell the colours apart."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from vigie.domain.person import Caller
from vigie.domain.refusal import Refusal
from vigie.ports.accounts import UserStore
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.studio import BoardInput, find_board
from vigie.services.operations.studio_style import style_of
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, shown, table_of
from vigie.services.studio import alt_text, colours
from vigie.services.studio.board import Board, ChartPart, HeatPart
from vigie.services.studio.board_filler import BoardSources, FilledBoard, fill_plan
from vigie.services.studio.plan import BoardPlan, read_plan


class FilledBoardResult(OperationResult):
    """A board with its numbers: what pictures and files are made of."""

    board: Board
    missing: list[RefusalText]
    alt: str
    is_drafted: bool


class AltTextResult(OperationResult):
    """What a picture shows, for who cannot see it: as it is exported, and as it is drafted from the numbers."""

    alt: str
    drafted: str
    is_drafted: bool


class BoardNumberRow(Row):
    """One number that a board shows."""

    part: int = shown("Part", unit="count", definition="Starts at 1.")
    title: str = shown("Title")
    row: str = shown("Row", definition="Line, row or name.", default="")
    column: str = shown("Column", default="")
    ts: int | None = shown("Time", unit="ms", default=None)
    value: float | None = shown("Value", definition="Percentages are fractions of 1.", default=None)
    text: str = shown("Text", default="")


class ColourPairRow(Row):
    """How far two colours of a board are apart."""

    part: str = shown("Chart")
    first: str = shown("Line")
    second: str = shown("Compared with", definition="Another line of the chart, or the background.")
    vision: str = shown("Vision")
    distance: float = shown(
        "Difference",
        unit="ratio",
        definition="CIELAB difference between two lines; contrast ratio between a line and the background.",
    )
    least: float = shown("At least", unit="ratio")
    is_clear: bool = shown("Distinct")


@operation("studio.fill", example={"board": "b0123456789abcdef"})
def fill_board(
    caller: Caller, params: BoardInput, sources: BoardSources, accounts: UserStore
) -> FilledBoardResult:
    """Read a board with its numbers of now, their sources and what could not be shown."""
    return _filled_result(fill_own_board(sources, accounts, caller, params.board))


def _parse_plan(value: object) -> object:
    """Return a plan that came as text, as an address has it, parsed; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as fault:
        raise ValueError(Refusal("plan_not_json", "the plan is not valid JSON")) from fault


class PreviewBoardInput(OperationInput):
    """A board that need not be kept."""

    plan: Annotated[BoardPlan, BeforeValidator(_parse_plan)] = Field(
        description="A board's plan, in an address as JSON."
    )


@operation("studio.preview", example={"plan": '{"title": "Bitcoin"}'})
def preview_board(caller: Caller, params: PreviewBoardInput, sources: BoardSources) -> FilledBoardResult:
    """Fill a board that is not kept with its numbers of now."""
    return _filled_result(fill_plan(sources, caller, params.plan))


@operation("studio.numbers", example={"board": "b0123456789abcdef"})
def list_numbers(
    caller: Caller, params: BoardInput, sources: BoardSources, accounts: UserStore
) -> Table[BoardNumberRow]:
    """List every number and text of a board's parts, one a row, with their sources."""
    board = fill_own_board(sources, accounts, caller, params.board).board
    rows = [row for number, part in enumerate(board.parts, start=1) for row in _part_rows(number, part)]
    return table_of(
        BoardNumberRow,
        rows,
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
def read_alt(caller: Caller, params: BoardInput, sources: BoardSources, accounts: UserStore) -> AltTextResult:
    """Read a board's alternative text, and the one drafted from its numbers."""
    board = fill_own_board(sources, accounts, caller, params.board).board
    return AltTextResult(
        as_of=board.as_of,
        alt=alt_text.alt_text(board),
        drafted=alt_text.draft_alt_text(board),
        is_drafted=not board.alt.strip(),
    )


@operation("studio.colours", example={"board": "b0123456789abcdef"})
def check_colours(
    caller: Caller, params: BoardInput, sources: BoardSources, accounts: UserStore
) -> Table[ColourPairRow]:
    """List how far apart the lines of a board's charts are for four kinds of eyes, the nearest first."""
    style = style_of(accounts, owner_of(accounts, caller))
    colour_check = colours.check_line_colours(
        replace(
            fill_own_board(sources, accounts, caller, params.board).board,
            style=style,
        )
    )
    rows: list[ColourPairRow] = [
        ColourPairRow(
            part=entry.part,
            first=entry.first,
            second=entry.second,
            vision=entry.vision,
            distance=round(entry.distance, 1),
            least=colours.LEAST_DISTANCE,
            is_clear=entry.is_clear,
        )
        for entry in sorted(colour_check.pairs, key=lambda pair: pair.distance)
    ]
    rows += [
        ColourPairRow(
            part=entry.part,
            first=entry.name,
            second="",
            vision="usual",
            distance=round(entry.ratio, 2),
            least=colours.LEAST_CONTRAST,
            is_clear=entry.is_enough,
        )
        for entry in sorted(colour_check.contrasts, key=lambda entry: entry.ratio)
    ]
    return table_of(ColourPairRow, rows, origins=[Origin(source="vigie")], total=len(rows))


def fill_own_board(sources: BoardSources, accounts: UserStore, caller: Caller, board_id: str) -> FilledBoard:
    """Return a board of the caller's, filled with what is known now."""
    return fill_plan(sources, caller, read_plan(find_board(accounts, caller, board_id).plan))


def _filled_result(filled_board: FilledBoard) -> FilledBoardResult:
    board = filled_board.board
    return FilledBoardResult(
        as_of=board.as_of,
        board=board,
        missing=list(filled_board.missing),
        alt=alt_text.alt_text(board),
        is_drafted=not board.alt.strip(),
    )


def _part_rows(number: int, part: Any) -> list[BoardNumberRow]:
    number_row = partial(BoardNumberRow, part=number, title=part.title)
    if isinstance(part, ChartPart):
        marks = part.news.marks if part.news is not None else ()
        return [
            number_row(row=line.name, ts=ts, value=value) for line in part.lines for ts, value in line.points
        ] + [
            number_row(row=entry.publisher, column=f"/story/{entry.story}", ts=entry.ts, text=entry.title)
            for entry in marks
        ]
    if isinstance(part, HeatPart):
        cells = [number_row(row=entry.name, column="change", value=entry.change) for entry in part.cells]
        cells += [number_row(row=entry.name, column="size", value=entry.size) for entry in part.cells]
        return cells + [
            number_row(row=name, column=column_name, value=value)
            for name, values in zip(part.names, part.matrix, strict=True)
            for column_name, value in zip(part.names, values, strict=True)
        ]
    part_values = asdict(part)
    if "columns" in part_values:
        names = [entry.name for entry in part.columns]
        return [
            number_row(row=str(row[0]), column=name, text=value)
            if isinstance(value, str)
            else number_row(row=str(row[0]), column=name, value=value)
            for row in part.rows
            for name, value in zip(names, row, strict=True)
        ]
    if "words" in part_values:
        return [number_row(row=entry.text, value=entry.weight) for entry in part.words]
    return [number_row(row=part.publisher, column=part.link, ts=part.at, text=part.text)]
