"""What is read in a made-up language: gives by its place what stands outside of brackets."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request

from tests.channels import notifiers_of
from tests.e2e.test_pages import addresses
from tests.home_of_before import open_home
from tests.houses import KEY, Browser, house
from tests.made_up_language import bare_lines, bare_words
from tests.newsrooms import told_house
from tests.told_alerts import every_alert
from tests.unit.research.report_runs import notes, simulated_run
from tests.unit.services.alerting.material import ADDRESS, channel, mailing, read, rule
from tests.unit.services.desk_material import house_with_results
from tests.unit.services.figures_material import full
from tests.unit.services.news.test_brief import WEEK, Postman
from tests.unit.views.board_material import board, chart, heat, matrix, newsy, quote, table, words
from tests.unit.views.web.test_desk_pages import FULL
from tests.unit.views.web.test_today_page import with_a_past
from vigie.domain.alert import AlertRule
from vigie.domain.errors import DatabaseUnavailable
from vigie.domain.person import OWNER
from vigie.ports.item_queries import ItemQuery
from vigie.research.report import render_report
from vigie.services.alerting.channels import send_code, send_test
from vigie.services.alerting.dispatch import dispatch_events
from vigie.services.alerting.feeds import feed_address
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.mails import mail_of
from vigie.services.alerting.unread import unread_alerts
from vigie.services.alerting.watching.event_arguments import say_argument
from vigie.services.alerting.watching.event_texts import short_title_of, title_of
from vigie.services.app_context import AppContext
from vigie.services.needs import bound
from vigie.services.news.brief.brief import build_brief
from vigie.services.news.brief.html import render_html
from vigie.services.news.brief.page import render_paper, render_text
from vigie.services.studio.alt_text import draft_alt_text
from vigie.views.boards.page import board_svg
from vigie.views.publishing.csv_files import zip_file
from vigie.views.publishing.embed import embed_fragment
from vigie.views.publishing.workbook import xlsx_file
from vigie.views.web.error_pages import broken_page, database_away_page

Bare = dict[str, list[str]]


def pages(folder: Path, language: str) -> Bare:
    """Read every page of a home with bars that opens by itself."""
    browser = Browser(house(folder / "home"), language=language)
    return {path: bare_words(browser.get(path).text, language) for path in addresses()}


def today(folder: Path, language: str) -> Bare:
    """Read Today for each kind of visitor: with bars, with figures, with news, and with something that changed."""
    homes = {
        "bars": house(folder / "bars"),
        "figures": full(folder / "figures"),
        "news": told_house(folder / "news"),
        "past": with_a_past(folder / "past"),
    }
    found = {}
    for name, opened in homes.items():
        browser = Browser(opened)
        for persona in ("", "trader", "journalist", "beginner"):
            given = {"persona": persona, "zone": "UTC", "theme": "auto", "language": language}
            assert browser.post("/settings", given).status_code == 200
            found[f"{name} {persona}"] = bare_words(browser.get("/").text, language)
    return found


def sent(folder: Path, language: str) -> Bare:
    """Read what leaves the pages: mails, the weekly brief, a feed, a report, drawn boards, and evidence."""
    return {
        **_mails(folder / "mails", language),
        **_brief(told_house(folder / "brief"), language),
        **_boards(language),
        "report": bare_words(
            render_report(simulated_run(), notes=notes(), language=language), language, is_drawn=True
        ),
    }


def _mails(folder: Path, language: str) -> Bare:
    place = mailing(folder, "smtp://127.0.0.1:25")
    mine = channel(place, "reader@example.org")
    kept = rule(place, mine.id, language=language)
    for status in ("confirmed", "corrected", "disputed"):
        bound(place, dispatch_read_items)([read(status=status), read(status, status=status)])
    group = place.alerts.take("test", for_ms=60_000)
    messages = {
        f"mail {one.alert.mark} {one.delivery.id}": bound(place, mail_of)([one], mine) for one in group
    }
    messages["digest"] = bound(place, mail_of)(group, mine)
    postman = Postman()
    held = replace(
        place, notifiers=notifiers_of(mail=lambda: postman, address=lambda: ADDRESS, key=lambda: KEY)
    )
    bound(held, send_code)(mine, language)
    bound(held, send_test)(mine, language)
    messages |= {f"note {at}": message for at, message in enumerate(postman.sent)}
    found = {}
    for name, message in messages.items():
        found[f"{name} text"] = bare_lines([message.subject, *message.text.splitlines()])
        found[f"{name} html"] = bare_words(message.html, language)
    # A feed is for its rule's language.
    feed = Browser(place, is_owner=False).get(urlsplit(bound(place, feed_address)(kept.id)).path).text
    return {**found, "feed": bare_words(feed, language)}


def alerts(folder: Path, language: str) -> Bare:
    """Read alerts of every kind: titles, mails, the feed, the bell, and the pages that list them."""
    place = mailing(folder, "smtp://127.0.0.1:25")
    mine, owner = channel(place, "reader@example.org"), OWNER.user
    events = every_alert(owner)
    for kind in sorted({event.kind for event in events}):
        given = AlertRule("", owner, "Two", kind, channels=("inbox", mine.id), language=language)
        kept = place.alerts.put_rule(given)
        if kind == "desk":
            feed = bound(place, feed_address)(kept.id)
    bound(place, dispatch_events)(events)
    found = {}
    for event in events:
        name = f"{event.facts['title']['code']} {event.key}"
        found[f"title {name}"] = bare_lines([title_of(event, language), short_title_of(event, language)])
        # What stands in a title is within its brackets: each value is read by itself.
        for place_name, value in event.facts["title"]["arguments"].items():
            found[f"{place_name} of {name}"] = bare_lines([str(say_argument(value, language))])
    while group := place.alerts.take("test", for_ms=60_000):
        for one in group:
            message = bound(place, mail_of)([one], mine)
            found[f"mail {one.delivery.id}"] = bare_lines([message.subject, *message.text.splitlines()])
            found[f"mail {one.delivery.id} html"] = bare_words(message.html, language)
        found["digest"] = bare_lines(bound(place, mail_of)(group, mine).text.splitlines())
    browser = Browser(place, language=language)
    for path in ("/alerts", "/alerts/log", "/notifications", urlsplit(feed).path):
        found[path] = bare_words(browser.get(path).text, language)
    found["bell"] = bare_lines([unread_alerts(place.alerts, owner).title(language)])
    return found


def _brief(place: AppContext, language: str) -> Bare:
    brief = bound(place, build_brief)(WEEK, language)
    paper = render_paper(brief, language)
    spans = [span.text for block in paper.blocks for span in block.spans]
    return {
        "brief": bare_words(render_html(brief, language), language, is_drawn=True),
        "brief as text": bare_lines(render_text(brief, language).splitlines()),
        "brief on paper": bare_lines([paper.title, paper.footer, *spans]),
    }


def _boards(language: str) -> Bare:
    parts = (chart(), newsy("One", "Two"), table(), words(), heat(), matrix(), quote("BTC"))
    found = {}
    for at, part in enumerate(parts):
        made = board(part, language=language, is_simulated=True, title="BTC", subtitle="ETH", note="")
        name = f"{at} {type(part).__name__}"
        found[f"board {name}"] = bare_words(board_svg(made), language, is_drawn=True)
        found[f"embed {name}"] = bare_words(embed_fragment(made).decode(), language, is_drawn=True)
        found[f"spoken {name}"] = bare_lines([draft_alt_text(made)])
        with zipfile.ZipFile(io.BytesIO(zip_file(made))) as files:
            for file in files.namelist():
                found[f"{name} {file}"] = bare_lines(files.read(file).decode("utf-8-sig").splitlines())
        with zipfile.ZipFile(io.BytesIO(xlsx_file(made))) as files:
            found[f"{name} workbook"] = bare_words(files.read("xl/sharedStrings.xml").decode(), language)
            sheets = re.findall(r'<sheet name="([^"]+)"', files.read("xl/workbook.xml").decode())
            found[f"{name} sheets"] = bare_lines(map(unescape, sheets))
    return found


def errors(folder: Path, language: str) -> Bare:
    """Read what is said when something goes wrong: pages of refusals, of a database that is away, of a mistake."""
    opened = house(folder / "home")
    owner, guest = (Browser(opened, language=language, is_owner=is_owner) for is_owner in (True, False))
    missing = ("/nowhere", "/asset/nothing", "/news/nothing", "/backtests/nothing", "/markets?as_of=x")
    answers = {path: owner.get(path) for path in missing}
    answers["not allowed"] = guest.post("/watchlists", {"name": "Majors", "assets": "bitcoin"})
    owner.token = "of another page"
    answers["not from a page"] = owner.post("/settings", {"theme": "dark"})
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert set(statuses.values()) == {400, 403, 404}, statuses
    headers = [(b"accept-language", language.encode())]
    request = Request({"type": "http", "path": "/", "query_string": b"", "headers": headers})
    away = DatabaseUnavailable(
        "database_does_not_answer_nothing_changed",
        "the database does not answer; nothing was changed. Try again in a moment",
    )
    pages = {name: answer.text for name, answer in answers.items()} | {
        "away": bytes(database_away_page(request, away).body).decode(),
        "broken": bytes(broken_page(request).body).decode(),
    }
    return {name: bare_words(page, language) for name, page in pages.items()}


def records(folder: Path, language: str) -> Bare:
    """Read pages with a record in their address: stories, backtests, trades, boards, lists, sources, assets."""
    results, runs = house_with_results(folder / "results")
    news, traded = told_house(folder / "news"), open_home(folder / "traded")
    story = news.items.query(ItemQuery(tags={}))[0]
    item = story.item.id
    desk, reader, trader = (Browser(opened, language=language) for opened in (results, news, traded))
    board_path = desk.post("/studio", {"preset": "two_assets"}).url.path
    lists = desk.post("/watchlists", {"name": "Majors", "assets": "bitcoin"}).url.path
    name = news.items.get(item)[-1].findings["story"].body["story"]
    trades = re.findall(r'href="(/journal/[^"/]+account=[^"&]+)"', trader.get("/journal").text)[:1]
    visits = [
        *((desk, path.format(**runs)) for path in FULL),
        *(
            (desk, path)
            for path in (board_path, lists, "/asset/bitcoin", "/asset/bitcoin/compare?with=ethereum")
        ),
        *((desk, f"/jobs/{job.id}") for job in results.jobs.list(limit=2)),
        *((reader, path) for path in (f"/story/{name}", f"/news/{item}")),
        *(
            (reader, path)
            for path in ("/entity/org:sec", "/news", "/news/brief?week=2025-W29", "/sources/sec_press")
        ),
        *((trader, path) for path in ("/trading", "/journal", *trades)),
    ]
    found = {}
    for browser, path in visits:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        found[path] = bare_words(answer.text, language)
        # Drawings that a page offers as files: with a title, their source and time.
        for href in sorted(set(re.findall(r'href="(/chart/[^"]+\.svg[^"]*)"', answer.text)))[:2]:
            drawing = browser.get(unescape(href))
            assert drawing.status_code == 200, href
            found[href] = bare_words(drawing.text, language, is_drawn=True)
    return found
