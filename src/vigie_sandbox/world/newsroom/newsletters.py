"""Newsletters: what an outlet mails to its readers every few hours, about what it published since the last one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import Article, write_article
from vigie_sandbox.world.newsroom.feeds import SIMULATED_MARK, simulation_notice
from vigie_sandbox.world.newsroom.outlets import MEDIA, Outlet

READER: Final = "reader@demo.example"
INTERVAL_MS: Final = 3 * HOUR_MS
# A letter is written a minute before it is sent: what is published in between stands in the next one.
_WRITING_MS: Final = MINUTE_MS
_RETENTION_MS: Final = 4 * DAY_MS
_MAX_ARTICLES: Final = 5
_PATH: Final = re.compile(r"/letters/([1-9]\d{0,9})")
_LABELS: Final = {
    "en": ("Read on the web:", "Also", "Leave this list:"),
    "fr": ("Lire en ligne :", "À lire aussi", "Quitter cette liste :"),
}


@dataclass(frozen=True, slots=True)
class Newsletter:
    """One newsletter.

    Attributes
    ----------
    id, title : str
        For sources and people.
    outlet : Outlet
        Who writes it.
    folder : str
        Where a reader's mailbox puts it.
    """

    id: str
    title: str
    outlet: Outlet
    folder: str


@dataclass(frozen=True, slots=True)
class NewsletterIssue:
    """One letter as it was sent; it never changes.

    Attributes
    ----------
    number : int
        Ascending in its folder.
    ts : int
        When it was sent, market time.
    """

    newsletter: Newsletter
    number: int
    ts: int
    articles: tuple[Article, ...]

    @property
    def url(self) -> str:
        """Where it can be read on the web."""
        return f"{self.newsletter.outlet.site}letters/{self.number}"

    @property
    def subject(self) -> str:
        """Its title and its first story."""
        colon = " : " if self.newsletter.outlet.language == "fr" else ": "
        return f"{self.newsletter.title}{colon}{self.articles[0].title}"


# A folder whose name is not plain ASCII is what a French mailbox has.
NEWSLETTERS: Final = (
    Newsletter("chainpost_letter", "Chainpost Letter", MEDIA[0], "Newsletters"),
    Newsletter("veille_lettre", "La Lettre de la Veille", MEDIA[3], "Actualités"),
)


def list_issues(archive: Archive, newsletter: Newsletter, now_ms: int) -> list[NewsletterIssue]:
    """Return the letters of the last days, oldest first."""
    first = max(archive.first_ms, now_ms - _RETENTION_MS) // INTERVAL_MS + 1
    issues = (make_issue(archive, newsletter, number) for number in range(first, now_ms // INTERVAL_MS + 1))
    return [issue for issue in issues if issue is not None]


def make_issue(archive: Archive, newsletter: Newsletter, number: int) -> NewsletterIssue | None:
    """Return one letter as it was sent; None where there was nothing to tell."""
    ts = number * INTERVAL_MS
    end = ts - _WRITING_MS
    pieces = archive.pieces_between(newsletter.outlet, end - INTERVAL_MS, end)
    pieces = [piece for piece in pieces if piece.withdrawn_ms is None or piece.withdrawn_ms > ts]
    # What most outlets tell comes first, else the newest.
    selected = sorted(pieces, key=lambda piece: (not piece.event.is_arc, -piece.ts))[:_MAX_ARTICLES]
    if not selected:
        return None
    return NewsletterIssue(
        newsletter, number, ts, tuple(write_article(archive.world, piece, end) for piece in selected)
    )


def format_mail(issue: NewsletterIssue) -> bytes:
    """Return a letter as it lies in a mailbox: text and HTML, the same bytes each time."""
    outlet, sent = issue.newsletter.outlet, datetime.fromtimestamp(issue.ts / 1_000, UTC)
    simulated_label, leave = SIMULATED_MARK[outlet.language], f"{outlet.site}letters/leave"
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f'"{issue.newsletter.title} ({simulated_label})" <letter@{outlet.host}>'
    mail["To"] = READER
    mail["Subject"] = issue.subject
    mail["Date"] = format_datetime(sent)
    mail["Message-ID"] = f"<{issue.number}@letters.{outlet.host}>"
    mail["List-Unsubscribe"] = f"<{leave}>"
    mail["Keywords"] = simulated_label
    mail.set_content(_text(issue, leave), cte="quoted-printable")
    mail.add_alternative(format_page(issue), subtype="html", cte="base64")
    mail["Content-Language"] = outlet.language
    mail.set_boundary(f"=_{outlet.id}-{issue.number}")
    return mail.as_bytes()


def format_page(issue: NewsletterIssue) -> str:
    """Return a letter as a page."""
    outlet = issue.newsletter.outlet
    title = escape(f"{issue.newsletter.title} ({SIMULATED_MARK[outlet.language]})")
    parts = "".join(
        f'<h2><a href="{escape(article.url)}">{escape(article.title)}</a></h2><p>{escape(article.teaser)}</p>'
        for article in issue.articles
    )
    read_label = _LABELS[outlet.language][0]
    return (
        f'<!doctype html>\n<html lang="{outlet.language}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><p><a href="{issue.url}">{read_label} {issue.url}</a></p><h1>{title}</h1>{parts}'
        f"<p>{escape(simulation_notice(outlet))}</p></body></html>\n"
    )


def find_issue(archive: Archive, outlet: Outlet, path: str, now_ms: int) -> NewsletterIssue | None:
    """Return the letter whose page is asked for; None where there is none yet, or none any more."""
    match = _PATH.fullmatch(path)
    newsletter = next((candidate for candidate in NEWSLETTERS if candidate.outlet is outlet), None)
    if match is None or newsletter is None:
        return None
    number = int(match[1])
    is_kept = now_ms - _RETENTION_MS < number * INTERVAL_MS <= now_ms
    return make_issue(archive, newsletter, number) if is_kept else None


def _text(issue: NewsletterIssue, leave: str) -> str:
    read_label, also_label, quit_label = _LABELS[issue.newsletter.outlet.language]
    first, *other_articles = issue.articles
    lines = [first.title, "", first.teaser, "", f"{read_label} {issue.url}", first.url, ""]
    lines += [also_label, *_format_links(other_articles), ""] if other_articles else []
    return "\n".join([*lines, simulation_notice(issue.newsletter.outlet), f"{quit_label} {leave}", ""])


def _format_links(articles: Sequence[Article]) -> list[str]:
    return [f"- {article.title}\n  {article.url}" for article in articles]
