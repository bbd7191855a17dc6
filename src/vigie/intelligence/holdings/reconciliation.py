"""What a platform reported beside what own events add up to: each difference, and the events behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from vigie.domain.reported import CATEGORIES, ReportedCategory, ReportedRow, ReportedStatement, place_key
from vigie.intelligence.holdings.amounts import CENT, WHOLE, ZERO, exactly, total
from vigie.intelligence.holdings.own_categories import CategoryLine, category_lines
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import HoldingEvent

ReportedStatus = Literal["different", "only_reported", "only_own", "unchecked", "rounded", "equal"]
NearReason = Literal["no_place", "year_turn", "fee", "loss"]
# Statements give units to six decimals.
UNITS_STEP: Final = Decimal("0.000001")
# Which of these an own event is, only the platform knows.
UNCHECKED: Final[dict[ReportedCategory, ReportedCategory]] = {
    "transfer_wallet": "transfer_out", "retail_payment": "fiat_out",
}  # fmt: skip
_OUT: Final = ("fiat_out", "crypto_out", "transfer_out")
_TURN: Final = timedelta(1)


@dataclass(frozen=True, slots=True)
class NearLine:
    """An own event that is not in a figure, but may be in the platform's.

    Attributes
    ----------
    line : CategoryLine
    reason : str
        Why it is near.
    """

    line: CategoryLine
    reason: NearReason


@dataclass(frozen=True, slots=True)
class ReportedReason:
    """What may explain a difference.

    Attributes
    ----------
    code : str
    count : int
        Of events or transactions that it is about.
    name : str
        A category or a currency that it is about.
    """

    code: str
    count: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReportedDifference:
    """One asset and category of one statement, as it was reported and by own events.

    Attributes
    ----------
    place, asset : str
    year : int
    category : str
    reported : tuple of ReportedRow
        By type; none where the platform reported nothing.
    own : tuple of CategoryLine
        What the own figure is the sum of, by day; without an own figure, all that may be in the reported one.
    near : tuple of NearLine
        What may be in the platform's figure.
    units, amount, transactions : (Decimal or None, Decimal or None)
        Reported and own; what is not told or not known is nothing.
    currency : str
        Of both amounts.
    status : str
    reasons : tuple of ReportedReason
        The likeliest first.
    """

    place: str
    year: int
    asset: str
    category: ReportedCategory
    reported: tuple[ReportedRow, ...]
    own: tuple[CategoryLine, ...]
    near: tuple[NearLine, ...]
    units: tuple[Decimal | None, Decimal | None]
    amount: tuple[Decimal | None, Decimal | None]
    transactions: tuple[Decimal | None, Decimal | None]
    currency: str
    status: ReportedStatus = "equal"
    reasons: tuple[ReportedReason, ...] = ()


def difference(pair: tuple[Decimal | None, Decimal | None]) -> Decimal | None:
    """Return the own figure less the reported one.

    Parameters
    ----------
    pair : (Decimal or None, Decimal or None)
        Reported and own.

    Returns
    -------
    Decimal or None
        Nothing where one of them is.
    """
    reported, own = pair
    return None if reported is None or own is None else own - reported


@exactly
def reconcile(
    statement: ReportedStatement, events: Sequence[HoldingEvent], prices: PriceTable
) -> list[ReportedDifference]:
    """Set a statement beside own events, by asset and category.

    Parameters
    ----------
    statement : ReportedStatement
        Of one place and year; its amounts have one currency.
    events : sequence of HoldingEvent
        All own ones, in any order.
    prices : PriceTable
        Its base is the currency that own amounts are in.

    Returns
    -------
    list of ReportedDifference
        By asset and category.
    """
    here, year = place_key(statement.place), statement.year
    own: dict[tuple[str, str], list[CategoryLine]] = defaultdict(list)
    near: dict[str, list[NearLine]] = defaultdict(list)
    groups = {(row.asset, row.category) for row in statement.rows}
    for event in events:
        for line in category_lines(event, prices):
            if line.category is not None and place_key(line.place) == here and line.day.year == year:
                own[line.asset, line.category].append(line)
                groups.add((line.asset, line.category))
            elif (beside := _near(line, here, year)) is not None:
                near[line.asset].append(beside)
    found = [
        _beside(statement, asset, category, own[asset, UNCHECKED.get(category, category)], prices)
        for asset, category in sorted(groups, key=lambda group: (group[0], CATEGORIES.index(group[1])))
    ]
    found = [replace(one, near=tuple(_sorted_near(one, near[one.asset]))) for one in found]
    by_asset: dict[str, list[ReportedDifference]] = defaultdict(list)
    for one in found:
        by_asset[one.asset].append(one)
    return [_judge(one, by_asset[one.asset]) for one in found]


def _beside(
    statement: ReportedStatement,
    asset: str,
    category: ReportedCategory,
    lines: Sequence[CategoryLine],
    prices: PriceTable,
) -> ReportedDifference:
    rows = tuple(row for row in statement.rows if (row.asset, row.category) == (asset, category))
    own = sorted(lines, key=lambda line: (line.day, line.event))
    currency = next((row.currency for row in statement.rows if row.currency), prices.base)
    is_checked = category not in UNCHECKED
    is_same = is_checked and currency == prices.base
    counts = [None if row.transactions is None else Decimal(row.transactions) for row in rows]
    return ReportedDifference(
        place=statement.place,
        year=statement.year,
        asset=asset,
        category=category,
        reported=rows,
        own=tuple(own),
        near=(),
        units=(_sum_of([row.units for row in rows]), sum((line.units for line in own), ZERO) if is_checked else None),
        amount=(_sum_of([row.amount for row in rows]), total([line.amount for line in own]) if is_same else None),
        transactions=(_sum_of(counts), Decimal(len(own)) if is_checked else None),
        currency=currency,
    )  # fmt: skip


def _sum_of(figures: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum of what a statement says; nothing where it says nothing."""
    return total(figures) if figures else None


