"""Lists that sources keep: categories, exchanges, newcomers."""

from __future__ import annotations

from collections.abc import Mapping
from string import capwords
from typing import Any, Final

from pydantic import Field

from vigie.catalogue import MARKS
from vigie.data.catalog import BarCatalog
from vigie.domain.person import Caller
from vigie.intelligence.market.emerging import FLAGS
from vigie.intelligence.market.leads import lead_sentences
from vigie.intelligence.market.newcomers import (
    MOST_LETTERS,
    newcomers_sentence,
    parse_newcomers,
    render_newcomers,
)
from vigie.intelligence.market.words import load_texts
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.first_sightings import FirstSightingStore
from vigie.ports.names import NameStore
from vigie.ports.quotes import QuoteStore
from vigie.services.languages import Language, answer_languages
from vigie.services.market_data.euros import euro_per_dollar
from vigie.services.market_data.newcomers import SOURCE, newcomers_of, read_directory
from vigie.services.news.entities.naming import entries_of
from vigie.services.news.first_sightings import leads_of, summary_of
from vigie.services.operation import CurrencyInput, Origin, Table, operation
from vigie.services.operations import newcomer_leads
from vigie.services.operations.markets import finite_or_none, sort_rows
from vigie.services.rows import Row, RowT, row_columns, shown, table_of

LICENCE: Final = "CoinGecko API terms: attribution"


class DirectoryInput(CurrencyInput):
    """In which order, as of when."""

    sort: str = Field(
        "", max_length=60, description="Column name; put `-` before it to sort from largest to smallest."
    )
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class CategoryRow(Row):
    """One category of assets."""

    id: str = shown("Category", definition="Id used by the source.")
    name: str = shown("Name")
    cap_usd: float | None = shown("Market cap", unit="usd", source=SOURCE)
    change_24h: float | None = shown("24 h", unit="change", definition="Change in market cap.", source=SOURCE)
    volume_24h_usd: float | None = shown("Volume 24 h", unit="usd", source=SOURCE)
    largest: str = shown("Largest coins", definition="Catalogue ids.")


class CategoriesTable(Table[CategoryRow]):
    """Categories, and what their largest coins are called."""

    names: dict[str, str] = Field(
        {}, description="Name of each asset of `largest`, by id; of one in no list, what its id says."
    )
    here: list[str] = Field([], description="Those of `largest` that have a page here.")


@operation("markets.categories", example={"limit": 5})
def list_categories(
    caller: Caller, params: DirectoryInput, catalog: BarCatalog, facts: FactStore, name_store: NameStore
) -> CategoriesTable:
    """List categories of coins with their capitalisation, its change in a day, and volume."""
    ts_known, document_rows = read_directory(facts, "categories", params.as_of)
    rows = [
        CategoryRow(
            id=row["id"],
            name=row["name"],
            cap_usd=row.get("market_cap"),
            change_24h=_percent_to_fraction(row.get("market_cap_change_24h")),
            volume_24h_usd=row.get("volume_24h"),
            largest=",".join(str(coin) for coin in row.get("top_3_coins_id") or ()),
        )
        for row in document_rows
    ]
    table = _sorted_table(CategoryRow, rows, params, ts_known, "-cap_usd")
    largest = sorted({name for row in table.rows for name in row.largest.split(",") if name})
    assets = {coin.id: coin.name for coin in catalog.assets(as_of=params.as_of)}
    entries = entries_of(catalog, name_store)
    names = {coin: assets[coin] if coin in assets else _coin_name(entries, coin) for coin in largest}
    return CategoriesTable(**dict(table), names=names, here=[coin for coin in largest if coin in assets])


def _coin_name(entries: Mapping[str, GazetteerEntry], asset: str) -> str:
    """Return what a coin is called that the catalogue does not know."""
    entry = entries.get(f"coin:{asset}")
    return entry.name if entry is not None else capwords(asset.replace("-", " "))


class ExchangeRow(Row):
    """One exchange."""

    id: str = shown("Exchange", definition="Id used by the source.")
    name: str = shown("Name")
    volume_24h_btc: float | None = shown(
        "Volume 24 h (BTC)", unit="coins", definition="As reported by exchanges.", source=SOURCE
    )
    volume_normalized_btc: float | None = shown(
        "Volume 24 h (normalised)",
        unit="coins",
        definition="The source's estimate without wash trading, in BTC.",
        source=SOURCE,
    )
    trust: float | None = shown(
        "Trust score", unit="index", definition="The source's score, 0 to 10.", source=SOURCE
    )
    pairs: int | None = shown(
        "Pairs tracked", unit="count", definition="Instruments whose prices Vigie collects."
    )
    country: str | None = shown("Country")
    year: str | None = shown("Since")


@operation("markets.exchanges", example={"limit": 5})
def list_exchanges(
    caller: Caller, params: DirectoryInput, facts: FactStore, quotes: QuoteStore
) -> Table[ExchangeRow]:
    """List exchanges with reported and normalised volume, the source's trust score, and pairs gathered here."""
    ts_known, document_rows = read_directory(facts, "exchanges", params.as_of)
    pairs: dict[str, int] = {}
    for quote in quotes.since(0)[1] if params.as_of is None else ():
        name = quote.venue.partition("-")[0]
        pairs[name] = pairs.get(name, 0) + 1
    rows = [
        ExchangeRow(
            id=row["id"],
            name=row["name"],
            volume_24h_btc=row.get("trade_volume_24h_btc"),
            volume_normalized_btc=row.get("trade_volume_24h_btc_normalized"),
            trust=row.get("trust_score"),
            pairs=pairs.get(row["id"].partition("_")[0]),
            country=row.get("country"),
            year=None if row.get("year_established") is None else str(row["year_established"]),
        )
        for row in document_rows
    ]
    return _sorted_table(ExchangeRow, rows, params, ts_known, "-volume_24h_btc")


