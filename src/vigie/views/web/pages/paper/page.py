"""A paper account prepared in plain words: what it trades, with how much invented money, and how it is begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.views.web.answering import go, once, tried
from vigie.views.web.page import Page
from vigie.views.web.pages.markets.bounds import number_of
from vigie.views.web.visit import Visit

TIMEFRAMES: Final = ("native", "15m", "1h", "4h", "1d")
_USUAL: Final = {
    "name": "first",
    "place": "",
    "strategy": "ema_cross",
    "timeframe": "native",
    "capital": "10000",
}


def show(visit: Visit) -> dict[str, Any]:
    """Ask for what can be traded, and by which strategies."""
    rows = visit.ask("markets.list", limit=500).rows
    places = [
        (row["instrument"], f"{row['name']} ({row['symbol']})")
        for row in rows
        if (row["instrument"] or "").endswith("-perp")
    ]
    strategies = [row for row in visit.ask("strategies.list").rows if not row["problem"]]
    return {
        "places": places,
        # By its name, as a backtest is ordered: its title has one language.
        "strategies": [(row["name"], row["name"]) for row in strategies],
        "timeframes": [
            (name, visit.text("the strategy's own") if name == "native" else name) for name in TIMEFRAMES
        ],
        "may": visit.caller.may("trade"),
        "given": dict(_USUAL),
        "made": None,
        "papers": visit.ask("trading.papers"),
        "done": visit.query.get("done", ""),
        "errors": [],
    }


def prepare(visit: Visit, form: Mapping[str, str]) -> Response:
    """Write the run file, and say how the account is begun."""
    given = {name: form.get(name, usual).strip() for name, usual in _USUAL.items()}

    def values(visit: Visit) -> dict[str, Any]:
        return {**show(visit), "given": given}

    def work() -> Response:
        made = visit.ask("trading.prepare_paper", **{**given, "capital": number_of(given["capital"])})
        return once(visit, PAGES[0], {**values(visit), "made": made})

    return tried(visit, PAGES[0], work, values, "name")


def begin(visit: Visit, form: Mapping[str, str]) -> Response:
    """Have a prepared account traded."""

    def work() -> Response:
        visit.ask("trading.begin_paper", name=form.get("name", ""))
        return go("/trading/paper", done="begun")

    return tried(visit, PAGES[0], work, show)


def end(visit: Visit, form: Mapping[str, str]) -> Response:
    """End the process of an account that was begun from a page."""

    def work() -> Response:
        visit.ask("trading.end_paper", name=form.get("name", ""))
        return go("/trading/paper", done="ended")

    return tried(visit, PAGES[0], work, show)


PAGES = (
    Page(
        name="paper",
        path="/trading/paper",
        title="Begin a paper account",
        description="Try a strategy with invented money: choose what it trades, and begin the account.",
        show=show,
        acts={"/trading/paper": prepare, "/trading/paper/begin": begin, "/trading/paper/end": end},
        folder="paper",
    ),
)