def _near(line: CategoryLine, here: str, year: int) -> NearLine | None:
    place, is_in_year = place_key(line.place), line.day.year == year
    if place == "" and is_in_year and line.category is not None:
        return NearLine(line, "no_place")
    if place != here:
        return None
    if line.category is None:
        if not is_in_year:
            return None
        return NearLine(line, "loss" if line.kind == "loss" else "fee")
    turns = date(year, 1, 1) - _TURN, date(year, 12, 31) + _TURN
    return NearLine(line, "year_turn") if line.day in turns else None


def _sorted_near(group: ReportedDifference, near: Iterable[NearLine]) -> list[NearLine]:
    """Return the near events of a group; coins without a category are near all that leaves."""
    wanted = UNCHECKED.get(group.category, group.category)
    mine = [
        one for one in near if one.line.category == wanted or (one.line.category is None and wanted in _OUT)
    ]
    return sorted(mine, key=lambda one: (one.line.day, one.line.event, one.reason))


def units_agree(pair: tuple[Decimal | None, Decimal | None]) -> bool:
    """Tell whether units are the same but for rounding.

    Parameters
    ----------
    pair : (Decimal or None, Decimal or None)
        Reported and own.

    Returns
    -------
    bool
    """
    gap = difference(pair)
    return gap is None or abs(gap) <= UNITS_STEP


def amount_step(reported: Decimal | None, transactions: Decimal | None) -> Decimal:
    """Return how far amounts may differ by rounding: a cent a transaction, at most one; one where cents are left out.

    Parameters
    ----------
    reported, transactions : Decimal or None
        As the platform tells them.

    Returns
    -------
    Decimal
    """
    if reported is not None and reported == reported.to_integral_value():
        return WHOLE
    return min(WHOLE, CENT * max(WHOLE, transactions or WHOLE))


