"""The journal: closed trades, what they say together, and each one in full."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, get_args

from starlette.responses import Response

from vigie.drawing.frame import Frame, legend_key
from vigie.services.operations.journal import By
from vigie.services.plans.closed_trades import Replayed
from vigie.services.trading.journal.narrowing import FILTERS
from vigie.views.web.chosen_columns import chosen_columns
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.model_decision import model_decision
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.journal import outside, overview
from vigie.views.web.pages.journal.charts import chart_description, level_names, trade_chart, trade_marks
from vigie.views.web.pages.trading import words
from vigie.views.web.replays import count_closed, replay_under_way
from vigie.views.web.request_context import RequestContext
from vigie.views.web.sorted_tables import call_sorted

KINDS: Final = get_args(By)
REPLAYED: Final = get_args(Replayed)
MANY: Final = 20
USUAL_SORT: Final = "-exit_ts"
# What a person may choose of, and what is shown before they do.
COLUMNS: Final = (
    "exit_ts", "instrument", "timeframe", "strategy", "side", "qty", "entry", "exit", "pnl", "r", "mae_pct", "mfe_pct",
    "cost", "bars_held", "reason", "setup", "plan", "source", "tags", "note",
)  # fmt: skip
USUAL: Final = (
    "instrument",
    "strategy",
    "side",
    "pnl",
    "r",
    "cost",
    "reason",
    "setup",
    "plan",
    "source",
    "tags",
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the trades of an account, or for what they say together."""
    accounts = context.call("trading.accounts").rows
    if not accounts and not context.query.get("account"):
        return {"accounts": [], "account": None}
    names = [row["account"] for row in accounts]
    account = context.query.get("account") or ("main" if "main" in names else names[0])
    by = context.query.get("by", "")
    common_values = {
        "accounts": accounts,
        "account": account,
        "by": by if by in KINDS else "",
        "kinds": KINDS,
        "replay": replay_under_way(context, account),
    }
    replayed = context.query.get("replayed", "")
    if common_values["by"]:
        has_past = count_closed(context, account, "only") > 0
        # What was decided afterwards counts only where a person asks for it, or there is nothing else.
        usual = "without" if not has_past or count_closed(context, account, "without") else "only"
        replayed = replayed if replayed in REPLAYED else usual
        table = context.call("journal.statistics", account=account, by=by, replayed=replayed)
        return {
            **common_values,
            "has_past": has_past,
            "table": table,
            "currency": _currency(context, account, table),
            "is_example": False,
            "replayed": replayed,
            "idea_word": _idea_namer(context),
            **words.template_functions(context),
        }
    return {**common_values, **_trade_values(context, account, replayed if replayed in REPLAYED else "with")}


def _trade_values(context: RequestContext, account: str, replayed: str) -> dict[str, object]:
    """Return the head and the rows of closed trades."""
    filters = _filters(context)
    ask = {"account": account, "replayed": replayed, **filters}
    together = context.call("journal.overview", **ask)
    # Where nothing is left out these trades say it already.
    is_whole = replayed == "with" and not any(filters.values())
    has_past = (
        any(day.replayed for day in together.days) if is_whole else count_closed(context, account, "only") > 0
    )
    if not together.trades and not any(filters.values()):
        # No trade was closed yet: what this page will look like, marked as made up.
        made_up = overview.calendar_values(context, overview.example_days(context.now), "pnl")
        return {**made_up, "is_example": True, "replayed": replayed, "has_past": has_past}
    day = context.query.get("day", "") if _DAY.fullmatch(context.query.get("day", "")) else ""
    ordered = call_sorted(
        context, "journal.list", USUAL_SORT, **ask, day=day, limit=MANY, cursor=_cursor(context)
    )
    table = ordered.table
    by_name = {column.name: column for column in table.columns}
    chosen = chosen_columns(context, "journal", [by_name[name] for name in COLUMNS], USUAL)
    in_r = context.query.get("value") == "r"
    return {
        "is_example": False,
        "has_past": has_past,
        "table": table,
        "unknown_order": ordered.unknown,
        "chosen": chosen,
        "together": together,
        "in_r": in_r,
        "day": day,
        "filters": filters,
        "is_narrowed": bool(day) or any(filters.values()),
        "reasons": {reason: words.reason_text(context, reason) for reason in together.reasons},
        "currency": str(context.call("trading.account", account=account).currency),
        "exports": {**{name: value or None for name, value in filters.items()}, "account": account,
                    "day": day or None, "replayed": replayed if replayed != "with" else None},
        "replayed": replayed,
        "idea_word": _idea_namer(context),
        **overview.calendar_values(context, together.days, "r" if in_r else "pnl"),
        **overview.spread_values(context, together.bins, together.mean_r),
        **words.template_functions(context),
    }  # fmt: skip


