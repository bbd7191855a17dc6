"""What a board's picture shows, for who cannot see it: a fixed grammar, every word a number or a name of the board."""

from __future__ import annotations

import math
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vigie.catalogue import NamedTexts
from vigie.domain.time import DAY_MS, zoned
from vigie.intelligence.market.words import NumberFormatter, numbers_of
from vigie.services.studio.board import (
    Board,
    BoardLine,
    BoardPart,
    ChartPart,
    HeatPart,
    NewsMarks,
    QuotePart,
    TablePart,
    WordsPart,
)

MOST_LETTERS: Final = 2_000
_WORDS_NAMED: Final = 3
_MAX_NAME: Final = 120
_SENTENCES: Final = NamedTexts(
    "board.alt",
    {
        "months": "January February March April May June July August September October November December",
        "chart": "Chart: {title}, from {start} to {end}.",
        "rebased": "{name}: {change}; highest {high} on {high_at}, lowest {low} on {low_at}.",
        "absolute": "{name}: from {first} to {last} ({change}); highest {high} on {high_at}, lowest {low} on {low_at}.",
        "missing": "{name}: no data.",
        "mark": "{at}: {text}.",
        "news": "News marked when first seen here: {count}.",
        "some_news": "News marked when first seen here: {count} of {total} stories, those with the most items.",
        "no_news": "No news about it was first seen here in this period.",
        "thinned": "Not all items were read, so a story may be marked later than its first item.",
        "table": "Table: {title}; {rows} rows, {columns}.",
        "row": "{row}.",
        "words": "Word cloud: {title}; {count} words. Most frequent: {named}.",
        "heat": "Heat map: {title}; {count} cells, {up} up, {down} down.",
        "most": "Highest: {high}; lowest: {low}.",
        "matrix": "Matrix: {title}; {count} by {count}.",
        "quote": "Quotation, {publisher}, {at}: \u201c{text}\u201d.",
        "simulated": "Simulated data.",
        "empty": "{title}: no data.",
        "first_day": "1",
        "moment": "{date}, {time}",
    },
)


def draft_alt_text(board: Board) -> str:
    """Return the alternative text of a board: what, span, from, to, highest, lowest, change, part by part.

    What a person wrote is not read: the text can be asked again at any time and is the same.
    """
    part_texts = [part_text(part, board) for part in board.parts]
    title_text = f"{board.title}. " if board.title else ""
    simulated_text = f" {_SENTENCES[board.language]['simulated']}" if board.simulated else ""
    text = " ".join(f"{title_text}{' '.join(part_texts)}{simulated_text}".split(" ")).strip()
    if len(text) <= MOST_LETTERS:
        return text
    return text[: MOST_LETTERS - len(simulated_text) - 1].rstrip() + "\u2026" + simulated_text


def alt_text(board: Board) -> str:
    """Return the board's alternative text: the one a person wrote, else the drafted one."""
    return board.alt.strip() or draft_alt_text(board)


def part_text(part: BoardPart, board: Board) -> str:
    """Return what one part shows."""
    match part:
        case ChartPart():
            return _chart_text(part, board)
        case TablePart():
            return _table_text(part, board)
        case WordsPart():
            top_words = ", ".join(f"{word.text} ({word.weight})" for word in part.words[:_WORDS_NAMED])
            return _format_sentence(
                board,
                "words" if top_words else "empty",
                title=part.title,
                count=len(part.words),
                named=top_words,
            )
        case HeatPart():
            return _heat_text(part, board)
        case QuotePart():
            at = format_date(part.at, board, with_time=False)
            return _format_sentence(
                board, "quote", publisher=part.publisher, at=at, text=part.text.strip().rstrip(".")
            )


def format_date(ts: int, board: Board, *, with_time: bool) -> str:
    """Return a date in the board's zone, ``20 November 2026``, and its time where a span is short."""
    try:
        at = zoned(ts, ZoneInfo(board.zone))
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return str(ts)
    texts = _SENTENCES[board.language]
    day = texts["first_day"] if at.day == 1 else at.day
    date = f"{day} {texts['months'].split()[at.month - 1]} {at.year}"
    return texts["moment"].format(date=date, time=f"{at:%H:%M}") if with_time else date


def format_value(value: float, part: ChartPart, numbers: NumberFormatter) -> str:
    """Return a value of a chart as it is written."""
    if part.rebased:
        return numbers.percent(value, 1, sign=True)
    if part.unit in ("fraction", "rate"):
        return numbers.percent(value, 2)
    text = numbers.price(value)
    sign = {"usd": "$", "eur": "\u20ac"}.get(part.unit.lower())
    if sign:
        return f"{sign}{text}" if numbers.is_sign_first else f"{text}\u00a0{sign}"
    return f"{text}\u00a0{part.unit}" if part.unit else text


