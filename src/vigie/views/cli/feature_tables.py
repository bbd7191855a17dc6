"""Columns for models in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from rich.table import Table

from vigie.catalogue import read_catalogue
from vigie.intelligence.market.words import numbers_of
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.services.operation import Column
    from vigie.services.operation import Table as OperationTable
    from vigie.services.operations.features import ColumnLookRow, ExploreTable, FeatureRow

# What fits a terminal; `--json` has all.
_SEEN: Final = (
    "name", "missing", "mean", "deviation", "adf_p", "kpss_p", "lag_one", "information", "by_chance", "stability",
)  # fmt: skip
_SUMMARY: Final = "{venue} {instrument} {timeframe}: {bars} bars, {gaps} gaps, {peers} other instruments"


def print_features(told: OperationTable[FeatureRow], language: str) -> None:
    """Print a column a line."""
    table = _table(told.columns, ("name", "look_back", "unit", "text", "known_by"), language, "left")
    for row in told.rows:
        table.add_row(row.name, str(row.look_back), row.unit, row.text, row.known_by)
    console().print(table)


def print_exploration(told: ExploreTable, language: str) -> None:
    """Print what is seen of each column, what is left out, and what was read."""
    out = console()
    said = _say(language, _SUMMARY).format(
        venue=told.venue, instrument=told.instrument, timeframe=told.timeframe,
        bars=_format_number(f"{told.bars:,}", language), gaps=told.gaps, peers=len(told.peers),
    )  # fmt: skip
    out.print(said, highlight=False)
    table = _table(told.columns, _SEEN, language, "right")
    for row in told.rows:
        if not row.left_out:
            table.add_row(row.name, *(_number(row, name, language) for name in _SEEN[1:]))
    out.print(table)
    reasons: dict[str, list[str]] = {}
    for row in told.rows:
        if row.left_out:
            reasons.setdefault(row.left_out, []).append(row.name)
    for reason, names in reasons.items():
        out.print(f"{', '.join(names)}: {reason}", highlight=False)
    for remark in told.remarks:
        out.print(remark, highlight=False)


def _number(row: ColumnLookRow, name: str, language: str) -> str:
    value = row[name]
    return "" if value is None else _format_number(f"{value:.3g}", language)


def _format_number(number: str, language: str) -> str:
    """Return a number as its language writes it."""
    numbers = numbers_of(language)
    return number.translate({ord(","): numbers.group, ord("."): numbers.point})


def _table(
    columns: Sequence[Column], names: Sequence[str], language: str, side: Literal["left", "right"]
) -> Table:
    titles = {column.name: column.title for column in columns}
    table = Table(box=None)
    for name in names:
        # Names are typed again, so they are never cut.
        is_name = name == "name"
        table.add_column(_say(language, titles[name]), no_wrap=is_name, justify="left" if is_name else side)
    return table


def _say(language: str, text: str) -> str:
    return text if language == "en" else read_catalogue(language).texts.get(text, text)
