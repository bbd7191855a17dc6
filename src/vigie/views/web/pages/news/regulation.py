"""Regulation: the lane of regulators, changes of registers, known dates, rates and prices, who is licensed where."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.views.web.pages.news import reading_marks, register_words, words
from vigie.views.web.pages.onchain.charts import subject_name
from vigie.views.web.request_context import RequestContext

LANE: Final = 12
CHANGES: Final = 20
ROWS: Final = 25
_PAGES: Final = ("q", "country", "cursor")


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the five parts."""
    filters = {name: context.query.get(name, "").strip()[:80] for name in _PAGES}
    inputs = {"q": filters["q"], "country": filters["country"][:2], "limit": ROWS}
    try:
        licences = context.call("regulation.licences", **inputs, cursor=filters["cursor"][:12])
    except UsageError:
        # A page that is no more.
        licences = context.call("regulation.licences", **inputs)
    calendar = context.call("regulation.calendar")
    upcoming = [row for row in calendar.rows if row["ts"] >= context.now - DAY_MS]
    return {
        "lane": context.call("news.list", tier="regulator", limit=LANE),
        "changes": context.call("regulation.changes", limit=CHANGES),
        "licences": licences,
        "asked": {name: value for name, value in inputs.items() if value and name != "limit"},
        "countries": context.call("regulation.countries"),
        "calendar": calendar.model_copy(update={"rows": upcoming or calendar.rows[-3:]}),
        "given": filters,
        "figures": context.call("macro.figures"),
        "subject_of": partial(subject_name, context),
        "listed": register_words.register_labels(context),
        "listed_badges": register_words.LISTED_BADGES,
        "services": (services := register_words.service_names(context)),
        "has_codes": any(row["services"] and {*row["services"].split()} <= {*services} for row in licences.rows),
        "changed": {
            "added": context.text("added"), "changed": context.text("changed"), "ended": context.text("ended"),
            "removed": context.text("removed"),
        },
        **reading_marks.mark_values(context),
        **words.label_values(context),
    }  # fmt: skip
