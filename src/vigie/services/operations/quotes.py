"""What a venue quotes now, and whether a price that somebody cited can have been."""

from __future__ import annotations

import re
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
from vigie.domain.time import timeframe_ms
from vigie.ports.clock import Clock
from vigie.ports.quotes import QuoteStore
from vigie.services.market_data.asset_facts import NamedFigure
from vigie.services.operation import Column, CurrencyInput, Figure, OperationResult, operation

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
