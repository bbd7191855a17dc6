"""The first page: the market in one sentence, six tiles, what changed, the watchlist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    today = visit.ask("today.read", assets=visit.settings.get("assets", ""))
    down = [one for one in today.sources if one.state in ("failing", "stale")]
    return {"today": today, "down": down, "titles": TITLES}


PAGES = (
    Page(
        name="today",
        path="/",
        title="Today",
        description="The market in one sentence, six figures, what changed since your last visit, and your watchlist.",
        show=show,
    ),
)
