"""A year's tax file of what a person owns: sums, each line with its derivation, and what is missing first."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal

from pydantic import Field

from vigie.domain.errors import UsageError
from vigie.domain.pasted_secrets import refuse_secrets
from vigie.domain.person import Caller
from vigie.intelligence.holdings.bank_products import is_open
from vigie.intelligence.holdings.country_rules import read_country
from vigie.intelligence.holdings.france import ForeignAccount, FrenchSettings, french_years
from vigie.intelligence.holdings.germany import german_years
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import HoldingEvent
from vigie.ports.home import IsSimulated
from vigie.ports.reports import ReportPrinter
from vigie.services.caches.holding_books import HoldingBook
from vigie.services.holdings.french_tax import write_french_year
from vigie.services.holdings.german_tax import write_german_year
from vigie.services.holdings.holding_book import HoldingSources, read_book
from vigie.services.holdings.holding_rows import ENGINE
from vigie.services.holdings.own_lots import LotQueue, Method, OwnLots, lots_in
from vigie.services.holdings.simulated_mark import mark_simulated
from vigie.services.holdings.tax_openings import (
    OPENING_NAMES,
    TaxOpenings,
    has_opening_coins,
    has_paid_before,
    openings_for,
)
from vigie.services.holdings.tax_report import tax_report
from vigie.services.holdings.tax_rows import HoldingTaxRow, HoldingTaxTable, TaxWriter
from vigie.services.holdings.tax_words import COUNTRIES, PARTS
from vigie.services.languages import Language
from vigie.services.operation import OperationInput, OperationResult, Origin, operation
from vigie.services.people.ownership import owner_of
from vigie.services.rows import row_columns

CARRIED: Final = r"^(\d{1,12}(\.\d{1,8})?)?$"


class HoldingTaxInput(OperationInput):
    """Which country and year, and what you say beside your lines."""

    country: Literal["FR", "DE"] = Field("FR", description="Where you are resident.")
    year: int = Field(ge=2009, le=2100, description="Calendar year.", examples=[2025])
    language: Language = Field("en", description="Of the texts.")
    method: Method | Literal[""] = Field(
        "", description="Germany: which lots leave first; empty: `lot_method` of the settings."
    )
    queue: LotQueue | Literal[""] = Field(
        "", description="Germany: of each place, or over all; empty: `lot_queue` of the settings."
    )
    scale: bool = Field(False, description="France: the option for the scale of income tax, from 2023.")
    acquisition_fees: bool = Field(False, description="France: fees of purchases are in 220.")
    income_enters_220: bool = Field(False, description="France: rewards enter 220 at their value.")
    opening_220: str = Field(
        "", pattern=CARRIED, description="France: acquisition prices from before; empty: as entered."
    )
    opening_221: str = Field(
        "", pattern=CARRIED, description="France: capital used before; empty: as entered."
    )
    abroad: str = Field(
        "", max_length=1_000, description="France: places abroad, parted by semicolons, for form 3916-bis."
    )
    loss_carried: str = Field(
        "", pattern=CARRIED, description="Germany: loss carried from before; empty: as entered."
    )


class HoldingTaxPdf(OperationResult):
    """A year's tax file as a PDF: `content` in base64."""

    name: str
    size: int
    content: str


@operation("holdings.tax", example={"country": "FR", "year": 2025})
def read_holding_tax(
    caller: Caller, params: HoldingTaxInput, sources: HoldingSources, printer: ReportPrinter
) -> HoldingTaxTable:
    """Read a year's tax figures line by line, with how each came about; not advice."""
    return _read_tax(caller, params, sources, has_pdf=printer.is_ready)


@operation("holdings.tax_pdf", example={"country": "FR", "year": 2025})
def print_holding_tax(
    caller: Caller,
    params: HoldingTaxInput,
    sources: HoldingSources,
    printer: ReportPrinter,
    is_simulated: IsSimulated,
) -> HoldingTaxPdf:
    """Read a year's tax file as an accessible PDF."""
    told = _read_tax(caller, params, sources, has_pdf=printer.is_ready)
    content = printer.report_pdf(
        mark_simulated(
            tax_report(told, params.language, _names(sources, read_book(sources, caller, "EUR"))),
            is_simulated,
        )
    )
    return HoldingTaxPdf(
        name=f"vigie-{params.country.lower()}-{params.year}-{params.language}.pdf",
        size=len(content),
        content=b64encode(content).decode(),
    )


def years_with_rules(country: str) -> range:
    """Return the years of which there are rules, and so figures.

    Parameters
    ----------
    country : str
        ``FR`` or ``DE``.
    """
    rules = read_country(COUNTRIES[country])
    return range(rules.first_year, rules.last_year + 1)


def refuse_secret_places(abroad: str) -> None:
    """Refuse places abroad of which one holds a seed phrase or a private key, or that are one together.

    Parameters
    ----------
    abroad : str
        Parted by semicolons.

    Raises
    ------
    PastedSecret
        If they do; the sentence repeats nothing of it.
    """
    # A dozen platforms of one word each are no phrase, unless all are written small.
    refuse_secrets([*abroad.split(";"), abroad if abroad.islower() else ""])


