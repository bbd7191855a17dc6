"""Valuations for the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.domain.time import iso
from vigie.intelligence.market.words import load_texts
from vigie.intelligence.valuation.sentences import write_value
from vigie.views.cli.strategy_tables import price_text
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.services.operations.valuation import (
        EpisodesTable,
        FollowedResult,
        ValuationComponent,
        ValuationResult,
    )

_DAY: Final = len("2026-01-01")
_MISSING: Final = {
    "none": "no value is known",
    "old": "only older values are known",
    "short": "{earlier} earlier values, needs 730",
}


def to_json(told: ValuationResult, followed: EpisodesTable) -> str:
    """Return both answers as one document."""
    answers = {"valuation": told.model_dump(mode="json"), "episodes": followed.model_dump(mode="json")}
    return json.dumps(answers, indent=1)


def print_valuation(told: ValuationResult) -> None:
    """Print the word, the components with their ranks and sources, and the sentences."""
    out, says = console(), told.says["en"]
    if told.ts is None or told.price is None:
        out.print(f"{told.name}: {says.word}; no daily closes are stored")
        return
    score = "" if told.score is None else f", score {told.score:+.2f}"
    out.print(
        f"{told.name}: {says.word}{score}, at {price_text(told.price.value)} on {iso(told.ts - 1)[:_DAY]}"
        f"{' (stale)' if told.is_stale else ''}",
        highlight=False,
    )
    table = Table("component", "value", "rank", "among", "source", box=None)
    for part in told.components:
        table.add_row(*_component_cells(part))
    out.print(table)
    for text in (says.why_buy, says.why_sell, says.change):
        if text:
            out.print(text, highlight=False)


def _component_cells(part: ValuationComponent) -> tuple[str, str, str, str, str]:
    if part.rank is None or part.figure.value is None or part.since is None:
        return part.title, "", "", _MISSING[part.missing or "none"].format(earlier=part.earlier), ""
    value = write_value(load_texts("en"), part.figure.value, part.figure.unit)
    note = ", whole market" if part.is_of_market else ""
    return (
        part.title,
        value,
        f"{part.rank:+.2f}",
        f"{part.earlier:,} since {iso(part.since - 1)[:_DAY]}",
        part.figure.source + note,
    )


def print_followed(told: EpisodesTable) -> None:
    """Print what followed each state, with counts; dates alone where there are fewer than ten."""
    out = console()
    if not told.followed:
        return
    table = Table("after", "days", "episodes", "median (95 %)", "random starts", "differs", box=None)
    for entry in told.followed:
        table.add_row(
            entry.state, str(entry.horizon_days), str(entry.count),
            _interval(entry.median, entry.low, entry.high),
            _interval(entry.random_median, entry.random_low, entry.random_high), _differs(entry),
        )  # fmt: skip
    out.print(table)
    for entry in told.followed:
        if entry.count > 0 and entry.median is None:
            out.print(f"{entry.state}, {entry.horizon_days} days: {_dated(told, entry)}", highlight=False)


def _dated(told: EpisodesTable, entry: FollowedResult) -> str:
    chosen = (row for row in told.rows if (row.state, row.horizon_days) == (entry.state, entry.horizon_days))
    return ", ".join(
        f"{iso(row.ts - 1)[:_DAY]} {row.change:+.1%}" for row in chosen if row.change is not None
    )


def _interval(middle: float | None, low: float | None, high: float | None) -> str:
    if middle is None or low is None or high is None:
        return "too few"
    return f"{middle:+.1%} ({low:+.1%} to {high:+.1%})"


def _differs(entry: FollowedResult) -> str:
    if entry.p_value is None:
        return "not tested"
    return f"{'yes' if entry.differs else 'no'} (p {entry.p_value:.3f})"
