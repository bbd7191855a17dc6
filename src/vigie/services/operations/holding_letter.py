"""The letter about what a person holds: a week or a month in sentences, one lesson, one thing to do."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pydantic import Field

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.holdings.bank_products import is_open
from vigie.intelligence.holdings.letter import (
    LetterDate,
    LetterMaterial,
    LetterPeriod,
    LetterSpan,
    LetterTask,
    LetterValuation,
    held_at,
    letter_period,
    write_letter,
)
from vigie.ports.reports import ReportPrinter
from vigie.services.alerting.letter_mail import LetterMailSources, letter_file, letter_mail
from vigie.services.alerting.own_mail import confirmed_mail, send_now
from vigie.services.caches.holding_books import HoldingBook
from vigie.services.holdings.entries import parse_day
from vigie.services.holdings.holding_book import HoldingSources, base_of, read_book
from vigie.services.holdings.holding_rows import ENGINE
from vigie.services.holdings.holding_sums import last_price_day, shares_of
from vigie.services.holdings.letter_report import letter_report
from vigie.services.holdings.letter_rows import HoldingLetterRow, HoldingLetterTable, LetterWriter
from vigie.services.holdings.letter_words import LESSONS
from vigie.services.holdings.own_limits import share_limit_in
from vigie.services.languages import Language
from vigie.services.market_data.valuations import ValuationSources, read_valuation
from vigie.services.operation import NoInput, OperationResult, Origin, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.operations.holding_worth import HoldingWorthInput, holding_columns
from vigie.services.operations.regulation import list_dates
from vigie.services.people.accounts.throttle import use_allowance
from vigie.services.people.ownership import owner_of

# Valuations of so many coins, those of most worth, and so many dates.
MOST_VALUED: Final = 6
MOST_DATES: Final = 3
# Letters that one person may have mailed in an hour.
MAX_SENT_PER_HOUR: Final = 6
_EPISODE_DAYS: Final = 30
_EPOCH: Final = date(1970, 1, 1)


class HoldingLetterInput(HoldingWorthInput):
    """Which period, in which currency and language."""

    span: LetterSpan = Field("week", description="`week`: seven days; `month`: thirty.")
    last: str = Field("", max_length=40, description="Its last day, 2024-12-31; empty: today.")
    language: Language = Field("en", description="Of the sentences.")


class HoldingLetterPdf(OperationResult):
    """A letter as a PDF: `content` in base64."""

    name: str
    size: int
    content: str


class HoldingLetterSent(OperationResult):
    """Which letter was sent, and where to."""

    title: str
    addresses: list[str]


@operation("holdings.letter", example={"span": "week"})
def read_holding_letter(
    caller: Caller,
    params: HoldingLetterInput,
    sources: HoldingSources,
    valuations: ValuationSources,
    printer: ReportPrinter,
) -> HoldingLetterTable:
    """Read a letter about what you own: worth, what moved it, valuations, what comes, one lesson, one thing to do."""
    return make_letter(caller, params, sources, valuations, has_pdf=printer.is_ready)


@operation("holdings.letter_pdf", example={"span": "week"})
def print_holding_letter(
    caller: Caller,
    params: HoldingLetterInput,
    sources: HoldingSources,
    valuations: ValuationSources,
    printer: ReportPrinter,
) -> HoldingLetterPdf:
    """Read a letter about what you own as an accessible PDF."""
    told = make_letter(caller, params, sources, valuations, has_pdf=printer.is_ready)
    content = printer.report_pdf(letter_report(told))
    return HoldingLetterPdf(
        name=letter_file(told),
        size=len(content),
        content=b64encode(content).decode(),
    )


@operation("holdings.send_letter", scope="write", example={"span": "week"})
def send_holding_letter(
    caller: Caller,
    params: HoldingLetterInput,
    sources: HoldingSources,
    valuations: ValuationSources,
    mail: LetterMailSources,
) -> HoldingLetterSent:
    """Send a letter about what you own, with its PDF where one is made, to your confirmed mail addresses now."""
    owner = require_owner(caller)
    channels = confirmed_mail(mail.alerts, owner)
    told = make_letter(caller, params, sources, valuations, has_pdf=mail.printer.is_ready)
    if not use_allowance(sources.accounts, sources.clock, f"letter/{owner}", MAX_SENT_PER_HOUR):
        raise UsageError(
            "most_letters_sent_per_hour",
            "at most {max_sent_per_hour} letters are sent per hour; wait and try again",
            max_sent_per_hour=MAX_SENT_PER_HOUR,
        )
    for channel in channels:
        send_now(mail.notifiers, letter_mail(mail, told, channel.address), "letter")
    return HoldingLetterSent(title=told.title, addresses=[channel.address for channel in channels])


def make_letter(
    caller: Caller,
    params: HoldingLetterInput,
    sources: HoldingSources,
    valuations: ValuationSources,
    *,
    has_pdf: bool,
) -> HoldingLetterTable:
    """Return the letter of a person."""
    base = base_of(sources, caller, params.currency)
    book = read_book(sources, caller, base)
    assets = {asset.id: asset for asset in sources.catalog.assets()}
    names = {asset.id: asset.name for asset in assets.values()}
    names |= {key: product.name for key, product in book.lines.products.items()}
    limit = share_limit_in(sources.accounts.settings(owner_of(sources.accounts, caller))[1])
    period = letter_period(params.span, parse_day(params.last, book.today), last_price_day(book))
    coins = _held_coins(book, period)
    material = LetterMaterial(
        valuations=[
            _valuation(valuations, assets.get(coin), coin, _known_at(sources, book, period))
            for coin in coins
            if not _is_stablecoin(assets.get(coin))
        ][:MOST_VALUED],
        dates=_dates(caller, params.language, sources, valuations, period),
        lessons=LESSONS,
        tasks=list(_tasks(book, names, assets, limit)),
    )
    letter = write_letter(book.booked, book.prices, period, material)
    stablecoins = tuple(names[coin] for coin in coins if _is_stablecoin(assets.get(coin)))
    writer = LetterWriter(letter, params.language, base, names, stablecoins, limit)
    rows = writer.rows()
    return HoldingLetterTable(
        columns=holding_columns(HoldingLetterRow, base), rows=rows, total=len(rows), origins=[Origin(source=ENGINE)],
        span=period.span, start=period.start.isoformat(), first=period.first.isoformat(),
        last=period.last.isoformat(), currency=base.lower(), language=params.language, title=writer.title,
        worth=float(letter.worth) if letter.held else None,
        change=None if letter.moved is None else float(letter.moved.change),
        put_in=None if letter.put_in is None else float(letter.put_in),
        task=letter.task.code, lesson=letter.lesson, has_pdf=has_pdf,
    )  # fmt: skip


def _held_coins(book: HoldingBook, period: LetterPeriod) -> list[str]:
    """Return the coins whose prices count for what is held, most worth first."""
    worths: dict[str, float] = {}
    for key, quantity in held_at(book.booked, period.end).items():
        product = book.lines.products.get(key)
        coin = key if product is None else product.underlying
        worths[coin] = worths.get(coin, 0.0) + float(book.prices.value(key, quantity, period.end) or 0)
    return sorted(worths, key=lambda coin: (-worths[coin], coin))


def _is_stablecoin(asset: Asset | None) -> bool:
    return asset is not None and asset.kind == "stablecoin"


def _known_at(sources: HoldingSources, book: HoldingBook, period: LetterPeriod) -> tuple[int, int | None]:
    """Return the market's time, and for a letter of the past the end of its last day."""
    now = sources.clock.market_now()
    return (now, None) if period.end >= book.today else (now, _end_of(period.end))


