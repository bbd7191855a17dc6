"""Decentralised finance as its source lists it: chains, protocols, exchanges, fees, yields, stablecoins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from vigie.domain.person import Caller
from vigie.services.app_context import AppContext
from vigie.services.operation import Column, CurrencyInput, Origin, Table, operation
from vigie.services.operations.markets import sort_rows

SOURCE: Final = "defillama"
LICENCE: Final = "DefiLlama terms of use"


class DefiInput(CurrencyInput):
    """In which order, as of when."""

    sort: str = Field(
        "", max_length=60, description="Column name; put `-` before it to sort from largest to smallest."
    )
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


_NAME: Final = Column(name="name", title="Name")
_DAY: Final = Column(
    name="change_1d", title="24 h", unit="change", definition="As stated by the source.", source=SOURCE
)
_WEEK: Final = Column(
    name="change_7d", title="7 d", unit="change", definition="As stated by the source.", source=SOURCE
)
_LOCKED: Final = Column(
    name="tvl_usd", title="Value locked (TVL)", unit="usd", source=SOURCE,
    definition="Value deposited, without liquid staking and double counts.",
)  # fmt: skip
_SHARE: Final = Column(
    name="share",
    title="Share of total",
    unit="fraction",
    definition="Share of all rows in the source's list.",
)

CHAINS: Final = [
    Column(name="id", title="Chain", definition="Part of its series' id."),
    _NAME,
    _LOCKED,
    _SHARE,
    Column(name="symbol", title="Coin"),
    Column(name="asset", title="Asset", definition="Catalogue id."),
]


@operation("defi.chains", example={"limit": 5})
def list_chains(app_context: AppContext, caller: Caller, params: DefiInput) -> Table:
    """List chains by the value locked in their protocols."""
    ts_known, rows = _read_document(app_context, "chains", params.as_of)
    total = sum(_parse_number(row.get("tvl")) or 0.0 for row in rows)
    chain_rows = [
        {
            "id": row.get("id"), "name": row.get("name"), "tvl_usd": _parse_number(row.get("tvl")),
            "share": (_parse_number(row.get("tvl")) or 0.0) / total if total > 0 else None,
            "symbol": row.get("symbol"), "asset": row.get("asset"),
        }
        for row in rows
    ]  # fmt: skip
    return _sorted_table(CHAINS, chain_rows, params, ts_known, "-tvl_usd")


PROTOCOLS: Final = [
    _NAME,
    Column(name="category", title="Category"),
    Column(name="chains", title="Chains"),
    _LOCKED,
    _DAY,
    _WEEK,
]


@operation("defi.protocols", example={"limit": 5})
def list_protocols(app_context: AppContext, caller: Caller, params: DefiInput) -> Table:
    """List protocols by the value locked in them, with how it changed in a day and a week."""
    ts_known, rows = _read_document(app_context, "protocols", params.as_of)
    protocol_rows = [
        {
            "name": row.get("name"), "category": row.get("category"), "chains": _join_words(row.get("chains")),
            "tvl_usd": _parse_number(row.get("tvl")), "change_1d": _parse_percent(row.get("change_1d")),
            "change_7d": _parse_percent(row.get("change_7d")),
        }
        for row in rows
    ]  # fmt: skip
    return _sorted_table(PROTOCOLS, protocol_rows, params, ts_known, "-tvl_usd")


_OVERVIEW: Final = [
    _NAME,
    Column(name="category", title="Category"),
    Column(name="chains", title="Chains"),
    Column(name="day_usd", title="24 h", unit="usd", definition="In the last 24 hours.", source=SOURCE),
    Column(name="week_usd", title="7 d", unit="usd", definition="In the last 7 days.", source=SOURCE),
    _DAY,
]
VOLUMES: Final = _OVERVIEW
FEES: Final = _OVERVIEW


@operation("defi.volumes", example={"limit": 5})
def list_volumes(app_context: AppContext, caller: Caller, params: DefiInput) -> Table:
    """List decentralised exchanges by what is swapped on them in a day."""
    return _list_overview(app_context, "dexs", params)


@operation("defi.fees", example={"limit": 5})
def list_fees(app_context: AppContext, caller: Caller, params: DefiInput) -> Table:
    """List protocols by the fees that users pay to them in a day."""
    return _list_overview(app_context, "fees", params)


def _list_overview(app_context: AppContext, key: str, params: DefiInput) -> Table:
    ts_known, rows = _read_document(app_context, key, params.as_of)
    overview_rows = [
        {
            "name": row.get("name"), "category": row.get("category"), "chains": _join_words(row.get("chains")),
            "day_usd": _parse_number(row.get("total24h")), "week_usd": _parse_number(row.get("total7d")),
            "change_1d": _parse_percent(row.get("change_1d")),
        }
        for row in rows
    ]  # fmt: skip
    return _sorted_table(_OVERVIEW, overview_rows, params, ts_known, "-day_usd")


YIELDS: Final = [
    Column(name="name", title="Pool"),
    Column(name="project", title="Protocol"),
    Column(name="chain", title="Chain"),
    _LOCKED,
    Column(
        name="apy", title="Yield", unit="fraction", source=SOURCE,
        definition="For a year, compounded, if nothing changed; but it does.",
    ),
    Column(name="apy_base", title="Yield from fees", unit="fraction", source=SOURCE, definition="Paid by users."),
    Column(
        name="apy_reward", title="Yield from rewards", unit="fraction", source=SOURCE,
        definition="Paid in the protocol's own coin, which may lose value.",
    ),
    Column(
        name="is_exposed", title="Impermanent loss",
        definition="Whether the pool may lose compared with just holding its coins.",
    ),
]  # fmt: skip


@operation("defi.yields", example={"limit": 5})
def list_yields(app_context: AppContext, caller: Caller, params: DefiInput) -> Table:
    """List pools by the value locked in them, with their yield and what it is paid from."""
    ts_known, rows = _read_document(app_context, "yields", params.as_of)
    pool_rows = [
        {
            "name": row.get("symbol"), "project": row.get("project"), "chain": row.get("chain"),
            "tvl_usd": _parse_number(row.get("tvlUsd")), "apy": _parse_percent(row.get("apy")),
            "apy_base": _parse_percent(row.get("apyBase")), "apy_reward": _parse_percent(row.get("apyReward")),
            "is_exposed": None if row.get("ilRisk") is None else row["ilRisk"] != "no",
        }
        for row in rows
    ]  # fmt: skip
    return _sorted_table(YIELDS, pool_rows, params, ts_known, "-tvl_usd")


STABLECOINS: Final = [
    Column(name="id", title="Coin", definition="Catalogue id, if there is one."),
    _NAME,
    Column(name="symbol", title="Symbol"),
    Column(name="peg", title="Peg", definition="Value that one coin promises to hold."),
    Column(name="mechanism", title="Backed by"),
    Column(name="price_usd", title="Price", unit="price", source=SOURCE),
    Column(
        name="deviation", title="Distance from peg", unit="rate",
        definition="Price minus one dollar; only for coins pegged to the dollar.",
    ),
    Column(
        name="supply_usd", title="Supply", unit="usd", source=SOURCE,
        definition="Value of the coins in circulation.",
    ),
    Column(
        name="change_1d", title="Supply change (24 h)", unit="change", source=SOURCE,
        definition="Change in the number of coins.",
    ),
    _SHARE,
]  # fmt: skip


@operation("defi.stablecoins", example={"limit": 5})
def list_stablecoins(app_context: AppContext, caller: Caller, params: DefiInput) -> Table:
    """List stablecoins by supply, with how far each is off its peg."""
    ts_known, rows = _read_document(app_context, "stablecoins", params.as_of)
    total = sum(_parse_number(row.get("supply_usd")) or 0.0 for row in rows)
    coin_rows = []
    for row in rows:
        price, supply = _parse_number(row.get("price_usd")), _parse_number(row.get("supply_usd"))
        is_dollar = row.get("peg") == "peggedUSD"
        coin_rows.append({
            "id": row.get("id"), "name": row.get("name"), "symbol": row.get("symbol"),
            "peg": str(row.get("peg") or "").removeprefix("pegged"), "mechanism": row.get("mechanism"),
            "price_usd": price, "deviation": price - 1.0 if price is not None and is_dollar else None,
            "supply_usd": supply, "change_1d": _parse_number(row.get("supply_change_1d")),
            "share": supply / total if supply is not None and total > 0 else None,
        })  # fmt: skip
    return _sorted_table(STABLECOINS, coin_rows, params, ts_known, "-supply_usd")


def _read_document(
    app_context: AppContext, key: str, as_of: int | None
) -> tuple[int | None, list[Mapping[str, Any]]]:
    stored = app_context.facts.document(SOURCE, key, as_of=as_of)
    rows = stored[1].get("rows") if stored else None
    return (stored[0] if stored else None), [row for row in rows or () if isinstance(row, dict)]


def _sorted_table(
    columns: list[Column],
    rows: list[dict[str, Any]],
    params: DefiInput,
    ts_known: int | None,
    default_sort: str,
) -> Table:
    ordered = sort_rows(rows, params.sort or default_sort, columns)
    origins = [Origin(source="DefiLlama", ts_event=ts_known, ts_known=ts_known, licence=LICENCE)]
    return Table(
        columns=columns, rows=ordered[: params.limit], origins=origins, total=len(rows), as_of=params.as_of
    )


def _parse_number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value == value else None


def _parse_percent(value: Any) -> float | None:
    percent = _parse_number(value)
    return None if percent is None else percent / 100.0


def _join_words(value: Any) -> str:
    return ", ".join(str(word) for word in value) if isinstance(value, list) else ""
