"""Sources that are no feed of an outlet: a channel, a community, filings, announcements, a page of text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape as html
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from vigie.domain.time import DAY_MS
from vigie_sandbox.world.macro_figures import MEETING_WEEKS
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import Article, write_article
from vigie_sandbox.world.newsroom.feeds import format_iso
from vigie_sandbox.world.newsroom.outlets import MEDIA, MIRROR, REGULATOR, Outlet
from vigie_sandbox.world.wire import ServiceRefusal, ServiceRequest

# Host and path of each, what it is sent as, and how it is written.
FormatSource = Callable[[Archive, ServiceRequest], str]
_ATOM: Final = "application/atom+xml; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_PAGE: Final = "text/html; charset=utf-8"
CHANNEL: Final = "UCsimulated00000000000000"
# Of what an outlet writes, one piece in so many becomes a video.
_VIDEO_SHARE: Final = 4
_MAX_SHOWN: Final = 15
_WEEK_MS: Final = 7 * DAY_MS
_FORMS: Final = {"a": "8-K", "b": "10-Q"}


def _articles(archive: Archive, outlet: Outlet, request: ServiceRequest) -> list[Article]:
    pieces = [piece for piece in archive.newest(outlet, request.now_ms) if not (piece.withdrawn_ms or 0)]
    return [write_article(archive.world, piece, request.now_ms) for piece in pieces]


def format_videos(archive: Archive, request: ServiceRequest) -> str:
    """Return a channel as YouTube tells its newest videos."""
    if request.query.get("channel_id") != CHANNEL:
        raise ServiceRefusal(404, "<html><body>Not Found</body></html>")
    video_articles = [
        article
        for article in _articles(archive, MEDIA[0], request)
        if int(article.piece.id, 16) % _VIDEO_SHARE == 0
    ]
    entries = "".join(
        f"<entry><id>yt:video:{article.piece.id}</id><yt:videoId>{article.piece.id}</yt:videoId><yt:channelId>{CHANNEL}"
        f'</yt:channelId><title>Video: {escape(article.title)}</title><link rel="alternate" '
        f"href={quoteattr(article.url)}/>"
        f"<author><name>Chainpost TV (simulated)</name></author><published>{format_iso(article.ts)}</published>"
        f"<updated>{format_iso(article.changed_ms)}</updated><media:group><media:title>{escape(article.title)}</media:title>"
        f"<media:description>{escape(article.teaser)} (simulated)</media:description></media:group></entry>\n"
        for article in video_articles[:_MAX_SHOWN]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
        f"<id>yt:channel:{CHANNEL}</id><title>Chainpost TV (simulated)</title>\n{entries}</feed>\n"
    )


def format_threads(archive: Archive, request: ServiceRequest) -> str:
    """Return a community as Reddit lists its newest threads."""
    entries = "".join(
        f'<entry><author><name>/u/passer_{article.piece.id[:4]}</name></author><category term="jetons"/>'
        f'<content type="html">{escape(_format_thread(article))}</content><id>t3_{article.piece.id}</id>'
        f"<link "
        f"href={quoteattr(article.url)}/><updated>{format_iso(article.ts)}</updated><published>{format_iso(article.ts)}</published>"
        f"<title>{escape(article.title)}</title></entry>\n"
        for article in _articles(archive, MIRROR, request)[:_MAX_SHOWN]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><category term="jetons"/>'
        f"<id>/r/jetons/new/.rss</id><title>newest : jetons (simulated)</title>\n{entries}</feed>\n"
    )


def _format_thread(article: Article) -> str:
    return (
        f'<div class="md"><p>{html(article.teaser)}</p></div> submitted by <a '
        f'href="#">/u/passer_{article.piece.id[:4]}</a>'
        f' to <a href="#">r/jetons</a> <span><a href="{html(article.url)}">[link]</a></span> <span>[comments]</span>'
    )


def format_filings(archive: Archive, request: ServiceRequest) -> str:
    """Return filings of firms that the register licensed, as EDGAR's full-text search does."""
    rows = list(csv.DictReader(io.StringIO(archive.register_at(request.now_ms)[0])))
    first, last = request.query.get("startdt", ""), request.query.get("enddt", "~")
    hits = []
    for row in rows:
        day = datetime.strptime(row["ac_lastupdate"], "%d/%m/%Y").replace(tzinfo=UTC)
        number = f"{int(row['ae_lei'][-10:], 36) % 10**10:010d}-{day:%y}-000001"
        if first <= day.date().isoformat() <= last:
            source = {
                "ciks": [number[:10]], "display_names": [f"{row['ae_lei_name']} (simulated)  (CIK {number[:10]})"],
                "root_forms": [_FORMS.get(row["ac_serviceCode"][:1], "8-K")], "file_type": "EX-99.1",
                "file_date": day.date().isoformat(), "file_description": "Licence of the Valmer Markets Authority",
            }  # fmt: skip
            hits.append({"_index": "edgar_file", "_id": f"{number}:release.htm", "_source": source})
    return json.dumps({"took": 3, "timed_out": False, "hits": {"total": {"value": len(hits)}, "hits": hits}})


