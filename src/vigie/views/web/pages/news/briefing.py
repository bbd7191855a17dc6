"""The weekly brief as a page, as files, by mail now, and by mail every week."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.time import zoned
from vigie.services.news.quoting import normalise_quotes, quotation_marks
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Page
from vigie.views.web.pages.news.brief_chart import week_chart
from vigie.views.web.request_context import RequestContext

_LONGEST: Final = 10
_WEEK: Final = timedelta(days=7)


def show(context: RequestContext) -> dict[str, Any]:
    """Ask for a week and for when it is mailed."""
    brief = _ask_week(context, "news.brief")
    return {
        "brief": brief,
        "charts": [
            week_chart(context, section.chart) if section.chart else None for section in brief.sections
        ],
        "quote_marks": quotation_marks(context.lang.content_language),
        "within": partial(normalise_quotes, reader_language=context.lang.content_language),
        "weeks": _neighbour_weeks(context, brief.week),
        "plan": context.call("news.brief_schedule"),
        "days": _days(context),
        "done": context.query.get("done", ""),
        "errors": [],
    }


def send_html(context: RequestContext) -> Response:
    """Give a week as one HTML file."""
    brief = _ask_week(context, "news.brief")
    return _file(
        brief.html.encode(),
        "text/html; charset=utf-8",
        f"vigie-{brief.week}-{context.lang.content_language}.html",
    )


def send_pdf(context: RequestContext) -> Response:
    """Give a week as a PDF."""
    brief_pdf = _ask_week(context, "news.brief_pdf")
    return _file(b64decode(brief_pdf.content), "application/pdf", brief_pdf.name)


def send(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Mail a week now."""

    def work() -> Response:
        sent = context.call(
            "news.send_brief", week=form.get("week", "")[:_LONGEST], language=context.lang.content_language
        )
        return redirect(PATH, done="sent", week=sent.week)

    return handle_form(context, PAGES[0], work, show)


def schedule(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Have it mailed every week, or no more."""

    def work() -> Response:
        is_on = "off" not in form
        timing = {name: form[name] for name in ("day", "at") if form.get(name)}
        context.call("news.schedule_brief", is_on=is_on, language=context.lang.content_language, **timing)
        return redirect(PATH, done="on" if is_on else "off")

    return handle_form(context, PAGES[0], work, show)


def _ask_week(context: RequestContext, name: str) -> Any:
    week = context.query.get("week", "").strip()[:_LONGEST]
    try:
        return context.call(name, week=week, language=context.lang.content_language)
    except UsageError as fault:
        raise NotFound("no_brief_week", "there is no brief of the week {week!r}", week=week) from fault


def _neighbour_weeks(context: RequestContext, week: str) -> list[tuple[str, str]]:
    """Return the week before and the next one, if that has begun, with what their links say."""
    monday = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC)
    now = zoned(context.now, UTC)
    links = [(_week_name(monday - _WEEK), context.text("Previous week"))]
    if monday + _WEEK <= now:
        is_running = now < monday + 2 * _WEEK
        link_text = context.text("This week so far") if is_running else context.text("Next week")
        links.append((_week_name(monday + _WEEK), link_text))
    return links


def _week_name(monday: datetime) -> str:
    return f"{monday:%G-W%V}"


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _days(context: RequestContext) -> list[tuple[str, str]]:
    return [
        ("monday", context.text("Monday")),
        ("tuesday", context.text("Tuesday")),
        ("wednesday", context.text("Wednesday")),
        ("thursday", context.text("Thursday")),
        ("friday", context.text("Friday")),
        ("saturday", context.text("Saturday")),
        ("sunday", context.text("Sunday")),
    ]


PATH: Final = "/news/brief"
PAGES: Final = (
    Page(
        name="news_brief",
        path=PATH,
        title="Weekly brief",
        description="A week of news and prices in brief: to read, download as HTML or PDF, or get by e-mail every "
        "week.",
        show=show,
        actions={"/news/brief/send": send, "/news/brief/plan": schedule},
        folder="news",
        template="brief.html",
    ),
    Page(
        name="news_brief_html",
        path="/news/brief.html",
        title="Weekly brief as HTML",
        description="A week of news in brief as one HTML file without scripts.",
        show=send_html,
    ),
    Page(
        name="news_brief_pdf",
        path="/news/brief.pdf",
        title="Weekly brief as PDF",
        description="A week of news in brief as an accessible PDF with links.",
        show=send_pdf,
    ),
)
