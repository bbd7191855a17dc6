"""The tax file of a year: what is missing, sums and boxes, each sale line by line, and the same as files."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from starlette.responses import Response

from vigie.catalogue import complete_language
from vigie.domain.errors import UsageError
from vigie.domain.pasted_secrets import PastedSecret
from vigie.domain.refusal import Refusal
from vigie.domain.time import parse_time
from vigie.intelligence.market.words import normalize_number
from vigie.services.holdings.tax_openings import OPENING_NAMES
from vigie.services.holdings.tax_rows import WHOLE_LINES, HoldingTaxRow, HoldingTaxTable, whole_money
from vigie.services.holdings.tax_words import PARTS, TEXTS
from vigie.services.operations.holding_tax import refuse_secret_places, years_with_rules
from vigie.views.web.form_responses import handle_form, redirect, render_form_error
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.portfolio.tax_csv import tax_csv
from vigie.views.web.request_context import RequestContext

NAME: Final = "portfolio-tax"
PATH: Final = "/portfolio/tax"
COUNTRIES: Final = ("FR", "DE")
_LONGEST: Final = 1_000
_LONGEST_AMOUNT: Final = 60
_SECRET_SENT: Final = Refusal(
    "tax_secret_abroad",
    "a place abroad looked like a seed phrase or a private key: Vigie did not keep it, but it stood in this page’s "
    "address; delete that from your browser’s history, and move the coins to new keys",
)


def show(context: RequestContext) -> Mapping[str, object] | Response:
    """Ask for the file of a country and a year, in the visitor's language."""
    asked = _asked(context, context.query)
    if led_on := _without_secret(asked):
        return led_on
    try:
        return _values(context, asked)
    except UsageError as fault:
        if asked["year"] in years_with_rules(str(asked["country"])):
            raise
        return render_form_error(context, pages()[NAME], _values_without_rules(context, asked), fault, "year")


