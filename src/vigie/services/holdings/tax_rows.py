"""Rows of a year's tax file, and who writes them: each figure beside how it came about and how sure its rule is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_currency
from pydantic import Field

from vigie.catalogue import format_day
from vigie.intelligence.holdings.amounts import plain
from vigie.intelligence.holdings.country_rules import CountryRules
from vigie.intelligence.holdings.records import HoldingEvent
from vigie.services.holdings.holding_rows import ENGINE, SOURCE
from vigie.services.holdings.tax_openings import TaxOpenings
from vigie.services.holdings.tax_words import RULE_SOURCES, RULES, TEXTS
from vigie.services.operation import Table
from vigie.services.rows import Row, shown


class HoldingTaxRow(Row):
    """One line of a tax file."""

    part: str = shown(
        "Section",
        definition="warning, missing, uncovered, sums, flag, sale, entry, receipt, place or rule.",
        source=ENGINE,
    )
    line: str = shown("Line", definition="Of the form, or the name of the rule.", source=ENGINE)
    text: str = shown("What it is", source=ENGINE)
    amount: float | None = shown(
        "Amount", unit="eur", definition="Empty where it is not known.", source=ENGINE
    )
    exact: str = shown("Digit by digit", definition="The amount without rounding.", source=ENGINE)
    event: str = shown("Entry", definition="Id of the line of what you own.", source=SOURCE)
    day: str = shown("Day", definition="In the country's calendar.", source=SOURCE)
    asset: str = shown("Asset", definition="Catalogue id of the coin.", source=SOURCE)
    quantity: str = shown("Quantity", unit="base units", source=ENGINE)
    sureness: str = shown("How sure", definition="sure, likely or chosen.", source=ENGINE)
    source: str = shown("Source", definition="Where the rule stands.", source=ENGINE)


class HoldingTaxTable(Table[HoldingTaxRow]):
    """A year's tax file, the most urgent part first."""

    country: str
    year: int
    title: str
    has_pdf: bool = Field(description="Whether this installation makes the PDF of it.")
    missing: int = Field(description="How many things are missing before the figures can be right.")


_CENT: Final = Decimal("0.01")
# Boxes and taxes of the French forms, which take whole euros.
WHOLE_LINES: Final = ("3AN", "3BN", "ir", "ps")
# Which rule of the country's file stands behind a line: the least sure one.
RULE_OF_LINE: Final = {
    "212": "worth_of_the_portfolio", "214": "fees", "220": "acquisition_fees", "221": "exempt_years",
    "223": "acquisition_fees", "51": "exempt_years", "total": "one_year", "loss_carried": "loss_carried",
    "income": "income", "cost": "per_wallet", "taxable": "loss_carried",
    # What follows from 212 is no surer than it.
    **dict.fromkeys(("gain", "224", "3AN", "3BN", "ir", "ps"), "worth_of_the_portfolio"),
}  # fmt: skip


def whole_money(amount: Decimal | str, language: str) -> str:
    """Return whole euros as a language writes them.

    Parameters
    ----------
    amount : Decimal or str
        Without decimals.
    language : str
        Such as ``fr``.
    """
    pattern = Locale.parse(language).currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(amount, "EUR", pattern, language, currency_digits=False)


