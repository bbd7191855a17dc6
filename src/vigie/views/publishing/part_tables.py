"""Each part of a board as a table that says the same: what a picture shows can be read, sorted and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vigie.drawing.scale import SIGNS
from vigie.services.studio.alt_text import finite_points
from vigie.services.studio.board import (
    Board,
    BoardColumn,
    BoardPart,
    ChartPart,
    HeatPart,
    QuotePart,
    TableCell,
    TablePart,
    WordsPart,
)
from vigie.views.boards.phrases import PHRASES, news_text, publishers_text


@dataclass(frozen=True, slots=True)
class PartTable:
    """A part as a table; `part` is its place on the board, `source` who publishes its numbers.

    News of a chart names the publisher in each row, so that it has no `source` of its own.
    """

    title: str
    columns: tuple[BoardColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    source: str = ""
    part: int = 0


def part_tables(board: Board) -> tuple[PartTable, ...]:
    """Return every part of a board as a table, in order; annotations of a chart are its last columns.

    News marked on a chart is a table of its own, after the chart's.
    """
    tables: list[PartTable] = []
    for index, part in enumerate(board.parts):
        part_credits = board.part_credits[index] if index < len(board.part_credits) else board.credits
        tables.append(replace(part_table(part, board), source=publishers_text(part_credits), part=index))
        tables += [replace(table, part=index) for table in _news_tables(part, board)]
    return tuple(tables)


def part_table(part: BoardPart, board: Board) -> PartTable:
    """Return one part as a table."""
    words = PHRASES[board.language]
    match part:
        case ChartPart():
            return _chart_table(part, words)
        case TablePart():
            return PartTable(part.title, part.columns, part.rows)
        case WordsPart():
            columns = (BoardColumn(words["word"]), BoardColumn(words["items"], "count"))
            return PartTable(
                part.title, columns, tuple((word.text, float(word.weight)) for word in part.words)
            )
        case HeatPart():
            return _heatmap_table(part, words)
        case QuotePart():
            return _quote_table(part, words)


def _chart_table(part: ChartPart, words: Mapping[str, str]) -> PartTable:
    lines = [dict(finite_points(line)) for line in part.lines]
    marks = {annotation.at: annotation.text for annotation in part.annotations}
    times = sorted({ts for line in lines for ts in line} | set(marks))
    columns = [BoardColumn(words["time"], "time"), *(_line_column(line.name, part) for line in part.lines)]
    rows: list[tuple[TableCell, ...]] = [(float(ts), *(line.get(ts) for line in lines)) for ts in times]
    if marks:
        columns.append(BoardColumn(words["note"]))
        rows = [(*row, marks.get(ts)) for ts, row in zip(times, rows, strict=True)]
    return PartTable(part.title, tuple(columns), tuple(rows))


def _line_column(name: str, part: ChartPart) -> BoardColumn:
    """Return the column of a line."""
    if part.rebased:
        return BoardColumn(name, "share")
    if part.unit in ("fraction", "rate"):
        return BoardColumn(name, "share", "rate")
    return BoardColumn(name, "money" if part.unit.lower() in SIGNS else "number", part.unit)


def _news_tables(part: BoardPart, board: Board) -> tuple[PartTable, ...]:
    if not isinstance(part, ChartPart) or part.news is None:
        return ()
    words = PHRASES[board.language]
    columns = (
        BoardColumn(words["seen"], "time"),
        *(BoardColumn(words[name]) for name in ("asset", "title", "publisher", "story")),
    )
    separator = ": " if board.language == "en" else "\u00a0: "
    title = f"{news_text('news', part.news, board.language)}{separator}{part.title}"
    rows = tuple(
        (float(mark.ts), mark.asset, mark.title, mark.publisher, mark.story) for mark in part.news.marks
    )
    return (PartTable(title, columns, rows),)


def _quote_table(part: QuotePart, words: Mapping[str, str]) -> PartTable:
    columns = (
        BoardColumn(words["text"]),
        BoardColumn(words["publisher"]),
        BoardColumn(words["link"]),
        BoardColumn(words["published"], "time"),
    )
    return PartTable(part.title, columns, ((part.text, part.publisher, part.link, float(part.at)),))


def _heatmap_table(part: HeatPart, words: Mapping[str, str]) -> PartTable:
    if part.matrix:
        columns = (BoardColumn(words["name"]), *(BoardColumn(name, "ratio") for name in part.names))
        rows = tuple((name, *row) for name, row in zip(part.names, part.matrix, strict=True))
        return PartTable(part.title, columns, rows)
    columns = (
        BoardColumn(words["name"]),
        BoardColumn(words["size"], "number"),
        BoardColumn(words["change"], "share"),
    )
    return PartTable(part.title, columns, tuple((cell.name, cell.size, cell.change) for cell in part.cells))


__all__ = ["PartTable", "part_table", "part_tables"]
