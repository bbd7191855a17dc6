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
from vigie.sandbox.world.newsroom.archive import Archive
from vigie.sandbox.world.newsroom.feeds import MARK, about
from vigie.sandbox.world.newsroom.outlets import MEDIA, Outlet
from vigie.sandbox.world.newsroom.writing import Article, written

READER: Final = "reader@demo.example"
EVERY_MS: Final = 3 * HOUR_MS
# A letter is written a minute before it is sent: what is published in between stands in the next one.
_WRITTEN_MS: Final = MINUTE_MS
_KEPT_MS: Final = 4 * DAY_MS
_MOST_TOLD: Final = 5
_PATH: Final = re.compile(r"/letters/([1-9]\d{0,9})")
_WORDS: Final = {
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
class Letter:
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


def letters(archive: Archive, newsletter: Newsletter, now_ms: int) -> list[Letter]:
    """Return the letters of the last days, oldest first."""
    first = max(archive.first_ms, now_ms - _KEPT_MS) // EVERY_MS + 1
    found = (letter(archive, newsletter, number) for number in range(first, now_ms // EVERY_MS + 1))
    return [one for one in found if one is not None]


def letter(archive: Archive, newsletter: Newsletter, number: int) -> Letter | None:
    """Return one letter as it was sent; None where there was nothing to tell."""
    ts = number * EVERY_MS
    end = ts - _WRITTEN_MS
    pieces = archive.between(newsletter.outlet, end - EVERY_MS, end)
    pieces = [one for one in pieces if one.withdrawn_ms is None or one.withdrawn_ms > ts]
    # What most outlets tell comes first, else the newest.
    told = sorted(pieces, key=lambda one: (not one.event.is_arc, -one.ts))[:_MOST_TOLD]
    if not told:
        return None
    return Letter(newsletter, number, ts, tuple(written(archive.world, one, end) for one in told))


def mail_of(one: Letter) -> bytes:
    """Return a letter as it lies in a mailbox: text and HTML, the same bytes each time."""
    outlet, sent = one.newsletter.outlet, datetime.fromtimestamp(one.ts / 1_000, UTC)
    mark, leave = MARK[outlet.language], f"{outlet.site}letters/leave"
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f'"{one.newsletter.title} ({mark})" <letter@{outlet.host}>'
    mail["To"] = READER
    mail["Subject"] = one.subject
    mail["Date"] = format_datetime(sent)
    mail["Message-ID"] = f"<{one.number}@letters.{outlet.host}>"
    mail["List-Unsubscribe"] = f"<{leave}>"
    mail["Keywords"] = mark
    mail.set_content(_text(one, leave), cte="quoted-printable")
    mail.add_alternative(page_of(one), subtype="html", cte="base64")
    mail["Content-Language"] = outlet.language
    mail.set_boundary(f"=_{outlet.id}-{one.number}")
    return mail.as_bytes()


def page_of(one: Letter) -> str:
    """Return a letter as a page."""
    outlet = one.newsletter.outlet
    title = escape(f"{one.newsletter.title} ({MARK[outlet.language]})")
    parts = "".join(
        f'<h2><a href="{escape(each.url)}">{escape(each.title)}</a></h2><p>{escape(each.teaser)}</p>'
        for each in one.articles
    )
    read = _WORDS[outlet.language][0]
    return (
        f'<!doctype html>\n<html lang="{outlet.language}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body><p><a href="{one.url}">{read} {one.url}</a></p><h1>{title}</h1>{parts}'
        f"<p>{escape(about(outlet))}</p></body></html>\n"
    )


def letter_at(archive: Archive, outlet: Outlet, path: str, now_ms: int) -> Letter | None:
    """Return the letter whose page is asked for; None where there is none yet, or none any more."""
    found = _PATH.fullmatch(path)
    newsletter = next((one for one in NEWSLETTERS if one.outlet is outlet), None)
    if found is None or newsletter is None:
        return None
    number = int(found[1])
    is_kept = now_ms - _KEPT_MS < number * EVERY_MS <= now_ms
    return letter(archive, newsletter, number) if is_kept else None


def _text(one: Letter, leave: str) -> str:
    read, also, quit_ = _WORDS[one.newsletter.outlet.language]
    first, *others = one.articles
    lines = [first.title, "", first.teaser, "", f"{read} {one.url}", first.url, ""]
    lines += [also, *_listed(others), ""] if others else []
    return "\n".join([*lines, about(one.newsletter.outlet), f"{quit_} {leave}", ""])


def _listed(articles: Sequence[Article]) -> list[str]:
    return [f"- {one.title}\n  {one.url}" for one in articles]
