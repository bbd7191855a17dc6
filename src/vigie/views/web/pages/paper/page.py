"""A paper account prepared in plain words: what it trades, with how much invented money, and how it is begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.account import Sizing
from vigie.intelligence.market.words import normalize_number
from vigie.views.web.form_responses import handle_form, redirect, render_uncached
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

TIMEFRAMES: Final = ("native", "15m", "1h", "4h", "1d")
_USUAL: Final = {
    "name": "first",
    "place": "",
    "strategy": "ema_cross",
    "timeframe": "native",
    "capital": f"{Sizing().capital:g}",
}


def show(context: RequestContext) -> dict[str, Any]:
    """Ask for what can be traded, and by which strategies."""
    rows = context.call("markets.list", limit=500).rows
    places = [
        (row["instrument"], f"{row['name']} ({row['symbol']})")
        for row in rows
        if (row["instrument"] or "").endswith("-perp")
    ]
    strategies = [row for row in context.call("strategies.list").rows if not row["problem"]]
    return {
        "places": places,
        # By its name, as a backtest is ordered: its title has one language.
        "strategies": [(row["name"], row["name"]) for row in strategies],
        "timeframes": [
            (name, context.text("the strategy's default") if name == "native" else name)
            for name in TIMEFRAMES
        ],
        "may": context.caller.may("trade"),
        "given": dict(_USUAL),
        "made": None,
        "papers": context.call("trading.papers"),
        "done": context.query.get("done", ""),
        "errors": [],
    }


def prepare_account(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Write the run file, and say how the account is begun."""
    inputs = {name: form.get(name, default).strip() for name, default in _USUAL.items()}

    def values(context: RequestContext) -> dict[str, Any]:
        return {**show(context), "given": inputs}

    def work() -> Response:
        prepared = context.call(
            "trading.prepare_paper",
            **{**inputs, "capital": normalize_number(inputs["capital"], context.lang.language)},
        )
        return render_uncached(context, PAGES[0], {**values(context), "made": prepared})

    return handle_form(context, PAGES[0], work, values, "name")


def start_account(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Have a prepared account traded."""

    def work() -> Response:
        context.call("trading.begin_paper", name=form.get("name", ""))
        return redirect("/trading/paper", done="begun")

    return handle_form(context, PAGES[0], work, show)


def stop_account(context: RequestContext, form: Mapping[str, str]) -> Response:
    """End the process of an account that was begun from a page."""

    def work() -> Response:
        context.call("trading.end_paper", name=form.get("name", ""))
        return redirect("/trading/paper", done="ended")

    return handle_form(context, PAGES[0], work, show)


GROUP: Final = "trading"
PAGES = (
    Page(
        name="paper",
        path="/trading/paper",
        title="Create a paper account",
        description="Try a strategy with virtual money: choose what to trade and start the account.",
        show=show,
        actions={
            "/trading/paper": prepare_account,
            "/trading/paper/begin": start_account,
            "/trading/paper/end": stop_account,
        },
        folder="paper",
    ),
)
