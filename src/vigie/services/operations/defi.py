"""Decentralised finance as its source lists it: chains, protocols, exchanges, fees, yields, stablecoins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from vigie.domain.person import Caller
from vigie.ports.facts import FactStore
from vigie.services.operation import CurrencyInput, Origin, Table, operation
from vigie.services.operations.markets import sort_rows
from vigie.services.rows import Row, RowT, row_columns, shown, table_of

SOURCE: Final = "defillama"
LICENCE: Final = "DefiLlama terms of use"


class DefiInput(CurrencyInput):
    """In which order, as of when."""

    sort: str = Field(
        "", max_length=60, description="Column name; put `-` before it to sort from largest to smallest."
    )
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class DefiChainRow(Row):
    """One chain, by what is locked on it."""

    id: str | None = shown("Chain", definition="Part of its series' id.")
    name: str | None = shown("Name")
    tvl_usd: float | None = shown(
        "Value locked (TVL)",
        unit="usd",
        definition="Value deposited, without liquid staking and double counts.",
        source=SOURCE,
    )
    share: float | None = shown(
        "Share of total", unit="fraction", definition="Share of all rows in the source's list."
    )
    symbol: str | None = shown("Coin")
    asset: str | None = shown("Asset", definition="Catalogue id.")


@operation("defi.chains", example={"limit": 5})
def list_chains(caller: Caller, params: DefiInput, facts: FactStore) -> Table[DefiChainRow]:
    """List chains by the value locked in their protocols."""
    ts_known, rows = _read_document(facts, "chains", params.as_of)
    total = sum(_parse_number(row.get("tvl")) or 0.0 for row in rows)
    chain_rows = [
        DefiChainRow(
            id=row.get("id"),
            name=row.get("name"),
            tvl_usd=_parse_number(row.get("tvl")),
            share=(_parse_number(row.get("tvl")) or 0.0) / total if total > 0 else None,
            symbol=row.get("symbol"),
            asset=row.get("asset"),
        )
        for row in rows
    ]
    return _sorted_table(DefiChainRow, chain_rows, params, ts_known, "-tvl_usd")


class DefiProtocolRow(Row):
    """One protocol."""

    name: str | None = shown("Name")
    category: str | None = shown("Category")
    chains: str = shown("Chains")
    tvl_usd: float | None = shown(
        "Value locked (TVL)",
        unit="usd",
        definition="Value deposited, without liquid staking and double counts.",
        source=SOURCE,
    )
    change_1d: float | None = shown(
        "24 h", unit="change", definition="As stated by the source.", source=SOURCE
    )
    change_7d: float | None = shown(
        "7 d", unit="change", definition="As stated by the source.", source=SOURCE
    )


@operation("defi.protocols", example={"limit": 5})
def list_protocols(caller: Caller, params: DefiInput, facts: FactStore) -> Table[DefiProtocolRow]:
    """List protocols by the value locked in them, with how it changed in a day and a week."""
    ts_known, rows = _read_document(facts, "protocols", params.as_of)
    protocol_rows = [
        DefiProtocolRow(
            name=row.get("name"),
            category=row.get("category"),
            chains=_join_words(row.get("chains")),
            tvl_usd=_parse_number(row.get("tvl")),
            change_1d=_parse_percent(row.get("change_1d")),
            change_7d=_parse_percent(row.get("change_7d")),
        )
        for row in rows
    ]
    return _sorted_table(DefiProtocolRow, protocol_rows, params, ts_known, "-tvl_usd")


class DefiOverviewRow(Row):
    """What passes through one protocol."""

    name: str | None = shown("Name")
    category: str | None = shown("Category")
    chains: str = shown("Chains")
    day_usd: float | None = shown("24 h", unit="usd", definition="In the last 24 hours.", source=SOURCE)
    week_usd: float | None = shown("7 d", unit="usd", definition="In the last 7 days.", source=SOURCE)
    change_1d: float | None = shown(
        "24 h", unit="change", definition="As stated by the source.", source=SOURCE
    )


@operation("defi.volumes", example={"limit": 5})
def list_volumes(caller: Caller, params: DefiInput, facts: FactStore) -> Table[DefiOverviewRow]:
    """List decentralised exchanges by what is swapped on them in a day."""
    return _list_overview(facts, "dexs", params)


@operation("defi.fees", example={"limit": 5})
def list_fees(caller: Caller, params: DefiInput, facts: FactStore) -> Table[DefiOverviewRow]:
    """List protocols by the fees that users pay to them in a day."""
    return _list_overview(facts, "fees", params)


def _list_overview(facts: FactStore, key: str, params: DefiInput) -> Table[DefiOverviewRow]:
    ts_known, rows = _read_document(facts, key, params.as_of)
    overview_rows = [
        DefiOverviewRow(
            name=row.get("name"),
            category=row.get("category"),
            chains=_join_words(row.get("chains")),
            day_usd=_parse_number(row.get("total24h")),
            week_usd=_parse_number(row.get("total7d")),
            change_1d=_parse_percent(row.get("change_1d")),
        )
        for row in rows
    ]
    return _sorted_table(DefiOverviewRow, overview_rows, params, ts_known, "-day_usd")


class YieldRow(Row):
    """One pool and what it pays."""

    name: str | None = shown("Pool")
    project: str | None = shown("Protocol")
    chain: str | None = shown("Chain")
    tvl_usd: float | None = shown(
        "Value locked (TVL)",
        unit="usd",
        definition="Value deposited, without liquid staking and double counts.",
        source=SOURCE,
    )
    apy: float | None = shown(
        "Yield",
        unit="fraction",
        definition="Annualised and compounded, as if nothing changed; in reality it does.",
        source=SOURCE,
    )
    apy_base: float | None = shown(
        "Yield from fees", unit="fraction", definition="Paid by users.", source=SOURCE
    )
    apy_reward: float | None = shown(
        "Yield from rewards",
        unit="fraction",
        definition="Paid in the protocol's own coin, which may lose value.",
        source=SOURCE,
    )
    is_exposed: bool | None = shown(
        "Impermanent loss", definition="Whether the pool may lose compared with just holding its coins."
    )


@operation("defi.yields", example={"limit": 5})
def list_yields(caller: Caller, params: DefiInput, facts: FactStore) -> Table[YieldRow]:
    """List pools by the value locked in them, with their yield and what it is paid from."""
    ts_known, rows = _read_document(facts, "yields", params.as_of)
    pool_rows = [
        YieldRow(
            name=row.get("symbol"),
            project=row.get("project"),
            chain=row.get("chain"),
            tvl_usd=_parse_number(row.get("tvlUsd")),
            apy=_parse_percent(row.get("apy")),
            apy_base=_parse_percent(row.get("apyBase")),
            apy_reward=_parse_percent(row.get("apyReward")),
            is_exposed=None if row.get("ilRisk") is None else row["ilRisk"] != "no",
        )
        for row in rows
    ]
    return _sorted_table(YieldRow, pool_rows, params, ts_known, "-tvl_usd")


class StablecoinRow(Row):
    """One stablecoin."""

    id: str | None = shown("Coin", definition="Catalogue id, if there is one.")
    name: str | None = shown("Name")
    symbol: str | None = shown("Symbol")
    peg: str = shown("Peg", definition="Value that one coin promises to hold.")
    mechanism: str | None = shown("Backed by")
    price_usd: float | None = shown("Price", unit="price", source=SOURCE)
    deviation: float | None = shown(
        "Distance from peg",
        unit="rate",
        definition="Price minus one dollar; only for coins pegged to the dollar.",
    )
    supply_usd: float | None = shown(
        "Supply", unit="usd", definition="Value of the coins in circulation.", source=SOURCE
    )
    change_1d: float | None = shown(
        "Supply change (24 h)", unit="change", definition="Change in the number of coins.", source=SOURCE
    )
    share: float | None = shown(
        "Share of total", unit="fraction", definition="Share of all rows in the source's list."
    )


@operation("defi.stablecoins", example={"limit": 5})
def list_stablecoins(caller: Caller, params: DefiInput, facts: FactStore) -> Table[StablecoinRow]:
    """List stablecoins by supply, with how far each is off its peg."""
    ts_known, rows = _read_document(facts, "stablecoins", params.as_of)
    total = sum(_parse_number(row.get("supply_usd")) or 0.0 for row in rows)
    coin_rows = []
    for row in rows:
        price, supply = _parse_number(row.get("price_usd")), _parse_number(row.get("supply_usd"))
        is_dollar = row.get("peg") == "peggedUSD"
        coin_rows.append(
            StablecoinRow(
                id=row.get("id"),
                name=row.get("name"),
                symbol=row.get("symbol"),
                peg=str(row.get("peg") or "").removeprefix("pegged"),
                mechanism=row.get("mechanism"),
                price_usd=price,
                deviation=price - 1.0 if price is not None and is_dollar else None,
                supply_usd=supply,
                change_1d=_parse_number(row.get("supply_change_1d")),
                share=supply / total if supply is not None and total > 0 else None,
            )
        )
    return _sorted_table(StablecoinRow, coin_rows, params, ts_known, "-supply_usd")


def _read_document(
    facts: FactStore, key: str, as_of: int | None
) -> tuple[int | None, list[Mapping[str, Any]]]:
    stored = facts.document(SOURCE, key, as_of=as_of)
    rows = stored[1].get("rows") if stored else None
    return (stored[0] if stored else None), [row for row in rows or () if isinstance(row, dict)]


def _sorted_table(
    kind: type[RowT],
    rows: list[RowT],
    params: DefiInput,
    ts_known: int | None,
    default_sort: str,
) -> Table[RowT]:
    ordered = sort_rows(rows, params.sort or default_sort, row_columns(kind))
    origins = [Origin(source="DefiLlama", ts_event=ts_known, ts_known=ts_known, licence=LICENCE)]
    return table_of(kind, ordered[: params.limit], origins=origins, total=len(rows), as_of=params.as_of)


def _parse_number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value == value else None


def _parse_percent(value: Any) -> float | None:
    percent = _parse_number(value)
    return None if percent is None else percent / 100.0


def _join_words(value: Any) -> str:
    return ", ".join(str(word) for word in value) if isinstance(value, list) else ""
