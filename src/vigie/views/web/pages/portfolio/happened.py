"""What the prices of coins that are held did in the last seven days, or in the part of them that has bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import NotFound
from vigie.domain.time import DAY_MS
from vigie.services.operations.asset_events import AssetEventRow
from vigie.views.web.pages.asset.words import bar_length_text
from vigie.views.web.request_context import RequestContext

# The last day may still have its close to come, and the first one may begin with a bar.
_WHOLE_MS: Final = 6 * DAY_MS
_NEWEST_MS: Final = 2 * DAY_MS


@dataclass(frozen=True, slots=True)
class CoinMove:
    """A coin's change over seven days, and the largest one within them.

    Attributes
    ----------
    asset, name : str
        Catalogue id, and what people call it.
    span : AssetEventRow
        Of the seven days.
    largest : AssetEventRow or None
        Of one bar; None where the price stood still.
    length : str
        Of that bar, in words.
    is_whole : bool
        Whether the bars are those of the last seven days.
    """

    asset: str
    name: str
    span: AssetEventRow
    largest: AssetEventRow | None
    length: str
    is_whole: bool


def coin_moves(context: RequestContext, coins: Mapping[str, str]) -> list[CoinMove]:
    """Return the moves of coins that have bars here.

    Parameters
    ----------
    context : RequestContext
    coins : mapping of str to str
        Catalogue id to name.

    Returns
    -------
    list of CoinMove
        In the order of the coins; those without bars are left out.
    """
    found = []
    for asset, name in coins.items():
        try:
            rows = context.call("assets.happened", asset=asset, kind="price").rows
        except NotFound:
            # A coin that is owned need not be watched.
            continue
        spans = [row for row in rows if row.what == "span"]
        bars = sorted((row for row in rows if row.what == "bar"), key=lambda row: -abs(row.change or 0.0))
        if spans:
            largest = bars[0] if bars else None
            length = bar_length_text(context, largest.step) if largest else ""
            span = spans[0]
            begun = span.ts if span.ts_start is None else span.ts_start
            is_whole = span.ts - begun >= _WHOLE_MS and context.now - span.ts <= _NEWEST_MS
            found.append(CoinMove(asset, name, span, largest, length, is_whole))
    return found
