"""Portfolio: what a person owns, what it is worth, and what it brought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.services.holdings.day_prices import day_of
from vigie.services.holdings.entries import parse_day
from vigie.services.holdings.holding_rows import HoldingCoinRow, HoldingEntryRow, HoldingPositionTable
from vigie.services.holdings.notice_text import notice_text
from vigie.services.holdings.typed_values import plain_values
from vigie.services.news.news_rows import TopStoryRow
from vigie.services.operation import Table
from vigie.services.random_tokens import random_token
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.news import words as news_words
from vigie.views.web.pages.portfolio import files
from vigie.views.web.pages.portfolio.addresses import ADDRESSES_PAGE
from vigie.views.web.pages.portfolio.charts import POINTS, worth_chart
from vigie.views.web.pages.portfolio.letter import LETTER_PAGE, LETTER_PDF
from vigie.views.web.pages.portfolio.own_currency import chosen_currency, form_currency
from vigie.views.web.pages.portfolio.reported import REPORTED_PAGE
from vigie.views.web.pages.portfolio.sharing import SHARED_PAGE, SHARING_PAGE
from vigie.views.web.pages.portfolio.tax import TAX_CSV, TAX_PAGE, TAX_PDF
from vigie.views.web.pages.portfolio.valued import moved_values, valued_values
from vigie.views.web.pages.portfolio.words import PortfolioWords, template_functions
from vigie.views.web.request_context import RequestContext

NAME: Final = "portfolio"
NEWEST: Final = 20
# News of so many coins, those of most worth, and so many stories.
NEWS_COINS: Final = 3
STORIES: Final = 5
DATES: Final = 3
# More lines than this are asked about later.
OPEN_LINES: Final = 5
TYPED: Final = (
    "coin", "quantity", "kind", "day", "amount", "fee", "currency", "place",
    "fee_coin", "to_coin", "to_quantity", "to_place", "sort", "way",
    "product", "product_form", "yearly_fee", "spread",
)  # fmt: skip
OWN_SETTINGS: Final = ("share_limit", "lot_method", "lot_queue")
_DONE: Final = ("known", "undone", "settings", "removed")


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for what is owned, and for the line that is to be corrected."""
    edited = context.query.get("edit", "")[:20]
    row = context.call("holdings.list", holding=edited).rows[0] if edited else None
    return _values(context, _given_of(row) if row else None, row)


def _empty(currency: str) -> dict[str, str]:
    return {**dict.fromkeys(TYPED, ""), "kind": "buy", "currency": currency, "entry": "", "version": ""}


def _given_of(row: HoldingEntryRow) -> dict[str, str]:
    return {
        "coin": row.asset or row.typed, "quantity": row.quantity, "kind": row.kind,
        "day": row.day if row.is_dated else "",
        "amount": row.amount or "", "fee": row.fee or "", "currency": row.currency or "EUR", "place": row.place,
        "fee_coin": row.fee_coin, "to_coin": row.to_asset, "to_quantity": row.to_quantity, "to_place": row.to_place,
        "sort": row.sort, "way": row.way,
        "product": row.product, "product_form": row.product_form, "yearly_fee": _percent_text(row.yearly_fee),
        "spread": _percent_text(row.spread), "entry": row.entry, "version": row.version,
    }  # fmt: skip


def _percent_text(fraction: float | None) -> str:
    return f"{fraction * 100:.6g}" if fraction else ""


