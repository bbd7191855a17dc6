"""Worth and returns of the holdings contract (section 5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

from tests.independence.holdings_oracle_books import OracleBooks
from tests.independence.holdings_oracle_words import text, total

STEPS = 3000


def _exact(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _shown(number: Decimal | None) -> str | None:
    if number is None:
        return None
    shown = format(number.quantize(Decimal(1).scaleb(-20)), "f").rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown


def _state(books: OracleBooks, day: str) -> tuple[dict[str, Fraction], Fraction | None]:
    """Holdings and cost at the end of a day."""
    found: tuple[dict[str, Fraction], Fraction | None] = ({}, Fraction(0))
    for at, holdings, cost in books.states:
        if at <= day:
            found = holdings, cost
    return found


def worth(books: OracleBooks, day: str) -> dict:
    """Rule 20."""
    holdings, cost = _state(books, day)
    values = {asset: books.market.worth(asset, quantity, day) for asset, quantity in holdings.items()}
    unpriced = sorted(asset for asset, value in values.items() if value is None)
    known = total([value for value in values.values() if value is not None])
    unrealised = None if unpriced or cost is None else known - cost
    return {"total": text(known), "no_price": unpriced, "cost": text(cost), "unrealised": text(unrealised)}


def _whole_worth(books: OracleBooks, day: str) -> Fraction | None:
    holdings, _ = _state(books, day)
    return total([books.market.worth(asset, quantity, day) for asset, quantity in holdings.items()])


def _flows(books: OracleBooks, day: str) -> tuple[Fraction | None, Fraction | None]:
    money_in, money_out = books.flows.get(day, ([], []))
    return total(money_in), total(money_out)


def _days(first: str, last: str) -> list[str]:
    start = date.fromisoformat(first)
    count = (date.fromisoformat(last) - start).days + 1
    return [(start + timedelta(days=step)).isoformat() for step in range(count)]


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def time_weighted(books: OracleBooks, first: str, last: str) -> dict:
    """Rule 21."""
    unknown = {"return": None, "annual": None, "code": "no_price"}
    before = _whole_worth(books, _before(first))
    if before is None:
        return unknown | {"day": _before(first)}
    days = _days(first, last)
    code = None
    with localcontext() as context:
        context.prec = 80
        product = Decimal(1)
        for day in days:
            after = _whole_worth(books, day)
            money_in, money_out = _flows(books, day)
            if after is None or money_in is None or money_out is None:
                return unknown | {"day": day}
            below, above = before + money_in, after + money_out
            if below != 0:
                product *= _exact(above / below)
            elif above != 0:
                code = "return_without_capital"
            before = after
        annual = None
        if len(days) >= 365 and product >= 0:
            annual = product ** (Decimal(365) / len(days)) - 1 if product else Decimal(-1)
        return {"return": _shown(product - 1), "annual": _shown(annual), "code": code, "day": None}


def _roots(flows: list[tuple[int, Decimal]]) -> list[Decimal]:
    """Where the sum changes its sign on equal steps of ln(1 + r), bisected."""

    def value(step: Decimal) -> Decimal:
        return sum(((-step * days / 365).exp() * amount for days, amount in flows), Decimal(0))

    low, high = Decimal("0.0001").ln(), Decimal(101).ln()
    grid = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
    values = [value(step) for step in grid]
    found = [grid[0].exp() - 1] if values[0] == 0 else []
    for left, right, a, b in zip(grid[:-1], grid[1:], values[:-1], values[1:], strict=True):
        if b == 0:
            found.append(right.exp() - 1)
        elif a * b < 0:
            start, end, is_up = left, right, b > 0
            for _ in range(60):
                middle = (start + end) / 2
                if (value(middle) > 0) == is_up:
                    end = middle
                else:
                    start = middle
            found.append(start.exp() - 1)
    return found


def money_weighted(books: OracleBooks, first: str, last: str) -> dict:
    """Rule 22."""
    nothing = {"rate": None, "period": None, "roots": []}
    opening, closing = _whole_worth(books, _before(first)), _whole_worth(books, last)
    if opening is None or closing is None:
        return nothing | {"code": "no_price"}
    nets: dict[str, Fraction] = {}
    for day in _days(first, last):
        money_in, money_out = _flows(books, day)
        if money_in is None or money_out is None:
            return nothing | {"code": "no_price"}
        nets[day] = money_out - money_in
    nets[first] -= opening
    nets[last] += closing
    moved = [day for day in sorted(nets) if nets[day] != 0]
    if first == last or moved in ([], [last]):
        return nothing | {"code": "too_short"}
    start = date.fromisoformat(moved[0])
    with localcontext() as context:
        context.prec = 40
        flows = [((date.fromisoformat(day) - start).days, _exact(nets[day])) for day in moved]
        roots = _roots(flows)
        shown = [_shown(root) for root in roots]
        if len(roots) != 1:
            return nothing | {"code": "several_roots" if roots else "no_root", "roots": shown}
        days = (date.fromisoformat(last) - start).days
        period = (1 + roots[0]) ** (Decimal(days) / 365) - 1
        return {"rate": shown[0], "period": _shown(period), "code": None, "roots": shown}
