"""Signals: the setups of one's accounts by state, and each one in full."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from starlette.responses import Response

from vigie.domain.time import timeframe_ms
from vigie.drawing.frame import Frame, legend_key
from vigie.services.operations.setups import SetupsTable
from vigie.services.setups.setup_rows import SetupRow
from vigie.views.web.model_decision import model_decision
from vigie.views.web.page import Page
from vigie.views.web.pages.plans.words import currency_text, room_text
from vigie.views.web.pages.signals import words
from vigie.views.web.pages.signals.charts import line_names, setup_chart, setup_description, setup_picture
from vigie.views.web.pages.trading.words import refusal_text
from vigie.views.web.request_context import RequestContext

# Of confirmed ones, so many have a picture.
PICTURED: Final = 3
MOST: Final = 200
ENDED: Final = 20
HELD: Final = 10
FILTERS: Final = ("side", "instrument", "strategy", "timeframe", "account")
STATES: Final = ("open", "ended", "forming", "confirmed", "played_out", "invalidated", "expired")
ENDS: Final = ("played_out", "invalidated", "expired")
REPLAYED: Final = ("with", "only")
# What a file of them holds at most.
FILE_ROWS: Final = 1_000
SIDES: Final = ("long", "short")
# Least totals of what counts for and against that may be asked for.
ALERTS: Final = ("sent", "held")
TOTALS: Final = ("0", "0.25", "0.5", "0.75")
_CURSOR: Final = re.compile(r"[0-9]{1,15}-[0-9]{1,15}")


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the setups by state, as the address narrows them."""
    state = context.query.get("state", "") if context.query.get("state") in STATES else ""
    shows_confirmed, shows_forming = state in ("", "open", "confirmed"), state in ("", "open", "forming")
    replayed = context.query.get("replayed", "")
    asked = {name: context.query.get(name, "")[:80] for name in FILTERS}
    # What was decided afterwards is shown where asked for, or where there is nothing else.
    asked["replayed"] = replayed if replayed in REPLAYED else "usual"
    if asked["side"] not in SIDES:
        asked["side"] = ""
    if context.query.get("alerted") in ALERTS:
        asked["alerted"] = context.query["alerted"]
    if context.query.get("least") in TOTALS:
        asked["least"] = context.query["least"]
    # One call for all parts: open ones and the latest ended, or the state that is asked for alone.
    is_of_ended = state in ("ended", *ENDS)
    ended_as = state if is_of_ended else "ended"
    cursor = "" if state and not is_of_ended else _cursor(context)
    table = context.call(
        "setups.list", **asked, state=state, cursor=cursor, limit=ENDED if is_of_ended else MOST,
        **({} if state else {"ended_limit": ENDED}),
    )  # fmt: skip
    if asked["replayed"] == "usual":
        asked["replayed"] = "with" if table.has_replayed and not table.has_live else "without"
    is_narrowed = (
        any(asked[name] for name in (*FILTERS, "least", "alerted") if name in asked)
        or bool(state)
        or bool(context.query.get("cursor"))
    )
    is_empty = not table.counts and not is_narrowed and not table.has_replayed
    ended = [row for row in table.rows if row.state in ENDS]
    confirmed = [row for row in table.rows if row.state == "confirmed"]
    forming = sorted(
        (row for row in table.rows if row.state == "forming"), key=lambda row: -(row.nearness or 0.0)
    )
    return {
        "state": state,
        "asked": asked,
        "replayed": asked["replayed"],
        "has_past": table.has_replayed,
        "pictured": [(row, _sketch(context, row)) for row in confirmed[:PICTURED]] if shows_confirmed else [],
        "shows_confirmed": shows_confirmed,
        "shows_forming": shows_forming,
        "ended_as": ended_as,
        "forming": _with_rows(table, forming),
        "rest": _with_rows(table, confirmed[PICTURED:]),
        "ended": table.model_copy(update={"rows": ended, "total": _ended_count(table, ended, state, asked)}),
        "shows_ended": state in ("", "ended", *ENDS),
        "counts": table.counts,
        "table": table,
        "is_narrowed": is_narrowed,
        "awaited": _awaited(context) if is_empty else "",
        "file_rows": FILE_ROWS,
        "record": context.call("setups.record"),
        "notices": context.call("setups.notices", held="yes", limit=HELD),
        **words.template_functions(context),
    }


