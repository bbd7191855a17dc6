"""The first page: the market in one sentence, six tiles, what changed, the watchlist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.person import Persona
from vigie.domain.time import DAY_MS
from vigie.services.operations.market_changes import VALUES
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.visit import Visit

TITLES = {
    "cap": "Total market cap",
    "fear_greed": "Fear and greed",
    "funding": "Funding, 8 h",
    "stablecoins": "Stablecoins",
}
# What the past of each series that is watched for changes is called, where it is no asset's price.
CHARTED: Final = {
    "market/global/cap_usd": "Total market capitalisation",
    "market/global/btc_dominance_fraction": "Bitcoin dominance",
    "sentiment/fear_greed_index": "Fear and Greed index",
    "stablecoins/total/supply_usd": "Stablecoins",
    "defi/total/tvl_usd": "Total value locked",
    "onchain/bitcoin/fee_fast_sat_vb": "Fee, next block",
    "volatility/bitcoin/dvol_index": "Implied volatility (DVOL)",
}
# What each kind of visitor sees, in rows from above: a row has blocks at the left, blocks beside them, and blocks that
# stand below the left ones where there is room for two columns, since what is beside them is longer.
Row = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
LAYOUT: Final[dict[Persona | None, tuple[Row, ...]]] = {
    None: ((("market",), (), ()), (("watchlist", "movers"), ("changes",), ("stories", "regulation"))),
    "trader": (
        (("market",), (), ()),
        (("movers", "watchlist"), ("spreads", "changes"), ("stories", "regulation")),
    ),
    "journalist": (
        (("regulation",), ("stories",), ()),
        (("changes",), ("newcomers",), ()),
        (("market",), (), ()),
        (("watchlist", "movers"), (), ()),
    ),
    "beginner": (
        (("market",), (), ()),
        (("watchlist", "words"), ("changes",), ("stories",)),
        (("movers",), (), ()),
    ),
}
FEW: Final = 4
# A cookie is small.
MOST_READ: Final = 1_000
WORDED: Final = 3


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the day, in the order that suits the visitor."""
    assets = visit.settings.get("assets", "")
    today = visit.ask("today.read", assets=assets)
    seen = str(visit.settings.get("seen", ""))
    since = int(seen) if seen.isdigit() and len(seen) < 14 and int(seen) < today.ts else today.ts - DAY_MS
    changes = visit.ask("today.changes", since=since, assets=assets, read=_read(visit))
    down = [one for one in today.sources if one.is_down]
    layout = LAYOUT[visit.persona]
    moved = visit.ask("markets.movers", count=FEW)
    movers = {
        name: moved.model_copy(
            update={"rows": [row for row in moved.rows if row["list"] == name], "total": None}
        )
        for name in ("up", "down")
    }
    return {
        "today": today, "mood": visit.ask("mood.read", days=1), "down": down,
        "titles": TITLES, "charted": CHARTED, "changes": changes, "is_known": bool(seen), "movers": movers,
        "layout": layout, **words.all_of(visit),
        **_extras(visit, {name for row in layout for names in row for name in names}, today),
    }  # fmt: skip


def _read(visit: Visit) -> str:
    """Return what the browser says was read; nothing where that is no list of values."""
    said = str(visit.settings.get("read", ""))
    return said if len(said) <= MOST_READ and re.fullmatch(VALUES, said) else ""


def _extras(visit: Visit, wanted: set[str], today: Any) -> dict[str, Any]:
    """Ask for the blocks that only some visitors see."""
    found: dict[str, Any] = {}
    if "spreads" in wanted:
        found["spreads"] = visit.ask("derivatives.spreads", limit=FEW)
    if "newcomers" in wanted:
        found["newcomers"] = visit.ask("markets.emerging", limit=FEW)
    if "stories" in wanted:
        found["stories"] = visit.ask("stories.top", limit=FEW, language=visit.tongue.language).rows
    if "regulation" in wanted:
        found["lane"] = visit.ask("news.list", tier="regulator", limit=FEW, period="1w").rows
        found["registers"] = visit.ask("regulation.changes", limit=FEW).rows
        dates = visit.ask("regulation.calendar").rows
        found["dates"] = [row for row in dates if today.ts - DAY_MS < row["ts"] <= today.ts + 7 * DAY_MS][
            :FEW
        ]
    if "words" in wanted:
        watched = [row["asset"] for row in today.watch.rows[:WORDED]]
        found["worded"] = [visit.ask("assets.get", asset=asset) for asset in watched]
    return found


PAGES = (
    Page(
        name="today",
        path="/",
        title="Today",
        description="The market in one sentence, six figures, what changed since your last visit, and your watchlist.",
        show=show,
    ),
)
