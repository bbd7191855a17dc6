"""A year's tax file as a report: the same rows as the page, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Final

from vigie.catalogue import format_day
from vigie.intelligence.market.words import numbers_of
from vigie.ports.reports import PaperReport, ReportSection
from vigie.services.holdings.tax_rows import WHOLE_LINES, HoldingTaxRow, HoldingTaxTable
from vigie.services.holdings.tax_words import TEXTS

_CENT: Final = Decimal("0.01")
_LISTED: Final = ("warning", "missing", "uncovered", "flag", "place")


def tax_report(told: HoldingTaxTable, language: str, names: Mapping[str, str]) -> PaperReport:
    """Return the report of a file.

    Parameters
    ----------
    told : HoldingTaxTable
        In the language.
    language : str
        Of the words around it.
    names : mapping of str to str
        Of coins and products, by catalogue id.

    Returns
    -------
    PaperReport
        What is missing stands before all figures.
    """
    sections: list[ReportSection] = []
    for part, rows in groupby(told.rows, key=lambda row: row.part):
        sections += _sections(part, list(rows), language, names)
        if part == "warning" and not told.missing:
            texts = TEXTS[language]
            sections.append(ReportSection(2, texts["missing"], [texts["nothing_missing"]]))
    return PaperReport(told.title, language, TEXTS[language]["footer"], sections)


def _sections(
    part: str, rows: Sequence[HoldingTaxRow], language: str, names: Mapping[str, str]
) -> Iterator[ReportSection]:
    texts = TEXTS[language]
    if part in _LISTED or (part == "sale" and not rows[0].event):
        yield ReportSection(2, texts[part], [_sentence(row, language) for row in rows])
    elif part == "rule":
        head = (texts["head_what"], texts["head_sure"], texts["head_source"])
        cells = [(row.text, texts[row.sureness], row.source) for row in rows]
        yield ReportSection(2, texts[part], (), head, cells, (5, 1, 3))
    elif part == "sale":
        yield ReportSection(2, texts[part])
        for _, group in groupby(rows, key=lambda row: row.event):
            lines = list(group)
            last = lines[-1]
            title = f"{day_words(last.day, language)}, {_coins(last, language, names)}"
            yield _table(3, title, lines, language, names)
    else:
        yield _table(2, texts[part], rows, language, names)


def day_words(day: str, language: str) -> str:
    """Return a day as a reader of the language writes it; empty for none."""
    return format_day(date.fromisoformat(day), language) if day else ""


def _coins(row: HoldingTaxRow, language: str, names: Mapping[str, str]) -> str:
    quantity = row.quantity.replace(".", numbers_of(language).point)
    return f"{quantity} {names.get(row.asset, row.asset)}"


def _sentence(row: HoldingTaxRow, language: str) -> str:
    return f"{row.text} ({day_words(row.day, language)})" if row.day else row.text


def _table(
    level: int, title: str, rows: Sequence[HoldingTaxRow], language: str, names: Mapping[str, str]
) -> ReportSection:
    texts = TEXTS[language]
    head = (texts["head_line"], texts["head_what"], "EUR", texts["head_sure"])
    cells = [
        (
            row.line if row.line[:1].isdigit() else "",
            _what(row, level, language, names),
            _amount(row, language),
            texts.get(row.sureness, ""),
        )
        for row in rows
    ]
    said = (texts["how_sure"],) if rows[0].part == "sums" else ()
    return ReportSection(level, title, said, head, cells, (2, 8, 3, 2), (2,))


def _what(row: HoldingTaxRow, level: int, language: str, names: Mapping[str, str]) -> str:
    """Return what a row is; below a sale, its coins and no repeated name of the sale."""
    coins = _coins(row, language, names) if row.quantity and (level == 2 or not row.line) else ""
    named = day_words(row.day, language) if row.event and level == 2 else ""
    return ". ".join(filter(None, (named, row.text.rstrip("."), coins)))


def _amount(row: HoldingTaxRow, language: str) -> str:
    """Return an amount in cents, or whole euros as a form takes it; empty where it is not known."""
    if not row.exact:
        return ""
    numbers = numbers_of(language)
    step = Decimal(1) if row.line in WHOLE_LINES else _CENT
    plain = f"{Decimal(row.exact).quantize(step, ROUND_HALF_UP):,}"
    return plain.replace(",", "\0").replace(".", numbers.point).replace("\0", numbers.group)
