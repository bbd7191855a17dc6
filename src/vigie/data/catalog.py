"""Which assets there are: those watched from the start, those with bars, those a source has named."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from vigie.data.bar_reader import BarReader
from vigie.data.request_memo import NO_MEMO, RequestMemo
from vigie.domain.asset import WATCHED, Asset
from vigie.domain.errors import NotFound
from vigie.domain.ids import parse_instrument
from vigie.ports.facts import FactStore

_SHIPPED = {asset.id: asset for asset in WATCHED}
STABLE = frozenset({"tether", "usd-coin", "dai", "first-digital-usd", "usds", "ethena-usde"})


@dataclass(frozen=True, slots=True)
class BarCatalog:
    """Finds assets by id or ticker."""

    facts: FactStore
    bar_reader: BarReader
    memo: RequestMemo = NO_MEMO

    def assets(self, *, as_of: int | None = None) -> list[Asset]:
        """Return every asset: by market cap where a source ranks them, then the watched ones, then those with bars."""
        return list(self.memo.once(("assets", as_of), lambda: self._list_assets(as_of)))

    def _list_assets(self, as_of: int | None) -> list[Asset]:
        assets_by_id: dict[str, Asset] = {}
        markets = self.facts.document("coingecko", "markets", as_of=as_of)
        for row in markets[1].get("rows", []) if markets else []:
            asset = _parse_asset(row)
            if asset is not None:
                assets_by_id.setdefault(asset.id, asset)
        for asset in WATCHED:
            assets_by_id.setdefault(asset.id, asset)
        for asset_id, pairs in self.bar_reader.instruments().items():
            ticker = parse_instrument(pairs[0][1]).base
            assets_by_id.setdefault(asset_id, Asset(asset_id, ticker, ticker))
        return list(assets_by_id.values())

    def find(self, word: str) -> Asset:
        """Return the asset of an id, of a ticker that only one has, or of a name.

        Raises
        ------
        NotFound
            If there is none.
        """
        key = word.strip().lower()
        # Whoever else names it: an id that is shipped is of this asset.
        if key in _SHIPPED:
            return _SHIPPED[key]
        assets = self.assets()
        for asset in assets:
            if asset.id == key:
                return asset
        for asset in assets:
            if asset.symbol.lower() == key:
                return asset
        for asset in assets:
            if asset.name.lower() == key:
                return asset
        raise NotFound("no_asset", "there is no asset {word!r}; search for it, or import its bars", word=word)


def _parse_asset(row: object) -> Asset | None:
    if not isinstance(row, dict):
        return None
    texts = [row.get(key) for key in ("id", "symbol", "name")]
    if not all(isinstance(text, str) and text for text in texts):
        return None
    return _make_asset(*map(str, texts))


# Each page asks for all of them several times.
@lru_cache(maxsize=4_096)
def _make_asset(asset_id: str, symbol: str, name: str) -> Asset:
    return _SHIPPED.get(asset_id) or Asset(
        asset_id, symbol.upper(), name, "stablecoin" if asset_id in STABLE else "coin"
    )