def finite_points(line: BoardLine) -> list[tuple[int, float]]:
    """Return the points of a line that are numbers."""
    return [(ts, value) for ts, value in line.points if math.isfinite(value)]


def _chart_text(part: ChartPart, board: Board) -> str:
    lines_with_points = [points for line in part.lines if (points := finite_points(line))]
    if not lines_with_points:
        return _format_sentence(board, "empty", title=part.title)
    start, end = (
        min(points[0][0] for points in lines_with_points),
        max(points[-1][0] for points in lines_with_points),
    )
    is_short = end - start <= 3 * DAY_MS
    sentences = [
        _format_sentence(
            board,
            "chart",
            title=part.title,
            start=format_date(start, board, with_time=is_short),
            end=format_date(end, board, with_time=is_short),
        )
    ]
    sentences += [_line_text(line, part, board, is_short=is_short) for line in part.lines]
    sentences += [
        _format_sentence(
            board,
            "mark",
            at=format_date(annotation.at, board, with_time=is_short),
            text=annotation.text.rstrip("."),
        )
        for annotation in part.annotations
        if start <= annotation.at <= end
    ]
    return " ".join(sentences + (_news_text(part.news, board) if part.news is not None else []))


def _news_text(news: NewsMarks, board: Board) -> list[str]:
    count = len(news.marks)
    key = "no_news" if not count else "some_news" if news.total > count else "news"
    sentences = [_format_sentence(board, key, count=count, total=news.total)]
    return [*sentences, _format_sentence(board, "thinned")] if news.is_thinned else sentences


def _line_text(line: BoardLine, part: ChartPart, board: Board, *, is_short: bool) -> str:
    points, numbers = finite_points(line), numbers_of(board.language)
    if not points:
        return _format_sentence(board, "missing", name=line.name)
    first, last = points[0][1], points[-1][1]
    high, low = max(points, key=lambda point: point[1]), min(points, key=lambda point: point[1])
    change = last - first if part.rebased or first == 0 else last / first - 1
    return _format_sentence(
        board,
        "rebased" if part.rebased else "absolute",
        name=line.name,
        first=format_value(first, part, numbers),
        last=format_value(last, part, numbers),
        change=numbers.percent(last if part.rebased else change, 1, sign=True),
        high=format_value(high[1], part, numbers),
        low=format_value(low[1], part, numbers),
        high_at=format_date(high[0], board, with_time=is_short),
        low_at=format_date(low[0], board, with_time=is_short),
    )


def _table_text(part: TablePart, board: Board) -> str:
    columns = ", ".join(column.name for column in part.columns)
    return _format_sentence(board, "table", title=part.title, rows=len(part.rows), columns=columns)


def _heat_text(part: HeatPart, board: Board) -> str:
    numbers = numbers_of(board.language)
    if part.matrix:
        pairs = [
            (value, f"{part.names[i]}/{part.names[j]} {numbers.number(value, 2)}")
            for i, row in enumerate(part.matrix)
            for j, value in enumerate(row)
            if j > i and value is not None
        ]
        sentence = _format_sentence(board, "matrix", title=part.title, count=len(part.names))
    else:
        changed = [cell for cell in part.cells if cell.change is not None]
        pairs = [
            (cell.change, f"{cell.name} {numbers.percent(cell.change, 1, sign=True)}")
            for cell in changed
            if cell.change is not None
        ]
        up, down = (sum(value > 0 for value, _ in pairs), sum(value < 0 for value, _ in pairs))
        sentence = _format_sentence(board, "heat", title=part.title, count=len(part.cells), up=up, down=down)
    if not pairs:
        return sentence
    return f"{sentence} {_format_sentence(board, 'most', high=max(pairs)[1], low=min(pairs)[1])}"


def _format_sentence(board: Board, key: str, **values: object) -> str:
    """Return a sentence; names are shortened, and what looks like a placeholder in them stays as it is."""
    shortened = {
        name: value
        if not isinstance(value, str) or name in ("text", "columns", "named")
        else value[:_MAX_NAME]
        for name, value in values.items()
    }
    return _SENTENCES[board.language][key].format(**shortened)


__all__ = [
    "MOST_LETTERS",
    "alt_text",
    "draft_alt_text",
    "finite_points",
    "format_date",
    "format_value",
    "part_text",
]
