"""Regulation: the lane of regulators, changes of registers, known dates, rates and prices, who is licensed where."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.views.web.pages.news import marking, register_words, words
from vigie.views.web.pages.onchain.charts import subject_of
from vigie.views.web.visit import Visit

LANE: Final = 12
CHANGES: Final = 20
ROWS: Final = 25
_PAGES: Final = ("q", "country", "cursor")


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the five parts."""
    given = {name: visit.query.get(name, "").strip()[:80] for name in _PAGES}
    asked = {"q": given["q"], "country": given["country"][:2], "limit": ROWS}
    try:
        licences = visit.ask("regulation.licences", **asked, cursor=given["cursor"][:12])
    except UsageError:
        # A page that is no more.
        licences = visit.ask("regulation.licences", **asked)
    calendar = visit.ask("regulation.calendar")
    coming = [row for row in calendar.rows if row["ts"] >= visit.now - DAY_MS]
    return {
        "lane": visit.ask("news.list", tier="regulator", limit=LANE),
        "changes": visit.ask("regulation.changes", limit=CHANGES),
        "licences": licences,
        "asked": {name: value for name, value in asked.items() if value and name != "limit"},
        "countries": visit.ask("regulation.countries"),
        "calendar": calendar.model_copy(update={"rows": coming or calendar.rows[-3:]}),
        "given": given,
        "figures": visit.ask("macro.figures"),
        "subject_of": partial(subject_of, visit),
        "listed": register_words.listed(visit),
        "listed_badges": register_words.LISTED_BADGES,
        "services": (services := register_words.services(visit)),
        "has_codes": any(row["services"] and {*row["services"].split()} <= {*services} for row in licences.rows),
        "changed": {
            "added": visit.text("added"), "changed": visit.text("changed"), "ended": visit.text("ended"),
            "removed": visit.text("removed"),
        },
        **marking.told(visit),
        **words.all_of(visit),
    }  # fmt: skip
