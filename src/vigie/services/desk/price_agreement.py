"""Prices of each source beside those of the others: how many agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.domain.time import MINUTE_MS, SECOND_MS
from vigie.services.house import House
from vigie.services.measuring.agreement import Agreement, agreements
from vigie.services.measuring.perpetuals import dollars
from vigie.services.operation import Column, Nothing, Origin, Table, operation

# Farther apart, or older, they are of two moments: they differ without anybody being wrong. A simulated market runs
# faster than sources are asked: there it is what passes between two answers that follow each other.
_NEAR_MS: Final = 2 * MINUTE_MS
_NEAR_ON_THE_WALL_MS: Final = 2 * SECOND_MS
_FRESH_MS: Final = 5 * MINUTE_MS
_FRESH_ON_THE_WALL_MS: Final = 5 * SECOND_MS
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
        name="compared",
        title="Compared",
        unit="count",
        definition="Those of which another source was heard within two minutes of it, by the market's clock.",
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
    Column(name="ts", title="Newest price", unit="ms", definition="When it was heard."),
    Column(name="is_silent", title="Silent", definition="Whether it gave no price that is new enough."),
]


@operation("sources.agreement", example={})
def agreement(house: House, caller: Caller, ask: Nothing) -> Table:
    """Tell of each source of prices how many of them agree within 0.5 % with those of the other sources."""
    now, speed = house.clock.market_now(), house.clock.market_speed()
    heard = _heard(house)
    since = now - max(_FRESH_MS, round(_FRESH_ON_THE_WALL_MS * speed))
    fresh = {source: _since(since, held) for source, held in heard.items()}
    near = max(_NEAR_MS, round(_NEAR_ON_THE_WALL_MS * speed))
    rows = [_row(one, max(ts for _, ts in heard[one.source].values())) for one in agreements(fresh, near)]
    return Table(columns=COLUMNS, rows=rows, origins=[Origin(source="Vigie", ts_event=now)], total=len(rows))


def _since(ts: int, held: Mapping[str, tuple[float, int]]) -> dict[str, tuple[float, int]]:
    return {asset: one for asset, one in held.items() if one[1] >= ts}


def _row(one: Agreement, ts: int) -> dict[str, Any]:
    return {**asdict(one), "ts": ts, "is_silent": not one.prices}


def _heard(house: House) -> dict[str, dict[str, tuple[float, int]]]:
    """Return what each source said of each asset last, in dollars for one coin, and when it was heard."""
    found: dict[str, dict[str, tuple[float, int]]] = {}
    worth = dollars(house, None)
    for quote in house.quotes.since(0)[1]:
        try:
            instrument = parse_instrument(quote.instrument)
        except UsageError:
            continue
        if instrument.quote not in worth:
            continue
        price = quote.last * worth[instrument.quote] / instrument.multiplier
        held = found.setdefault(quote.venue, {})
        # Of two instruments of one coin the one that was heard last: the other may have ended.
        if instrument.coin_asset not in held or held[instrument.coin_asset][1] < quote.ts_known:
            held[instrument.coin_asset] = (price, quote.ts_known)
    begin, end = _PRICE.split("*")
    assets = sorted({asset for held in found.values() for asset in held})
    facts = house.facts.latest([f"{begin}{asset}{end}" for asset in assets])
    told = {
        asset: (facts[name].value, facts[name].ts_known)
        for asset in assets
        if (name := f"{begin}{asset}{end}") in facts
    }
    return {**found, _COINGECKO: told} if told else found
