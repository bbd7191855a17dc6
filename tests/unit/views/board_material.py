"""Boards that tests draw: ordinary ones, and texts that try to break out."""

from __future__ import annotations

import math
from dataclasses import replace

from vigie.services.studio.board import (
    Annotation,
    Board,
    BoardColumn,
    BoardLine,
    ChartPart,
    Credit,
    HeatCell,
    HeatPart,
    NewsMark,
    NewsMarks,
    QuotePart,
    TablePart,
    WeightedWord,
    WordsPart,
)

DAY = 86_400_000
# 18 November 2026, 11:06:40 UTC.
NOW = 1_795_000_000_000
CREDITS = (Credit("Binance", "terms of the venue"), Credit("CoinGecko", "CC BY-NC 4.0", non_commercial=True))
HOSTILE = (
    "</svg><script>alert(1)</script>",
    "\x00\x08\x1b[31m\ufffe\ud800\u202e",
    "x" * 10_000,
    "=HYPERLINK(1)",
    "]]><!ENTITY a>&b;",
    "",
)


def line(name, count=60, step=DAY, bend=1.0, rise=0.001):
    start = NOW - (count - 1) * step
    points = tuple(
        (start + at * step, rise * at + 0.05 * math.sin(at / 5 * bend) - 0.05 * math.sin(0))
        for at in range(count)
    )
    return BoardLine(name, points)


def chart(lines=2, title="Over a month", notes=()):
    names = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "AVAX", "LINK")[:lines]
    return ChartPart(
        title, "USD", True, tuple(line(name, bend=1 + at / 3) for at, name in enumerate(names)), notes
    )


def newsy(*titles, lines=2, total=0, is_thinned=False, publisher="A Journal"):
    """Return a chart with a story every two days, the last of them after its last value."""
    marks = tuple(
        NewsMark(NOW + 3_600_000 - 2 * at * DAY, "Bitcoin", title, publisher, f"{at:020x}", "en")
        for at, title in reversed(list(enumerate(titles)))
    )
    return replace(chart(lines), news=NewsMarks(marks, max(total, len(marks)), is_thinned))


def table(rows=3, columns=3, name="Bitcoin"):
    heads = (BoardColumn("Asset"), *(BoardColumn(f"{at} d", "share") for at in range(1, columns)))
    return TablePart("Changes", heads, ((name, *(0.0123 * at for at in range(1, columns))),) * rows)


def words(count=12, text="stablecoin"):
    return WordsPart("Words", tuple(WeightedWord(f"{text}{at}", 100 - at) for at in range(count)))


def heat(count=12, name="BTC"):
    cells = tuple(HeatCell(f"{name}{at}", 100 / (at + 1), 0.01 * (at - 5)) for at in range(count))
    return HeatPart("Market", cells=cells)


def matrix(count=5, name="BTC"):
    names = tuple(f"{name}{at}" for at in range(count))
    rows = tuple(tuple(1.0 if i == j else 0.25 for j in range(count)) for i in range(count))
    return HeatPart("Correlation", names=names, matrix=rows)


def quote(text="Firms must be authorised.", link="https://www.example.org/a"):
    return QuotePart("What was said", text, "The Regulator", link, NOW)


def marked(text):
    return chart(notes=(Annotation(NOW - 20 * DAY, text),))


def board(*parts, shape="wide", language="en", is_simulated=False, **words):
    told = {
        "title": "Bitcoin and Ether over a month",
        "subtitle": "Change since its start",
        "note": "Weekends count.",
    }
    told.update(words)
    return Board(
        **{"alt": "", **told},
        shape=shape,
        language=language,
        parts=parts,
        credits=CREDITS,
        as_of=NOW,
        simulated=is_simulated,
        zone="Europe/Paris",
    )