def _values(
    context: RequestContext, given: Mapping[str, str] | None, edited: HoldingEntryRow | None = None
) -> dict[str, object]:
    """Return what the page shows beside a form with what was typed in it."""
    told = context.call("holdings.worth", currency=chosen_currency(context))
    positions = context.call("holdings.positions", currency=told.currency)
    cursor = context.query.get("cursor", "")[:6]
    lines = context.call("holdings.list", limit=NEWEST, cursor=cursor if cursor.isdecimal() else "")
    history = context.call("holdings.history", currency=told.currency, points=POINTS)
    svg, keys = worth_chart(context, history)
    done = context.query.get("done", "")
    return {
        "told": told,
        "positions": positions,
        "lines": lines,
        "asked_coins": _asked_coins(context) if told.open_lines else [],
        "proposed": context.call("holdings.transfers").total or 0,
        "svg": svg,
        "keys": keys,
        "asked": {"currency": told.currency},
        "given": given or _empty(form_currency(context, told.currency, has_lines=bool(lines.total))),
        "edited": edited,
        "coins": None,
        "coins_day": "",
        "new_id": f"e{random_token(12)}",
        "done": done if done in _DONE else "",
        "batch": context.query.get("batch", "")[:20],
        **_noted_values(context),
        "own": context.call("settings.read").values,
        "may_write": context.caller.may("write"),
        "errors": [],
        **valued_values(context, positions.rows),
        **moved_values(context),
        **_news_values(context, positions),
        **template_functions(PortfolioWords(context, told, positions.rows)),
    }


def is_of_several(story: TopStoryRow) -> bool:
    """Tell whether a story is about several coins: of one it is plain why it is here."""
    return "," in story.assets


def _noted_values(context: RequestContext) -> dict[str, str]:
    """Return the line that was saved, and what is to be known of it: asked as if it were added anew."""
    saved = context.query.get("saved", "")[:20]
    if not saved or not context.caller.may("write"):
        return {"saved": "", "noted": ""}
    try:
        (row,) = context.call("holdings.list", holding=saved).rows
    except UsageError:
        # An address of before: the line was removed meanwhile, and nothing is to be known of it.
        return {"saved": "", "noted": ""}
    given = {name: value for name, value in _given_of(row).items() if name in TYPED}
    told = context.call("holdings.add", dry_run=True, may_stay_open=True, **given)
    return {"saved": saved, "noted": notice_text(told.noted, context.lang.language)}


def _news_values(context: RequestContext, positions: HoldingPositionTable) -> dict[str, object]:
    """Return the newest stories about the coins of most worth, and the next dates of regulation."""
    names = {row.underlying: row.symbol or row.underlying for row in positions.rows}
    stories: dict[str, TopStoryRow] = {}
    owned: dict[str, list[str]] = {}
    for coin in list(names)[:NEWS_COINS]:
        table = context.call(
            "stories.top",
            asset=coin,
            period="1m",
            least=1,
            limit=STORIES,
            language=context.lang.content_language,
        )
        stories.update({story.story: story for story in table.rows})
        for story in filter(is_of_several, table.rows):
            owned.setdefault(story.story, []).append(names[coin])
    newest = sorted(stories.values(), key=lambda story: -story.ts_first)[:STORIES]
    dates = (
        [row for row in context.call("regulation.calendar").rows if row.ts >= context.now]
        if positions.rows
        else []
    )
    return {
        "stories": newest,
        "story_coins": {story.story: owned.get(story.story, []) for story in newest},
        "dates": dates[:DATES],
        **news_words.label_values(context),
    }


def _typed(context: RequestContext, form: Mapping[str, str]) -> dict[str, str]:
    """Return the form as an operation takes it: numbers with a point."""
    given = {name: form.get(name, "").strip() for name in TYPED}
    return plain_values({name: value for name, value in given.items() if value}, context.lang.language)