def enter_openings(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep what is carried into a year from before; what was typed stays where it is refused."""
    asked = _asked(context, form)
    if led_on := _without_secret(asked):
        return led_on
    names = [name for name in OPENING_NAMES[str(asked["country"])] if name in form]
    typed = {name: form[name].strip()[:_LONGEST_AMOUNT] for name in names}

    def work() -> Response:
        amounts = {name: normalize_number(one, context.lang.language) for name, one in typed.items()}
        context.call("holdings.enter_openings", year=asked["year"], **amounts)
        chosen = {name: asked[name] for name in ("country", "year", "abroad") if asked[name]}
        return redirect(PATH, done="entered", **chosen)

    def values(shown: RequestContext) -> Mapping[str, object]:
        has_rules = asked["year"] in years_with_rules(str(asked["country"]))
        return _values(shown, asked, typed) if has_rules else _values_without_rules(shown, asked)

    return handle_form(context, pages()[NAME], work, values)


def _without_secret(asked: Mapping[str, object]) -> Response | None:
    """Lead on to an address without the secret that this one holds: a page repeats its address in its links."""
    try:
        refuse_secret_places(str(asked["abroad"]))
    except PastedSecret:
        return redirect(PATH, country=asked["country"], year=asked["year"], refused="abroad")
    return None


def _values(
    context: RequestContext, asked: Mapping[str, object], typed: Mapping[str, str] | None = None
) -> dict[str, object]:
    language = complete_language(context.lang.language)
    told: HoldingTaxTable = context.call("holdings.tax", **asked)
    parts = {
        part: _table(told, rows) for part in PARTS if (rows := [row for row in told.rows if row.part == part])
    }
    return {
        "told": told,
        "asked": asked,
        "parts": parts,
        "texts": TEXTS[language],
        "sales": _sales(told) if "sale" in parts else [],
        "names": _names(context),
        "whole_lines": WHOLE_LINES,
        "whole_money": lambda exact: whole_money(exact, language),
        "parse_day": parse_time,
        **_opening_values(context, asked, typed),
    }


def _values_without_rules(context: RequestContext, asked: Mapping[str, object]) -> dict[str, object]:
    """Return what the page shows of a year without figures: the form as it was filled, and the years that have some."""
    return {
        "told": None,
        "asked": asked,
        "years": years_with_rules(str(asked["country"])),
        "texts": TEXTS[complete_language(context.lang.language)],
        **_opening_values(context, asked, None),
    }


def _opening_values(
    context: RequestContext, asked: Mapping[str, object], typed: Mapping[str, str] | None
) -> dict[str, object]:
    """Return the form of what is carried from before, with what was entered for the year."""
    kept = next(
        (row for row in context.call("holdings.tax_openings").rows if row.year == asked["year"]), None
    )
    names = OPENING_NAMES[str(asked["country"])]
    entered = {name: getattr(kept, name) if kept else "" for name in names}
    return {
        "carried": entered if typed is None else {**entered, **typed},
        "may_write": context.caller.may("write"),
        "is_entered": context.query.get("done", "") == "entered",
        "errors": [("", _SECRET_SENT)] if context.query.get("refused", "") == "abroad" else [],
    }


def send_pdf(context: RequestContext) -> Response:
    """Give the file as a PDF."""
    asked = _asked(context, context.query)
    if led_on := _without_secret(asked):
        return led_on
    told = context.call("holdings.tax_pdf", **asked)
    headers = {"Content-Disposition": f'attachment; filename="{told.name}"'}
    return Response(b64decode(told.content), media_type="application/pdf", headers=headers)


def send_csv(context: RequestContext) -> Response:
    """Give the file as CSV in the visitor's language."""
    asked = _asked(context, context.query)
    if led_on := _without_secret(asked):
        return led_on
    told = context.call("holdings.tax", **asked)
    content = tax_csv(context, told, str(asked["language"]), _names(context))
    name = f"vigie-{told.country.lower()}-{told.year}-{asked['language']}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _asked(context: RequestContext, given: Mapping[str, str]) -> dict[str, object]:
    today = context.call("holdings.worth").day
    country = given.get("country", "")
    year = given.get("year", "")
    return {
        "country": country if country in COUNTRIES else "FR",
        "year": int(year) if year.isdecimal() and len(year) == 4 else int(today[:4]) - 1,
        "abroad": given.get("abroad", "")[:_LONGEST],
        "language": complete_language(context.lang.language),
    }


def _table(told: HoldingTaxTable, rows: Sequence[HoldingTaxRow]) -> HoldingTaxTable:
    return told.model_copy(update={"rows": list(rows), "total": None})


def _sales(told: HoldingTaxTable) -> list[tuple[HoldingTaxRow, HoldingTaxTable]]:
    """Return each sale with its lines."""
    rows = [row for row in told.rows if row.part == "sale" and row.event]
    grouped = [list(group) for _, group in groupby(rows, key=lambda row: row.event)]
    return [(group[-1], _table(told, group)) for group in grouped]


def _names(context: RequestContext) -> dict[str, str]:
    # A line whose coin is still to be chosen has none: its name is not that of every empty cell.
    return {row.asset: row.name for row in context.call("holdings.list").rows if row.asset}


TAX_PDF: Final = Page(
    name="portfolio-tax-pdf",
    path="/portfolio/tax.pdf",
    title="Tax file as PDF",
    description="A year's figures for the tax form as an accessible PDF.",
    show=send_pdf,
    is_in_menu=False,
)
TAX_CSV: Final = Page(
    name="portfolio-tax-csv",
    path="/portfolio/tax.csv",
    title="Tax file as CSV",
    description="A year's figures for the tax form as CSV, with words and decimal mark of your language.",
    show=send_csv,
    is_in_menu=False,
)
TAX_PAGE: Final = Page(
    name=NAME,
    path=PATH,
    title="Tax file",
    description="A year's figures for the tax form, line by line, with how each came about.",
    show=show,
    template="tax.html",
    actions={f"{PATH}/openings": enter_openings},
)
