"""The letter of a person, made of the book, the valuations and the dates that are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from vigie.catalogue import translate
from vigie.domain.asset import Asset
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
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.services.caches.holding_books import HoldingBook
from vigie.services.holdings.entries import parse_day
from vigie.services.holdings.holding_book import HoldingSources, base_of, book_of
from vigie.services.holdings.holding_rows import ENGINE
from vigie.services.holdings.holding_sums import shares_of
from vigie.services.holdings.letter_rows import HoldingLetterRow, HoldingLetterTable, LetterWriter
from vigie.services.holdings.letter_words import LESSONS
from vigie.services.holdings.money_columns import holding_columns
from vigie.services.holdings.own_limits import share_limit_in
from vigie.services.market_data.valuations import ValuationSources, read_valuation
from vigie.services.news.regulation_dates import regulation_dates
from vigie.services.operation import Origin

# Valuations of so many coins, those of most worth, and so many dates.
MOST_VALUED: Final = 6
MOST_DATES: Final = 3
_EPISODE_DAYS: Final = 30
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """Whose letter, of which days, and how it is told.

    Attributes
    ----------
    owner : str
        Id of the person.
    last : str
        Its last day, ``2024-12-31``; empty for today.
    currency : str
        ``usd``, ``eur``, or empty for the person's own.
    has_pdf : bool
        Whether this installation makes the PDF of it.
    """

    owner: str
    span: LetterSpan
    last: str
    language: str
    currency: str
    has_pdf: bool


def make_letter(
    request: LetterRequest, sources: HoldingSources, valuations: ValuationSources
) -> HoldingLetterTable:
    """Return the letter of a person.

    Raises
    ------
    UsageError
        If its last day is none.
    """
    owner, language = request.owner, request.language
    base = base_of(sources, owner, request.currency)
    book = book_of(sources, owner, base)
    assets = {asset.id: asset for asset in sources.catalog.assets()}
    names = {asset.id: asset.name for asset in assets.values()}
    names |= {key: product.name for key, product in book.lines.products.items()}
    limit = share_limit_in(sources.accounts.settings(owner)[1])
    period = letter_period(request.span, parse_day(request.last, book.today), book.price_day)
    # Each close in the money of the day that the letter names.
    prices = book.prices.at_last_close(period.end, period.last)
    coins = _held_coins(book, prices, period)
    material = LetterMaterial(
        valuations=[
            _valuation(valuations, assets.get(coin), coin, _known_at(sources, book, period))
            for coin in coins
            if not _is_stablecoin(assets.get(coin))
        ][:MOST_VALUED],
        dates=_dates(language, sources, valuations, period),
        lessons=LESSONS,
        tasks=list(_tasks(book, names, assets, limit)),
    )
    letter = write_letter(book.booked, prices, period, material)
    stablecoins = tuple(names[coin] for coin in coins if _is_stablecoin(assets.get(coin)))
    writer = LetterWriter(letter, language, base, names, stablecoins, limit, _count_uncosted(book, period))
    rows = writer.rows()
    return HoldingLetterTable(
        columns=holding_columns(HoldingLetterRow, base), rows=rows, total=len(rows), origins=[Origin(source=ENGINE)],
        span=period.span, start=period.start.isoformat(), first=period.first.isoformat(),
        last=period.last.isoformat(), currency=base.lower(), language=language, title=writer.title,
        worth=float(letter.worth) if any(one.worth is not None for one in letter.held) else None,
        change=None if letter.moved is None else float(letter.moved.change),
        put_in=None if letter.put_in is None else float(letter.put_in),
        task=letter.task.code, lesson=letter.lesson, has_pdf=request.has_pdf,
    )  # fmt: skip


def _count_uncosted(book: HoldingBook, period: LetterPeriod) -> int:
    """Return how many lines of the period have no cost."""
    days = {record.event: date.fromisoformat(str(event["at"])[:10]) for record, event in book.lines.lines}
    return sum(
        "missing_cost" in codes and period.first <= days[entry] <= period.end
        for entry, codes in book.codes.items()
    )


def _held_coins(book: HoldingBook, prices: PriceTable, period: LetterPeriod) -> list[str]:
    """Return the coins whose prices count for what is held, most worth first."""
    worths: dict[str, float] = {}
    for key, quantity in held_at(book.booked, period.end).items():
        product = book.lines.products.get(key)
        coin = key if product is None else product.underlying
        worths[coin] = worths.get(coin, 0.0) + float(prices.value(key, quantity, period.end) or 0)
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
    language: str, sources: HoldingSources, valuations: ValuationSources, period: LetterPeriod
) -> list[LetterDate]:
    """Return the next dates of regulation after the period, as Portfolio shows them."""
    since = min(sources.clock.market_now(), _end_of(period.end))
    rows, _ = regulation_dates(sources.facts, valuations.directory, sources.clock.market_now())
    return [
        LetterDate(
            datetime.fromtimestamp(row.ts / 1_000, UTC).date(),
            row.get(f"what_{language}") or translate(row.what_en, language),
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
