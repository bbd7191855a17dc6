"""On-chain and market-wide figures: cards, the chart of formulas, and every series there is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.services.operation import Table
from vigie.views.drawing.frame import Frame
from vigie.views.web.page import Page
from vigie.views.web.pages.asset import happened
from vigie.views.web.pages.onchain.building import built
from vigie.views.web.pages.onchain.charts import charts_of, marked_of, subject_of
from vigie.views.web.pages.onchain.defi import show_defi
from vigie.views.web.visit import Visit

TWIN_ROWS: Final = 60
CATALOG_ROWS: Final = 50
TOPICS: Final = (
    "onchain",
    "market",
    "derivatives",
    "defi",
    "stablecoins",
    "sentiment",
    "volatility",
    "fx",
    "macro",
)
# Formulas that a first visit may begin with.
EXAMPLES: Final = (
    ("ratio(market/bitcoin/cap_usd,stablecoins/total/supply_usd)", ""),
    ("index(market/bitcoin/price_usd)", "index(market/ethereum/price_usd)"),
    ("zscore(onchain/bitcoin/cap_mvrv_cur,365d)", ""),
    ("market/bitcoin/price_usd", "onchain/bitcoin/adr_act_cnt"),
)


def show_cards(visit: Visit) -> Mapping[str, Any]:
    """Ask for the cards of the asset in the address."""
    asset = visit.query.get("asset") or "bitcoin"
    answer = visit.ask("onchain.cards", asset=asset, as_of=visit.as_of)
    groups: dict[str, list[Any]] = {}
    for card in answer.cards:
        groups.setdefault(card.group, []).append(card)
    return {
        "answer": answer, "groups": groups,
        "flagged": sorted({card.source_title for card in answer.cards if card.is_non_commercial}),
        "now": visit.as_of or visit.now,
    }  # fmt: skip


def show_chart(visit: Visit) -> Mapping[str, Any] | Response:
    """Draw the formulas of the address; the form's fields become a formula in the address first."""
    query = visit.query
    if "first" in query or "second" in query:
        f, g = built(query)
        kept = {"f": f, "g": g, **{key: query.get(key, "") for key in ("days", "joined", "as_of")}}
        address = urlencode({key: value for key, value in kept.items() if value}, safe="/(),:")
        return RedirectResponse(f"/onchain/chart?{address}", 303)
    answer, error = None, ""
    if query.get("f"):
        given = {key: query[key] for key in ("f", "g", "days", "joined") if query.get(key)}
        try:
            answer = visit.ask("onchain.formula", **given, as_of=visit.as_of)
        except (UsageError, NotFound) as fault:
            error = str(fault)
    told = marked_of(visit, answer) if answer else {"marked": None, "marks_query": {}, "marks_on": False}
    marks = happened.marks_of(visit, told["marked"])
    drawn = (
        charts_of(visit, answer, lambda *said: _frame(visit, *said), marks, happened.TWIN) if answer else []
    )
    series = [name for line in answer.lines for name in line.series] if answer else []
    picture = {key: query.get(key) for key in ("f", "g", "days", "joined")}
    return {
        **told, "answer": answer, "error": error, "drawn": drawn, "twin": _twin(answer) if answer else None,
        "days": query.get("days", "365"), "first": series[0] if series else "",
        "second": series[1] if len(series) > 1 else "",
        "known": _known(visit), "examples": EXAMPLES,
        "exports": {key: value for key, value in {**picture, "as_of": visit.as_of}.items() if value},
    }  # fmt: skip


def _frame(visit: Visit, name: str, title: str, said: str) -> Frame:
    return Frame(name, title, said, visit.tongue.language, visit.tongue.zone)


def _twin(answer: Any) -> Table:
    """Return the newest rows, newest first: the chart as a table."""
    units = {line.key: line for line in answer.lines}
    columns = [
        column.model_copy(
            update={"unit": units[column.name].unit or "index", "title": units[column.name].formula}
        )
        if column.name in units
        else column
        for column in answer.columns
    ]
    return Table(
        columns=columns, rows=answer.rows[::-1][:TWIN_ROWS], origins=answer.origins, total=answer.total
    )


def _known(visit: Visit) -> list[tuple[str, str]]:
    """Return (id, title) of the series that are offered while typing: the most useful ones, not all."""
    found = []
    for topic in ("onchain", "sentiment", "macro", "stablecoins", "defi", "volatility"):
        for row in visit.ask("onchain.catalog", topic=topic, limit=500, as_of=visit.as_of).rows:
            if topic != "onchain" or row["subject"] in ("bitcoin", "ethereum"):
                found.append((row["series"], row["title"]))
    for row in visit.ask("onchain.catalog", topic="market", limit=500, as_of=visit.as_of).rows:
        if row["subject"] in ("global", "bitcoin", "ethereum", "solana"):
            found.append((row["series"], row["title"]))
    return found[:90]


def show_series(visit: Visit) -> Mapping[str, Any]:
    """Ask for a page of the catalogue."""
    query = visit.query
    cursor = int(query["cursor"]) if query.get("cursor", "").isdecimal() and len(query["cursor"]) < 7 else 0
    topic = query.get("topic", "") if query.get("topic") in TOPICS else ""
    asked = {"find": query.get("find", "")[:100], "topic": topic, "as_of": visit.as_of}
    exports = {name: value for name, value in asked.items() if value not in (None, "")}
    table = visit.ask("onchain.catalog", **exports, cursor=cursor, limit=CATALOG_ROWS)
    return {
        "table": table,
        "exports": exports,
        "topic": topic,
        "topics": TOPICS,
        "cursor": cursor,
        "rows_of_page": CATALOG_ROWS,
        "subject_of": partial(subject_of, visit),
    }


PAGES = (
    Page(
        name="onchain",
        path="/onchain",
        title="On-chain",
        description="Metrics of a chain or of the whole market, each with definition, formula, source, delay and age.",
        show=show_cards,
        is_dated=True,
    ),
    Page(
        name="onchain_defi",
        path="/onchain/defi",
        title="DeFi",
        description="Value locked by chain and protocol, DEX volume, fees, yields, stablecoins and their pegs.",
        show=show_defi,
        is_dated=True,
        template="defi.html",
    ),
    Page(
        name="onchain_chart",
        path="/onchain/chart",
        title="Chart of series",
        description="Any two series on one chart: ratio, index, moving average, log or z-score; the address keeps it.",
        show=show_chart,
        is_dated=True,
        template="chart.html",
    ),
    Page(
        name="onchain_series",
        path="/onchain/series",
        title="Series",
        description="Every series that is known here with its unit, definition, source, delay and licence.",
        show=show_series,
        is_dated=True,
        template="series.html",
    ),
)
