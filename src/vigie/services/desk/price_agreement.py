"""Prices of each source beside those of the others: how many agree."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.domain.time import MINUTE_MS
from vigie.services.house import House
from vigie.services.measuring.agreement import agreements
from vigie.services.measuring.perpetuals import dollars
from vigie.services.operation import Column, Nothing, Origin, Table, operation

# Older ones are of another moment: they differ without anybody being wrong.
_FRESH_MS: Final = 5 * MINUTE_MS
_COINGECKO: Final = "coingecko"
_PRICE: Final = "market/*/price_usd"

COLUMNS: Final = [
    Column(name="source", title="Source"),
    Column(
        name="prices",
        title="Prices",
        unit="count",
        definition="Assets that it prices, five minutes old at most.",
    ),
    Column(
        name="compared", title="Compared", unit="count", definition="Those that another source prices too."
    ),
    Column(
        name="share",
        title="Agree",
        unit="fraction",
        source="vigie",
        definition="Of those compared, within half a percent of the middle of the others; in dollars.",
    ),
    Column(
        name="widest",
        title="Widest gap",
        unit="fraction",
        source="vigie",
        definition="From the others' middle.",
    ),
    Column(name="asset", title="Where it is"),
]


@operation("sources.agreement", example={})
def agreement(house: House, caller: Caller, ask: Nothing) -> Table:
    """Tell of each source of prices how many of them agree within 0.5 % with those of the other sources."""
    now = house.clock.market_now()
    rows = [asdict(one) for one in agreements(_prices(house, now))]
    return Table(columns=COLUMNS, rows=rows, origins=[Origin(source="Vigie", ts_event=now)], total=len(rows))


def _prices(house: House, now: int) -> dict[str, dict[str, float]]:
    """Return what each source says of each asset, in dollars for one coin."""
    found: dict[str, dict[str, float]] = {}
    worth = dollars(house, None)
    for quote in house.quotes.since(0)[1]:
        try:
            instrument = parse_instrument(quote.instrument)
        except UsageError:
            continue
        if now - quote.ts_known > _FRESH_MS or instrument.quote not in worth:
            continue
        price = quote.last * worth[instrument.quote] / instrument.multiplier
        found.setdefault(quote.venue, {}).setdefault(instrument.coin_asset, price)
    begin, end = _PRICE.split("*")
    assets = sorted({asset for held in found.values() for asset in held})
    facts = house.facts.latest([f"{begin}{asset}{end}" for asset in assets])
    told = {
        asset: facts[name].value
        for asset in assets
        if (name := f"{begin}{asset}{end}") in facts and now - facts[name].ts_known <= _FRESH_MS
    }
    return {**found, _COINGECKO: told} if told else found
