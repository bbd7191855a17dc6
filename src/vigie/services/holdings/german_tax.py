"""A German year as rows: sections 23 and 22 no. 3 EStG, each part of a sale beside the lot that it came from."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.intelligence.holdings.germany import GermanSale, GermanYear
from vigie.services.holdings.tax_openings import TaxOpenings
from vigie.services.holdings.tax_rows import TaxWriter


def write_german_year(writer: TaxWriter, years: Sequence[GermanYear], openings: TaxOpenings) -> None:
    """Write the last of some years.

    Parameters
    ----------
    writer : TaxWriter
        Takes the rows.
    years : sequence of GermanYear
        From the first event to the year that is asked for.
    openings : TaxOpenings
        What was carried from before.
    """
    asked = years[-1]
    _write_lacks(writer, asked)
    for line, name, amount in (
        ("total", "total", asked.total), ("limit", "limit", asked.limit),
        ("taxable", "taxed_gains", asked.taxable), ("free", "free_gains", asked.free),
        ("income", "other_income", asked.income), ("income_limit", "income_limit", asked.income_limit),
        ("income_taxable", "income_taxed", asked.income_taxable),
        ("loss_carried", "loss_carried", asked.loss_carried),
    ):  # fmt: skip
        figures = {"limit": "private_sales_limit", "income_limit": "other_income_limit"}
        rule = writer.figure_rule(figures[line], asked.year) if line in figures else None
        writer.write("sums", line, writer.say(name), amount=amount, rule=rule)
    if "loss_carried" in openings.values:
        text = writer.opening("loss_carried", openings, "opening_loss")
        writer.write("sums", "opening_loss", text, amount=openings.amount("loss_carried"),
                     rule=writer.rule("loss_carried"))  # fmt: skip
    writer.flags(asked.flags)
    if not asked.sales:
        writer.write("sale", "", writer.say("no_sales"))
    for sale in asked.sales:
        _write_sale(writer, sale)
    for one in asked.received:
        writer.write("receipt", "income", writer.say("received", sort=one.sort), amount=one.value,
                     of=(one.event, one.asset, one.quantity))  # fmt: skip
    writer.write_rules(asked.year)


def _write_lacks(writer: TaxWriter, asked: GermanYear) -> None:
    found: dict[tuple[str, str, str], None] = {}
    for sale in asked.sales:
        if sale.lot is None:
            found["gap", sale.event, sale.asset] = None
        elif not sale.is_cost_known:
            found["missing_cost", sale.lot, sale.asset] = None
        if sale.proceeds is None:
            found["no_price", sale.event, sale.asset] = None
    for one in asked.received:
        if one.value is None:
            found["no_price", one.event, one.asset] = None
    for code, event, asset in found:
        writer.lack(code, event, asset)


def _write_sale(writer: TaxWriter, sale: GermanSale) -> None:
    of = (sale.event, sale.asset, sale.quantity)
    writer.write("sale", "proceeds", writer.say("proceeds"), amount=sale.proceeds, of=of)
    cost = (
        writer.say("no_lot")
        if sale.lot is None
        else writer.say("cost", lot=sale.lot, day=writer.day_words(sale.lot))
    )
    rule = writer.rule("gaps") if sale.lot is None else None
    writer.write("sale", "cost", cost, amount=sale.cost, of=of, rule=rule)
    name = "gap_gain" if sale.acquired is None else "taxable" if sale.is_taxable else "free"
    text = writer.say(name, acquired=writer.date_words(sale.acquired), sold=writer.date_words(sale.sold))
    writer.write("sale", "gain", text, amount=sale.gain, rule=rule or writer.rule("one_year"), of=of)