def _judge(one: ReportedDifference, all_found: Sequence[ReportedDifference]) -> ReportedDifference:
    """Return a group with its status and what may explain it."""
    if one.category in UNCHECKED:
        return replace(one, status="unchecked", reasons=(_unchecked_reason(one, all_found),))
    pairs = one.units, one.amount, one.transactions
    if not one.reported:
        return replace(one, status="only_own", reasons=(*_moved(one, all_found), ReportedReason("only_own")))
    if not one.own:
        return replace(
            one,
            status="only_reported",
            reasons=(*_moved(one, all_found), ReportedReason("only_reported"), *_near_reasons(one)),
        )
    unknown = _unknown_reasons(one)
    gap = difference(one.amount)
    is_near = gap is None or abs(gap) <= amount_step(one.amount[0], one.transactions[0])
    if units_agree(one.units) and is_near and not difference(one.transactions):
        status: ReportedStatus = "rounded" if any(map(difference, pairs)) else "equal"
        return replace(one, status="unchecked" if unknown else status, reasons=tuple(unknown))
    reasons = [*_moved(one, all_found), *_count_reasons(one), *_fee_reasons(one, is_near=is_near)]
    if units_agree(one.units) and not is_near and not any(each.code == "fee_money" for each in reasons):
        reasons.append(ReportedReason("valuation"))
    reasons += [*unknown, *_near_reasons(one)]
    return replace(one, status="different", reasons=tuple(reasons) or (ReportedReason("unexplained"),))


def _unchecked_reason(one: ReportedDifference, all_found: Sequence[ReportedDifference]) -> ReportedReason:
    """Return whether all own events of the wider category hold what was reported."""
    wider = UNCHECKED[one.category]
    held = sum(
        (other.units[1] or ZERO for other in all_found if other.category == wider), ZERO
    )  # fmt: skip
    enough = one.units[0] is None or one.units[0] <= held + UNITS_STEP
    return ReportedReason(one.category if enough else f"{one.category}_too_much", name=wider)


def _unknown_reasons(one: ReportedDifference) -> list[ReportedReason]:
    """Return why own amounts are not known."""
    if one.amount[0] is None or one.amount[1] is not None:
        return []
    unknown = sum(line.amount is None for line in one.own)
    return [ReportedReason("no_value", unknown) if unknown else ReportedReason("currency", name=one.currency)]


def _moved(one: ReportedDifference, all_found: Sequence[ReportedDifference]) -> list[ReportedReason]:
    """Return the category of the same direction that has the same units too many or too few."""
    gap = _gap(one)
    if not gap:
        return []
    is_out = one.category in _OUT
    return [
        ReportedReason("other_category", name=other.category)
        for other in all_found
        if other.category not in UNCHECKED
        and (other.category in _OUT) == is_out
        and _gap(other)
        and abs(_gap(other) + gap) <= UNITS_STEP
    ]


def _gap(one: ReportedDifference) -> Decimal:
    """Return how many units own events have more than the statement, nothing reported being none."""
    gap = (one.units[1] or ZERO) - (one.units[0] or ZERO)
    return gap if abs(gap) > UNITS_STEP else ZERO


def _count_reasons(one: ReportedDifference) -> list[ReportedReason]:
    gap = difference(one.transactions)
    if not gap:
        return []
    if gap < 0:
        return [ReportedReason("fewer_lines", int(-gap))]
    code = "split_lines" if units_agree(one.units) else "more_lines"
    return [ReportedReason(code, int(gap))]


def _fee_reasons(one: ReportedDifference, *, is_near: bool) -> list[ReportedReason]:
    found = []
    units, amount = difference(one.units), difference(one.amount)
    coins = sum((near.line.units for near in one.near if near.reason == "fee"), ZERO)
    if units and coins and not units_agree(one.units) and abs(units + coins) <= UNITS_STEP:
        found.append(ReportedReason("fee_coins", sum(near.reason == "fee" for near in one.near)))
    fees = total([line.fee for line in one.own])
    step = amount_step(one.amount[0], one.transactions[0])
    if amount and fees and not is_near and abs(abs(amount) - fees) <= step:
        found.append(ReportedReason("fee_money", sum(bool(line.fee) for line in one.own)))
    return found


def _near_reasons(one: ReportedDifference) -> list[ReportedReason]:
    """Return how many events are near, where own events have too few."""
    found = []
    for code in ("no_place", "year_turn", "loss"):
        count = sum(near.reason == code for near in one.near)
        if count:
            found.append(ReportedReason(code, count))
    return found
