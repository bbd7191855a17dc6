"""A year's tax file as CSV for a person's spreadsheet: headers, words and decimal mark of the reader's language.

Programs take the export of the operation, whose names and numbers never change.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from vigie.intelligence.market.words import numbers_of
from vigie.services.holdings.tax_rows import HoldingTaxRow, HoldingTaxTable
from vigie.services.holdings.tax_words import TEXTS
from vigie.views.api.exports import neutralize
from vigie.views.web.request_context import RequestContext


def tax_csv(context: RequestContext, told: HoldingTaxTable, language: str, names: Mapping[str, str]) -> bytes:
    """Return the file, with the mark by which spreadsheets know its letters.

    Parameters
    ----------
    context : RequestContext
        Knows the words of columns.
    told : HoldingTaxTable
        In the language.
    language : str
        One that everything is said in.
    names : mapping of str to str
        Of coins, by catalogue id.

    Returns
    -------
    bytes
        Where decimals have a comma, cells are parted by semicolons.
    """
    has_comma, texts, out = numbers_of(language).point == ",", TEXTS[language], io.StringIO()
    titles = (
        "Section",
        "Line",
        "What it is",
        "Amount",
        "Day",
        "Asset",
        "Quantity",
        "How sure",
        "Source",
        "Entry",
    )
    writer = csv.writer(out, lineterminator="\n", delimiter=";" if has_comma else ",")
    writer.writerow(
        [f"{context.text(title)} (EUR)" if title == "Amount" else context.text(title) for title in titles]
    )

    def number(exact: str) -> str:
        return exact.replace(".", ",") if has_comma else exact

    def cells(row: HoldingTaxRow) -> list[str]:
        # What is no line of a form is a code of this program.
        line = row.line if row.line[:1].isdigit() else ""
        words = (texts[row.part], line, row.text)
        return [
            *words, number(row.exact), row.day, names.get(row.asset, row.asset), number(row.quantity),
            texts.get(row.sureness, ""), row.source, row.event,
        ]  # fmt: skip

    for row in told.rows:
        # A loss begins with its sign, which no spreadsheet takes for a formula.
        writer.writerow([cell if index == 3 else neutralize(cell) for index, cell in enumerate(cells(row))])
    return out.getvalue().encode("utf-8-sig")