def _end_of(day: date) -> int:
    return (day - _EPOCH).days * DAY_MS + DAY_MS


def _valuation(
    sources: ValuationSources, asset: Asset | None, coin: str, at: tuple[int, int | None]
) -> LetterValuation:
    read = None if asset is None else read_valuation(sources, asset, *at)
    if read is None or read.valuation.state is None or read.valuation.since_day is None:
        return LetterValuation(coin, "unknown")
    found = read.valuation
    earlier = sum(
        entry.count
        for entry in read.followed
        if (entry.state, entry.horizon_days) == (found.state, _EPISODE_DAYS)
    )
    since = _EPOCH + timedelta(read.valuation.since_day)
    return LetterValuation(coin, found.word, str(found.state), since, earlier)


def _dates(
    caller: Caller,
    language: str,
    sources: HoldingSources,
    valuations: ValuationSources,
    period: LetterPeriod,
) -> list[LetterDate]:
    """Return the next dates of regulation after the period, as Portfolio shows them."""
    since = min(sources.clock.market_now(), _end_of(period.end))
    rows = list_dates(caller, NoInput(), sources.facts, sources.clock, valuations.directory).rows
    return [
        LetterDate(
            datetime.fromtimestamp(row.ts / 1_000, UTC).date(),
            row.what_fr if language == "fr" else row.what_en,
            row.address,
        )
        for row in rows
        if row.ts >= since
    ][:MOST_DATES]


def _tasks(
    book: HoldingBook, names: Mapping[str, str], assets: Mapping[str, Asset], limit: float
) -> Iterator[LetterTask]:
    """Yield all that is to be done about what is owned today."""
    told = {record.event: event for record, event in book.lines.lines}
    for event in told.values():
        if is_open(event):
            yield LetterTask("resolve", str(event.get("typed", "")))
    for entry, codes in book.codes.items():
        asset = str(told[entry].get("asset", ""))
        if "gap" in codes:
            yield LetterTask("gap", names.get(asset, asset), entry)
        if "missing_cost" in codes:
            yield LetterTask("missing_cost", names.get(asset, asset), entry)
    for coin in book.worth.no_price:
        yield LetterTask("no_price", names.get(coin, coin))
    for one in shares_of(book, assets, limit):
        if one.is_above:
            yield LetterTask("share", one.name, kind=one.kind, share=one.share)
