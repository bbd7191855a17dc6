"""What platforms reported of a year: a statement is seen before it is kept, and set beside own lines."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from starlette.responses import Response

from vigie.catalogue import complete_language
from vigie.domain.errors import UsageError
from vigie.domain.reported import CATEGORIES
from vigie.domain.time import iso, parse_time
from vigie.services.holdings.reported_file import HEADERS
from vigie.services.holdings.reported_rows import ReportedDifferenceRow, ReportedTable
from vigie.services.holdings.reported_words import TEXTS
from vigie.views.web.form_responses import handle_file, handle_form, redirect
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.portfolio.file_fields import columns_and_coins, file_fields
from vigie.views.web.request_context import RequestContext

NAME: Final = "portfolio-reported"
PATH: Final = "/portfolio/reported"
ROWS: Final = 20
LINES: Final = 8
_CENT: Final = Decimal("0.01")
_OPTIONS: Final = ("year", "place", "mark", "replace_changed")
_MARKS: Final = {"good": ("equal", "rounded"), "warn": ("different", "only_reported", "only_own")}
_BADGES: Final = {status: badge for badge, statuses in _MARKS.items() for status in statuses}


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the statements, and for the reconciliation of a year."""
    language = complete_language(context.lang.language)
    typed = context.query.get("year", "")
    year = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) == 4 else 0
    asked = {"year": year if 2009 <= year <= 2100 else 0, "language": language}
    told: ReportedTable = context.call("holdings.reported", **asked)
    page = _page(context.query.get("page", ""), len(told.rows))
    rows = told.rows[(page - 1) * ROWS : page * ROWS]
    return {
        "told": told,
        "table": told.model_copy(update={"rows": rows, "total": len(rows)}),
        "shown_page": page,
        "is_last": page * ROWS >= len(told.rows),
        "asked": {**asked, "year": told.year},
        "texts": TEXTS[language],
        "badges": _BADGES,
        "most_lines": LINES,
        "amount_of": lambda amount, currency: _amount(context, amount, currency),
        "line_word": lambda row, kind: _line_word(context, row, kind),
        "parse_day": parse_time,
        "columns": tuple(HEADERS),
        "categories": CATEGORIES,
        # Statements are of the year before.
        "last_year": str(int(iso(context.now)[:4]) - 1),
        "may_write": context.caller.may("write"),
        "is_removed": context.query.get("done", "") == "removed",
        "is_kept": context.query.get("done", "") == "kept",
        "plan": None,
        "text": "",
        "imported": {},
        "errors": [],
        "encoding": "",
    }


def _page(typed: str, rows: int) -> int:
    number = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) <= 4 else 1
    return max(1, min(number, -(-rows // ROWS)))


def _amount(context: RequestContext, amount: str, currency: str) -> str:
    """Return an amount in cents: more digits are of its making, and the file keeps them."""
    cents = Decimal(amount).quantize(_CENT, ROUND_HALF_UP)
    return f"{context.lang.digits(f'{cents:f}')} {currency}"


def _line_word(context: RequestContext, row: ReportedDifferenceRow, kind: str) -> str:
    """Return what happened in a line, as the portfolio names it."""
    text = context.text
    if kind == "gift":
        return text("gift received") if row.category == "transfer_in" else text("gift made")
    return {
        "buy": text("bought"),
        "sell": text("sold"),
        "swap": text("swapped"),
        "transfer": text("moved"),
        "income": text("earned"),
        "fee": text("paid as a fee"),
        "loss": text("lost"),
        "fork": text("chain split"),
    }.get(kind, kind)


def import_statement(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Show what a statement would add, and keep it once that was seen."""
    imported = file_fields(form, _OPTIONS)
    return handle_file(
        context,
        pages()[NAME],
        show,
        form,
        imported,
        lambda text, is_dry: context.call(
            "holdings.import_reported", text=text, dry_run=is_dry, **_options(imported)
        ),
        lambda plan: redirect(PATH, year=plan.year, done="kept"),
    )


def _options(imported: Mapping[str, str]) -> dict[str, object]:
    """Return how a statement is meant, as the operation takes it."""
    year = imported.get("year", "").strip()
    if not (year.isdecimal() and year.isascii() and len(year) == 4):
        raise UsageError(
            "reported_which_year", "say the year of the statement, such as 2026, was {text}", text=year[:20]
        )
    return {
        "year": int(year),
        "place": imported.get("place", "").strip(),
        "mark": imported.get("mark", "").strip(),
        **columns_and_coins(imported),
        "replace_changed": "replace_changed" in imported,
    }


def remove(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Remove a statement."""

    def work() -> Response:
        context.call("holdings.remove_reported", reported_statement=form.get("statement", "")[:20])
        return redirect(PATH, done="removed")

    return handle_form(context, pages()[NAME], work, show)


REPORTED_PAGE: Final = Page(
    name=NAME,
    path=PATH,
    title="Reported by platforms",
    description="What platforms reported of you to the tax authority, beside your own lines.",
    show=show,
    template="reported.html",
    actions={f"{PATH}/import": import_statement, f"{PATH}/remove": remove},
    files={f"{PATH}/import": "file"},
    is_in_menu=False,
)
