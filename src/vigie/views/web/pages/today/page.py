"""The first page: the market in one sentence, six tiles, what changed, the watchlist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.domain.time import DAY_MS
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

TITLES = {
    "cap": "Total market cap",
    "fear_greed": "Fear and greed",
    "funding": "Funding, 8 h",
    "stablecoins": "Stablecoins",
}


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the day."""
    assets = visit.settings.get("assets", "")
    today = visit.ask("today.read", assets=assets)
    seen = str(visit.settings.get("seen", ""))
    since = int(seen) if seen.isdigit() and len(seen) < 14 and int(seen) < today.ts else today.ts - DAY_MS
    changes = visit.ask("today.changes", since=since, assets=assets)
    down = [one for one in today.sources if one.state in ("failing", "stale")]
    moved = visit.ask("markets.movers", count=4)
    movers = {
        name: moved.model_copy(
            update={"rows": [row for row in moved.rows if row["list"] == name], "total": None}
        )
        for name in ("up", "down")
    }
    return {
        "today": today, "down": down, "titles": TITLES, "changes": changes, "is_known": bool(seen), "movers": movers
    }  # fmt: skip


PAGES = (
    Page(
        name="today",
        path="/",
        title="Today",
        description="The market in one sentence, six figures, what changed since your last visit, and your watchlist.",
        show=show,
    ),
)
