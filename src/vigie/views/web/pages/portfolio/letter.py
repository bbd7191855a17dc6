"""The letter about what a person owns: a week or a month in sentences, and the same as a PDF."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from itertools import groupby
from typing import Final

from starlette.responses import Response

from vigie.catalogue import complete_language
from vigie.services.holdings.letter_rows import HoldingLetterTable
from vigie.services.holdings.letter_words import TEXTS
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.portfolio.own_currency import chosen_currency
from vigie.views.web.request_context import RequestContext

NAME: Final = "portfolio-letter"
SPANS: Final = ("week", "month")
_LONGEST: Final = 40


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for the letter of a span and a last day, in the visitor's language."""
    return _values(context, _asked(context))


def _values(context: RequestContext, asked: dict[str, object]) -> dict[str, object]:
    told: HoldingLetterTable = context.call("holdings.letter", **asked)
    text = context.text
    return {
        "told": told,
        "asked": asked,
        "parts": {part: list(rows) for part, rows in groupby(told.rows, key=lambda row: row.part)},
        "texts": TEXTS[told.language],
        "span_words": {"week": text("1 week"), "month": text("1 month")},
        "may_write": context.caller.may("write"),
        "is_sent": context.query.get("done", "") == "sent",
        "plan": context.call("holdings.letter_schedule") if context.caller.may("write") else None,
        "days": _days(context),
        "errors": [],
    }


def schedule(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Have the letter mailed on a day of each week or month, or no more."""
    asked = _asked(context, form)

    def work() -> Response:
        is_on = "off" not in form
        day = form.get("day", "")[:_LONGEST]
        timing = {
            "span": "month" if day.isdigit() else "week",
            "day": day,
            "at": form.get("at", "")[:_LONGEST],
        }
        chosen = {name: value for name, value in timing.items() if value}
        context.call("holdings.schedule_letter", is_on=is_on, language=asked["language"], **chosen)
        return redirect("/portfolio/letter", done="on" if is_on else "off")

    return handle_form(context, pages()[NAME], work, lambda shown: _values(shown, asked))


def _days(context: RequestContext) -> list[tuple[str, str]]:
    text = context.text
    return [
        ("monday", text("Each Monday")),
        ("tuesday", text("Each Tuesday")),
        ("wednesday", text("Each Wednesday")),
        ("thursday", text("Each Thursday")),
        ("friday", text("Each Friday")),
        ("saturday", text("Each Saturday")),
        ("sunday", text("Each Sunday")),
        ("1", text("First day of each month")),
        *((str(day), text("Day %(day)s of each month") % {"day": day}) for day in range(2, 29)),
    ]


def send_pdf(context: RequestContext) -> Response:
    """Give the letter as a PDF."""
    told = context.call("holdings.letter_pdf", **_asked(context))
    headers = {"Content-Disposition": f'attachment; filename="{told.name}"'}
    return Response(b64decode(told.content), media_type="application/pdf", headers=headers)


def send(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Mail the letter now."""
    asked = _asked(context, form)

    def work() -> Response:
        context.call("holdings.send_letter", **asked)
        chosen = {name: str(asked[name]) for name in ("span", "last") if asked[name]}
        return redirect("/portfolio/letter", done="sent", **chosen)

    return handle_form(context, pages()[NAME], work, lambda shown: _values(shown, asked))


def _asked(context: RequestContext, given: Mapping[str, str] | None = None) -> dict[str, object]:
    values = context.query if given is None else given
    span = values.get("span", "")
    return {
        "span": span if span in SPANS else "week",
        "last": values.get("last", "")[:_LONGEST],
        "currency": chosen_currency(context),
        "language": complete_language(context.lang.language),
    }


LETTER_PDF: Final = Page(
    name="portfolio-letter-pdf",
    path="/portfolio/letter.pdf",
    title="Portfolio letter as PDF",
    description="A week or a month of what you own as an accessible PDF.",
    show=send_pdf,
    is_in_menu=False,
)
LETTER_PAGE: Final = Page(
    name=NAME,
    path="/portfolio/letter",
    title="Portfolio letter",
    description="A week or a month of what you own in sentences, with one lesson and one thing to do.",
    show=show,
    template="letter.html",
    actions={"/portfolio/letter/send": send, "/portfolio/letter/plan": schedule},
)
