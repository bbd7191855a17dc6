"""What is asked of holdings, as texts and lists: the rows that the contract names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from vigie.intelligence.holdings.amounts import ZERO, exactly, plain, total
from vigie.intelligence.holdings.france_years import LINES, FrenchYear
from vigie.intelligence.holdings.germany import GermanYear
from vigie.intelligence.holdings.records import BookedHoldings, Disposal, DisposalPart
from vigie.intelligence.holdings.returns import MoneyWeighted, TimeWeighted
from vigie.intelligence.holdings.worth import HoldingsWorth

Answer: TypeAlias = "str | bool | list[Answer] | dict[str, Answer] | None"
RATE_STEP = Decimal("1E-12")


@exactly
def gain_rows(booked: BookedHoldings) -> list[Answer]:
    """Return one row for the known and one for the unknown part of each disposal.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.

    Returns
    -------
    list
        [event, kind, asset, quantity, proceeds, cost, gain] in order of booking.
    """
    return [row for disposal in booked.disposals for row in _parts_of(disposal)]


def _parts_of(disposal: Disposal) -> Iterator[list[Answer]]:
    groups: dict[bool, list[DisposalPart]] = {}
    for part in disposal.parts:
        groups.setdefault(part.gain is None, []).append(part)
    for parts in groups.values():
        sums = (
            sum((part.quantity for part in parts), ZERO),
            total([part.proceeds for part in parts]),
            total([part.cost for part in parts]),
            total([part.gain for part in parts]),
        )
        yield [disposal.event.id, disposal.kind, disposal.asset, *map(plain, sums)]


@exactly
def realised(booked: BookedHoldings) -> Decimal:
    """Return the sum of the known gains.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.

    Returns
    -------
    Decimal
        In the base currency.
    """
    gains = (part.gain for disposal in booked.disposals for part in disposal.parts)
    return sum((gain for gain in gains if gain is not None), ZERO)


def lot_rows(booked: BookedHoldings, zone: str) -> list[Answer]:
    """Return the lots that are left.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    zone : str
        Whose days are said.

    Returns
    -------
    list
        [lot, asset, place, day acquired, quantity, cost] by asset, place and age.
    """
    return [
        [lot.lot, lot.asset, lot.place, _day(lot.acquired, zone), plain(lot.quantity), plain(lot.cost)]
        for lot in booked.lots
    ]


def gap_rows(booked: BookedHoldings) -> list[Answer]:
    """Return what left without having been there.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.

    Returns
    -------
    list
        [event, asset, place, quantity] in order of booking.
    """
    return [[gap.event, gap.asset, gap.place, plain(gap.quantity)] for gap in booked.gaps]


def income_rows(booked: BookedHoldings) -> list[Answer]:
    """Return coins received for something.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.

    Returns
    -------
    list
        [event, sort, asset, quantity, value] in order of booking.
    """
    return [
        [one.event.id, one.event.sort, one.event.asset, plain(one.event.quantity), plain(one.value)]
        for one in booked.income
    ]


def pairs(found: Iterable[tuple[str, str]]) -> list[Answer]:
    """Return events with their codes.

    Parameters
    ----------
    found : iterable of (event, code)
        Notes, or what was refused.

    Returns
    -------
    list
        [event, code] in the same order.
    """
    return [[event, code] for event, code in found]


@exactly
def worth_answer(worth: HoldingsWorth) -> dict[str, Answer]:
    """Return the worth of a day.

    Parameters
    ----------
    worth : HoldingsWorth
        With the coins that have no price.

    Returns
    -------
    dict
        total, no_price, cost, unrealised.
    """
    return {
        "total": plain(worth.total),
        "no_price": list(worth.no_price),
        "cost": plain(worth.cost),
        "unrealised": plain(worth.unrealised),
    }


def time_answer(found: TimeWeighted) -> dict[str, Answer]:
    """Return a time-weighted return.

    Parameters
    ----------
    found : TimeWeighted
        With its code.

    Returns
    -------
    dict
        return, annual, code, day.
    """
    return {
        "return": plain(found.total),
        "annual": plain(found.annual),
        "code": found.code,
        "day": None if found.day is None else found.day.isoformat(),
    }


@exactly
def money_answer(found: MoneyWeighted) -> dict[str, Answer]:
    """Return a money-weighted return.

    Parameters
    ----------
    found : MoneyWeighted
        With all its roots.

    Returns
    -------
    dict
        rate, period, code, roots, day.
    """
    return {
        "rate": _rate(found.rate),
        "period": _rate(found.period),
        "code": found.code,
        "roots": [_rate(root) for root in found.roots],
        "day": None if found.day is None else found.day.isoformat(),
    }


def french_answer(years: Iterable[FrenchYear]) -> dict[str, Answer]:
    """Return French years.

    Parameters
    ----------
    years : iterable of FrenchYear
        With their sales.

    Returns
    -------
    dict
        Lines and boxes by year.
    """
    return {
        str(year.year): {
            "sales": [
                [
                    sale.event,
                    *(map(plain, sale.lines) if sale.lines else [None] * len(LINES)),
                    plain(sale.gain),
                ]
                for sale in year.sales
            ],
            "income": [
                [row.event, row.sort, row.asset, plain(row.quantity), plain(row.value)] for row in year.income
            ],
            "51": plain(year.line_51),
            "224": plain(year.line_224),
            "exempt": year.is_exempt,
            "3AN": plain(year.box_3an),
            "3BN": plain(year.box_3bn),
            "ir": plain(year.income_tax),
            "ps": plain(year.social_levies),
            "flags": list(year.flags),
            "3916-bis": list(year.places_abroad),
        }
        for year in years
    }


def german_answer(years: Iterable[GermanYear]) -> dict[str, Answer]:
    """Return German years.

    Parameters
    ----------
    years : iterable of GermanYear
        With their sales.

    Returns
    -------
    dict
        Figures by year.
    """
    return {
        str(year.year): {
            "sales": [
                [
                    sale.event,
                    sale.kind,
                    sale.asset,
                    plain(sale.quantity),
                    None if sale.acquired is None else sale.acquired.isoformat(),
                    sale.sold.isoformat(),
                    plain(sale.proceeds),
                    plain(sale.cost),
                    plain(sale.gain),
                    sale.is_taxable,
                ]
                for sale in year.sales
            ],
            "total": plain(year.total),
            "limit": plain(year.limit),
            "taxable": plain(year.taxable),
            "free": plain(year.free),
            "income": plain(year.income),
            "income_limit": plain(year.income_limit),
            "income_taxable": plain(year.income_taxable),
            "loss_carried": plain(year.loss_carried),
            "flags": list(year.flags),
        }
        for year in years
    }


def _rate(rate: float | None) -> str | None:
    return None if rate is None else plain(Decimal(rate).quantize(RATE_STEP))


def _day(at: datetime | None, zone: str) -> str | None:
    return None if at is None else at.astimezone(ZoneInfo(zone)).date().isoformat()
