"""The weekly brief: read as a page of its own, as a PDF, by mail now, and on a day and time of each week."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import asdict
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.alert import BRIEF, INBOX, AlertRule
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.ports.printing import Printer
from vigie.services.alerting.brief_mail import brief_mail, pdf_name
from vigie.services.alerting.dispatch import zone_of
from vigie.services.alerting.own_mail import confirmed_mail, send_now
from vigie.services.alerting.own_rules import own_rule_id, own_rule_name
from vigie.services.languages import Language
from vigie.services.news.brief.brief import Brief, BriefSources, build_brief
from vigie.services.news.brief.html import render_html
from vigie.services.news.brief.page import (
    Section,
    build_sections,
    foot_lines,
    head_lines,
    render_paper,
    render_text,
    title_of,
)
from vigie.services.news.brief.prices import WeekPrice
from vigie.services.news.brief.schedule import next_due
from vigie.services.operation import (
    CurrencyInput,
    Figure,
    NoInput,
    OperationInput,
    OperationResult,
    operation,
)
from vigie.services.operations.alerts import require_owner
from vigie.services.people.accounts.throttle import use_allowance
from vigie.services.people.ownership import owner_of

# Mails of briefs that one person may ask for in an hour.
MAX_SENT_PER_HOUR: Final = 6
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class BriefInput(CurrencyInput):
    """Which week, in which language."""

    week: str = Field(
        "", pattern=r"^(\d{4}-W\d{2})?$", description="ISO 8601, UTC; empty: the last whole week."
    )
    language: Language = "en"


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


class BriefResult(OperationResult):
    """A week of news: `html` is a whole file without script, `text` and `sections` say the same."""

    week: str
    title: str
    html: str
    text: str
    heads: list[str]
    prices: list[BriefPrice]
    sections: list[BriefSection]
    foot: list[str]
    has_pdf: bool = Field(description="Whether this installation makes the PDF of it.")


class BriefPdf(OperationResult):
    """A week of news as a PDF: `content` in base64, `digest` the SHA-256 of its bytes."""

    week: str
    title: str
    name: str
    size: int
    digest: str
    content: str


class BriefSent(OperationResult):
    """Where the brief of a week was sent."""

    week: str
    addresses: list[str]


@operation("news.brief", example={"language": "fr"})
def read_brief(caller: Caller, params: BriefInput, sources: BriefSources, printer: Printer) -> BriefResult:
    """Read a week in short: prices of one's watchlist, top stories, regulation, registers, mood, with sources."""
    week_brief = _build_brief(sources, caller, params)
    return BriefResult(
        week=week_brief.week,
        title=title_of(week_brief, params.language),
        html=render_html(week_brief, params.language),
        text=render_text(week_brief, params.language),
        heads=list(head_lines(week_brief, params.language)),
        prices=[_brief_price(entry) for entry in week_brief.prices.prices],
        sections=[_brief_section(entry, week_brief) for entry in build_sections(week_brief, params.language)],
        foot=foot_lines(week_brief, params.language),
        has_pdf=printer.is_ready,
    )


@operation("news.brief_pdf", example={"language": "fr"})
def read_brief_pdf(caller: Caller, params: BriefInput, sources: BriefSources, printer: Printer) -> BriefPdf:
    """Read a week of news in short as a PDF with its text, its links and its languages."""
    week_brief = _build_brief(sources, caller, params)
    content = printer.pdf(render_paper(week_brief, params.language))
    return BriefPdf(
        week=week_brief.week,
        title=title_of(week_brief, params.language),
        name=pdf_name(week_brief, params.language),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=b64encode(content).decode(),
    )


@operation("news.send_brief", scope="write", example={"language": "fr"})
def send_brief(
    caller: Caller, params: BriefInput, sources: BriefSources, alerts: AlertStore, printer: Printer
) -> BriefSent:
    """Send a week of news in short, with its PDF, to one's own confirmed mail addresses now."""
    owner = require_owner(caller)
    channels = confirmed_mail(alerts, owner)
    week_brief = _build_brief(sources, caller, params)
    if not use_allowance(sources.accounts, sources.clock, f"brief/{owner}", MAX_SENT_PER_HOUR):
        raise UsageError(
            "most_briefs_sent_per_hour",
            "at most {max_sent_per_hour} briefs are sent per hour; wait and try again",
            max_sent_per_hour=MAX_SENT_PER_HOUR,
        )
    for recipient in channels:
        message = brief_mail(
            sources.is_simulated, printer, week_brief, recipient.address, params.language, ""
        )
        # A week that has not ended says more on Thursday than on Monday: that is another mail.
        send_now(sources.notifiers, message, "brief")
    return BriefSent(week=week_brief.week, addresses=[channel.address for channel in channels])


