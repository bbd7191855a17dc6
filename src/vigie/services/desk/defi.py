"""Decentralised finance as its source lists it: chains, protocols, exchanges, fees, yields, stablecoins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from vigie.domain.person import Caller
from vigie.services.desk.markets import sort_rows
from vigie.services.house import House
from vigie.services.operation import Column, Counted, Origin, Table, operation

SOURCE: Final = "defillama"
LICENCE: Final = "DefiLlama terms of use"


class DefiAsk(Counted):
    """In which order, as of when."""

    sort: str = Field("", max_length=60, description="Column, `-` before it for largest first.")
    limit: int = Field(100, ge=1, le=500)
    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


_NAME: Final = Column(name="name", title="Name")
_DAY: Final = Column(
    name="change_1d", title="24 h", unit="change", definition="As the source states it.", source=SOURCE
)
_WEEK: Final = Column(
    name="change_7d", title="7 d", unit="change", definition="As the source states it.", source=SOURCE
)
_LOCKED: Final = Column(
    name="tvl_usd", title="Value locked", unit="usd", source=SOURCE,
    definition="What is deposited, liquid staking and double counts left out.",
)  # fmt: skip
_SHARE: Final = Column(
    name="share", title="Share of all", unit="fraction", definition="Of all rows of the source's list."
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
def list_chains(house: House, caller: Caller, ask: DefiAsk) -> Table:
    """List chains by the value locked in their protocols."""
    known, rows = _document(house, "chains", ask.as_of)
    total = sum(_number(row.get("tvl")) or 0.0 for row in rows)
    made = [
        {
            "id": row.get("id"), "name": row.get("name"), "tvl_usd": _number(row.get("tvl")),
            "share": (_number(row.get("tvl")) or 0.0) / total if total > 0 else None,
            "symbol": row.get("symbol"), "asset": row.get("asset"),
        }
        for row in rows
    ]  # fmt: skip
    return _table(CHAINS, made, ask, known, "-tvl_usd")


PROTOCOLS: Final = [
    _NAME,
    Column(name="category", title="Category"),
    Column(name="chains", title="Chains"),
    _LOCKED,
    _DAY,
    _WEEK,
]


@operation("defi.protocols", example={"limit": 5})
def list_protocols(house: House, caller: Caller, ask: DefiAsk) -> Table:
    """List protocols by the value locked in them, with how it changed in a day and a week."""
    known, rows = _document(house, "protocols", ask.as_of)
    made = [
        {
            "name": row.get("name"), "category": row.get("category"), "chains": _words(row.get("chains")),
            "tvl_usd": _number(row.get("tvl")), "change_1d": _per_cent(row.get("change_1d")),
            "change_7d": _per_cent(row.get("change_7d")),
        }
        for row in rows
    ]  # fmt: skip
    return _table(PROTOCOLS, made, ask, known, "-tvl_usd")


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
def list_volumes(house: House, caller: Caller, ask: DefiAsk) -> Table:
    """List decentralised exchanges by what is swapped on them in a day."""
    return _overview(house, "dexs", ask)


@operation("defi.fees", example={"limit": 5})
def list_fees(house: House, caller: Caller, ask: DefiAsk) -> Table:
    """List protocols by the fees that users pay to them in a day."""
    return _overview(house, "fees", ask)


def _overview(house: House, key: str, ask: DefiAsk) -> Table:
    known, rows = _document(house, key, ask.as_of)
    made = [
        {
            "name": row.get("name"), "category": row.get("category"), "chains": _words(row.get("chains")),
            "day_usd": _number(row.get("total24h")), "week_usd": _number(row.get("total7d")),
            "change_1d": _per_cent(row.get("change_1d")),
        }
        for row in rows
    ]  # fmt: skip
    return _table(_OVERVIEW, made, ask, known, "-day_usd")


YIELDS: Final = [
    Column(name="name", title="Pool"),
    Column(name="project", title="Protocol"),
    Column(name="chain", title="Chain"),
    _LOCKED,
    Column(
        name="apy", title="Yield", unit="fraction", source=SOURCE,
        definition="For a year, compounded, if nothing changed; it does.",
    ),
    Column(name="apy_base", title="From fees", unit="fraction", source=SOURCE, definition="Paid by users."),
    Column(
        name="apy_reward", title="From rewards", unit="fraction", source=SOURCE,
        definition="Paid in the protocol's own coin, which may fall.",
    ),
    Column(
        name="is_exposed", title="Impermanent loss",
        definition="Whether the pool may lose against holding its coins.",
    ),
]  # fmt: skip


@operation("defi.yields", example={"limit": 5})
def list_yields(house: House, caller: Caller, ask: DefiAsk) -> Table:
    """List pools by the value locked in them, with their yield and what it is paid from."""
    known, rows = _document(house, "yields", ask.as_of)
    made = [
        {
            "name": row.get("symbol"), "project": row.get("project"), "chain": row.get("chain"),
            "tvl_usd": _number(row.get("tvlUsd")), "apy": _per_cent(row.get("apy")),
            "apy_base": _per_cent(row.get("apyBase")), "apy_reward": _per_cent(row.get("apyReward")),
            "is_exposed": None if row.get("ilRisk") is None else row["ilRisk"] != "no",
        }
        for row in rows
    ]  # fmt: skip
    return _table(YIELDS, made, ask, known, "-tvl_usd")


STABLECOINS: Final = [
    Column(name="id", title="Coin", definition="Catalogue id where there is one."),
    _NAME,
    Column(name="symbol", title="Symbol"),
    Column(name="peg", title="Peg", definition="What one coin promises to be worth."),
    Column(name="mechanism", title="Backed by"),
    Column(name="price_usd", title="Price", unit="price", source=SOURCE),
    Column(
        name="deviation", title="Off the peg", unit="rate",
        definition="Price less one dollar; for coins that promise a dollar only.",
    ),
    Column(name="supply_usd", title="Supply", unit="usd", source=SOURCE, definition="What is in circulation is worth."),
    Column(name="change_1d", title="Supply, 24 h", unit="change", source=SOURCE, definition="Of the coins."),
    _SHARE,
]  # fmt: skip


@operation("defi.stablecoins", example={"limit": 5})
def list_stablecoins(house: House, caller: Caller, ask: DefiAsk) -> Table:
    """List stablecoins by supply, with how far each is off its peg."""
    known, rows = _document(house, "stablecoins", ask.as_of)
    total = sum(_number(row.get("supply_usd")) or 0.0 for row in rows)
    made = []
    for row in rows:
        price, supply = _number(row.get("price_usd")), _number(row.get("supply_usd"))
        is_dollar = row.get("peg") == "peggedUSD"
        made.append({
            "id": row.get("id"), "name": row.get("name"), "symbol": row.get("symbol"),
            "peg": str(row.get("peg") or "").removeprefix("pegged"), "mechanism": row.get("mechanism"),
            "price_usd": price, "deviation": price - 1.0 if price is not None and is_dollar else None,
            "supply_usd": supply, "change_1d": _number(row.get("supply_change_1d")),
            "share": supply / total if supply is not None and total > 0 else None,
        })  # fmt: skip
    return _table(STABLECOINS, made, ask, known, "-supply_usd")


def _document(house: House, key: str, as_of: int | None) -> tuple[int | None, list[Mapping[str, Any]]]:
    found = house.facts.document(SOURCE, key, as_of=as_of)
    rows = found[1].get("rows") if found else None
    return (found[0] if found else None), [row for row in rows or () if isinstance(row, dict)]


def _table(
    columns: list[Column], rows: list[dict[str, Any]], ask: DefiAsk, known: int | None, sort: str
) -> Table:
    ordered = sort_rows(rows, ask.sort or sort, columns)
    origins = [Origin(source="DefiLlama", ts_event=known, ts_known=known, licence=LICENCE)]
    return Table(
        columns=columns, rows=ordered[: ask.limit], origins=origins, total=len(rows), as_of=ask.as_of
    )


def _number(given: Any) -> float | None:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(given) if is_number and given == given else None


def _per_cent(given: Any) -> float | None:
    found = _number(given)
    return None if found is None else found / 100.0


def _words(given: Any) -> str:
    return ", ".join(str(one) for one in given) if isinstance(given, list) else ""
