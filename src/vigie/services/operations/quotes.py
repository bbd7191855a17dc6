"""Prices: what a venue quotes, whether a cited one can have been, how far sources agree, euros for a dollar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.data.history import load
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.ids import SeriesId, parse_instrument
from vigie.domain.person import Caller
from vigie.domain.quote import Quote
from vigie.domain.time import MINUTE_MS, SECOND_MS, timeframe_ms
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore
from vigie.services.market_data.asset_facts import NamedFigure
from vigie.services.market_data.euros import COINGECKO_RATE, ECB_RATE
from vigie.services.market_data.perpetuals import dollar_rates
from vigie.services.market_data.price_agreement import PriceAgreement, price_agreements
from vigie.services.operation import (
    Column,
    CurrencyInput,
    Figure,
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.rows import Row, shown, table_of

_PLACE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*:[a-z0-9]+-[a-z0-9]+-[a-z]+")
# A cited price is looked for in the shortest bars there are of its time.
CHECKED_TIMEFRAMES: Final = ("1m", "5m", "15m", "1h", "4h", "1d")
FIGURES: Final = [
    Column(name="last", title="Price", unit="usd", definition="Price of the latest trade."),
    Column(name="bid", title="Bid", unit="usd", definition="Highest price at which someone offers to buy."),
    Column(name="ask", title="Ask", unit="usd", definition="Lowest price at which someone offers to sell."),
    Column(name="mark", title="Mark price", unit="usd", definition="Price at which positions are valued."),
    Column(name="index", title="Index price", unit="usd", definition="Index of spot prices, as computed by the venue."),
    Column(name="change_24h", title="24 h", unit="change", definition="As stated by the venue."),
    Column(name="volume_24h", title="Volume 24 h", unit="usd", definition="Traded in 24 hours on this venue."),
    Column(name="open_interest", title="Open interest", unit="coins", definition="Contracts that are open, in coins."),
    Column(name="funding_rate", title="Funding", unit="rate", definition="For one settlement, as stated by the venue."),
]  # fmt: skip
# Farther apart, or older, they are of two moments: they differ without anybody being wrong. A simulated market runs
# faster than sources are asked: there it is what passes between two answers that follow each other.
_NEAR_MS: Final = 2 * MINUTE_MS
_NEAR_ON_THE_WALL_MS: Final = 2 * SECOND_MS
_FRESH_MS: Final = 5 * MINUTE_MS
_FRESH_ON_THE_WALL_MS: Final = 5 * SECOND_MS
_COINGECKO: Final = "coingecko"
_PRICE: Final = "market/*/price_usd"


class QuoteInput(CurrencyInput):
    """Which instrument, and the price that was cited of it."""

    place: str = Field(
        "bitget-perp:btc-usdt-perp", max_length=80, description="`<venue>:<instrument>`."
    )  # fmt: skip
    price: float | None = Field(
        None, gt=0, le=1e15, description="A price that was cited, as the venue told it."
    )
    ts: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; when it was so.")
    known: int | None = Field(
        None, ge=0, le=4_102_444_800_000, description="Epoch ms; when it was read here."
    )


class CitedPrice(BaseModel):
    """A price that was cited, against the stored bar of its time.

    `fits` is whether it lies between the lowest and the highest price of that bar; None where no bar is stored.
    """

    figure: Figure
    low: Figure | None = None
    high: Figure | None = None
    timeframe: str = ""
    fits: bool | None = None


class QuoteResult(OperationResult):
    """The newest quote of an instrument, figure by figure; none where none is known."""

    place: str
    venue: str
    instrument: str
    asset: str
    name: str
    ts: int
    figures: list[NamedFigure]
    cited: CitedPrice | None = None


@operation("markets.quote", example={"place": "bitget-perp:btc-usdt-perp"})
def read_quote(
    caller: Caller,
    params: QuoteInput,
    catalog: BarCatalog,
    data: DataStores,
    quotes: QuoteStore,
    clock: Clock,
) -> QuoteResult:
    """Read what a venue quotes of an instrument now, and check a cited price against the stored bar of its time."""
    if not _PLACE.fullmatch(params.place):
        raise UsageError(
            "place_must_look_like_bitget",
            "place must look like bitget-perp:btc-usdt-perp, was {place!r}",
            place=params.place,
        )
    venue, _, instrument = params.place.partition(":")
    quote = next((candidate for candidate in quotes.since(0)[1] if candidate.id == params.place), None)
    try:
        asset = catalog.find(parse_instrument(instrument).asset)
    except NotFound:
        asset = None
    return QuoteResult(
        as_of=None, place=params.place, venue=venue, instrument=instrument, asset=asset.id if asset else "",
        name=asset.name if asset else instrument, ts=clock.market_now(), figures=_quote_figures(quote),
        cited=_check_cited_price(data, params) if params.price is not None and params.ts is not None else None,
    )  # fmt: skip


def _quote_figures(quote: Quote | None) -> list[NamedFigure]:
    if quote is None:
        return []
    return [
        NamedFigure(
            key=column.name, title=column.title, definition=column.definition,
            figure=Figure(
                value=value, unit=column.unit, source=quote.id, ts_event=quote.ts_event, ts_known=quote.ts_known
            ),
        )
        for column in FIGURES
        if (value := getattr(quote, column.name)) is not None
    ]  # fmt: skip


def _check_cited_price(data: DataStores, params: QuoteInput) -> CitedPrice:
    assert params.price is not None
    assert params.ts is not None
    figure = Figure(
        value=params.price, unit="usd", source=params.place, ts_event=params.ts, ts_known=params.known
    )
    bars = _find_bar(data, params.place, params.ts)
    if bars is None:
        return CitedPrice(figure=figure)
    low, high = float(bars.low[0]), float(bars.high[0])
    bar = Figure(value=low, unit="usd", source=params.place, ts_event=int(bars.ts[0]))
    return CitedPrice(
        figure=figure, low=bar, high=bar.model_copy(update={"value": high}), timeframe=bars.timeframe,
        fits=low <= params.price <= high,
    )  # fmt: skip


def _find_bar(data: DataStores, place: str, ts: int) -> Bars | None:
    """Return the shortest stored bar that holds an instant."""
    venue, _, instrument = place.partition(":")
    for name in CHECKED_TIMEFRAMES:
        start = ts // timeframe_ms(name) * timeframe_ms(name)
        try:
            bars = load(
                data.bars,
                SeriesId(venue, instrument, name),
                start_ms=start,
                end_ms=start + timeframe_ms(name),
            ).bars
        except UsageError:
            continue
        if len(bars):
            return bars
    return None


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


class EuroRateInput(OperationInput):
    """As of when."""

    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class EuroRate(OperationResult):
    """Euros for a dollar."""

    figure: Figure


@operation("currencies.euro", example={})
def read_euro_rate(caller: Caller, params: EuroRateInput, fact_store: FactStore) -> EuroRate:
    """Read how many euros a dollar is worth: the ECB's reference rate, else the mean that CoinGecko tells."""
    facts = fact_store.latest([ECB_RATE, COINGECKO_RATE], as_of=params.as_of)
    fact = facts.get(ECB_RATE) or facts.get(COINGECKO_RATE)
    if fact is None or fact.value <= 0:
        return EuroRate(as_of=params.as_of, figure=Figure(value=None, unit="EUR", source=""))
    is_reference = fact.series == ECB_RATE
    return EuroRate(
        as_of=params.as_of,
        figure=Figure(
            value=1.0 / fact.value if is_reference else fact.value,
            unit="EUR",
            source="ECB" if is_reference else "CoinGecko",
            ts_event=fact.ts_event,
            ts_known=fact.ts_known,
            formula=f"1 / {ECB_RATE}" if is_reference else COINGECKO_RATE,
        ),
    )
