"""The search for assets: by id, ticker or name."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import Field

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.person import Caller
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.rows import Row, shown, table_of

# How alike two words must be, of 1, and how many are told.
MIN_SIMILARITY: Final = 0.7
MAX_SUGGESTIONS: Final = 4


class SearchAssetsInput(OperationInput):
    """What is looked for."""

    q: str = Field("", max_length=80, description="Part of an id, a ticker or a name; empty gives the first.")
    limit: int = Field(20, ge=1, le=200)


class FoundAssetRow(Row):
    """One asset that a search found."""

    asset: str = shown("Asset", definition="Catalogue id.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    kind: str = shown("Kind")
    has_bars: bool = shown("Bars", definition="Whether bars are stored for it here.")


@operation("assets.search", example={"q": "bit"})
def search_assets(
    caller: Caller, params: SearchAssetsInput, catalog: BarCatalog, bar_reader: BarReader
) -> Table[FoundAssetRow]:
    """Find assets by id, ticker or name: exact ones, those that begin so, that hold it; else near ones."""
    with_bars = bar_reader.instruments()
    query = params.q.strip().lower()
    assets = catalog.assets()
    matches = [
        (rank, index, asset)
        for index, asset in enumerate(assets)
        if (rank := _rank(asset, query)) is not None
    ] or [(rank, assets.index(asset), asset) for rank, asset in enumerate(similar_assets(assets, query))]
    matches.sort(key=lambda match: (match[0], match[2].id not in with_bars, match[1]))
    rows = [
        FoundAssetRow(
            asset=asset.id,
            symbol=asset.symbol,
            name=asset.name,
            kind=asset.kind,
            has_bars=asset.id in with_bars,
        )
        for _, _, asset in matches[: params.limit]
    ]
    return table_of(FoundAssetRow, rows, as_of=None, origins=[Origin(source="catalogue")], total=len(matches))


def _search_texts(asset: Asset) -> tuple[str, str, str]:
    return asset.symbol.lower(), asset.id, asset.name.lower()


def similar_assets(assets: Sequence[Asset], query: str) -> list[Asset]:
    """Return the few assets whose id, ticker or name differs by a slip of the finger, the nearest first."""
    assets_by_text = {text: asset for asset in reversed(assets) for text in _search_texts(asset)}
    similar_texts = get_close_matches(query, assets_by_text, n=MAX_SUGGESTIONS, cutoff=MIN_SIMILARITY)
    return list({assets_by_text[text].id: assets_by_text[text] for text in similar_texts}.values())


def _rank(asset: Asset, query: str) -> int | None:
    texts = _search_texts(asset)
    if query in texts:
        return 0
    if any(text.startswith(query) for text in texts):
        return 1
    return 2 if any(query in text for text in texts) else None
