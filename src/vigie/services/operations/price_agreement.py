"""Prices of each source beside those of the others: how many agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.domain.time import MINUTE_MS, SECOND_MS
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore
from vigie.services.market_data.perpetuals import dollar_rates
from vigie.services.market_data.price_agreement import PriceAgreement, price_agreements
from vigie.services.operation import NoInput, Origin, Table, operation
from vigie.services.rows import Row, shown, table_of

# Farther apart, or older, they are of two moments: they differ without anybody being wrong. A simulated market runs
# faster than sources are asked: there it is what passes between two answers that follow each other.
_NEAR_MS: Final = 2 * MINUTE_MS
_NEAR_ON_THE_WALL_MS: Final = 2 * SECOND_MS
_FRESH_MS: Final = 5 * MINUTE_MS
_FRESH_ON_THE_WALL_MS: Final = 5 * SECOND_MS
_COINGECKO: Final = "coingecko"
_PRICE: Final = "market/*/price_usd"


class PriceAgreementRow(Row):
    """How far one source agrees with the others on prices."""

    source: str = shown("Source")
    prices: int = shown(
        "Prices", unit="count", definition="Assets it gives a price for, at most five minutes old."
    )
    compared: int = shown(
        "Compared",
        unit="count",
        definition="Assets with a price from another source within two minutes, by the market's clock.",
    )
    share: float | None = shown(
        "Agreement",
        unit="fraction",
        definition="Share of the compared prices within half a percent of the median of the others, in dollars.",
        source="vigie",
    )
    widest: float | None = shown(
        "Widest gap", unit="fraction", definition="From the median of the others.", source="vigie"
    )
    asset: str = shown("Asset with widest gap")
    ts: int = shown("Latest price", unit="ms", definition="When it was received.")
    is_silent: bool = shown("No recent price", definition="Whether it lacks a recent price.")


@operation("sources.agreement", example={})
def list_price_agreement(
    caller: Caller, params: NoInput, facts: FactStore, quotes: QuoteStore, clock: Clock
) -> Table[PriceAgreementRow]:
    """Tell of each source of prices how many of them agree within 0.5 % with those of the other sources."""
    now, speed = clock.market_now(), clock.market_speed()
    prices_by_source = _prices_by_source(facts, quotes)
    since = now - max(_FRESH_MS, round(_FRESH_ON_THE_WALL_MS * speed))
    fresh = {source: _prices_since(since, prices) for source, prices in prices_by_source.items()}
    near_ms = max(_NEAR_MS, round(_NEAR_ON_THE_WALL_MS * speed))
    rows = [
        _agreement_row(item, max(ts for _, ts in prices_by_source[item.source].values()))
        for item in price_agreements(fresh, near_ms)
    ]
    return table_of(PriceAgreementRow, rows, origins=[Origin(source="Vigie", ts_event=now)], total=len(rows))


def _prices_since(ts: int, prices: Mapping[str, tuple[float, int]]) -> dict[str, tuple[float, int]]:
    return {asset: price for asset, price in prices.items() if price[1] >= ts}


def _agreement_row(agreement: PriceAgreement, ts: int) -> PriceAgreementRow:
    return PriceAgreementRow(
        source=agreement.source,
        prices=agreement.prices,
        compared=agreement.compared,
        share=agreement.share,
        widest=agreement.widest,
        asset=agreement.asset,
        ts=ts,
        is_silent=not agreement.prices,
    )


def _prices_by_source(fact_store: FactStore, quotes: QuoteStore) -> dict[str, dict[str, tuple[float, int]]]:
    """Return what each source said of each asset last, in dollars for one coin, and when it was heard."""
    result: dict[str, dict[str, tuple[float, int]]] = {}
    quote_rates = dollar_rates(fact_store, None)
    for quote in quotes.since(0)[1]:
        try:
            instrument = parse_instrument(quote.instrument)
        except UsageError:
            continue
        if instrument.quote not in quote_rates:
            continue
        price = quote.last * quote_rates[instrument.quote] / instrument.multiplier
        prices = result.setdefault(quote.venue, {})
        # Of two instruments of one coin the one that was heard last: the other may have ended.
        if instrument.coin_asset not in prices or prices[instrument.coin_asset][1] < quote.ts_known:
            prices[instrument.coin_asset] = (price, quote.ts_known)
    prefix, suffix = _PRICE.split("*")
    assets = sorted({asset for prices in result.values() for asset in prices})
    facts = fact_store.latest([f"{prefix}{asset}{suffix}" for asset in assets])
    coingecko_prices = {
        asset: (facts[name].value, facts[name].ts_known)
        for asset in assets
        if (name := f"{prefix}{asset}{suffix}") in facts
    }
    return {**result, _COINGECKO: coingecko_prices} if coingecko_prices else result
