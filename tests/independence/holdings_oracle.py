"""An independent reference of the holdings contract: plain, slow, and written from its text alone.

Nothing of the product is imported here or in the other `holdings_oracle` modules.
"""

from __future__ import annotations

from fractions import Fraction

from tests.independence.holdings_oracle_books import OracleBooks, OracleDisposal
from tests.independence.holdings_oracle_returns import money_weighted, time_weighted, worth
from tests.independence.holdings_oracle_taxes import france, germany
from tests.independence.holdings_oracle_words import sort_out, text, total


def _halves(disposal: OracleDisposal) -> list[list[tuple]]:
    """The known and the unknown part of a disposal, each as (quantity, proceeds, cost), in order of booking."""
    known: list[tuple] = []
    unknown: list[tuple] = []
    halves: list[list[tuple]] = []
    pieces = [
        (part.quantity, share, part.cost) for part, share in zip(disposal.parts, disposal.shares, strict=True)
    ]
    if disposal.gap > 0:
        pieces.append((disposal.gap, disposal.gap_share, None))
    for piece in pieces:
        half = unknown if piece[1] is None or piece[2] is None else known
        if not half:
            halves.append(half)
        half.append(piece)
    return halves


def _gains(books: OracleBooks) -> tuple[list[list], Fraction]:
    rows = []
    realised = Fraction(0)
    for disposal in books.disposals:
        for half in _halves(disposal):
            quantity, proceeds, cost = (total([piece[at] for piece in half]) for at in range(3))
            gain = None if proceeds is None or cost is None else proceeds - cost
            realised += gain or 0
            start = [disposal.event["id"], disposal.kind, disposal.asset]
            rows.append([*start, text(quantity), text(proceeds), text(cost), text(gain)])
    return rows, realised


def _lots(books: OracleBooks) -> list[list]:
    rows = []
    for asset, place in books.where():
        lots = [one for one in books.lots if (one.asset, one.place) == (asset, place)]
        if books.method == "average":
            quantity = sum(one.quantity for one in lots)
            cost = books.pool_costs[asset, place]
            rows.append(["pool", asset, place, None, text(quantity), text(cost)])
            continue
        for one in sorted(lots, key=lambda one: (one.time, one.order)):
            day = books.market.day(one.time)
            rows.append([one.lot, asset, place, day, text(one.quantity), text(one.cost)])
    return rows


def run(case: dict) -> dict:
    """What the case asks for, in the shape of `expect`."""
    settings, ask = case["settings"], case["ask"]
    events, refused = sort_out(case)
    books = OracleBooks(case, events, settings.get("base", "EUR"), settings.get("zone", "UTC"))
    rows, realised = _gains(books)
    makers = {
        "gains": lambda _: rows,
        "realised": lambda _: text(realised),
        "lots": lambda _: _lots(books),
        "gaps": lambda _: [[event["id"], asset, place, text(gap)] for event, asset, place, gap in books.gaps],
        "income": lambda _: [
            [one["id"], one["sort"], one["asset"], text(Fraction(one["qty"])), text(value)]
            for one, value in books.incomes
        ],
        "expenses": lambda _: text(total(books.expenses)),
        "refused": lambda _: refused,
        "notes": lambda _: books.notes,
        "worth": lambda day: worth(books, day),
        "twr": lambda span: time_weighted(books, *span),
        "xirr": lambda span: money_weighted(books, *span),
        "fr": lambda _: france(case, events),
        "de": lambda _: germany(case, events),
    }
    return {key: makers[key](wanted) for key, wanted in ask.items() if wanted}