@dataclass(slots=True)
class TaxWriter:
    """Writes rows of a country's file.

    Attributes
    ----------
    country : str
        ``FR`` or ``DE``.
    rules : CountryRules
        Of it.
    language : str
        Of the texts.
    events : mapping of str to HoldingEvent
        By id.
    names : mapping of str to str
        Of coins, by catalogue id.
    rows : list of HoldingTaxRow
        What is written so far.
    """

    country: str
    rules: CountryRules
    language: str
    events: Mapping[str, HoldingEvent]
    names: Mapping[str, str]
    rows: list[HoldingTaxRow] = field(default_factory=list)

    def say(self, name: str, **values: object) -> str:
        """Return a text with its values."""
        return TEXTS[self.language][name].format(**values)

    def money(self, amount: Decimal, currency: str = "EUR") -> str:
        """Return money in cents, as the language of the file writes it."""
        cents = amount.quantize(_CENT, ROUND_HALF_UP)
        return format_currency(cents, currency, locale=self.language)

    def opening(self, name: str, openings: TaxOpenings, text: str) -> str:
        """Return what an amount from before is, and where it comes from."""
        what, entered = self.say(text), openings.values[name].entered
        if not entered:
            return what
        day = format_day(date.fromisoformat(entered), self.language, "long")
        return self.say("opening_entered", what=what, day=day, year=openings.year)

    def write(
        self,
        part: str,
        line: str,
        text: str,
        *,
        amount: Decimal | None = None,
        of: tuple[str, str, Decimal | None] = ("", "", None),
        rule: tuple[str, str] | None = None,
    ) -> None:
        """Write a row.

        Parameters
        ----------
        part, line, text : str
            Where it stands, which line it is, and what that is.
        amount : Decimal or None
            In EUR.
        of : (str, str, Decimal or None)
            Event, coin and quantity that it is about.
        rule : (str, str) or None
            How sure it is, and its source, where the line does not say it.
        """
        event, asset, quantity = of
        sureness, source = rule or self.rule(RULE_OF_LINE.get(line, ""))
        self.rows.append(
            HoldingTaxRow(
                part=part,
                line=line,
                text=text,
                amount=None if amount is None else float(amount),
                exact=plain(amount) or "",
                event=event,
                day=self.day(event),
                asset=asset,
                quantity=plain(quantity) or "",
                sureness=sureness,
                source=source,
            )
        )

    def day(self, event: str) -> str:
        """Return the day of an event in the country; empty without one."""
        found = self.events.get(event)
        return found.at.astimezone(ZoneInfo(self.rules.zone)).date().isoformat() if found else ""

    def day_words(self, event: str) -> str:
        """Return the day of an event as the language of the file writes it; empty without one."""
        day = self.day(event)
        return self.date_words(date.fromisoformat(day)) if day else ""

    def date_words(self, day: date | None) -> str:
        """Return a day as the language of the file writes it; empty for none."""
        return "" if day is None else format_day(day, self.language, "long")

    def name(self, asset: str) -> str:
        """Return what a coin is called."""
        return self.names.get(asset, asset)

    def lack(self, code: str, event: str, asset: str) -> None:
        """Write what is missing."""
        name = f"{code}_{self.country}" if code == "no_price" else code
        self.write("missing", code, self.say(name, asset=self.name(asset)), of=(event, asset, None))

    def flags(self, flags: tuple[str, ...]) -> None:
        """Write what is to be read with care; what is missing stands in its own part."""
        for flag in flags:
            if flag not in ("missing_cost", "no_price", "gap"):
                self.write("flag", flag, self.say(flag))

    def note_rounding(self) -> None:
        """Write that cents need not add up, where an amount has more digits than cents."""
        if any(row.exact and Decimal(row.exact) % _CENT for row in self.rows):
            self.write("flag", "rounding", self.say("rounding"))

    def write_rules(self, year: int) -> None:
        """Write how the texts are read."""
        for rule in self.rules.choices:
            if rule.valid_from.year <= year:
                text = RULES[self.language][f"{self.country}.{rule.name}"]
                self.write("rule", rule.name, text, rule=self.rule(rule.name))

    def figure_rule(self, name: str, year: int) -> tuple[str, str]:
        """Return how sure a figure of a year is, and where it stands."""
        began = [
            figure for figure in self.rules.figures if figure.name == name and figure.valid_from.year <= year
        ]
        found = max(began, key=lambda one: one.valid_from)
        return found.sureness, self._source(f"{name}.{found.valid_from.year}")

    def rule(self, name: str) -> tuple[str, str]:
        """Return how sure a rule is, and where it stands; two empty texts where the country has none of the name."""
        found = next((choice for choice in self.rules.choices if choice.name == name), None)
        return ("", "") if found is None else (found.sureness, self._source(name))

    def _source(self, name: str) -> str:
        return RULE_SOURCES[self.language][f"{self.country}.{name}"]
