"""Germany: sections 23 and 22 no. 3 EStG, year by year (private persons; not advice)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from vigie.intelligence.holdings.amounts import ZERO, exactly, in_cents, total
from vigie.intelligence.holdings.booking import BookRules, book_events
from vigie.intelligence.holdings.country_rules import NO_RULES, CountryRules, read_country
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import BookedHoldings, CoinIncome, Disposal, HoldingEvent

METHODS_OF_THE_LETTER = frozenset({"fifo", "average", "specific"})


@dataclass(frozen=True, slots=True)
class GermanSale:
    """One part of a disposal.

    Attributes
    ----------
    event, kind, asset : str
        Which, what, of what.
    quantity : Decimal
        So much.
    acquired : date or None
        Nothing for what was not there.
    sold : date
        In Berlin.
    proceeds, cost, gain : Decimal or None
        Unknown is nothing.
    is_taxable : bool
        Whether it was sold within the year.
    lot : str or None
        The event that brought it; nothing for what was not there.
    is_cost_known : bool
        Otherwise it counts as 0.
    """

    event: str
    kind: str
    asset: str
    quantity: Decimal
    acquired: date | None
    sold: date
    proceeds: Decimal | None
    cost: Decimal | None
    gain: Decimal | None
    is_taxable: bool
    lot: str | None = None
    is_cost_known: bool = True


@dataclass(frozen=True, slots=True)
class GermanYear:
    """The figures of a year.

    Attributes
    ----------
    year : int
        In Berlin.
    sales : tuple of GermanSale
        In order of booking.
    total, limit, taxable, free : Decimal or None
        Gains within the year, their limit, what is taxed, gains after the year.
    income, income_limit, income_taxable : Decimal or None
        Of section 22 no. 3.
    loss_carried : Decimal or None
        Left at the end of the year.
    flags : tuple of str
        What there is to say.
    received : tuple of CoinIncome
        What `income` is the sum of.
    """

    year: int
    sales: tuple[GermanSale, ...] = ()
    total: Decimal | None = None
    limit: Decimal | None = None
    taxable: Decimal | None = None
    free: Decimal | None = None
    income: Decimal | None = None
    income_limit: Decimal | None = None
    income_taxable: Decimal | None = None
    loss_carried: Decimal | None = None
    flags: tuple[str, ...] = ()
    received: tuple[CoinIncome, ...] = ()


@dataclass(slots=True)
class _Material:
    """What a year is made of."""

    sales: list[GermanSale] = field(default_factory=list)
    income: list[CoinIncome] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)


@exactly
def german_years(
    events: Sequence[HoldingEvent],
    prices: PriceTable,
    *,
    method: str = "fifo",
    is_one_queue: bool = False,
    loss_carried: Decimal = ZERO,
    wanted: int | None = None,
) -> tuple[GermanYear, ...]:
    """Return the figures of all years from the first event to the last.

    Parameters
    ----------
    events : sequence of HoldingEvent
        In order.
    prices : PriceTable
        In EUR.
    method : str
        Which lots leave first.
    is_one_queue : bool
        One queue over all places.
    loss_carried : Decimal
        From before.
    wanted : int, optional
        A year that is among them, with or without events.

    Returns
    -------
    tuple of GermanYear
        Ascending.
    """
    country = read_country("germany")
    rules = BookRules(method, is_one_queue, country.zone, ZERO, by_giver=True, free_airdrops=True)
    booked = book_events(events, prices, rules)
    zone = ZoneInfo(country.zone)
    found: defaultdict[int, _Material] = defaultdict(_Material)
    # A year with any event is listed, with or without figures.
    for event in events:
        found[_day(event.at, zone).year].flags.update(_flags_of(event, booked))
    for one in booked.income:
        event = one.event
        received = CoinIncome(event.id, event.sort, event.asset, event.quantity, one.value)
        found[_day(event.at, zone).year].income.append(received)
    for disposal in booked.disposals:
        _add_disposal(disposal, booked, zone, found[_day(disposal.event.at, zone).year])
    always = set() if method in METHODS_OF_THE_LETTER else {"method_not_in_letter"}
    if is_one_queue:
        always.add("not_per_wallet")
    if wanted is not None:
        _ = found[wanted]
    years: list[GermanYear] = []
    carried: Decimal | None = loss_carried
    for year in range(min(found), max(found) + 1) if found else ():
        found[year].flags |= always
        years.append(_close(year, found[year], country, carried))
        carried = years[-1].loss_carried if country.knows(year) else carried
    return tuple(years)


def last_taxable_day(acquired: date) -> date:
    """Return the same date one year later; a missing 29 February is the 28th.

    Parameters
    ----------
    acquired : date
        The day of acquisition.

    Returns
    -------
    date
        A sale on it is still taxable.
    """
    is_leap_day = (acquired.month, acquired.day) == (2, 29)
    return acquired.replace(year=acquired.year + 1, day=28 if is_leap_day else acquired.day)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _flags_of(event: HoldingEvent, booked: BookedHoldings) -> Iterator[str]:
    if event.id in booked.missing:
        yield "missing_cost"
    if event.kind == "income" and event.sort == "airdrop":
        yield "airdrop_at_zero"
    if event.kind == "income" and event.sort == "mining":
        yield "may_be_business"
    if event.kind == "loss":
        yield "loss_left"
    if event.kind == "fee" or (event.kind == "transfer" and event.fee is not None and event.fee.asset):
        yield "fee_left"


def _leaves(disposal: Disposal) -> bool:
    """Tell whether coins leave without gain or loss: a loss, a fee alone, the fee of a transfer."""
    return disposal.kind == "loss" or disposal.event.kind in ("transfer", "fee", "loss")


def _add_disposal(disposal: Disposal, booked: BookedHoldings, zone: ZoneInfo, material: _Material) -> None:
    if _leaves(disposal):
        return
    sold = _day(disposal.event.at, zone)
    for part in disposal.parts:
        acquired = None if part.acquired is None else _day(part.acquired, zone)
        if acquired is None:
            material.flags.add("gap")
        elif part.lot in booked.missing or part.cost is None:
            material.flags.add("missing_cost")
        cost = part.cost or ZERO
        material.sales.append(
            GermanSale(
                event=disposal.event.id,
                kind=disposal.kind,
                asset=disposal.asset,
                quantity=part.quantity,
                acquired=acquired,
                sold=sold,
                proceeds=part.proceeds,
                cost=cost,
                gain=None if part.proceeds is None else part.proceeds - cost,
                is_taxable=acquired is None or sold <= last_taxable_day(acquired),
                lot=part.lot,
                is_cost_known=part.cost is not None and part.lot not in booked.missing,
            )
        )


def _close(year: int, material: _Material, country: CountryRules, carried: Decimal | None) -> GermanYear:
    flags, sales = material.flags, tuple(material.sales)
    limit = country.figure("private_sales_limit", year)
    income_limit = country.figure("other_income_limit", year)
    if limit is None or income_limit is None:
        return GermanYear(year, sales, flags=tuple(sorted(flags | {NO_RULES})))
    gains = total([sale.gain for sale in sales if sale.is_taxable])
    gains = None if gains is None else in_cents(gains)
    income = total([one.value for one in material.income])
    taxable, left = _after_limit(gains, limit, carried)
    return GermanYear(
        year=year,
        sales=sales,
        total=gains,
        limit=limit,
        taxable=taxable,
        free=total([sale.gain for sale in sales if not sale.is_taxable]),
        income=income,
        income_limit=income_limit,
        income_taxable=income if income is None or income >= income_limit else ZERO,
        loss_carried=left,
        flags=tuple(sorted(flags)),
        received=tuple(material.income),
    )


def _after_limit(
    gains: Decimal | None, limit: Decimal, carried: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """Return what is taxed, and the loss that is left: it is taken after the limit test."""
    if gains is None:
        return None, None
    if gains < 0:
        return ZERO, None if carried is None else carried - gains
    if gains < limit:
        return ZERO, carried
    if carried is None:
        return None, None
    used = min(gains, carried)
    return gains - used, carried - used