class NewcomersInput(DirectoryInput):
    """Conditions that must all hold, in which order, as of when."""

    where: str = Field(
        "",
        max_length=MOST_LETTERS,
        description="`age_hours<=72,liquidity_usd>=100000,kind=pool,place=eth,flags=none,without=imitates`.",
    )
    language: Language = Field("en", description="Of the remarks, which files carry.")


class NewcomersTable(Table[newcomer_leads.NewcomerRow]):
    """Newcomers, what their flags mean in both languages, and what was asked for."""

    rules: dict[str, dict[str, str]]
    where: str = ""
    sentences: dict[str, str] = Field({}, description="The conditions in words.")
    places: list[str] = Field([], description="Chains of all that were looked at.")
    flags: dict[str, dict[str, str]] = Field({}, description="What every flag is called.")
    looked_at: int = 0
    lead: newcomer_leads.LeadFigures = Field(
        default=newcomer_leads.LeadFigures(), description="How far ahead of the press these rows were seen."
    )


@operation("markets.emerging", example={"limit": 5})
def list_emerging(
    caller: Caller,
    params: NewcomersInput,
    catalog: BarCatalog,
    facts: FactStore,
    names: NameStore,
    first_sightings: FirstSightingStore,
    clock: Clock,
) -> NewcomersTable:
    """List new coins and pools that meet every condition, with age, liquidity and risk flags, youngest first."""
    languages, conditions = answer_languages(caller), parse_newcomers(params.where)
    all_newcomers, ts_known, trending_ids = newcomers_of(catalog, facts, clock, params.as_of)
    matches = [entry for entry in all_newcomers if all(condition.holds(entry) for condition in conditions)]
    rules: dict[str, dict[str, str]] = {language: {} for language in languages}
    euro = euro_per_dollar(facts, params)
    leads = leads_of(names, first_sightings, clock, [entry.newcomer.id for entry in matches], params.as_of)
    summary = summary_of(leads)
    lead_texts = {language: lead_sentences(summary, language) for language in languages}
    rows = []
    for entry in matches:
        newcomer = entry.newcomer
        for language, texts in rules.items():
            texts[newcomer.id] = "; ".join(
                f"{flag.title(language)}{MARKS[language]['colon']}{flag.rule(language, euro)}"
                for flag in entry.flags
            )
        row = newcomer_leads.NewcomerRow(
            id=newcomer.id,
            name=newcomer.name,
            kind=newcomer.kind,
            place=newcomer.place,
            age_hours=round(entry.age_hours, 1),
            liquidity_usd=finite_or_none(newcomer.liquidity_usd),
            volume_24h_usd=finite_or_none(newcomer.volume_24h),
            turnover=finite_or_none(entry.turnover),
            is_trending=newcomer.id in trending_ids,
            flags=",".join(flag.key for flag in entry.flags),
            ts_first_seen=newcomer.first_seen,
        )
        rows.append(newcomer_leads.with_lead(row, leads.get(newcomer.id)))
    table = _sorted_table(newcomer_leads.NewcomerRow, rows, params, ts_known, "age_hours")
    is_generated = any(row.is_generated for row in rows)
    return NewcomersTable(
        **{**dict(table), "remarks": lead_texts[params.language]},
        lead=newcomer_leads.figures_of(summary, lead_texts, is_generated=is_generated),
        rules=rules,
        where=render_newcomers(conditions),
        sentences={language: newcomers_sentence(conditions, language) for language in languages},
        places=sorted({entry.newcomer.place for entry in all_newcomers if entry.newcomer.place}),
        flags={
            language: {key: load_texts(language)(f"flags.{key}.title") for key in FLAGS}
            for language in languages
        },
        looked_at=len(all_newcomers),
    )


class TrendingRow(Row):
    """One asset that many look for."""

    place: int = shown("Rank", definition="Rank given by the source.", source=SOURCE)
    id: str = shown("Asset", definition="Id used by the source.")
    name: str = shown("Name")
    symbol: str = shown("Symbol")
    price_usd: float | None = shown("Price", unit="usd", source=SOURCE)
    change_24h: float | None = shown("24 h", unit="change", source=SOURCE)
    cap_rank: int | None = shown("Rank by market cap", source=SOURCE)


@operation("markets.trending", example={"limit": 5})
def list_trending(caller: Caller, params: DirectoryInput, facts: FactStore) -> Table[TrendingRow]:
    """List the coins that people search for most, in the order of the source."""
    ts_known, document_rows = read_directory(facts, "trending", params.as_of)
    rows = [
        TrendingRow(
            place=place,
            id=row["id"],
            name=row["name"],
            symbol=str(row["symbol"]).upper(),
            price_usd=row.get("price_usd"),
            change_24h=_percent_to_fraction(row.get("change_24h_percent")),
            cap_rank=row.get("market_cap_rank"),
        )
        for place, row in enumerate(document_rows, start=1)
    ]
    return _sorted_table(TrendingRow, rows, params, ts_known, "place")


def _sorted_table(
    kind: type[RowT],
    rows: list[RowT],
    params: DirectoryInput,
    ts_known: int | None,
    default_sort: str,
) -> Table[RowT]:
    ordered = sort_rows(rows, params.sort or default_sort, row_columns(kind))
    origins = [Origin(source=SOURCE, ts_known=ts_known, ts_event=ts_known, licence=LICENCE)]
    return table_of(kind, ordered[: params.limit], origins=origins, total=len(rows), as_of=params.as_of)


def _percent_to_fraction(percent: Any) -> float | None:
    return None if percent is None else float(percent) / 100.0
