"""The journal: closed trades, what they say together, and each one in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, get_args

from starlette.responses import Response

from vigie.services.operations.journal import By
from vigie.views.drawing.frame import Frame, legend_key
from vigie.views.web.answering import go, tried
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.journal.charts import described, marks_of, trade_chart
from vigie.views.web.pages.trading import words
from vigie.views.web.visit import Visit

KINDS: Final = get_args(By)
MANY: Final = 40


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the trades of an account, or for what they say together."""
    accounts = visit.ask("trading.accounts").rows
    if not accounts and not visit.query.get("account"):
        return {"accounts": [], "account": None}
    names = [row["account"] for row in accounts]
    account = visit.query.get("account") or ("main" if "main" in names else names[0])
    by = visit.query.get("by", "")
    given = {"accounts": accounts, "account": account, "by": by if by in KINDS else "", "kinds": KINDS}
    if given["by"]:
        table = visit.ask("journal.statistics", account=account, by=by)
        return {
            **given,
            "table": table,
            "currency": _currency(visit, account, table),
            "tag": "",
            "strategy": "",
            "idea_word": _ideas(visit),
            **words.of(visit),
        }
    chosen = {name: visit.query.get(name, "")[:80] for name in ("strategy", "tag")}
    table = visit.ask("journal.list", account=account, limit=MANY, **chosen)
    unit = _currency(visit, account, table)
    return {
        **given, "table": table, "currency": unit, **chosen, "idea_word": _ideas(visit), **words.of(visit),
    }  # fmt: skip


def _currency(visit: Visit, account: str, table: Any) -> str:
    """Return what the amounts of a table are counted in; empty where it has none."""
    return str(visit.ask("trading.account", account=account).currency) if table.rows else ""


def show_one(visit: Visit) -> Mapping[str, Any]:
    """Ask for one trade and the bars around it."""
    asked = {"account": visit.query.get("account", "main"), "trade": visit.params["trade"]}
    told, candles = visit.ask("journal.trade", **asked), visit.ask("journal.candles", **asked)
    frame = Frame("trade", told.slot, described(visit, told), language=visit.tongue.language, zone="UTC")
    chart = trade_chart(visit, told, candles, frame, marks_of(visit, told, candles)) if candles.rows else ""
    return {
        "told": told,
        "asked": asked,
        "chart": chart,
        "keys": [legend_key(line) for line in range(1, 5)],
        "is_kept": "kept" in visit.query,
        "errors": [],
        "idea_word": _ideas(visit),
        **words.of(visit),
    }


def _ideas(visit: Visit) -> Callable[[str], str]:
    """Return what says the kinds of facts that a strategy reads in words; what a person wrote stays as it is."""
    named = {"news": visit.text("News"), "sentiment": visit.text("Sentiment"), "macro": visit.text("Economy")}
    return lambda source: ", ".join(named.get(one, one) for one in source.split(", "))


def write(visit: Visit, form: Mapping[str, str]) -> Response:
    """Keep what was written, and show the trade again; what was typed stays where another tab was quicker."""
    trade, account = form.get("trade", ""), form.get("account", "")
    tags = [tag.strip() for tag in form.get("tags", "").split(",") if tag.strip()]
    revision = form.get("revision", "")

    def values(visit: Visit) -> Mapping[str, Any]:
        shown = show_one(visit)
        typed = {"note": form.get("note", ""), "tags": tags, "own_source": form.get("source", "")}
        return {**shown, "told": shown["told"].model_copy(update=typed)}

    def work() -> Response:
        visit.ask(
            "journal.write",
            account=account,
            trade=trade,
            note=form.get("note", ""),
            tags=tags,
            source=form.get("source", ""),
            revision=revision if revision.isdecimal() else None,
        )
        return go(f"/journal/{trade}", account=account, kept="1")

    there = replace(
        visit, path=f"/journal/{trade}", params={**visit.params, "trade": trade}, query={"account": account}
    )
    return tried(there, pages()["journal_trade"], work, values, "note")


PAGES = (
    Page(
        name="journal",
        path="/journal",
        title="Journal",
        description="Every closed trade with its plan and what came of it, notes and tags, and what they say together.",
        show=show,
    ),
    Page(
        name="journal_trade",
        path="/journal/{trade}",
        title="Trade",
        description="One closed trade: plan against fact, its bars, the criteria that held, what else could have been.",
        show=show_one,
        template="trade.html",
        acts={"/journal/write": write},
    ),
)
