"""Whether each coin that is held is stretched or depressed, and what followed; what moved the worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.services.holdings.holding_rows import HoldingPositionRow
from vigie.services.operations.valuation import EpisodeRow, FollowedResult, ValuationResult
from vigie.views.web.pages.portfolio.happened import coin_moves
from vigie.views.web.pages.portfolio.own_currency import chosen_currency
from vigie.views.web.request_context import RequestContext

# More coins than this have their valuation on their own pages.
MOST_COINS: Final = 6
# Of so many, those of most worth, the page tells what the price did.
MOVED_COINS: Final = 3
SPANS: Final = ("day", "week", "month", "all")


@dataclass(frozen=True, slots=True)
class ValuedCoin:
    """A coin that is held against its own past.

    Attributes
    ----------
    valuation : ValuationResult
    followed : sequence of FollowedResult
        Of its state, or of both states where it is normal.
    dated : mapping of (str, int) to list of EpisodeRow
        Episodes of a state and horizon that are too few for figures.
    """

    valuation: ValuationResult
    followed: Sequence[FollowedResult]
    dated: Mapping[tuple[str, int], list[EpisodeRow]]


def valued_values(context: RequestContext, positions: Sequence[HoldingPositionRow]) -> dict[str, object]:
    """Return what the page says of valuations: of each coin that is held, watched or not, by what a product follows."""
    coins = dict.fromkeys(row.underlying for row in positions if not row.is_stablecoin)
    valued = [_valued(context, coin) for coin in list(coins)[:MOST_COINS]]
    return {
        "valued": valued,
        "moves": coin_moves(
            context, {coin.valuation.asset: coin.valuation.name for coin in valued[:MOVED_COINS]}
        ),
        "stablecoins": [row.name for row in positions if row.is_stablecoin],
        "state_words": {
            "normal": context.text("normal"),
            "stretched": context.text("stretched"),
            "depressed": context.text("depressed"),
        },
        "state_meanings": {
            "stretched": context.text("high against its own past"),
            "normal": context.text("neither high nor low against its own past"),
            "depressed": context.text("low against its own past"),
        },
    }


def _valued(context: RequestContext, coin: str) -> ValuedCoin:
    told = context.call("valuation.of", asset=coin)
    if not told.state:
        return ValuedCoin(told, [], {})
    episodes = context.call(
        "valuation.episodes", asset=coin, state="" if told.state == "normal" else told.state
    )
    dated = {
        (entry.state, entry.horizon_days): [
            row
            for row in episodes.rows
            if row.change is not None and (row.state, row.horizon_days) == (entry.state, entry.horizon_days)
        ]
        for entry in episodes.followed
        if entry.median is None
    }
    return ValuedCoin(told, episodes.followed, dated)


def moved_values(context: RequestContext) -> dict[str, object]:
    """Return what moved the worth over the span that is asked for, and the words of spans."""
    asked = context.query.get("moved", "")
    span = asked if asked in SPANS else "week"
    text = context.text
    return {
        "moved": context.call("holdings.attribution", currency=chosen_currency(context), span=span),
        "moved_span": span,
        "moved_words": {
            "day": text("1 day"), "week": text("1 week"), "month": text("1 month"), "all": text("Since the start"),
        },
    }  # fmt: skip
