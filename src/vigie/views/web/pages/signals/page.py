"""Signals: the setups of one's accounts by state, and each one in full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigie.drawing.frame import Frame, legend_key
from vigie.services.operations.setups import SetupsTable
from vigie.services.setups.setup_rows import SetupRow
from vigie.views.web.page import Page
from vigie.views.web.pages.signals import words
from vigie.views.web.pages.signals.charts import level_names, setup_chart, setup_description, setup_picture
from vigie.views.web.pages.trading.words import refusal_text
from vigie.views.web.request_context import RequestContext

# Of confirmed ones, so many have a picture.
PICTURED: Final = 3
MOST: Final = 200
ENDED: Final = 20
FILTERS: Final = ("side", "instrument", "strategy", "timeframe", "account")
STATES: Final = ("forming", "confirmed", "ended")
REPLAYED: Final = ("with", "only")
SIDES: Final = ("long", "short")
_CURSOR: Final = re.compile(r"[0-9]{1,15}-[0-9]{1,15}")


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the setups by state, as the address narrows them."""
    state = context.query.get("state", "") if context.query.get("state") in STATES else ""
    replayed = _replayed(context)
    asked = {name: context.query.get(name, "")[:80] for name in FILTERS} | {"replayed": replayed}
    if asked["side"] not in SIDES:
        asked["side"] = ""
    open_table = context.call("setups.list", **asked, state="open", limit=MOST)
    ended = context.call("setups.list", **asked, state="ended", limit=ENDED, cursor=_cursor(context))
    confirmed = [row for row in open_table.rows if row.state == "confirmed"]
    forming = sorted(
        (row for row in open_table.rows if row.state == "forming"), key=lambda row: -(row.nearness or 0.0)
    )
    return {
        "state": state,
        "asked": asked,
        "replayed": replayed,
        "has_past": _has_past(context),
        "confirmed": confirmed if state in ("", "confirmed") else [],
        "sketches": [_sketch(context, row) for row in confirmed[:PICTURED]]
        if state in ("", "confirmed")
        else [],
        "forming": _with_rows(open_table, forming),
        "rest": _with_rows(open_table, confirmed[PICTURED:]),
        "ended": ended,
        "shows_ended": state in ("", "ended"),
        "counts": open_table.counts,
        "table": open_table,
        "is_narrowed": any(asked[name] for name in FILTERS) or bool(state),
        **words.template_functions(context),
    }


def _with_rows(table: SetupsTable, rows: list[SetupRow]) -> SetupsTable:
    return table.model_copy(update={"rows": rows, "total": len(rows), "next_cursor": None})


def _has_past(context: RequestContext) -> bool:
    return bool(context.call("setups.list", replayed="only", limit=1).rows)


def _replayed(context: RequestContext) -> str:
    """Return whether setups that were decided afterwards are shown: only where asked for, or there are no others."""
    wanted = context.query.get("replayed", "")
    if wanted in REPLAYED:
        return wanted
    return "without" if context.call("setups.list", replayed="without", limit=1).rows else "with"


def _cursor(context: RequestContext) -> str:
    cursor = context.query.get("cursor", "")
    return cursor if _CURSOR.fullmatch(cursor) else ""


def _sketch(context: RequestContext, row: SetupRow) -> str:
    return setup_picture(context, row, context.call("setups.chart", **_input_of(row)))


def _input_of(row: SetupRow) -> dict[str, object]:
    return {"setup": row.setup, "account": row.account, "replayed": row.is_replayed}


def show_one(context: RequestContext) -> Mapping[str, object]:
    """Ask for one setup and the bars around it."""
    asked: dict[str, object] = {
        "setup": context.params["setup"],
        "account": context.query.get("account", "")[:60],
    }
    if context.query.get("replayed") == "1":
        asked["replayed"] = True
    told, chart = context.call("setups.read", **asked), context.call("setups.chart", **asked)
    contributions = context.call("setups.contributions", **asked)
    outcomes = context.call("setups.outcomes", **asked)
    row = told.newest
    frame = Frame(
        "setup", row.slot, setup_description(context, row), language=context.lang.language, zone="UTC"
    )
    return {
        "told": told,
        "row": row,
        "contributions": contributions,
        "outcomes": outcomes,
        "asked": {**asked, "replayed": "true"} if "replayed" in asked else asked,
        "chart": setup_chart(context, chart, frame) if chart.bars else "",
        "levels": level_names(context),
        "keys": [legend_key(line) for line in range(1, 4)],
        "held": "; ".join(context.text(item.name) for item in told.changes[-1].criteria if item.holds),
        "refusal_word": lambda name: refusal_text(context, name),
        **words.template_functions(context),
    }


GROUP: Final = "desk"
PAGES = (
    Page(
        name="signals",
        path="/signals",
        title="Signals",
        description="Setups of your accounts: what is forming, what is confirmed, and how each one ended.",
        show=show,
    ),
    Page(
        name="setup",
        path="/setup/{setup}",
        title="Setup",
        description="One setup: chart with entry, stop and target, what it is in money, its criteria and every change.",
        show=show_one,
        template="setup.html",
    ),
)
