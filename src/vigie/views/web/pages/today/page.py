"""The first page: the market in one sentence, six tiles, what changed, the watchlist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.person import Persona
from vigie.domain.time import DAY_MS
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

TITLES = {
    "cap": "Total market cap",
    "fear_greed": "Fear and greed",
    "funding": "Funding, 8 h",
    "stablecoins": "Stablecoins",
}
# What each kind of visitor sees, in rows from above: a row has blocks at the left and blocks beside them.
Row = tuple[tuple[str, ...], tuple[str, ...]]
LAYOUT: Final[dict[Persona | None, tuple[Row, ...]]] = {
    None: ((("market",), ()), (("watchlist", "movers"), ("changes",))),
    "trader": ((("market",), ()), (("movers", "watchlist"), ("spreads", "changes"))),
    "journalist": ((("changes",), ("newcomers",)), (("market",), ()), (("watchlist", "movers"), ())),
    "beginner": ((("market",), ()), (("watchlist", "words"), ("changes",)), (("movers",), ())),
}
FEW: Final = 4
WORDED: Final = 3


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the day, in the order that suits the visitor."""
    assets = visit.settings.get("assets", "")
    today = visit.ask("today.read", assets=assets)
    seen = str(visit.settings.get("seen", ""))
    since = int(seen) if seen.isdigit() and len(seen) < 14 and int(seen) < today.ts else today.ts - DAY_MS
    changes = visit.ask("today.changes", since=since, assets=assets)
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
        "today": today, "down": down, "titles": TITLES, "changes": changes, "is_known": bool(seen), "movers": movers,
        "layout": layout, **_extras(visit, {name for row in layout for names in row for name in names}, today),
    }  # fmt: skip


def _extras(visit: Visit, wanted: set[str], today: Any) -> dict[str, Any]:
    """Ask for the blocks that only some visitors see."""
    found: dict[str, Any] = {}
    if "spreads" in wanted:
        found["spreads"] = visit.ask("derivatives.spreads", limit=FEW)
    if "newcomers" in wanted:
        found["newcomers"] = visit.ask("markets.emerging", limit=FEW)
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
