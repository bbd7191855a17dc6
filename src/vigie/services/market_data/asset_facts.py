"""What sources say of one asset beside its price: on-chain and derivatives figures, supply, a text about it.

Takes a house and an asset; gives figures with title, definition, source and age, as known at an instant.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from vigie.catalogue import complete_languages
from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import parse_instrument
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.about import describe_asset
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import STALE_MS, AssetReading
from vigie.services.operation import Column, Figure


class NamedFigure(BaseModel):
    """A figure with its title and what it is; `where` names the instrument it is of."""

    key: str
    title: str
    definition: str
    figure: Figure
    where: str = ""


class AssetCard(BaseModel):
    """Figures of one topic."""

    key: str
    rows: list[NamedFigure]


_OF_DERIVATIVES: Final = "derivatives/"
# Facts by the end of their series' name. Titles and definitions are translated like those of tables.
ONCHAIN: Final = [
    Column(
        name="fee_fast_sat_vb", title="Next-block fee", unit="sat/vB", source="mempool.space",
        definition="What a transaction pays to be in the next block.",
    ),
    Column(
        name="fee_hour_sat_vb", title="1-hour fee", unit="sat/vB", source="mempool.space",
        definition="What a transaction pays to be confirmed within an hour.",
    ),
    Column(
        name="hashrate_hs", title="Hash rate", unit="EH/s", source="mempool.space",
        definition="Estimated from the blocks found; luck moves the value from day to day.",
    ),
    Column(
        name="difficulty", title="Difficulty", unit="count", source="mempool.space",
        definition="How hard it is to find a block; adjusted every 2,016 blocks.",
    ),
    Column(
        name="adr_act_cnt", title="Active addresses", unit="count", source="coinmetrics",
        definition="Addresses that sent or received coins that day, each counted once. An address is not a "
            "person.",
    ),
    Column(
        name="tx_cnt", title="Transactions", unit="count", source="coinmetrics",
        definition="Confirmed transactions of the day.",
    ),
    Column(
        name="cap_mvrv_cur", title="MVRV", unit="ratio", source="coinmetrics",
        definition="Market cap divided by realised cap; above 1, the average holder is in profit.",
    ),
    Column(
        name="cap_real_usd", title="Realised cap", unit="usd", source="coinmetrics",
        definition="Each coin valued at the price when it last moved.",
    ),
    Column(
        name="sply_cur", title="On-chain supply", unit="coins", source="coinmetrics",
        definition="Coins that exist on the chain now.",
    ),
    Column(
        name="tvl_usd", title="Value locked (TVL)", unit="usd", source="defillama",
        definition="Value deposited in protocols on its chain.",
    ),
    Column(
        name="supply_usd", title="Supply", unit="usd", source="defillama",
        definition="Coins in circulation on all chains.",
    ),
    Column(
        name="peg_usd", title="Price vs peg", unit="price", source="defillama",
        definition="Price of one coin in dollars; the target is 1.",
    ),
]  # fmt: skip
DERIVATIVES: Final = [
    Column(
        name="funding_8h", title="Funding rate (8 h)", unit="rate",
        definition="What longs pay shorts every 8 hours; negative: shorts pay.",
    ),
    Column(
        name="open_interest_usd", title="Open interest", unit="usd",
        definition="Contracts that are open, at the mark price.",
    ),
    Column(
        name="basis_fraction", title="Basis", unit="change",
        definition="How far the mark price lies above the index.",
    ),
    Column(
        name="long_short_ratio", title="Long/short ratio (accounts)", unit="ratio",
        definition="Long accounts per short account; compare it only with its own past.",
    ),
    Column(
        name="liquidations_long_usd", title="Liquidated longs", unit="usd",
        definition="Liquidations seen in an hour. This is a minimum: venues publish only some of them.",
    ),
    Column(
        name="liquidations_short_usd", title="Liquidated shorts", unit="usd",
        definition="Liquidations seen in an hour. This is a minimum: venues publish only some of them.",
    ),
    Column(
        name="dvol_index", title="Implied volatility (DVOL)", unit="index", source="deribit",
        definition="Volatility that option prices imply for the next 30 days, in per cent a year.",
    ),
]  # fmt: skip
SUPPLY: Final = [
    Column(
        name="market_cap_rank", title="Rank by market cap", unit="count", definition="Its place among all coins."
    ),
    Column(
        name="circulating_supply", title="Circulating supply", unit="coins",
        definition="Coins that the public holds or can hold.",
    ),
    Column(
        name="max_supply", title="Max supply", unit="coins", definition="No more coins than this will ever exist."
    ),
    Column(name="ath", title="All-time high (ATH)", unit="usd", definition="Highest price ever, averaged "
        "over exchanges."),
]  # fmt: skip
# Facts that people read in another unit than they are stored in.
_SCALES: Final = {"hashrate_hs": 1e-18}
_STALE_MS: Final = 3 * DAY_MS
# What is set anew every two weeks is old after three times that, as on the page On-chain.
_STALE_AFTER: Final = {"difficulty": 42 * DAY_MS}


def asset_cards(
    facts: FactStore, asset: Asset, reading: AssetReading, as_of: int | None, now: int
) -> list[AssetCard]:
    """Return the on-chain and the derivatives card; a card without any figure is left out."""
    cards = (
        AssetCard(key="onchain", rows=_onchain_figures(facts, asset, as_of, now)),
        AssetCard(key="derivatives", rows=_derivatives_figures(facts, asset, reading, as_of, now)),
    )
    return [card for card in cards if card.rows]


def _onchain_figures(fact_store: FactStore, asset: Asset, as_of: int | None, now: int) -> list[NamedFigure]:
    series = {
        f"{topic}/{subject}/{column.name}": column
        for column in ONCHAIN
        for topic, subject in (("onchain", asset.id), ("stablecoins", asset.id), ("defi", asset.id))
    }
    facts = fact_store.latest(list(series), as_of=as_of)
    return [
        _figure_of_fact(series[name], facts[name], series[name].source, now)
        for name in series
        if name in facts
    ]


def _derivatives_figures(
    facts: FactStore, asset: Asset, reading: AssetReading, as_of: int | None, now: int
) -> list[NamedFigure]:
    columns = {column.name: column for column in DERIVATIVES}
    quote = reading.quote
    figures = []
    if quote is not None and quote.funding_rate is not None:
        rate = quote.funding_rate * 8.0 / (quote.funding_hours or 8.0)
        figure = Figure(
            value=rate, unit="rate", source=quote.id, ts_event=quote.ts_event, ts_known=quote.ts_known,
            formula="rate of a settlement x 8 h / hours between settlements",
            is_stale=now - quote.ts_event > STALE_MS,
        )  # fmt: skip
        figures.append(_named_figure(columns["funding_8h"], figure, quote.id))
    column_by_series = _series_of(facts, asset, columns) | {
        f"volatility/{asset.id}/dvol_index": ("dvol_index", "")
    }
    for name, fact in sorted(facts.latest(list(column_by_series), as_of=as_of).items()):
        key, instrument = column_by_series[name]
        figures.append(
            _figure_of_fact(columns[key], fact, instrument or columns[key].source, now, instrument)
        )
    order = list(columns)
    return sorted(figures, key=lambda named_figure: (order.index(named_figure.key), named_figure.where))


def _series_of(facts: FactStore, asset: Asset, columns: dict[str, Column]) -> dict[str, tuple[str, str]]:
    """Return (measure, instrument) of every derivatives series of an asset."""
    measure_by_series = {}
    for name in facts.list_series(_OF_DERIVATIVES):
        instrument, _, measure = name.removeprefix(_OF_DERIVATIVES).rpartition("/")
        if measure in columns and _asset_of(instrument) == asset.id:
            measure_by_series[name] = (measure, instrument)
    return measure_by_series


def _asset_of(where: str) -> str:
    try:
        return parse_instrument(where.partition(":")[2]).asset
    except UsageError:
        return ""


def _named_figure(column: Column, figure: Figure, where: str = "") -> NamedFigure:
    return NamedFigure(
        key=column.name, title=column.title, definition=column.definition, figure=figure, where=where
    )


def _figure_of_fact(column: Column, fact: Observation, source: str, now: int, where: str = "") -> NamedFigure:
    figure = Figure(
        value=fact.value * _SCALES.get(column.name, 1.0), unit=column.unit, source=source,
        ts_event=fact.ts_event, ts_known=fact.ts_known, formula=column.definition,
        is_stale=now - fact.ts_event > _STALE_AFTER.get(column.name, _STALE_MS),
    )  # fmt: skip
    return _named_figure(column, figure, where)


def supply_figures(facts: FactStore, asset: Asset, as_of: int | None) -> list[NamedFigure]:
    """Return rank, supply and all-time high as CoinGecko states them; empty where it does not."""
    ts_known, row = _market_row(facts, asset, as_of)
    return [
        _named_figure(
            column,
            Figure(
                value=float(value), unit=column.unit, source="coingecko", ts_event=ts_known, ts_known=ts_known,
                formula=column.definition,
            ),
        )
        for column in SUPPLY
        if isinstance(value := row.get(column.name), int | float) and not isinstance(value, bool)
    ]  # fmt: skip


def _market_row(facts: FactStore, asset: Asset, as_of: int | None) -> tuple[int, dict[str, Any]]:
    stored = facts.document("coingecko", "markets", as_of=as_of)
    rows = stored[1].get("rows", []) if stored else []
    asset_rows = (row for row in rows if isinstance(row, dict) and row.get("id") == asset.id)
    return (stored[0] if stored else 0), next(asset_rows, {})


def read_description(facts: FactStore, asset: Asset, as_of: int | None) -> tuple[dict[str, str], str]:
    """Return what the asset is in each language, and who says so: CoinGecko where it has, else what is shipped."""
    stored = facts.document("coingecko", f"coin/{asset.id}", as_of=as_of)
    texts = stored[1].get("description") if stored else None
    stored_texts = texts if isinstance(texts, dict) else {}
    texts_by_language = {
        language: text.strip()
        for language in complete_languages()
        if isinstance(text := stored_texts.get(language), str) and text.strip()
    }
    if texts_by_language:
        return texts_by_language, "coingecko"
    # What is shipped is of today; it has no place in what was known before.
    shipped = describe_asset(asset.id) if as_of is None else {}
    return shipped, "Vigie" if shipped else ""