def _build_brief(sources: BriefSources, caller: Caller, params: BriefInput) -> Brief:
    return build_brief(
        sources,
        params.week,
        params.language,
        owner=owner_of(sources.accounts, caller),
        currency=params.currency,
    )


def _brief_price(price: WeekPrice) -> BriefPrice:
    # Every amount of an answer is turned into the currency that was asked for on its way out.
    figure = Figure(
        value=price.dollars, unit="usd", source=price.place, ts_event=price.ts, is_stale=price.is_old
    )
    return BriefPrice(
        asset=price.asset, symbol=price.symbol, name=price.name, figure=figure, change_24h=price.change_24h,
        change_7d=price.change_7d, is_before=price.is_before,
    )  # fmt: skip


def _brief_section(section: Section, week_brief: Brief) -> BriefSection:
    lines = [BriefLine.model_validate(asdict(line)) for line in section.lines]
    drawing = section.drawing
    if drawing is None:
        return BriefSection(title=section.title, lines=lines, more=section.more)
    curves = [
        BriefCurve(asset=curve.asset, symbol=curve.symbol, name=curve.name, place=curve.place,
        values=list(curve.points))
        for curve in week_brief.prices.curves
    ]  # fmt: skip
    chart = BriefChart(title=drawing.title, alt=drawing.alt, note=drawing.note, lines=curves)
    return BriefSection(title=section.title, lines=lines, more=section.more, chart=chart)


class BriefScheduleInput(OperationInput):
    """When the brief is sent."""

    is_on: bool = True
    day: Day = "monday"
    at: str = Field(
        "08:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Time of day in the caller's zone."
    )
    language: Language = "en"


class BriefScheduleResult(OperationResult):
    """When the brief is sent; `ts_next` is 0 where it is not, `addresses` are those that it goes to."""

    is_on: bool
    day: Day
    at: str
    zone: str
    language: str
    ts_next: int
    addresses: list[str]


@operation("news.brief_schedule")
def read_schedule(
    caller: Caller, params: NoInput, accounts: UserStore, alerts: AlertStore, clock: Clock
) -> BriefScheduleResult:
    """Tell when the caller is sent the weekly brief, and where."""
    owner = owner_of(accounts, caller)
    return _schedule_result(accounts, alerts, clock, owner, alerts.rule(owner, own_rule_id(BRIEF, owner)))


@operation("news.schedule_brief", scope="write", example={"day": "monday", "at": "08:00"})
def schedule_brief(
    caller: Caller, params: BriefScheduleInput, accounts: UserStore, alerts: AlertStore, clock: Clock
) -> BriefScheduleResult:
    """Have the weekly brief sent to one's confirmed mail addresses on a day of each week, or stop that."""
    owner = require_owner(caller)
    before = alerts.rule(owner, own_rule_id(BRIEF, owner))
    channel_ids = [
        channel.id for channel in alerts.channels(owner) if channel.kind == "mail" and channel.is_confirmed
    ]
    if params.is_on and not channel_ids:
        raise UsageError(
            "add_confirm_e_mail_address", "add and confirm an e-mail address on the Alerts page first"
        )
    # What was due before it was asked for is not sent.
    when = {"day": (params.day,), "at": (params.at,), "since": (str(clock.market_now()),)}
    name = own_rule_name(BRIEF, params.language)
    rule = AlertRule(
        own_rule_id(BRIEF, owner), owner, name, BRIEF, when, channels=(*channel_ids, INBOX), is_on=params.is_on,
        language=params.language,
    )  # fmt: skip
    return _schedule_result(
        accounts, alerts, clock, owner, alerts.put_rule(rule, revision=before.revision if before else 0)
    )


def _schedule_result(
    accounts: UserStore, alerts: AlertStore, clock: Clock, owner: str, rule: AlertRule | None
) -> BriefScheduleResult:
    defaults = BriefScheduleInput.model_validate({})
    when = rule.when if rule is not None else {"day": (defaults.day,), "at": (defaults.at,)}
    zone = zone_of(accounts, owner)
    is_on = rule is not None and rule.is_on and not rule.ts_deleted
    given = {"day": when["day"][0], "at": when["at"][0], "zone": zone}
    now = clock.market_now()
    addresses = {channel.id: channel.address for channel in alerts.channels(owner) if channel.kind == "mail"}
    return BriefScheduleResult.model_validate({
        **given, "is_on": is_on, "language": rule.language if rule is not None else defaults.language,
        "ts_next": next_due(given["day"], given["at"], zone, now) if is_on else 0,
        "addresses": [
            addresses[channel] for channel in (rule.channels if rule and is_on else ()) if channel in addresses
        ],
    })  # fmt: skip
