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
from vigie.services.news.quoting import QUOTES, normalise_quotes
from vigie.views.web.answering import go, tried
from vigie.views.web.page import Page
from vigie.views.web.pages.news.brief_chart import week_chart
from vigie.views.web.visit import Visit

_LONGEST: Final = 10
_WEEK: Final = timedelta(days=7)


def show(visit: Visit) -> dict[str, Any]:
    """Ask for a week and for when it is mailed."""
    found = _asked(visit, "news.brief")
    return {
        "brief": found,
        "charts": [week_chart(visit, one.chart) if one.chart else None for one in found.sections],
        "quote_marks": QUOTES[visit.tongue.language],
        "within": partial(normalise_quotes, reader_language=visit.tongue.language),
        "weeks": _weeks_beside(visit, found.week),
        "plan": visit.ask("news.brief_schedule"),
        "days": _days(visit),
        "done": visit.query.get("done", ""),
        "errors": [],
    }


def send_html(visit: Visit) -> Response:
    """Give a week as one HTML file."""
    found = _asked(visit, "news.brief")
    return _file(
        found.html.encode(), "text/html; charset=utf-8", f"vigie-{found.week}-{visit.tongue.language}.html"
    )


def send_pdf(visit: Visit) -> Response:
    """Give a week as a PDF."""
    found = _asked(visit, "news.brief_pdf")
    return _file(b64decode(found.content), "application/pdf", found.name)


def send(visit: Visit, form: Mapping[str, str]) -> Response:
    """Mail a week now."""

    def work() -> Response:
        sent = visit.ask(
            "news.send_brief", week=form.get("week", "")[:_LONGEST], language=visit.tongue.language
        )
        return go(PATH, done="sent", week=sent.week)

    return tried(visit, PAGES[0], work, show)


def plan(visit: Visit, form: Mapping[str, str]) -> Response:
    """Have it mailed every week, or no more."""

    def work() -> Response:
        is_on = "off" not in form
        given = {name: form[name] for name in ("day", "at") if form.get(name)}
        visit.ask("news.schedule_brief", is_on=is_on, language=visit.tongue.language, **given)
        return go(PATH, done="on" if is_on else "off")

    return tried(visit, PAGES[0], work, show)


def _asked(visit: Visit, name: str) -> Any:
    week = visit.query.get("week", "").strip()[:_LONGEST]
    try:
        return visit.ask(name, week=week, language=visit.tongue.language)
    except UsageError as fault:
        raise NotFound(f"there is no brief of the week {week!r}") from fault


def _weeks_beside(visit: Visit, week: str) -> list[tuple[str, str]]:
    """Return the week before and the next one, if that has begun, with what their links say."""
    monday = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC)
    now = zoned(visit.now, UTC)
    beside = [(_named(monday - _WEEK), visit.text("The week before"))]
    if monday + _WEEK <= now:
        is_running = now < monday + 2 * _WEEK
        said = visit.text("This week so far") if is_running else visit.text("The week after")
        beside.append((_named(monday + _WEEK), said))
    return beside


def _named(monday: datetime) -> str:
    return f"{monday:%G-W%V}"


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _days(visit: Visit) -> list[tuple[str, str]]:
    return [
        ("monday", visit.text("Monday")),
        ("tuesday", visit.text("Tuesday")),
        ("wednesday", visit.text("Wednesday")),
        ("thursday", visit.text("Thursday")),
        ("friday", visit.text("Friday")),
        ("saturday", visit.text("Saturday")),
        ("sunday", visit.text("Sunday")),
    ]


PATH: Final = "/news/brief"
PAGES: Final = (
    Page(
        name="news_brief",
        path=PATH,
        title="Weekly brief",
        description="A week of news and prices in short, to read, as HTML or PDF, and weekly by e-mail if you wish.",
        show=show,
        acts={"/news/brief/send": send, "/news/brief/plan": plan},
        folder="news",
        template="brief.html",
    ),
    Page(
        name="news_brief_html",
        path="/news/brief.html",
        title="Weekly brief as HTML",
        description="A week of news in short as one HTML file without script.",
        show=send_html,
    ),
    Page(
        name="news_brief_pdf",
        path="/news/brief.pdf",
        title="Weekly brief as PDF",
        description="A week of news in short as a PDF with its text, its links and its languages.",
        show=send_pdf,
    ),
)