def save(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add a line, or correct one; what was typed stays where it is refused, and a shared name is asked."""
    given = {name: form.get(name, "")[:80] for name in (*TYPED, "entry", "version")}
    # A coin that was chosen from several stands in the place of what was typed.
    chosen = form.get("chosen", "")
    if chosen:
        given["coin"] = chosen

    def work() -> Response:
        values = {"coin": "", "quantity": "", **_typed(context, {**form, "coin": given["coin"]})}
        if given["entry"]:
            kept = context.call("holdings.change", holding=given["entry"], version=given["version"], **values)
            return redirect("/portfolio", batch=kept.batch, saved=kept.entry)
        may_stay_open = bool(form.get("later"))
        added = context.call(
            "holdings.add", new_id=form.get("new_id", ""), may_stay_open=may_stay_open, **values
        )
        return redirect(
            "/portfolio",
            **({"batch": added.batch, "saved": added.entry} if added.added else {"done": "known"}),
        )

    def values(context: RequestContext) -> dict[str, object]:
        day = _past_day(context, given["day"])
        shown = {**_values(context, given), "coins": _coins(context, given["coin"], day), "coins_day": day}
        return {**shown, "new_id": form.get("new_id", "") or shown["new_id"]}

    return handle_form(context, pages()[NAME], work, values, "coin")


def _past_day(context: RequestContext, typed: str) -> str:
    """Return a day that is over, as it was typed; empty for anything else."""
    try:
        day = parse_day(typed, day_of(context.now)).isoformat()
    except UsageError:
        return ""
    return day if typed.strip() and day < day_of(context.now).isoformat() else ""


def _coins(context: RequestContext, typed: str, day: str) -> Table[HoldingCoinRow] | None:
    """Return the coins of a name that several have; None where it means one, or none."""
    try:
        table: Table[HoldingCoinRow] | None = (
            context.call("holdings.coins", coin=typed, day=day) if typed.strip() else None
        )
    except UsageError:
        # Why it means none stands above the form already.
        return None
    return table if table is not None and len(table.rows) > 1 else None


def _asked_coins(context: RequestContext) -> list[tuple[HoldingEntryRow, list[HoldingCoinRow]]]:
    """Return the lines whose coin is to be chosen, the newest first, each with the coins it may mean."""
    rows = [row for row in context.call("holdings.list").rows if row.typed][:OPEN_LINES]
    return [
        (
            row,
            context.call("holdings.coins", coin=row.typed, day=row.day if row.is_dated else "").rows,
        )
        for row in rows
    ]


def resolve(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Choose the coin of a line whose name several share."""

    def work() -> Response:
        names = ("holding", "asset", "version")
        chosen = context.call("holdings.resolve", **{name: form.get(name, "") for name in names})
        return redirect("/portfolio", batch=chosen.batch)

    return handle_form(context, pages()[NAME], work, show)


def remove(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Remove a line; the next page offers to bring it back."""

    def work() -> Response:
        gone = context.call(
            "holdings.remove", holding=form.get("holding", ""), version=form.get("version", "")
        )
        return redirect("/portfolio", batch=gone.batch, done="removed")

    return handle_form(context, pages()[NAME], work, show)


def undo(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Undo what was added, corrected or removed last."""

    def work() -> Response:
        context.call("holdings.undo", holding_batch=form.get("holding_batch", ""))
        return redirect("/portfolio", done="undone")

    return handle_form(context, pages()[NAME], work, show)


def set_own(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Save the limit of a share, or which lots leave first."""

    def work() -> Response:
        given = {name: form[name].strip()[:10] for name in OWN_SETTINGS if name in form}
        context.call("settings.change", **given)
        return redirect("/portfolio", done="settings")

    return handle_form(context, pages()[NAME], work, show)


GROUP: Final = "portfolio"
PAGES = (
    Page(
        name=NAME,
        path="/portfolio",
        title="Portfolio",
        description="What you own, what it is worth, what it brought, and how much depends on one coin.",
        show=show,
        actions={
            "/portfolio/save": save,
            "/portfolio/resolve": resolve,
            "/portfolio/remove": remove,
            "/portfolio/undo": undo,
            "/portfolio/settings": set_own,
        },
    ),
    TAX_PAGE,
    TAX_PDF,
    TAX_CSV,
    LETTER_PAGE,
    LETTER_PDF,
    SHARING_PAGE,
    SHARED_PAGE,
    ADDRESSES_PAGE,
    REPORTED_PAGE,
    files.PAGE,
)