def _awaited(context: RequestContext) -> str:
    """Return what the first setup waits for: the demo's own account, a close of one's account, or an account."""
    accounts = context.call("trading.accounts").rows
    # Of users, the account belongs to the first who may trade, and others open one of their own.
    if context.app_context.is_simulated and not context.has_users:
        return "demo" if all(row["is_replayed"] for row in accounts) else "close"
    return "close" if accounts else "account"


def _with_rows(table: SetupsTable, rows: list[SetupRow]) -> SetupsTable:
    return table.model_copy(update={"rows": rows, "total": len(rows), "next_cursor": None})


def _ended_count(table: SetupsTable, ended: Sequence[SetupRow], state: str, asked: Mapping[str, str]) -> int:
    """Return how many ended setups fit; of those with a least total only the ones that are shown are known."""
    if "least" in asked:
        return len(ended)
    return sum(table.counts.get(name, 0) for name in ENDS if state in ("", "ended", name))


def _cursor(context: RequestContext) -> str:
    cursor = context.query.get("cursor", "")
    return cursor if _CURSOR.fullmatch(cursor) else ""


def _sketch(context: RequestContext, row: SetupRow) -> str:
    return setup_picture(context, row, context.call("setups.chart", **_input_of(row), patterns=False))


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
    deciding = next((change for change in told.changes if change.state == "confirmed"), told.changes[0])
    frame = Frame(
        "setup", row.slot, setup_description(context, row), language=context.lang.language, zone="UTC"
    )
    lines = line_names(context, chart)
    return {
        "told": told,
        "row": row,
        "patterns": chart.patterns,
        "contributions": contributions,
        "deciding": deciding,
        "said": model_decision(context, row.strategy, row.instrument, deciding.criteria, deciding.ts_known),
        "trade": _trade_of(context, row) if deciding.state == "confirmed" else None,
        "currency": currency_text(row.instrument),
        "plans": [] if row.is_replayed else context.call("plans.list", setup=row.setup).rows,
        "outcomes": outcomes,
        "asked": {**asked, "replayed": "true"} if "replayed" in asked else asked,
        "chart": setup_chart(context, chart, frame) if chart.bars else "",
        "levels": lines,
        "keys": [legend_key(line) for line in range(1, len(lines) + 1)],
        "held": _inside_sentence(context, (item.name for item in deciding.criteria if item.holds)),
        "refusal_word": lambda name: refusal_text(context, name),
        "unmet": _inside_sentence(context, filter(None, row.unmet.split("; "))),
        "room_word": lambda name: room_text(context, name),
        "last_close": row.next_close - timeframe_ms(row.timeframe) if row.next_close else row.ts_known,
        **words.template_functions(context),
    }


def _inside_sentence(context: RequestContext, names: Iterable[str]) -> str:
    """Return the names of criteria as they stand inside a sentence: abbreviations keep their capitals."""
    texts = [context.text(name) for name in names]
    return context.lang.semicolon.join(
        text[:1].lower() + text[1:] if text[1:2].islower() else text for text in texts
    )


def send_record(context: RequestContext) -> Response:
    """Give the record for others as one file."""
    made = context.call("setups.publish", language=context.lang.content_language)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(b64decode(made.content), media_type="application/zip", headers=headers)


def _trade_of(context: RequestContext, row: SetupRow) -> object:
    """Return the closed trade that came of a setup; None where there is none."""
    asked = {"account": row.account, "strategy": row.strategy, "instrument": row.instrument, "side": row.side}
    trades = context.call("journal.list", **asked, replayed="only" if row.is_replayed else "without").rows
    return next((trade for trade in trades if trade.setup == row.setup), None)


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
    Page(
        name="record",
        path="/signals/record.zip",
        title="Record of setups",
        description="Sealed changes of your setups with bars, results and a program that checks them, in one file.",
        show=send_record,
    ),
)
