"""The weekly brief: read as a page of its own, as a PDF, and sent to one's mail addresses."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from dataclasses import asdict, replace
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import UsageError, VigieError
from vigie.domain.person import Caller
from vigie.ports.notifier import Message
from vigie.services.alerting.ways import cure_of
from vigie.services.desk.alerts import writer
from vigie.services.house import House
from vigie.services.news.brief import Brief, brief
from vigie.services.news.brief_mail import brief_mail, pdf_name
from vigie.services.news.brief_page import (
    Section,
    as_html,
    as_paper,
    as_text,
    foot_of,
    heads_of,
    sections_of,
    title_of,
)
from vigie.services.news.brief_prices import Price
from vigie.services.operation import Answer, Counted, Figure, operation
from vigie.services.people.accounts.throttle import take_one
from vigie.services.people.ownership import owner_of

# Mails of briefs that one person may ask for in an hour.
MOST_SENT: Final = 6


class BriefAsk(Counted):
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
    mark: str = Field("", description="In which language it is, where that is another than the brief's.")


class BriefLine(BaseModel):
    """One thing that a brief says."""

    text: str
    url: str
    language: str
    mark: str = Field("", description="In which language it is, where that is another than the brief's.")
    below: str
    below_language: str = Field(
        "", description="Of what is said below, where it is another than the brief's."
    )
    quotes: list[BriefQuote]


class BriefCurve(BaseModel):
    """A line of the chart: change of a price against the beginning of the week; null where closes are missing."""

    asset: str
    symbol: str
    name: str
    place: str
    values: list[tuple[int, float | None]]


class BriefChart(BaseModel):
    """The chart of a section; `alt` says what it shows to those who do not see it."""

    title: str
    alt: str
    note: str
    lines: list[BriefCurve]


class BriefPrice(BaseModel):
    """What an asset of the caller's watchlist cost at the end of the week; `is_before`: known before it only."""

    asset: str
    symbol: str
    name: str
    figure: Figure
    change_24h: float | None
    change_7d: float | None
    is_before: bool


class BriefSection(BaseModel):
    """A heading with its lines; `more` says what is left out; `chart` is the picture of it."""

    title: str
    lines: list[BriefLine]
    more: str
    chart: BriefChart | None = None


class BriefAnswer(Answer):
    """A week of news: `html` is a whole file without script, `text` and `sections` say the same."""

    week: str
    title: str
    html: str
    text: str
    heads: list[str]
    prices: list[BriefPrice]
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
    """Read a week in short: prices of one's watchlist, top stories, regulation, registers, mood, with sources."""
    found = _found(house, caller, ask)
    return BriefAnswer(
        week=found.week,
        title=title_of(found, ask.language),
        html=as_html(found, ask.language),
        text=as_text(found, ask.language),
        heads=list(heads_of(found, ask.language)),
        prices=[_price(one) for one in found.prices.prices],
        sections=[_section(one, found) for one in sections_of(found, ask.language)],
        foot=foot_of(found, ask.language),
    )


@operation("news.brief_pdf", example={"language": "fr"})
def print_brief(house: House, caller: Caller, ask: BriefAsk) -> BriefPdf:
    """Read a week of news in short as a PDF with its text, its links and its languages."""
    found = _found(house, caller, ask)
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
    found = _found(house, caller, ask)
    if not take_one(house.accounts, house.clock, f"brief/{owner}", MOST_SENT):
        raise UsageError(f"at most {MOST_SENT} briefs are sent in an hour; wait and try again")
    for channel in mine:
        message = brief_mail(house, found, channel.address, ask.language, "")
        message = replace(message, id=_named(message))
        try:
            asyncio.run(house.post.mail().send(message))
        except VigieError as fault:
            raise UsageError(f"the mail was not taken: {fault}; what helps: {cure_of(fault)}") from fault
    return BriefSent(week=found.week, addresses=[one.address for one in mine])


def _named(message: Message) -> str:
    """Return the same for the same words to the same reader, so that a mail sent twice can be told.

    A week that has not ended says more on Thursday than on Monday: that is another mail.
    """
    said = "\0".join(("brief", message.to, message.language, message.subject, message.text, message.html))
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _found(house: House, caller: Caller, ask: BriefAsk) -> Brief:
    return brief(house, ask.week, ask.language, owner=owner_of(house, caller), currency=ask.currency)


def _price(one: Price) -> BriefPrice:
    # Every amount of an answer is turned into the currency that was asked for on its way out.
    figure = Figure(value=one.dollars, unit="usd", source=one.place, ts_event=one.ts, is_stale=one.is_old)
    return BriefPrice(
        asset=one.asset, symbol=one.symbol, name=one.name, figure=figure, change_24h=one.change_24h,
        change_7d=one.change_7d, is_before=one.is_before,
    )  # fmt: skip


def _section(one: Section, found: Brief) -> BriefSection:
    lines = [BriefLine.model_validate(asdict(line)) for line in one.lines]
    drawing = one.drawing
    if drawing is None:
        return BriefSection(title=one.title, lines=lines, more=one.more)
    curves = [
        BriefCurve(asset=each.asset, symbol=each.symbol, name=each.name, place=each.place, values=list(each.points))
        for each in found.prices.curves
    ]  # fmt: skip
    chart = BriefChart(title=drawing.title, alt=drawing.alt, note=drawing.note, lines=curves)
    return BriefSection(title=one.title, lines=lines, more=one.more, chart=chart)
