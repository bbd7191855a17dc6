"""Every asset that has a price, with what it measures."""

from __future__ import annotations

import math

from vigie.data.catalog import BarCatalog
from vigie.services.caches.asset_metrics import AssetMetricsCache, AssetReading


def readings_of(
    catalog: BarCatalog, asset_metrics: AssetMetricsCache, as_of: int | None, *, with_stable: bool = False
) -> list[AssetReading]:
    """Return every asset that has a price; stablecoins only where they are asked for."""
    assets = catalog.assets(as_of=as_of)
    assets_shown = [asset for asset in assets if with_stable or asset.kind == "coin"]
    readings = asset_metrics.readings(assets_shown, as_of=as_of)
    return [reading for reading in readings if not math.isnan(reading.metrics.price)]
