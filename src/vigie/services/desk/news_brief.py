"""The weekly brief: read as a page of its own, as a PDF, and sent to one's mail addresses."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from dataclasses import asdict
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import UsageError, VigieError
from vigie.domain.person import Caller
from vigie.services.alerting.ways import cure_of
from vigie.services.desk.alerts import writer
from vigie.services.house import House
from vigie.services.news.brief import Brief, brief
from vigie.services.news.brief_mail import brief_mail, pdf_name
from vigie.services.news.brief_page import (
    as_html,
    as_paper,
    as_text,
    foot_of,
    heads_of,
    sections_of,
    title_of,
)
from vigie.services.operation import Answer, Ask, operation
from vigie.services.people.accounts.throttle import take_one

# Mails of briefs that one person may ask for in an hour.
MOST_SENT: Final = 6


class BriefAsk(Ask):
    """Which week, in which language."""

    week: str = Field(
        "", pattern=r"^(\d{4}-W\d{2})?$", description="ISO 8601, UTC; empty: the last whole week."
    )
    language: Literal["en", "fr"] = "en"


class BriefQuote(BaseModel):
    """A short quote, with its publisher and where it stands."""

    text: str
    publisher: str
    url: str
    language: str


class BriefLine(BaseModel):
    """One thing that a brief says."""

    text: str
    url: str
    language: str
    below: str
    below_language: str = Field(
        "", description="Of what is said below, where it is another than the brief's."
    )
    quotes: list[BriefQuote]


class BriefSection(BaseModel):
    """A heading with its lines; `more` says how many are left out."""

    title: str
    lines: list[BriefLine]
    more: str


class BriefAnswer(Answer):
    """A week of news: `html` is a whole file without script, `text` and `sections` say the same."""

    week: str
    title: str
    html: str
    text: str
    heads: list[str]
    sections: list[BriefSection]
    foot: list[str]


class BriefPdf(Answer):
    """A week of news as a PDF: `content` in base64, `digest` the SHA-256 of its bytes."""

    week: str
    title: str
    name: str
    size: int
    digest: str
    content: str


class BriefSent(Answer):
    """Where the brief of a week was sent."""

    week: str
    addresses: list[str]


@operation("news.brief", example={"language": "fr"})
def read_brief(house: House, caller: Caller, ask: BriefAsk) -> BriefAnswer:
    """Read a week of news in short: top stories, regulation, registers, mood, with sources."""
    found = brief(house, ask.week, ask.language)
    return BriefAnswer(
        week=found.week,
        title=title_of(found, ask.language),
        html=as_html(found, ask.language),
        text=as_text(found, ask.language),
        heads=list(heads_of(found, ask.language)),
        sections=[_section(asdict(one)) for one in sections_of(found, ask.language)],
        foot=foot_of(found, ask.language),
    )


@operation("news.brief_pdf", example={"language": "fr"})
def print_brief(house: House, caller: Caller, ask: BriefAsk) -> BriefPdf:
    """Read a week of news in short as a PDF with its text, its links and its languages."""
    found = brief(house, ask.week, ask.language)
    content = house.printer.pdf(as_paper(found, ask.language))
    return BriefPdf(
        week=found.week,
        title=title_of(found, ask.language),
        name=pdf_name(found, ask.language),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=b64encode(content).decode(),
    )


@operation("news.send_brief", scope="write", example={"language": "fr"})
def send_brief(house: House, caller: Caller, ask: BriefAsk) -> BriefSent:
    """Send a week of news in short, with its PDF, to one's own confirmed mail addresses now."""
    owner = writer(caller)
    mine = [one for one in house.alerts.channels(owner) if one.kind == "mail" and one.is_confirmed]
    if not mine:
        raise UsageError("add a mail address on the page of alerts and confirm it first")
    found = brief(house, ask.week, ask.language)
    if not take_one(house.accounts, house.clock, f"brief/{owner}", MOST_SENT):
        raise UsageError(f"at most {MOST_SENT} briefs are sent in an hour; wait and try again")
    for channel in mine:
        message = brief_mail(
            house, found, channel.address, ask.language, _named(found, ask.language, channel.address)
        )
        try:
            asyncio.run(house.post.mail().send(message))
        except VigieError as fault:
            raise UsageError(f"the mail was not taken: {fault}; what helps: {cure_of(fault)}") from fault
    return BriefSent(week=found.week, addresses=[one.address for one in mine])


def _named(found: Brief, language: str, address: str) -> str:
    """Return the same for the same week and reader, so that a mail sent twice can be told."""
    return hashlib.sha256(f"brief\0{found.week}\0{language}\0{address}".encode()).hexdigest()[:24]


def _section(one: dict[str, Any]) -> BriefSection:
    names = ("text", "publisher", "url", "language")
    lines = [
        {**line, "quotes": [dict(zip(names, quote, strict=True)) for quote in line["quotes"]]}
        for line in one["lines"]
    ]
    return BriefSection.model_validate({**one, "lines": lines})
