"""The first page: two sentences, the chart beside what changed, six figures, the watchlist."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.domain.person import Persona
from vigie.domain.time import DAY_MS
from vigie.services.operations.market_changes import VALUES
from vigie.services.operations.markets import MarketRow
from vigie.views.web.display_settings import is_welcomed
from vigie.views.web.page import Page
from vigie.views.web.pages.mood.index import level_text
from vigie.views.web.pages.news import words
from vigie.views.web.pages.today import account_card, hero
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_counts import count_sources

TITLES = {
    "cap": "Total market cap",
    "fear_greed": "Fear and greed",
    "funding": "Funding rate (8 h)",
    "stablecoins": "Stablecoins",
}
# The plain sentence of a tile, shown when the pointer rests on its title.
ABOUT: Final = {
    "cap": "What all coins are worth together, at current prices.",
    "fear_greed": "The mood of the market: 0 is extreme fear, 100 is extreme greed.",
    "funding": "What traders who bet on a rise pay to the others every 8 hours; negative when they are paid. "
    "The median of all perpetuals that state a rate.",
    "stablecoins": "The value of all stablecoins: money that waits inside the crypto market.",
}
# What the past of each series that is watched for changes is called, where it is no asset's price.
CHARTED: Final = {
    "market/global/cap_usd": "Total market cap",
    "market/global/btc_dominance_fraction": "Bitcoin dominance",
    "sentiment/fear_greed_index": "Fear and greed index",
    "stablecoins/total/supply_usd": "Stablecoins",
    "defi/total/tvl_usd": "Total value locked (TVL)",
    "onchain/bitcoin/fee_fast_sat_vb": "Next-block fee",
    "volatility/bitcoin/dvol_index": "Implied volatility (DVOL)",
}
# What each kind of visitor sees below the market, in rows from above; a row has columns, a column has blocks.
Row = tuple[tuple[str, ...], ...]
LAYOUT: Final[dict[Persona | None, tuple[Row, ...]]] = {
    None: ((("watchlist",), ("stories",), ("regulation",)), (("movers",),)),
    "trader": (
        (("account", "spreads"), ("watchlist",), ("stories",)), (("movers",),), (("regulation",),),
    ),
    "journalist": (
        (("stories",), ("regulation",), ("newcomers",)), (("watchlist",),), (("movers",),),
    ),
    "beginner": ((("words",), ("watchlist",), ("stories",)), (("movers",),)),
}  # fmt: skip
FEW: Final = 4
FEW_CHANGES: Final = 3
# Stories that may stand beside a change of their asset.
STORIES: Final = 8
# A cookie is small.
MOST_READ: Final = 1_000
WORDED: Final = 3


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the day, in the order that suits the visitor."""
    assets = context.settings.get("assets", "")
    last_seen = str(context.settings.get("seen", ""))
    now = context.now
    is_known = last_seen.isdigit() and len(last_seen) < 14 and int(last_seen) < now
    since = int(last_seen) if is_known else now - DAY_MS
    changes = context.call("today.changes", since=since, assets=assets, read=_read_values(context))
    told_changes = {
        "changes": changes, "is_known": is_known, "charted": CHARTED, "few_changes": FEW_CHANGES
    }  # fmt: skip
    layout = LAYOUT[context.persona]
    blocks = {name for row in layout for column in row for name in column}
    if context.fragment == "summary":
        stories = _stories(context) if "stories" in blocks else {}
        return {**told_changes, **_told_price(context, changes.summary_asset), **stories}
    today = context.call("today.read", assets=assets)
    mood = context.call("mood.read", days=1)
    down = [source for source in today.sources if source.is_down]
    told = _told_price(context, changes.summary_asset, today.watch.rows)
    moved = context.call("markets.movers", count=FEW)
    movers = {
        name: moved.model_copy(
            update={"rows": [row for row in moved.rows if row["list"] == name], "total": None}
        )
        for name in ("up", "down")
    }
    return {
        "today": today, "mood": mood, "down": down,
        "source_counts": count_sources(source.state for source in today.sources),
        "titles": TITLES, "about": ABOUT,
        **told_changes, **told, "movers": movers,
        "greed": {
            name: level_text(context, round(figure.value)) if figure.value is not None else ""
            for name, figure in (("own", mood.own.figure), ("theirs", mood.theirs.figure))
        },
        "is_welcomed": is_welcomed(context.settings, context.person_mark),
        "account": None, "lists": [], "layout": layout, "few": FEW,
        **hero.chart_values(context, today.watch.rows, changes.summary_asset), **words.label_values(context),
        **_extra_blocks(context, blocks, today),
    }  # fmt: skip


def _told_price(context: RequestContext, asset: str, watched: Sequence[MarketRow] = ()) -> dict[str, object]:
    """Return the price that the first sentence says and where its live one comes from; nothing in the past."""
    rows = [row for row in watched if row["asset"] == asset]
    if asset and not rows and not context.is_past:
        rows = context.call("markets.list", assets=asset).rows
    if context.is_past or not rows or not rows[0]["instrument"]:
        return {"told_live": "", "told_price": None}
    return {"told_live": f"quote:{rows[0]['instrument']}:last", "told_price": rows[0]["price_usd"]}


def _read_values(context: RequestContext) -> str:
    """Return what the browser says was read; nothing where that is no list of values."""
    stored = str(context.settings.get("read", ""))
    return stored if len(stored) <= MOST_READ and re.fullmatch(VALUES, stored) else ""


def _stories(context: RequestContext) -> dict[str, object]:
    language = context.lang.content_language
    return {"stories": context.call("stories.top", limit=STORIES, language=language).rows}


def _extra_blocks(context: RequestContext, blocks: set[str], today: Any) -> dict[str, Any]:
    """Ask for the blocks that only some visitors see."""
    values: dict[str, Any] = {}
    if "account" in blocks:
        values |= account_card.card_values(context)
    if "spreads" in blocks:
        values["spreads"] = context.call("derivatives.spreads", limit=FEW)
    if "newcomers" in blocks:
        values["newcomers"] = context.call("markets.emerging", limit=FEW)
    if "stories" in blocks:
        values |= _stories(context)
    if "regulation" in blocks:
        values["lane"] = context.call("news.list", tier="regulator", limit=FEW, period="1w").rows
        values["registers"] = context.call("regulation.changes", limit=FEW).rows
        dates = context.call("regulation.calendar").rows
        values["dates"] = [row for row in dates if today.ts - DAY_MS < row["ts"] <= today.ts + 7 * DAY_MS][
            :FEW
        ]
    if "watchlist" in blocks and context.caller.may("write"):
        values["lists"] = context.call("watchlists.list").rows
    if "words" in blocks:
        watched = [row["asset"] for row in today.watch.rows[:WORDED]]
        values["worded"] = [context.call("assets.get", asset=asset) for asset in watched]
    return values


GROUP: Final = "today"
PAGES = (
    Page(
        name="today",
        path="/",
        title="Today",
        description="The market in two sentences, its chart, what changed since your last visit and why, and your "
        "watchlist.",
        show=show,
    ),
)
