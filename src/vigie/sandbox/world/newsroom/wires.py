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
from vigie.sandbox.world.figures import MEETS_EVERY
from vigie.sandbox.world.newsroom.archive import Archive
from vigie.sandbox.world.newsroom.feeds import iso
from vigie.sandbox.world.newsroom.outlets import MEDIA, MIRROR, REGULATOR, Outlet
from vigie.sandbox.world.newsroom.writing import Article, written
from vigie.sandbox.world.wire import Ask, Refusal

# Host and path of each, what it is sent as, and how it is written.
Wire = Callable[[Archive, Ask], str]
_ATOM: Final = "application/atom+xml; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_PAGE: Final = "text/html; charset=utf-8"
CHANNEL: Final = "UCsimulated00000000000000"
# Of what an outlet writes, one piece in so many becomes a video.
_FILMED: Final = 4
_SHOWN: Final = 15
_WEEK_MS: Final = 7 * DAY_MS
_FORMS: Final = {"a": "8-K", "b": "10-Q"}


def _articles(archive: Archive, outlet: Outlet, ask: Ask) -> list[Article]:
    pieces = [one for one in archive.newest(outlet, ask.now_ms) if not (one.withdrawn_ms or 0)]
    return [written(archive.world, one, ask.now_ms) for one in pieces]


def videos(archive: Archive, ask: Ask) -> str:
    """Return a channel as YouTube tells its newest videos."""
    if ask.query.get("channel_id") != CHANNEL:
        raise Refusal(404, "<html><body>Not Found</body></html>")
    filmed = [one for one in _articles(archive, MEDIA[0], ask) if int(one.piece.id, 16) % _FILMED == 0]
    entries = "".join(
        f"<entry><id>yt:video:{one.piece.id}</id><yt:videoId>{one.piece.id}</yt:videoId><yt:channelId>{CHANNEL}"
        f'</yt:channelId><title>Video: {escape(one.title)}</title><link rel="alternate" href={quoteattr(one.url)}/>'
        f"<author><name>Chainpost TV (simulated)</name></author><published>{iso(one.ts)}</published>"
        f"<updated>{iso(one.changed_ms)}</updated><media:group><media:title>{escape(one.title)}</media:title>"
        f"<media:description>{escape(one.teaser)} (simulated)</media:description></media:group></entry>\n"
        for one in filmed[:_SHOWN]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
        f"<id>yt:channel:{CHANNEL}</id><title>Chainpost TV (simulated)</title>\n{entries}</feed>\n"
    )


def threads(archive: Archive, ask: Ask) -> str:
    """Return a community as Reddit lists its newest threads."""
    entries = "".join(
        f'<entry><author><name>/u/passer_{one.piece.id[:4]}</name></author><category term="jetons"/>'
        f'<content type="html">{escape(_thread(one))}</content><id>t3_{one.piece.id}</id>'
        f"<link href={quoteattr(one.url)}/><updated>{iso(one.ts)}</updated><published>{iso(one.ts)}</published>"
        f"<title>{escape(one.title)}</title></entry>\n"
        for one in _articles(archive, MIRROR, ask)[:_SHOWN]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><category term="jetons"/>'
        f"<id>/r/jetons/new/.rss</id><title>newest : jetons (simulated)</title>\n{entries}</feed>\n"
    )


def _thread(one: Article) -> str:
    return (
        f'<div class="md"><p>{html(one.teaser)}</p></div> submitted by <a href="#">/u/passer_{one.piece.id[:4]}</a>'
        f' to <a href="#">r/jetons</a> <span><a href="{html(one.url)}">[link]</a></span> <span>[comments]</span>'
    )


def filings(archive: Archive, ask: Ask) -> str:
    """Return filings of firms that the register licensed, as EDGAR's full-text search does."""
    rows = list(csv.DictReader(io.StringIO(archive.register_at(ask.now_ms)[0])))
    first, last = ask.query.get("startdt", ""), ask.query.get("enddt", "~")
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


def announcements(archive: Archive, ask: Ask) -> str:
    """Return what a venue announces, in JSON of its own."""
    told = [
        one
        for outlet in MEDIA
        if outlet.language == "en"
        for one in _articles(archive, outlet, ask)
        if one.piece.event.kind.startswith("listing.")
    ]
    rows = [
        {"annId": one.piece.id, "annTitle": f"{one.title} (simulated)", "annDesc": one.teaser, "annUrl": one.url,
         "cTime": str(one.ts)}
        for one in sorted(told, key=lambda one: -one.ts)[:_SHOWN]
    ]  # fmt: skip
    return json.dumps({"code": "00000", "msg": "success", "data": rows}, ensure_ascii=False)


def task_force(archive: Archive, ask: Ask) -> str:
    """Return a page whose text changes with the register, and says so nowhere else."""
    rows = list(csv.DictReader(io.StringIO(archive.register_at(ask.now_ms)[0])))
    held = [row for row in rows if not row["ac_authorisationEndDate"]]
    newest = max(rows, key=lambda row: (_written(row["ac_lastupdate"]), row["ae_lei"]))
    listed = "".join(f"<li>{html(row['ae_lei_name'])}, {html(row['ae_address'])}</li>" for row in held[-10:])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Task force (simulated)</title></head>'
        "<body>"
        f"<header><p>{html(REGULATOR.title)}</p></header><main><h1>Task force on crypto-assets</h1>"
        f"<p>{len(held)} providers hold a licence.</p><p>Last decision: {html(newest['ae_lei_name'])}, "
        f"{newest['ac_lastupdate']}.</p><h2>Licensed last</h2><ul>{listed}</ul></main>"
        "<footer><p>Simulated: nobody and nothing here is real.</p></footer></body></html>\n"
    )


def meetings(archive: Archive, ask: Ask) -> str:
    """Return the calendar of the world's central bank: a meeting each sixth Thursday, half a year back and ahead."""
    week = ask.now_ms // _WEEK_MS
    days = [
        # The first day of 1970 was a Thursday, so that every week of the epoch begins with one.
        datetime.fromtimestamp(number * _WEEK_MS / 1_000, UTC)
        for number in range(week - 26, week + 27)
        if number % MEETS_EVERY == 0
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


def _written(day: str) -> str:
    return "-".join(reversed(day.split("/")))


WIRES: Final[Mapping[tuple[str, str], tuple[str, Wire]]] = {
    ("clips-chainpost.example", "/feeds/videos.xml"): (_ATOM, videos),
    ("forum-jetons.example", "/r/jetons/new/.rss"): (_ATOM, threads),
    ("depots-valmer.example", "/LATEST/search-index"): (_JSON, filings),
    ("bourse-kestrel.example", "/api/v2/public/announcements"): (_JSON, announcements),
    (REGULATOR.host, "/task-force.html"): (_PAGE, task_force),
    ("banque-corvane.example", "/calendar.html"): (_PAGE, meetings),
}
