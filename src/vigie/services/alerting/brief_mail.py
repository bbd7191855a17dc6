"""The weekly brief as a mail: text, HTML, and the same as a PDF that goes with it where one can be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vigie.domain.alert import Channel
from vigie.ports.alerts import AlertStore, OutgoingDelivery
from vigie.ports.home import IsSimulated
from vigie.ports.notifier import Attachment, OutgoingMessage
from vigie.ports.printing import Printer
from vigie.services.alerting.mails import language_of, message_id, threading_fields, unsubscribe_address
from vigie.services.alerting.wording import words_of
from vigie.services.market_data.euros import Money
from vigie.services.news.brief.brief import Brief, BriefSources, build_brief
from vigie.services.news.brief.html import render_html
from vigie.services.news.brief.page import render_paper, render_text, title_of
from vigie.services.news.brief.words import TEXTS


def pdf_name(brief_of_week: Brief, language: str) -> str:
    """Return what the file of a brief is called."""
    return f"vigie-{brief_of_week.week}-{language}.pdf"


def brief_mail(
    is_simulated: IsSimulated,
    printer: Printer,
    brief_of_week: Brief,
    address: str,
    language: str,
    name: str,
    end: str = "",
) -> OutgoingMessage:
    """Return the mail of a brief; `name` stays the same at every try, `end` is where it is ended."""
    tag = words_of(language)["simulated" if is_simulated else "tag"]
    text, html = (
        render_text(brief_of_week, language, is_mail=True),
        render_html(brief_of_week, language, end, is_mail=True),
    )
    if end:
        text += f"{TEXTS[language]['end']}: {end}\n"
    subject = f"{tag} {title_of(brief_of_week, language)}"
    enclosed: tuple[Attachment, ...] = ()
    if printer.is_ready:
        body = printer.pdf(render_paper(brief_of_week, language))
        enclosed = (Attachment(pdf_name(brief_of_week, language), "application/pdf", body),)
    return OutgoingMessage(name, address, subject, text, html, language, end, attachments=enclosed)


def brief_message(
    sources: BriefSources,
    alerts: AlertStore,
    printer: Printer,
    group: Sequence[OutgoingDelivery],
    channel: Channel,
) -> OutgoingMessage:
    """Return the mail of a brief that was due: of the week that its alert is about."""
    first = group[0]
    language = first.rule.language if first.rule else language_of(sources.accounts, first.alert.owner)
    end = unsubscribe_address(sources.notifiers, first) if first.rule else ""
    owner = first.alert.owner
    money: Money = "eur" if sources.accounts.settings(owner)[1].get("currency") == "eur" else "usd"
    brief_of_week = build_brief(sources, first.alert.happening.key, language, owner=owner, currency=money)
    message = brief_mail(
        sources.is_simulated,
        printer,
        brief_of_week,
        channel.target,
        language,
        message_id(first.delivery),
        end,
    )
    return replace(message, **threading_fields(sources.items, alerts, group))
