"""What a book comes to by coin, place, issuer and chain, and how long a sale takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Final

from vigie.domain.asset import Asset
from vigie.intelligence.holdings.amounts import ZERO, exactly, plain
from vigie.intelligence.holdings.gain_parts import gain_parts
from vigie.services.caches.holding_books import CoinMarket, HoldingBook
from vigie.services.holdings.coin_origins import ORIGINS, CoinOrigin
from vigie.services.holdings.holding_rows import (
    HoldingGainParts,
    HoldingPositionRow,
    HoldingShare,
    ShareKind,
)

# The share of a usual day's trades that a seller can be without moving the price much.
TRADED_SHARE: Final = 0.1
ONE: Final = Decimal(1)
# Of the coins that a product stands for, rounded down: who sells what is shown never sells more than is held.
_SHOWN_STEP: Final = Decimal("1e-8")
_UNKNOWN: Final = CoinOrigin()


@exactly
def positions_of(book: HoldingBook, assets: Mapping[str, Asset]) -> list[HoldingPositionRow]:
    """Return a row a coin, the one of most worth first."""
    rows = [_position(book, assets, coin) for coin in book.costs]
    return sorted(rows, key=lambda row: (-(row.worth or 0.0), row.asset))


def _position(book: HoldingBook, assets: Mapping[str, Asset], coin: str) -> HoldingPositionRow:
    product = book.lines.products.get(coin)
    underlying = coin if product is None else product.underlying
    asset = assets.get(underlying)
    by_place = {place: quantity for (held, place), quantity in book.held.items() if held == coin}
    quantity, cost, whole = sum(by_place.values(), ZERO), book.costs[coin], book.worth.total
    value, ratio = (
        book.worth_prices.value(coin, quantity, book.today),
        book.worth_prices.ratio(coin, book.today),
    )
    market = book.markets.get(underlying) if ratio is not None else None
    # What a unit of a product stands for on the day of its price.
    factor = ONE if product is None else product.factor(book.today if market is None else market.last_day)
    coins, unplaced = (
        amount if product is None else (amount * factor).quantize(_SHOWN_STEP, ROUND_DOWN)
        for amount in (quantity, by_place.get("", ZERO))
    )
    return HoldingPositionRow(
        asset=coin,
        underlying=underlying,
        name=product.name if product else asset.name if asset else coin,
        symbol=asset.symbol if asset else "",
        is_stablecoin=asset is not None and asset.kind == "stablecoin",
        product_form=product.form if product else "",
        yearly_fee=float(product.yearly_fee) if product else None,
        spread=float(product.spread) if product else None,
        quantity=plain(coins) or "",
        places=", ".join(sorted(filter(None, by_place))),
        unplaced=(plain(unplaced) or "") if unplaced else "",
        price=None if ratio is None else float(ratio[0] / ratio[1] / factor),
        price_day=None if market is None else market.last_day.isoformat(),
        price_source="" if market is None else market.source,
        worth=None if value is None else float(value),
        share=None if value is None or not whole else float(value / whole),
        cost=None if cost is None else float(cost),
        unrealised=None if value is None or cost is None else float(value - cost),
        days_to_sell=_days_to_sell(market, coins),
    )


def _days_to_sell(market: CoinMarket | None, quantity: Decimal) -> float | None:
    if market is None or market.daily_volume is None:
        return None
    return float(quantity) * market.last_close / (TRADED_SHARE * market.daily_volume)


@exactly
def parts_of(book: HoldingBook, gain: Decimal | None) -> HoldingGainParts | None:
    """Return what the gain is made of, as the rows of coins say what is not realised; None where it is not known."""
    quantities: dict[str, Decimal] = {}
    for (coin, _), quantity in book.held.items():
        quantities[coin] = quantities.get(coin, ZERO) + quantity
    worths = {
        coin: book.worth_prices.value(coin, quantity, book.today) for coin, quantity in quantities.items()
    }
    found = gain_parts(book.booked, worths, gain)
    if found is None:
        return None
    return HoldingGainParts(
        unrealised=float(found.unrealised),
        realised=float(found.realised),
        income=float(found.income),
        fees=float(found.fees),
        rest=float(found.rest),
    )


def _underlying(book: HoldingBook, coin: str) -> str:
    product = book.lines.products.get(coin)
    return coin if product is None else product.underlying


@exactly
def shares_of(
    book: HoldingBook, assets: Mapping[str, Asset], limit: float, day: date | None = None
) -> list[HoldingShare]:
    """Return shares of the worth by coin, place, issuer and chain, and which are above the limit.

    Parameters
    ----------
    day : date or None
        Whose prices count for what is held now; the last day where none is given.
    """
    values = {
        pair: book.worth_prices.value(pair[0], quantity, day or book.today)
        for pair, quantity in book.held.items()
    }
    total = sum((value for value in values.values() if value is not None), ZERO)
    if not total:
        return []
    names: Mapping[ShareKind, Callable[[str, str], str]] = {
        # Who holds a product depends on the coin that it follows, and on the bank.
        "coin": lambda coin, _: (
            assets[_underlying(book, coin)].name if _underlying(book, coin) in assets else coin
        ),
        "place": lambda _, place: place,
        "issuer": lambda coin, place: (
            place if coin in book.lines.products else ORIGINS.get(coin, _UNKNOWN).issuer
        ),
        "chain": lambda coin, _: ORIGINS.get(coin, _UNKNOWN).chain,
    }
    found: list[HoldingShare] = []
    for kind, name_of in names.items():
        sums: dict[str, Decimal] = {}
        for pair, value in values.items():
            if value is not None:
                sums[name_of(*pair)] = sums.get(name_of(*pair), ZERO) + value
        found += [
            HoldingShare(
                kind=kind,
                name=name,
                share=float(value / total),
                worth=float(value),
                is_above=bool(name) and float(value / total) > limit,
            )
            for name, value in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
    return found
