"""The mail of a delivery, or of several: what it says, and what mail programs are told of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any, Final
from zoneinfo import ZoneInfo

from vigie.catalogue import complete_language, format_day
from vigie.data.catalog import BarCatalog
from vigie.data.stores import DataStores
from vigie.domain.accents import fold_text
from vigie.domain.alert import Alert, AlertDelivery, AlertEvent, Channel
from vigie.domain.time import SECOND_MS, zoned
from vigie.intelligence.market.words import numbers_of
from vigie.intelligence.news.reading.sentences import split_sentences
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore, OutgoingDelivery
from vigie.ports.clock import Clock
from vigie.ports.home import IsSimulated
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.ports.notifier import Notifiers, OutgoingMessage
from vigie.ports.setups import SetupStore
from vigie.services.alerting.dispatch import zone_of
from vigie.services.alerting.layout import (
    MailContent,
    MailLine,
    MailQuote,
    MailSection,
    as_html,
    as_text,
)
from vigie.services.alerting.setup_mail import setup_pictures, setup_section
from vigie.services.alerting.signing import unsubscribe_token, webhook_key
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.alerting.wording import mark_title, reason_text, words_of
from vigie.services.news.entities.naming import asset_names
from vigie.services.news.news_rows import safe_link
from vigie.services.news.story_loading import current_ids, former_ids

MOST_IN_A_DIGEST: Final = 50
# Of a release: this many of its first sentences, as long as they have this many characters together.
MOST_SENTENCES, MOST_QUOTED, LONGEST_SENTENCE = 3, 480, 600
_READ: Final = 4_000
_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class MailSources:
    """What messages about alerts are written from."""

    alerts: AlertStore
    accounts: UserStore
    notifiers: Notifiers
    items: ItemStore
    names: NameStore
    catalog: BarCatalog
    setups: SetupStore
    data: DataStores
    clock: Clock
    is_simulated: IsSimulated


def mail_of(sources: MailSources, group: Sequence[OutgoingDelivery], channel: Channel) -> OutgoingMessage:
    """Return the message of deliveries of one channel: of one alert, or of those of a bundle."""
    first = group[0]
    language = first.rule.language if first.rule else language_of(sources.accounts, first.alert.owner)
    end = unsubscribe_address(sources.notifiers, first) if first.rule else ""
    content = mail_content(sources, group, language, sources.clock.wall_now(), end)
    message = render_message(
        sources.is_simulated, content, message_id(first.delivery), channel.target, language, end
    )
    message = replace(
        message,
        **threading_fields(sources.items, sources.alerts, group),
        attachments=tuple(setup_pictures(sources.setups, sources.data, group, language, sources.clock)),
    )
    alerts = [
        _alert_data(sources.is_simulated, sources.notifiers, outgoing, language)
        for outgoing in group[:MOST_IN_A_DIGEST]
    ]
    return _with_webhook_data(
        sources.is_simulated, sources.notifiers, message, channel, {"type": "alerts", "alerts": alerts}
    )


def mail_content(
    sources: MailSources, group: Sequence[OutgoingDelivery], language: str, now: int, end: str = ""
) -> MailContent:
    """Return what the message of some deliveries says; `now` is when it is sent, `end` where its mails are ended."""
    words, zone = words_of(language), zone_of(sources.accounts, group[0].alert.owner)
    sections = [
        _alert_section(
            sources.catalog,
            sources.names,
            sources.is_simulated,
            sources.notifiers,
            outgoing,
            language,
            zone,
            now,
        )
        for outgoing in group[:MOST_IN_A_DIGEST]
    ]
    subject = sections[0].title if len(group) == 1 else _digest_subject(group, words)
    links = [MailLine(words["all"], url=f"{sources.notifiers.address()}/alerts")]
    if end:
        links.append(MailLine(words["end"], url=end))
    return MailContent(subject, sections, links, _foot(sources.is_simulated, words))


def _digest_subject(group: Sequence[OutgoingDelivery], words: Mapping[str, str]) -> str:
    corrections = sum(outgoing.alert.mark == "correction" for outgoing in group)
    text = words["digest_corrections" if corrections else "digest"]
    return text.format(number=len(group), corrections=corrections)


def threading_fields(
    items: ItemStore, alerts: AlertStore, group: Sequence[OutgoingDelivery]
) -> dict[str, Any]:
    """Return the fields of a message that mail programs act on: which mails belong together, and how."""
    first = group[0].alert
    earlier = _earlier_message_ids(items, alerts, group[0]) if len(group) == 1 else ()
    return {"earlier": earlier, "group": first.rule, "kind": first.happening.kind}


def _earlier_message_ids(items: ItemStore, alerts: AlertStore, outgoing: OutgoingDelivery) -> Sequence[str]:
    """Return the ids of the messages that told of the same story by the same channel before, oldest first."""
    event = outgoing.alert.happening
    if event.kind != "item":
        return ()
    # Another release of a story has a key of its own below that of the story.
    story = event.key.partition("/")[0]
    story = current_ids(items, [story])[story]
    threads = [
        alerts.thread(outgoing.alert.owner, outgoing.delivery.channel, event.kind, name)
        for name in (*former_ids(items, [story])[story], story)
    ]
    thread = sorted((entry for some in threads for entry in some), key=lambda entry: _sort_key(entry.alert))
    before = [entry for entry in thread if _sort_key(entry.alert) < _sort_key(outgoing.alert)]
    return list(dict.fromkeys(message_id(entry.delivery) for entry in before))


def _sort_key(alert: Alert) -> tuple[int, bool, str]:
    """Return what alerts of one story are ordered by: one of the same moment that changes another comes after it."""
    return alert.ts, bool(alert.mark), alert.id


def _with_webhook_data(
    is_simulated: IsSimulated,
    notifiers: Notifiers,
    message: OutgoingMessage,
    channel: Channel,
    data: Mapping[str, Any],
) -> OutgoingMessage:
    """Add what a program reads and knows it by, where the channel leads to one."""
    if not notifiers.kind(channel.kind).is_signed:
        return message
    payload = {
        "subject": message.subject,
        "text": message.text,
        "is_simulated": is_simulated,
        **data,
    }
    return replace(message, data=payload, key=webhook_key(notifiers, channel.id))


def _alert_data(
    is_simulated: IsSimulated, notifiers: Notifiers, outgoing: OutgoingDelivery, language: str
) -> dict[str, Any]:
    event = outgoing.alert.happening
    return {
        "alert": outgoing.alert.id,
        "rule": outgoing.rule.name if outgoing.rule else "",
        "kind": event.kind,
        "title": title_of(event, language),
        "url": _absolute_url(is_simulated, notifiers, event.url),
        "source": event.source,
        "status": event.status,
        "mark": outgoing.alert.mark,
        "ts": event.ts,
        "ts_seen": event.ts_seen,
        "ts_processed": event.ts_processed,
        "assets": list(event.facts.get("assets", ())),
        "entities": list(event.facts.get("entities", ())),
        **({"record": event.facts.get("record")} if event.kind == "setup" else {}),
    }


def message_id(delivery: AlertDelivery) -> str:
    """Return the id of the message that a delivery goes out with: the same however often it is tried."""
    bundle = delivery.bundle
    return hashlib.sha256(bundle.encode()).hexdigest()[:24] if bundle else delivery.id


def unsubscribe_address(notifiers: Notifiers, outgoing: OutgoingDelivery) -> str:
    """Return where one request ends mails of a rule."""
    rule, channel = outgoing.alert.rule, outgoing.delivery.channel
    token = unsubscribe_token(notifiers, rule, channel)
    return f"{notifiers.address()}/unsubscribe/{rule}/{channel}/{token}"


def language_of(accounts: UserStore, owner: str) -> str:
    """Return the language that a person set; English where not everything is said in it."""
    return complete_language(str(accounts.settings(owner)[1].get("language") or "en"))


def make_note(
    is_simulated: IsSimulated,
    notifiers: Notifiers,
    message: str,
    channel: Channel,
    language: str,
    texts: Sequence[str],
) -> OutgoingMessage:
    """Return a short mail of Vigie's own: the first text is its subject."""
    words = words_of(language)
    lines = [MailLine(text=text) for text in texts[1:]]
    links = [MailLine(words["all"], url=f"{notifiers.address()}/alerts")]
    content = MailContent(texts[0], [MailSection(lines=lines)], links, _foot(is_simulated, words))
    rendered = render_message(is_simulated, content, message, channel.target, language, "")
    return _with_webhook_data(is_simulated, notifiers, rendered, channel, {"type": "note"})


