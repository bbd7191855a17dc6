"""What sources say of one asset beside its price: what stands out against its own past, then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.services.market_data.asset_facts import AssetCard, NamedFigure
from vigie.services.market_data.own_past import PastRow
from vigie.services.market_data.perpetuals import FACTS
from vigie.services.operations.assets import AssetResult
from vigie.views.web.request_context import RequestContext
from vigie.views.web.unusual import PLACES, Unusual, most_unusual

# What tells each card's figures against their past.
PASTS: Final = {"onchain": "onchain.past", "derivatives": "derivatives.past"}
# What a figure of a card is called there, where it is the same; in another unit or over another span it is another one.
KINDS: Final = {
    "funding_8h": "funding",
    "basis_fraction": "basis",
    "long_short_ratio": "long_short",
    "dvol_index": "volatility",
}
# Of an asset's series these say nothing of its chain.
OTHER_TOPICS: Final = ("market/", "volatility/")


@dataclass(frozen=True, slots=True)
class FoldedCard:
    """A card of figures as a page shows it.

    Attributes
    ----------
    key : str
        Of the topic.
    unusual : Unusual
        What stands out, the most surprising first.
    rest : list of NamedFigure
        The other figures.
    is_open : bool
        Whether the rest is shown at once: of none is its own past known, so none can stand out.
    """

    key: str
    unusual: Unusual
    rest: list[NamedFigure]
    is_open: bool


def asset_values(context: RequestContext, coin: AssetResult) -> dict[str, object]:
    """Return an asset with its on-chain and its derivatives card."""
    cards = [_folded(card, _pasts(context, card.key, coin.id)) for card in coin.cards]
    return {"coin": coin, "cards": cards, "derivatives_pages": PLACES}


def _pasts(context: RequestContext, key: str, asset: str) -> list[PastRow]:
    rows: Sequence[PastRow] = context.call(PASTS[key], assets=asset, as_of=context.as_of).rows
    return [row for row in rows if key != "onchain" or not row.series.startswith(OTHER_TOPICS)]


def _folded(card: AssetCard, pasts: Sequence[PastRow]) -> FoldedCard:
    unusual = most_unusual(pasts)
    told = {(row.kind, _place(row)) for row in unusual.rows if not row.is_change}
    rest = [row for row in card.rows if (KINDS.get(row.key, row.key), row.where) not in told]
    return FoldedCard(card.key, unusual, rest, not unusual.compared)


def _place(row: PastRow) -> str:
    """Return the instrument that a row of derivatives is of."""
    return row.series.removeprefix(FACTS).rpartition("/")[0] if row.series.startswith(FACTS) else ""
