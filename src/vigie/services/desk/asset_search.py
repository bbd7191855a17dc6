"""The search for assets: by id, ticker or name."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import Field

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.operation import Ask, Column, Origin, Table, operation

# How alike two words must be, of 1, and how many are told.
NEAR: Final = 0.7
MOST_NEAR: Final = 4


class SearchAsk(Ask):
    """What is looked for."""

    q: str = Field("", max_length=80, description="Part of an id, a ticker or a name; empty gives the first.")
    limit: int = Field(20, ge=1, le=200)


SEARCH: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(name="kind", title="Kind"),
    Column(name="has_bars", title="Bars", definition="Whether bars of it are stored here."),
]


@operation("assets.search", example={"q": "bit"})
def search_assets(house: House, caller: Caller, ask: SearchAsk) -> Table:
    """Find assets by id, ticker or name: exact ones, those that begin so, that hold it; else near ones."""
    with_bars = house.shelf.instruments()
    wanted = ask.q.strip().lower()
    assets = Catalog(house.facts, house.shelf).assets()
    found = [
        (rank, place, asset)
        for place, asset in enumerate(assets)
        if (rank := _rank(asset, wanted)) is not None
    ] or [(rank, assets.index(asset), asset) for rank, asset in enumerate(near_assets(assets, wanted))]
    found.sort(key=lambda one: (one[0], one[2].id not in with_bars, one[1]))
    rows = [
        {
            "asset": asset.id, "symbol": asset.symbol, "name": asset.name, "kind": asset.kind,
            "has_bars": asset.id in with_bars,
        }
        for _, _, asset in found[: ask.limit]
    ]  # fmt: skip
    return Table(
        as_of=None, columns=SEARCH, rows=rows, origins=[Origin(source="catalogue")], total=len(found)
    )


def _texts(asset: Asset) -> tuple[str, str, str]:
    return asset.symbol.lower(), asset.id, asset.name.lower()


def near_assets(assets: Sequence[Asset], wanted: str) -> list[Asset]:
    """Return the few assets whose id, ticker or name differs by a slip of the finger, the nearest first."""
    named = {text: asset for asset in reversed(assets) for text in _texts(asset)}
    close = get_close_matches(wanted, named, n=MOST_NEAR, cutoff=NEAR)
    return list({named[text].id: named[text] for text in close}.values())


def _rank(asset: Asset, wanted: str) -> int | None:
    texts = _texts(asset)
    if wanted in texts:
        return 0
    if any(text.startswith(wanted) for text in texts):
        return 1
    return 2 if any(wanted in text for text in texts) else None