def render_message(
    is_simulated: IsSimulated, content: MailContent, message: str, to: str, language: str, end: str
) -> OutgoingMessage:
    """Return a letter as text and as HTML."""
    tag = words_of(language)["simulated" if is_simulated else "tag"]
    return OutgoingMessage(
        message,
        to,
        f"{tag} {content.subject}",
        as_text(content, language),
        as_html(content, language),
        language,
        end,
    )


def _foot(is_simulated: IsSimulated, words: Mapping[str, str]) -> list[str]:
    return [*([words["world"]] if is_simulated else []), words["footer"]]


def _alert_section(
    catalog: BarCatalog,
    names: NameStore,
    is_simulated: IsSimulated,
    notifiers: Notifiers,
    outgoing: OutgoingDelivery,
    language: str,
    zone: str,
    now: int,
) -> MailSection:
    words = words_of(language)
    alert, event = outgoing.alert, outgoing.alert.happening
    title = mark_title(words, alert.mark, _shorten(title_of(event, language)))
    because = MailLine(text=reason_text(words, outgoing.rule))
    lines: list[MailLine | MailQuote] = list(_change_lines(is_simulated, notifiers, alert, words))
    if event.facts.get("assets"):
        lines.append(MailLine(words["assets"], ", ".join(asset_names(catalog, names, event.facts["assets"]))))
    url = _absolute_url(is_simulated, notifiers, event.url)
    if event.kind == "setup":
        return setup_section(event, language, url, [*lines, because])
    if event.kind != "item":
        return MailSection(title, because, url, lines)
    believed = (
        _absolute_url(is_simulated, notifiers, f"/news/{event.facts['item']}")
        if event.facts.get("item")
        else ""
    )
    if quoted := quote_opening(str(event.facts.get("text", "")), event.title):
        label = words["quoted_before"] if alert.mark else ""
        lines.insert(
            -1 if event.facts.get("assets") else len(lines), MailQuote(quoted, _language_code(event), label)
        )
    if believed:
        lines.append(MailLine(words["believed"], url=believed))
    lines += [MailLine(label, text) for label, text in _time_lines(alert, language, zone, now)]
    if is_simulated:
        lines.append(MailLine(text=words["pace"]))
    return MailSection(title, _byline(event, words), url or believed, [*lines, because])