def _read_tax(
    caller: Caller, params: HoldingTaxInput, sources: HoldingSources, *, has_pdf: bool
) -> HoldingTaxTable:
    refuse_secret_places(params.abroad)
    rules = read_country(COUNTRIES[params.country])
    if not rules.knows(params.year):
        raise UsageError(
            "holding_tax_no_rules",
            "there are no rules of {country} for {year} here, so no figures; years {first} to {last} have some",
            country=params.country,
            year=params.year,
            first=rules.first_year,
            last=rules.last_year,
        )
    owner = owner_of(sources.accounts, caller)
    own = lots_in(sources.accounts.settings(owner)[1], params.method, params.queue)
    given = {name: getattr(params, name) for name in OPENING_NAMES[params.country]}
    openings = openings_for(sources.accounts, owner, params.country, params.year, given)
    # Both countries count in euros.
    book = read_book(sources, caller, "EUR")
    names = _names(sources, book)
    events = {event.id: event for event in book.events}
    securities = {key: found.name for key, found in book.lines.products.items() if found.form == "security"}
    covered = [event for event in book.events if event.asset not in securities]
    writer = TaxWriter(params.country, rules, params.language, events, names)
    _write_head(writer, params, book, own)
    _write_uncovered(writer, params, book, securities)
    if params.country == "FR":
        _write_opening_lacks(writer, covered, openings)
        _write_france(writer, params, covered, book.prices, openings)
    else:
        years = german_years(
            covered, book.prices, method=own.method, is_one_queue=own.is_one_queue,
            loss_carried=openings.amount("loss_carried"), wanted=params.year,
        )  # fmt: skip
        write_german_year(writer, [year for year in years if year.year <= params.year], openings)
    writer.note_rounding()
    rows = sorted(writer.rows, key=lambda row: PARTS.index(row.part))
    return HoldingTaxTable(
        columns=row_columns(HoldingTaxRow),
        rows=rows,
        total=len(rows),
        origins=[Origin(source=ENGINE)],
        country=params.country,
        year=params.year,
        title=writer.say(f"title_{params.country}", year=params.year),
        has_pdf=has_pdf,
        missing=sum(row.part == "missing" for row in rows),
    )


def _names(sources: HoldingSources, book: HoldingBook) -> dict[str, str]:
    """Return what coins and products of banks are called, by their ids."""
    names = {asset.id: asset.name for asset in sources.catalog.assets()}
    return names | {key: product.name for key, product in book.lines.products.items()}


def _write_head(writer: TaxWriter, params: HoldingTaxInput, book: HoldingBook, own: OwnLots) -> None:
    writer.write("warning", "", writer.say("not_advice"))
    writer.write("warning", "", writer.say(f"not_covered_{params.country}"))
    writer.write("warning", "", writer.say("securities"))
    words = {"method": writer.say(f"method_{own.method}"), "queue": writer.say(f"queue_{own.queue}")}
    writer.write("warning", "lots", writer.say(f"lots_{params.country}", **words))
    if book.today <= date(params.year, 12, 31):
        text = writer.say("open_year", year=params.year, day=writer.date_words(book.today))
        writer.write("warning", "", text)
    if not book.lines.lines:
        writer.write("missing", "no_lines", writer.say("no_lines"))
    for record, line in book.lines.lines:
        if is_open(line) and str(line["at"])[:4] <= str(params.year):
            text = writer.say("open_line", typed=str(line["typed"]))
            writer.write("missing", "open_line", text, of=(record.event, "", None))
    assets = {record.event: str(event.get("asset", "")) for record, event in book.lines.lines}
    for event, code in book.refused:
        writer.write("missing", "refused", writer.say("refused", asset=writer.name(assets[event]), code=code),
                     of=(event, assets[event], None))  # fmt: skip


def _write_uncovered(
    writer: TaxWriter, params: HoldingTaxInput, book: HoldingBook, securities: Mapping[str, str]
) -> None:
    """Write each line of a security until the end of the year: no figure below holds it."""
    for event in book.events:
        if event.asset in securities and event.at.year <= params.year:
            text = writer.say("uncovered_line", product=securities[event.asset])
            writer.write("uncovered", event.kind, text, of=(event.id, "", event.quantity))


def _write_opening_lacks(writer: TaxWriter, events: Sequence[HoldingEvent], openings: TaxOpenings) -> None:
    """Write what opening values need beside them: the coins that were held, and no price that they hold already."""
    if not any(one.value for one in openings.values.values()):
        return
    if not has_opening_coins(events, openings.year):
        writer.write("missing", "opening_coins", writer.say("opening_coins", year=openings.year))
    if has_paid_before(events, openings.year):
        writer.write("flag", "opening_twice", writer.say("opening_twice", year=openings.year))


def _write_france(
    writer: TaxWriter,
    params: HoldingTaxInput,
    events: Sequence[HoldingEvent],
    prices: PriceTable,
    openings: TaxOpenings,
) -> None:
    abroad = list(dict.fromkeys(filter(None, (place.strip() for place in params.abroad.split(";")))))
    settings = FrenchSettings(
        scale=params.scale,
        acquisition_fees=params.acquisition_fees,
        income_enters_220=params.income_enters_220,
        opening_220=openings.amount("opening_220"),
        opening_221=openings.amount("opening_221"),
        accounts=tuple(ForeignAccount(place) for place in abroad),
    )
    years = french_years(events, prices, settings, params.year)
    begun = [event for event in events if event.at.year <= params.year]
    named = {place for event in begun for place in (event.place, event.to_place) if place}
    told = [year for year in years if year.year <= params.year]
    write_french_year(writer, told, settings, openings, sorted(named - set(abroad)))
