"""Worth, gains and a tax year for the terminal, in the reader's language; money to the cent, as pages have it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.intelligence.market.words import NumberFormatter
from vigie.views.cli.holding_writer import HoldingWriter
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.services.holdings.holding_rows import (
        HoldingGainTable,
        HoldingPositionTable,
        HoldingReturn,
        HoldingWorthResult,
    )
    from vigie.services.holdings.tax_rows import HoldingTaxTable

_CENT: Final = Decimal("0.01")


def print_worth(told: HoldingWorthResult, positions: HoldingPositionTable, language: str) -> None:
    """Print the coins, then a sentence a figure."""
    writer = HoldingWriter(language)
    out, texts, numbers = console(), writer.texts, writer.numbers
    if not told.lines:
        writer.print(texts["nothing"])
        return
    table = writer.table("coin", "quantity", "price", "price_day", "worth", "share", "unrealised")
    for row in positions.rows:
        table.add_row(
            row.name, writer.exact(row.quantity),
            texts["no_price"] if row.price is None else _number(row.price, numbers), writer.day(row.price_day),
            _number(row.worth, numbers), "" if row.share is None else numbers.percent(row.share, 1),
            _number(row.unrealised, numbers),
        )  # fmt: skip
    writer.print_table(table)
    money = told.currency.upper()
    for name, amount in (
        ("worth", told.worth), ("put_in_assumed" if told.is_assumed else "put_in", told.put_in), ("gain", told.gain),
        ("realised", told.realised), ("in_bitcoin", told.in_bitcoin), ("never_bought", told.put_in),
    ):  # fmt: skip
        text = texts["unknown"] if amount is None else f"{_number(amount, numbers)} {money}"
        out.print(texts["said"].format(name=texts[name], text=text), highlight=False)
    for name, found in (("time_weighted", told.time_weighted), ("money_weighted", told.money_weighted)):
        text = _return_text(found, writer)
        out.print(texts["said"].format(name=texts[name], text=text), highlight=False)
    for one in told.shares:
        if one.is_above:
            share, limit = numbers.percent(one.share, 0), numbers.percent(told.share_limit, 0)
            text = texts[f"above_{one.kind}"].format(share=share, name=one.name, limit=limit)
            out.print(text, highlight=False)
    if told.open_lines:
        out.print(texts["open_lines"].format(count=told.open_lines), highlight=False)
    if told.no_price:
        out.print(texts["unpriced"].format(coins=", ".join(told.no_price)), highlight=False)
    missing = len({note.entry for note in told.notes if note.code == "missing_cost"})
    if missing:
        out.print(texts["uncosted"].format(count=missing), highlight=False)


def print_own(values: Mapping[str, object], language: str) -> None:
    """Print how a person's holdings are read."""
    writer = HoldingWriter(language)
    writer.print(
        writer.say("own_limit", limit=writer.numbers.percent(float(str(values["share_limit"])) / 100, 0))
    )
    method, queue = (writer.say(f"{kind}_{values[f'lot_{kind}']}") for kind in ("method", "queue"))
    writer.print(writer.say("own_lots", method=method, queue=queue))


def print_gains(told: HoldingGainTable, language: str, names: Mapping[str, str]) -> None:
    """Print a row a part that was sold, and the sum of what is known."""
    writer = HoldingWriter(language, names)
    out, texts, numbers = console(), writer.texts, writer.numbers
    table = writer.table("day", "coin", "kind", "quantity", "proceeds", "cost", "gain")
    for row in told.rows:
        table.add_row(
            writer.day(row.day), writer.name(row.asset), writer.kind(row.kind), writer.exact(row.quantity),
            _cents(row.proceeds, numbers), _cents(row.cost, numbers), _cents(row.gain, numbers) or texts["unknown"],
        )  # fmt: skip
    if told.rows:
        writer.print_table(table)
    else:
        writer.print(texts["nothing_sold"])
    method = texts[f"method_{told.method}"]
    money = f"{_cents(told.realised, numbers)} {told.currency.upper()}"
    out.print(texts["known_gains"].format(method=method, money=money), highlight=False)


def print_tax(told: HoldingTaxTable, language: str, names: Mapping[str, str]) -> None:
    """Print a year's file part by part, each figure with how sure its rule is."""
    from vigie.services.holdings.tax_rows import WHOLE_LINES
    from vigie.services.holdings.tax_words import TEXTS as TAX_TEXTS

    writer = HoldingWriter(language, names)
    out, tax, texts, numbers = console(), TAX_TEXTS[language], writer.texts, writer.numbers
    out.print(told.title, highlight=False)
    if not told.missing:
        out.print(tax["nothing_missing"], highlight=False)
    for part, rows in groupby(told.rows, key=lambda row: row.part):
        out.print(f"\n{tax[part]}", highlight=False)
        heads = [texts[name] for name in ("line", "what", "day", "quantity", "sure", "entry")]
        table = Table(*heads[:2], "EUR", *heads[2:], box=None)
        for row in rows:
            what = f"{row.text} {row.source}".strip() if part == "rule" else row.text
            quantity = (
                f"{writer.exact(row.quantity)} {writer.name(row.asset)}"
                if row.quantity
                else writer.name(row.asset)
            )
            # What is no line of a form is a code of this program.
            line = row.line if row.line[:1].isdigit() else ""
            sure = tax.get(row.sureness, "")
            amount = writer.exact(row.exact) if row.line in WHOLE_LINES else _cents(row.exact, numbers)
            table.add_row(line, what, amount, writer.day(row.day), quantity, sure, row.event)
        writer.print_table(table)


def _number(value: float | None, numbers: NumberFormatter) -> str:
    return "" if value is None else numbers.number(value, 2)


def _cents(exact: str | None, numbers: NumberFormatter) -> str:
    return numbers.number(float(Decimal(exact).quantize(_CENT, ROUND_HALF_UP)), 2) if exact else ""


def _return_text(found: HoldingReturn | None, writer: HoldingWriter) -> str:
    texts, numbers = writer.texts, writer.numbers
    if found is None:
        return texts["unknown"]
    rates = ", ".join(numbers.percent(rate, 1, sign=True) for rate in found.rates)
    code = texts[f"code_{found.code}"].format(day=writer.day(found.day), rates=rates) if found.code else ""
    if found.value is None:
        return code
    value = numbers.percent(found.value, 2, sign=True)
    if found.annual is not None:
        value = texts["annual"].format(value=value, annual=numbers.percent(found.annual, 2, sign=True))
    return texts["both"].format(first=value, second=code) if code else value
