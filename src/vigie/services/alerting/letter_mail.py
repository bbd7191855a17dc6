"""A letter about holdings as a mail: text, HTML, and a PDF where this installation makes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Final

from vigie.domain.alert import Channel
from vigie.ports.alerts import AlertStore, OutgoingDelivery
from vigie.ports.home import IsSimulated
from vigie.ports.notifier import Attachment, Notifiers, OutgoingMessage
from vigie.ports.reports import ReportPrinter
from vigie.services.alerting.letter_schedule import span_of
from vigie.services.alerting.mails import language_of, message_id, unsubscribe_address
from vigie.services.alerting.wording import words_of
from vigie.services.holdings.holding_book import HoldingSources
from vigie.services.holdings.letter_making import LetterRequest, make_letter
from vigie.services.holdings.letter_report import letter_report, letter_text
from vigie.services.holdings.letter_rows import HoldingLetterRow, HoldingLetterTable
from vigie.services.holdings.letter_words import TEXTS
from vigie.services.holdings.simulated_mark import mark_simulated
from vigie.services.market_data.valuations import ValuationSources
from vigie.services.news.brief.words import TEXTS as BRIEF_TEXTS
from vigie.services.news.news_rows import safe_link

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}p{margin:.3rem 0}"
    ".small{font-size:.85rem;color:#555}a{color:#0b57a4}"
)


@dataclass(frozen=True, slots=True)
class LetterMailSources:
    """What letters are mailed by."""

    alerts: AlertStore
    notifiers: Notifiers
    printer: ReportPrinter
    is_simulated: IsSimulated


@dataclass(frozen=True, slots=True)
class LetterMaking:
    """What letters are made of."""

    holdings: HoldingSources
    valuations: ValuationSources


def letter_file(told: HoldingLetterTable) -> str:
    """Return what the file of a letter is called."""
    return f"vigie-{told.span}-{told.last}-{told.language}.pdf"


def letter_mail(
    sources: LetterMailSources, told: HoldingLetterTable, address: str, *, name: str = "", end: str = ""
) -> OutgoingMessage:
    """Return the mail of a letter; its subject has the days and no amount.

    Parameters
    ----------
    name : str
        Its id, the same at every try; empty where the sender makes one.
    end : str
        Where such mails end; empty where nothing ends.
    """
    tag = words_of(told.language)["simulated" if sources.is_simulated else "tag"]
    said = f"{BRIEF_TEXTS[told.language]['simulated']}\n\n" if sources.is_simulated else ""
    enclosed: tuple[Attachment, ...] = ()
    if sources.printer.is_ready:
        body = sources.printer.report_pdf(mark_simulated(letter_report(told), sources.is_simulated))
        enclosed = (Attachment(letter_file(told), "application/pdf", body),)
    text = f"{said}{letter_text(told)}"
    text += f"{BRIEF_TEXTS[told.language]['end']}: {end}\n" if end else ""
    return OutgoingMessage(
        name, address, f"{tag} {told.title}", text, letter_html(sources, told, end), told.language, end,
        attachments=enclosed,
    )  # fmt: skip


def letter_message(
    making: LetterMaking, sources: LetterMailSources, group: Sequence[OutgoingDelivery], channel: Channel
) -> OutgoingMessage:
    """Return the mail of a letter that was due: of the days that its alert is about."""
    first = group[0]
    owner, happening = first.alert.owner, first.alert.happening
    language = first.rule.language if first.rule else language_of(making.holdings.accounts, owner)
    span, _, last = happening.key.partition("/")
    request = LetterRequest(owner, span_of(span), last, language, "", sources.printer.is_ready)
    told = make_letter(request, making.holdings, making.valuations)
    end = unsubscribe_address(sources.notifiers, first) if first.rule else ""
    message = letter_mail(sources, told, channel.target, name=message_id(first.delivery), end=end)
    return replace(message, group=first.alert.rule, kind=happening.kind)


def letter_html(sources: LetterMailSources, told: HoldingLetterTable, end: str = "") -> str:
    """Return a letter as one HTML file, without script and loading nothing."""
    texts, title = TEXTS[told.language], escape(told.title)
    body = "".join(
        f"<section><h2>{escape(texts[part])}</h2>{''.join(_paragraph(sources, row) for row in rows)}</section>"
        for part, rows in groupby(told.rows, key=lambda row: row.part)
    )
    said = BRIEF_TEXTS[told.language]["simulated"] if sources.is_simulated else ""
    head = f'<p class="small">{escape(said)}</p>' if said else ""
    foot = f'<p class="small">{escape(texts["footer"])}</p>'
    if end:
        foot += (
            f'<p class="small"><a href="{escape(end)}">{escape(BRIEF_TEXTS[told.language]["end"])}</a></p>'
        )
    return (
        f'<!doctype html>\n<html lang="{told.language}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>{head}{body}"
        f"<footer>{foot}</footer></body></html>\n"
    )


def _paragraph(sources: LetterMailSources, row: HoldingLetterRow) -> str:
    link = safe_link(row.address, sources.notifiers.address(), is_simulated=bool(sources.is_simulated))
    text = escape(row.text)
    return f'<p><a href="{escape(link)}">{text}</a></p>' if link else f"<p>{text}</p>"
