"""The weekly brief as a mail: text, HTML, and the same as a PDF that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vigie.domain.alert import Channel
from vigie.ports.alerts import OutgoingDelivery
from vigie.ports.notifier import Attachment, Message
from vigie.services.alerting.mails import language_of, message_id, programs_read, unsubscribe_address
from vigie.services.alerting.wording import words_of
from vigie.services.house import House
from vigie.services.market_data.euros import Money
from vigie.services.news.brief import Brief, brief
from vigie.services.news.brief_page import as_html, as_paper, as_text, title_of
from vigie.services.news.brief_words import WORDS


def pdf_name(found: Brief, language: str) -> str:
    """Return what the file of a brief is called."""
    return f"vigie-{found.week}-{language}.pdf"


def brief_mail(house: House, found: Brief, address: str, language: str, name: str, end: str = "") -> Message:
    """Return the mail of a brief; `name` stays the same at every try, `end` is where it is ended."""
    tag = words_of(language)["simulated" if house.is_simulated else "tag"]
    body = house.printer.pdf(as_paper(found, language))
    text, html = as_text(found, language, is_mail=True), as_html(found, language, end, is_mail=True)
    if end:
        text += f"{WORDS[language]['end']}: {end}\n"
    subject = f"{tag} {title_of(found, language)}"
    enclosed = (Attachment(pdf_name(found, language), "application/pdf", body),)
    return Message(name, address, subject, text, html, language, end, attachments=enclosed)


def brief_message(house: House, group: Sequence[OutgoingDelivery], channel: Channel) -> Message:
    """Return the mail of a brief that was due: of the week that its alert is about."""
    first = group[0]
    language = first.rule.language if first.rule else language_of(house, first.alert.owner)
    end = unsubscribe_address(house, first) if first.rule else ""
    owner = first.alert.owner
    money: Money = "eur" if house.accounts.settings(owner)[1].get("currency") == "eur" else "usd"
    found = brief(house, first.alert.happening.key, language, owner=owner, currency=money)
    made = brief_mail(house, found, channel.target, language, message_id(first.delivery), end)
    return replace(made, **programs_read(house, group))
