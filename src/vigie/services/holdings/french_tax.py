"""A French year as rows: form 2086 sale by sale, boxes of 2042-C, places of 3916-bis, down to the events."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal

from vigie.intelligence.holdings.amounts import ZERO, exactly, in_whole
from vigie.intelligence.holdings.france import FrenchSettings
from vigie.intelligence.holdings.france_years import LINES, FrenchEntry, FrenchSale, FrenchYear
from vigie.intelligence.holdings.records import HoldingEvent
from vigie.services.holdings.tax_openings import TaxOpenings
from vigie.services.holdings.tax_rows import TaxWriter, whole_money

# Which figure of the country's file is the rate of a tax.
_FIGURES: Final = {"ir": "income_tax", "ps": "social_levies"}


@exactly
def write_french_year(
    writer: TaxWriter,
    years: Sequence[FrenchYear],
    settings: FrenchSettings,
    openings: TaxOpenings,
    places: Sequence[str],
) -> None:
    """Write the last of some years; those before it brought acquisition prices and used capital.

    Parameters
    ----------
    writer : TaxWriter
        Takes the rows.
    years : sequence of FrenchYear
        From the first event to the year that is asked for.
    settings : FrenchSettings
        What a person says.
    openings : TaxOpenings
        What of it was carried from before.
    places : sequence of str
        Where coins lie or lay, that are not said to be abroad.
    """
    asked = years[-1]
    for lack in (lack for year in years for lack in year.lacks):
        writer.lack(lack.code, lack.event, lack.asset)
    _write_sums(writer, asked, is_by_scale=settings.scale)
    writer.flags(asked.flags)
    if not asked.sales:
        writer.write("sale", "", writer.say("no_sales"))
    for sale in asked.sales:
        _write_sale(writer, sale)
    _write_entries(writer, [entry for year in years for entry in year.entries], openings)
    for one in asked.income:
        text = writer.say("received", sort=one.sort)
        of, rule = (one.event, one.asset, one.quantity), writer.rule("income_enters_220")
        writer.write("receipt", "", text, amount=one.value, of=of, rule=rule)
    for place in asked.places_abroad:
        writer.write("place", "3916-bis", writer.say("abroad", place=place))
    for place in places:
        writer.write("place", "", writer.say("maybe_abroad", place=place))
    writer.write_rules(asked.year)


def _write_sums(writer: TaxWriter, asked: FrenchYear, *, is_by_scale: bool) -> None:
    year, rules = asked.year, writer.rules
    limit = rules.figure("exempt_up_to", year)
    writer.write("sums", "51", writer.say("51"), amount=asked.line_51)
    if asked.is_exempt is not None and limit is not None:
        text = writer.say("exempt" if asked.is_exempt else "taxed", limit=writer.money(limit))
        writer.write("sums", "", text, rule=writer.figure_rule("exempt_up_to", year))
    writer.write("sums", "224", writer.say("224"), amount=asked.line_224)
    for line, box in (("3AN", asked.box_3an), ("3BN", asked.box_3bn)):
        writer.write("sums", line, _box_text(writer, asked, line, box), amount=box)
    is_unknown = is_by_scale and asked.income_tax is None and asked.line_224 is not None
    text = writer.say("ir_scale") if is_unknown else _rate_text(writer, asked, "ir", asked.income_tax)
    writer.write("sums", "ir", text, amount=asked.income_tax)
    text = _rate_text(writer, asked, "ps", asked.social_levies)
    writer.write("sums", "ps", text, amount=asked.social_levies)


def _box_text(writer: TaxWriter, asked: FrenchYear, line: str, box: Decimal | None) -> str:
    """Return what a box takes, and the amount to the cent where it has another one."""
    text, exact = writer.say(line), asked.line_224
    if not box or exact is None or abs(exact) == box:
        return text
    return writer.say("to_the_cent", what=text, money=writer.money(abs(exact)))


def _rate_text(writer: TaxWriter, asked: FrenchYear, name: str, tax: Decimal | None) -> str:
    """Return what a tax is, with its rate and how sure that is; and what the form gives, where that differs."""
    figure, box = _FIGURES[name], asked.box_3an
    sureness, source = writer.figure_rule(figure, asked.year)
    found = writer.rules.figure(figure, asked.year)
    rate = "" if found is None else format_decimal(found, locale=writer.language)
    text = writer.say(name, rate=rate, sure=writer.say(sureness), source=source)
    if found is None or tax is None or box is None:
        return text
    by_form = in_whole(box * found / 100)
    return (
        text
        if by_form == tax
        else f"{text}. {writer.say('from_exact', tax=whole_money(by_form, writer.language))}"
    )


def _write_sale(writer: TaxWriter, sale: FrenchSale) -> None:
    event = writer.events[sale.event]
    of = (event.id, event.asset, event.quantity)
    if not sale.lines:
        writer.write("sale", "", writer.say("no_figures"), of=of)
        return
    # Lines of swaps with a balance are not covered and stand as 0.
    amounts = {**dict(zip(LINES, sale.lines, strict=True)), "216": ZERO, "222": ZERO}
    for line, amount in sorted(amounts.items()):
        writer.write("sale", line, writer.say(line), amount=amount, of=of)
        for coin in sale.coins if line == "212" else ():
            part, rule = (event.id, coin.asset, coin.quantity), writer.rule("worth_of_the_portfolio")
            writer.write("sale", "", writer.say(f"at_{coin.basis}"), amount=coin.value, of=part, rule=rule)
    writer.write("sale", "gain", writer.say("gain_FR"), amount=sale.gain, of=of)


def _write_entries(writer: TaxWriter, entries: Sequence[FrenchEntry], openings: TaxOpenings) -> None:
    sums = {line: openings.amount(f"opening_{line}") for line in ("220", "221")}
    for line, amount in sums.items():
        name = f"opening_{line}"
        if name in openings.values:
            writer.write("entry", line, writer.opening(name, openings, name), amount=amount)
    for entry in entries:
        sums[entry.line] += entry.amount
        event = writer.events[entry.event]
        text = _entry_text(writer, event, entry, sums[entry.line])
        writer.write("entry", entry.line, text, amount=entry.amount,
                     of=(event.id, event.asset, event.quantity))  # fmt: skip


def _entry_text(writer: TaxWriter, event: HoldingEvent, entry: FrenchEntry, total: Decimal) -> str:
    told = writer.money(total)
    if entry.is_fee:
        return writer.say("fee", total=told)
    if entry.line == "221":
        return writer.say("given" if event.kind == "gift" else "used", total=told)
    if event.kind != "buy" or event.cost is None:
        return writer.say(event.kind, total=told, money="")
    money = writer.money(event.cost.amount, event.cost.currency or "EUR")
    return writer.say("buy", money=money, total=told)