def _filters(context: RequestContext) -> dict[str, str]:
    filters = {name: context.query.get(name, "")[:80] for name in (*FILTERS, "tag")}
    if filters["side"] not in ("", "long", "short"):
        filters["side"] = ""
    return filters


def _cursor(context: RequestContext) -> str:
    cursor = context.query.get("cursor", "")[:6]
    return cursor if cursor.isdecimal() and cursor.isascii() else ""


def _currency(context: RequestContext, account: str, table: Any) -> str:
    """Return what the amounts of a table are counted in; empty where it has none."""
    return str(context.call("trading.account", account=account).currency) if table.rows else ""


def show_one(context: RequestContext) -> Mapping[str, Any]:
    """Ask for one trade and the bars around it."""
    inputs = {"account": context.query.get("account", "main"), "trade": context.params["trade"]}
    trade, chart = context.call("journal.trade", **inputs), context.call("journal.chart", **inputs)
    frame = Frame(
        "trade", trade.slot, chart_description(context, trade), language=context.lang.language, zone="UTC"
    )
    query, marks = trade_marks(context, trade, chart)
    return {
        "told": trade,
        "asked": inputs,
        "said": model_decision(
            context, trade.strategy, trade.instrument, trade.criteria, trade.plan.decided_ts
        ),
        "chart": trade_chart(context, chart, frame, marks) if chart.bars else "",
        "marks": context.url("/api/v1/assets/news_marks", **query) if query else "",
        "levels": level_names(context),
        "keys": [legend_key(line) for line in range(1, 5)],
        "is_kept": "kept" in context.query,
        "errors": [],
        "idea_word": _idea_namer(context),
        **words.template_functions(context),
    }


def _idea_namer(context: RequestContext) -> Callable[[str], str]:
    """Return what says the kinds of facts that a strategy reads in words; what a person wrote stays as it is."""
    names = {
        "news": context.text("News"),
        "sentiment": context.text("Sentiment"),
        "macro": context.text("Economy"),
        "derivatives": context.text("Derivatives"),
        "onchain": context.text("On-chain"),
        "market": context.text("Prices"),
    }
    return lambda source: ", ".join(names.get(kind, kind) for kind in source.split(", "))


def save_note(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep what was written, and show the trade again; what was typed stays where another tab was quicker."""
    trade, account = form.get("trade", ""), form.get("account", "")
    tags = [tag.strip() for tag in form.get("tags", "").split(",") if tag.strip()]
    revision = form.get("revision", "")

    def values(context: RequestContext) -> Mapping[str, Any]:
        page_values = show_one(context)
        typed_values = {"note": form.get("note", ""), "tags": tags, "own_source": form.get("source", "")}
        return {**page_values, "told": page_values["told"].model_copy(update=typed_values)}

    def work() -> Response:
        context.call(
            "journal.write",
            account=account,
            trade=trade,
            note=form.get("note", ""),
            tags=tags,
            source=form.get("source", ""),
            revision=revision if revision.isdecimal() else None,
        )
        return redirect(f"/journal/{trade}", account=account, kept="1")

    trade_context = replace(
        context,
        path=f"/journal/{trade}",
        params={**context.params, "trade": trade},
        query={"account": account},
    )
    return handle_form(trade_context, pages()["journal_trade"], work, values, "note")


GROUP: Final = "trading"
PAGES = (
    Page(
        name="journal",
        path="/journal",
        title="Journal",
        description="Every closed trade with its plan and its outcome, your notes and tags, and statistics over "
        "all of them.",
        show=show,
    ),
    # Before the page of one trade, whose address takes any word.
    outside.PAGE,
    Page(
        name="journal_trade",
        path="/journal/{trade}",
        title="Trade",
        description="One closed trade: plan and actual result, its bars, the criteria that were met, and what "
        "other choices would have made.",
        show=show_one,
        template="trade.html",
        actions={"/journal/write": save_note},
    ),
)