def format_announcements(archive: Archive, request: ServiceRequest) -> str:
    """Return what a venue announces, in JSON of its own."""
    articles = [
        article
        for outlet in MEDIA
        if outlet.language == "en"
        for article in _articles(archive, outlet, request)
        if article.piece.event.kind.startswith("listing.")
    ]
    rows = [
        {"annId": article.piece.id, "annTitle": f"{article.title} (simulated)", "annDesc": article.teaser,
        "annUrl": article.url,
         "cTime": str(article.ts)}
        for article in sorted(articles, key=lambda article: -article.ts)[:_MAX_SHOWN]
    ]  # fmt: skip
    return json.dumps({"code": "00000", "msg": "success", "data": rows}, ensure_ascii=False)


def format_task_force(archive: Archive, request: ServiceRequest) -> str:
    """Return a page whose text changes with the register, and says so nowhere else."""
    rows = list(csv.DictReader(io.StringIO(archive.register_at(request.now_ms)[0])))
    active = [row for row in rows if not row["ac_authorisationEndDate"]]
    newest = max(rows, key=lambda row: (_format_day(row["ac_lastupdate"]), row["ae_lei"]))
    items = "".join(f"<li>{html(row['ae_lei_name'])}, {html(row['ae_address'])}</li>" for row in active[-10:])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Task force (simulated)</title></head>'
        "<body>"
        f"<header><p>{html(REGULATOR.title)}</p></header><main><h1>Task force on crypto-assets</h1>"
        f"<p>{len(active)} providers hold a licence.</p><p>Last decision: {html(newest['ae_lei_name'])}, "
        f"{newest['ac_lastupdate']}.</p><h2>Licensed last</h2><ul>{items}</ul></main>"
        "<footer><p>Simulated: nobody and nothing here is real.</p></footer></body></html>\n"
    )


def format_meetings(archive: Archive, request: ServiceRequest) -> str:
    """Return the calendar of the world's central bank: a meeting each sixth Thursday, half a year back and ahead."""
    week = request.now_ms // _WEEK_MS
    days = [
        # The first day of 1970 was a Thursday, so that every week of the epoch begins with one.
        datetime.fromtimestamp(number * _WEEK_MS / 1_000, UTC)
        for number in range(week - 26, week + 27)
        if number % MEETING_WEEKS == 0
    ]
    rows = "".join(
        f"<tr><td>{day.day} {day:%B %Y}</td><td>14:00</td><td>Council: decision on rates (simulated)</td></tr>"
        for day in days
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Calendar (simulated)</title></head><body>'
        "<header><p>Bank of Corvane</p></header><main><h1>Meetings of the council</h1>"
        f"<table><tbody>{rows}</tbody></table></main>"
        "<footer><p>Simulated: nobody and nothing here is real.</p></footer></body></html>\n"
    )


def _format_day(day: str) -> str:
    return "-".join(reversed(day.split("/")))


OTHER_SOURCES: Final[Mapping[tuple[str, str], tuple[str, FormatSource]]] = {
    ("clips-chainpost.example", "/feeds/videos.xml"): (_ATOM, format_videos),
    ("forum-jetons.example", "/r/jetons/new/.rss"): (_ATOM, format_threads),
    ("depots-valmer.example", "/LATEST/search-index"): (_JSON, format_filings),
    ("bourse-kestrel.example", "/api/v2/public/announcements"): (_JSON, format_announcements),
    (REGULATOR.host, "/task-force.html"): (_PAGE, format_task_force),
    ("banque-corvane.example", "/calendar.html"): (_PAGE, format_meetings),
}