def _byline(event: AlertEvent, words: Mapping[str, str]) -> MailLine:
    """Return who says it, and how far that is believed."""
    publisher = _shorten(str(event.facts.get("publisher") or event.source))
    tier = words.get(f"tier_{event.facts.get('tier')}", "")
    attribution = f"{publisher} ({tier})" if tier else publisher
    status = words.get(event.status, event.status)
    return MailLine(words["source"], f"{attribution}, {status}" if status else attribution)


def _change_lines(
    is_simulated: IsSimulated, notifiers: Notifiers, alert: Alert, words: Mapping[str, str]
) -> Iterator[MailLine]:
    """Yield what an alert changes about an earlier one, and by what."""
    event = alert.happening
    if alert.mark:
        yield MailLine(text=words[f"{alert.mark}_why"].format(status=words.get(event.status, event.status)))
    if event.facts.get("by_title"):
        yield MailLine(words["by"], _shorten(f"{event.facts['by_publisher']}: {event.facts['by_title']}"))
        if by := _absolute_url(is_simulated, notifiers, str(event.facts["by_url"])):
            yield MailLine(words["by_link"], url=by)


def _language_code(event: AlertEvent) -> str:
    language = str(event.facts.get("language", ""))
    return language if re.fullmatch(r"[a-z]{2,3}", language) else ""


def _absolute_url(is_simulated: IsSimulated, notifiers: Notifiers, url: str) -> str:
    return safe_link(url, notifiers.address(), is_simulated=is_simulated)


def _time_lines(alert: Alert, language: str, zone: str, now: int) -> list[tuple[str, str]]:
    """Return when it was published, seen and sent; the first two by the market's clock, which may be simulated."""
    words, event = words_of(language), alert.happening
    stated, precision = event.facts.get("ts_published"), event.facts.get("precision")
    if stated is None:
        published = (words["published"], words["unstated"])
    elif precision == "day":
        published = (words["published_day"], format_day(zoned(stated, UTC), language))
    else:
        time_format = "%H:%M:%S" if precision == "second" else "%H:%M"
        published = (words["published"], _format_time(stated, zone, time_format, language))
    seen_ts = int(event.facts.get("ts_first_seen") or event.ts_seen)
    took = [(words["sent"], _format_duration(now - event.ts_seen, language))]
    if event.ts is not None:
        took.insert(0, (words["found"], _format_duration(event.ts_seen - event.ts, language)))
    return [published, (words["seen"], _format_time(seen_ts, zone, "%H:%M:%S", language)), *took]


def _format_time(ts: int, zone: str, time_format: str, language: str) -> str:
    """Return a time in a person's zone, and in UTC, as a language writes days."""
    local, utc = zoned(ts, ZoneInfo(zone)), zoned(ts, UTC)
    if zone == "UTC":
        return f"{format_day(utc, language)} {utc:{time_format}} UTC"
    day = "" if local.date() == utc.date() else f"{format_day(utc, language)} "
    return f"{format_day(local, language)} {local:{time_format} %Z} ({day}{utc:{time_format}} UTC)"


def _format_duration(ms: int, language: str) -> str:
    return f"{max(0, ms) / SECOND_MS:.1f} s".replace(".", numbers_of(language).point)


def _shorten(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _TITLE else f"{joined[: _TITLE - 1]}…"


def quote_opening(text: str, title: str) -> str:
    """Return the first sentences of a text word for word, without one that only repeats its title."""
    candidates = [
        sentence for sentence in split_sentences(text, _READ) if fold_text(sentence.text) != fold_text(title)
    ]
    if not candidates:
        return ""
    selected = [
        sentence
        for sentence in candidates[:MOST_SENTENCES]
        if sentence.end - candidates[0].start <= MOST_QUOTED
    ] or candidates[:1]
    joined = " ".join(text[selected[0].start : selected[-1].end].split())
    # One endless sentence is cut between two words, and says so.
    return (
        joined if len(joined) <= LONGEST_SENTENCE else f"{joined[:LONGEST_SENTENCE].rpartition(' ')[0]} […]"
    )
