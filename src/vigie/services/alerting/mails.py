"""The mail of a delivery, or of several: what it says, and what mail programs are told of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any, Final
from zoneinfo import ZoneInfo

from vigie.domain.accents import fold_text
from vigie.domain.alert import Alert, AlertDelivery, AlertEvent, Channel
from vigie.domain.time import SECOND_MS, zoned
from vigie.intelligence.news.reading.sentences import split_sentences
from vigie.ports.alerts import OutgoingDelivery
from vigie.ports.notifier import Message
from vigie.services.alerting.layout import (
    Letter,
    MailLine,
    MailQuote,
    MailSection,
    as_html,
    as_text,
)
from vigie.services.alerting.signing import unsubscribe_word, webhook_key
from vigie.services.alerting.telling import zone_of
from vigie.services.alerting.watching.saying import title_of
from vigie.services.alerting.wording import marked, words_of
from vigie.services.house import House
from vigie.services.news.item_links import safe_link
from vigie.services.news.naming import asset_names
from vigie.services.news.story_ids import current_ids, former_ids

MOST_IN_A_DIGEST: Final = 50
# Of a release: this many of its first sentences, as long as they have this many characters together.
MOST_SENTENCES, MOST_QUOTED, LONGEST_SENTENCE = 3, 480, 600
_READ: Final = 4_000
_TITLE: Final = 200


def mail_of(house: House, group: Sequence[OutgoingDelivery], channel: Channel) -> Message:
    """Return the message of deliveries of one channel: of one alert, or of those of a bundle."""
    first = group[0]
    language = first.rule.language if first.rule else language_of(house, first.alert.owner)
    words, zone = words_of(language), zone_of(house, first.alert.owner)
    now = house.clock.wall_now()
    sections = [_section(house, one, language, zone, now) for one in group[:MOST_IN_A_DIGEST]]
    subject = sections[0].title if len(group) == 1 else _digest_subject(group, words)
    end = unsubscribe_address(house, first) if first.rule else ""
    links = [MailLine(words["all"], url=f"{house.post.address()}/alerts")]
    if end:
        links.append(MailLine(words["end"], url=end))
    letter = Letter(subject, sections, links, _foot(house, words))
    made = written(house, letter, message_id(first.delivery), channel.target, language, end)
    made = replace(made, **programs_read(house, group))
    alerts = [_told(house, one, language) for one in group[:MOST_IN_A_DIGEST]]
    return _for_programs(house, made, channel, {"type": "alerts", "alerts": alerts})


def _digest_subject(group: Sequence[OutgoingDelivery], words: Mapping[str, str]) -> str:
    corrections = sum(one.alert.mark == "correction" for one in group)
    text = words["digest_corrections" if corrections else "digest"]
    return text.format(number=len(group), corrections=corrections)


def programs_read(house: House, group: Sequence[OutgoingDelivery]) -> dict[str, Any]:
    """Return the fields of a message that mail programs act on: which mails belong together, and how."""
    first = group[0].alert
    earlier = _earlier(house, group[0]) if len(group) == 1 else ()
    return {"earlier": earlier, "group": first.rule, "kind": first.happening.kind}


def _earlier(house: House, one: OutgoingDelivery) -> Sequence[str]:
    """Return the ids of the messages that told of the same story by the same channel before, oldest first."""
    told = one.alert.happening
    if told.kind != "item":
        return ()
    # Another release of a story has a key of its own below that of the story.
    story = told.key.partition("/")[0]
    story = current_ids(house, [story])[story]
    threads = [
        house.alerts.thread(one.alert.owner, one.delivery.channel, told.kind, name)
        for name in (*former_ids(house, [story])[story], story)
    ]
    thread = sorted((each for some in threads for each in some), key=lambda each: _order(each.alert))
    before = [each for each in thread if _order(each.alert) < _order(one.alert)]
    return list(dict.fromkeys(message_id(each.delivery) for each in before))


def _order(alert: Alert) -> tuple[int, bool, str]:
    """Return what alerts of one story are ordered by: one of the same moment that changes another comes after it."""
    return alert.ts, bool(alert.mark), alert.id


def _for_programs(house: House, message: Message, channel: Channel, data: Mapping[str, Any]) -> Message:
    """Add what a program reads and knows it by, where the channel leads to one."""
    if channel.kind != "webhook":
        return message
    said = {"subject": message.subject, "text": message.text, "is_simulated": house.is_simulated, **data}
    return replace(message, data=said, key=webhook_key(house, channel.id))


def _told(house: House, one: OutgoingDelivery, language: str) -> dict[str, Any]:
    told = one.alert.happening
    return {
        "alert": one.alert.id, "rule": one.rule.name if one.rule else "", "kind": told.kind,
        "title": title_of(told, language), "url": _linked(house, told.url), "source": told.source,
        "status": told.status, "mark": one.alert.mark, "ts": told.ts, "ts_seen": told.ts_seen,
        "ts_processed": told.ts_processed, "assets": list(told.facts.get("assets", ())),
        "entities": list(told.facts.get("entities", ())),
    }  # fmt: skip


def message_id(delivery: AlertDelivery) -> str:
    """Return the id of the message that a delivery goes out with: the same however often it is tried."""
    bundle = delivery.bundle
    return hashlib.sha256(bundle.encode()).hexdigest()[:24] if bundle else delivery.id


def unsubscribe_address(house: House, one: OutgoingDelivery) -> str:
    """Return where one request ends mails of a rule."""
    rule, channel = one.alert.rule, one.delivery.channel
    return f"{house.post.address()}/unsubscribe/{rule}/{channel}/{unsubscribe_word(house, rule, channel)}"


def language_of(house: House, owner: str) -> str:
    """Return the language that a person set."""
    return str(house.accounts.settings(owner)[1].get("language") or "en")


def note_of(house: House, message: str, channel: Channel, language: str, texts: Sequence[str]) -> Message:
    """Return a short mail of Vigie's own: the first text is its subject."""
    words = words_of(language)
    lines = [MailLine(text=text) for text in texts[1:]]
    links = [MailLine(words["all"], url=f"{house.post.address()}/alerts")]
    letter = Letter(texts[0], [MailSection(lines=lines)], links, _foot(house, words))
    made = written(house, letter, message, channel.target, language, "")
    return _for_programs(house, made, channel, {"type": "note"})


def written(house: House, letter: Letter, message: str, to: str, language: str, end: str) -> Message:
    """Return a letter as text and as HTML."""
    tag = words_of(language)["simulated" if house.is_simulated else "tag"]
    return Message(
        message,
        to,
        f"{tag} {letter.subject}",
        as_text(letter, language),
        as_html(letter, language),
        language,
        end,
    )


def _foot(house: House, words: Mapping[str, str]) -> list[str]:
    return [*([words["world"]] if house.is_simulated else []), words["footer"]]


def _section(house: House, one: OutgoingDelivery, language: str, zone: str, now: int) -> MailSection:
    words = words_of(language)
    alert, told = one.alert, one.alert.happening
    title = marked(words, alert.mark, _short(title_of(told, language)))
    because = MailLine(text=words["because"].format(rule=one.rule.name) if one.rule else words["because_own"])
    lines: list[MailLine | MailQuote] = list(_changes(house, alert, words))
    if told.facts.get("assets"):
        lines.append(MailLine(words["assets"], ", ".join(asset_names(house, told.facts["assets"]))))
    url = _linked(house, told.url)
    if told.kind != "item":
        return MailSection(title, because, url, lines)
    believed = _linked(house, f"/news/{told.facts['item']}") if told.facts.get("item") else ""
    if quoted := opening(str(told.facts.get("text", "")), told.title):
        label = words["quoted_before"] if alert.mark else ""
        lines.insert(-1 if told.facts.get("assets") else len(lines), MailQuote(quoted, _spoken(told), label))
    if believed:
        lines.append(MailLine(words["believed"], url=believed))
    lines += [MailLine(label, text) for label, text in _times(alert, language, zone, now)]
    if house.is_simulated:
        lines.append(MailLine(text=words["pace"]))
    return MailSection(title, _byline(told, words), url or believed, [*lines, because])


def _byline(told: AlertEvent, words: Mapping[str, str]) -> MailLine:
    """Return who says it, and how far that is believed."""
    publisher = _short(str(told.facts.get("publisher") or told.source))
    tier = words.get(f"tier_{told.facts.get('tier')}", "")
    who = f"{publisher} ({tier})" if tier else publisher
    status = words.get(told.status, told.status)
    return MailLine(words["source"], f"{who}, {status}" if status else who)


def _changes(house: House, alert: Alert, words: Mapping[str, str]) -> Iterator[MailLine]:
    """Yield what an alert changes about an earlier one, and by what."""
    told = alert.happening
    if alert.mark:
        yield MailLine(text=words[f"{alert.mark}_why"].format(status=words.get(told.status, told.status)))
    if told.facts.get("by_title"):
        yield MailLine(words["by"], _short(f"{told.facts['by_publisher']}: {told.facts['by_title']}"))
        if by := _linked(house, str(told.facts["by_url"])):
            yield MailLine(words["by_link"], url=by)


def _spoken(told: AlertEvent) -> str:
    language = str(told.facts.get("language", ""))
    return language if re.fullmatch(r"[a-z]{2,3}", language) else ""


def _linked(house: House, url: str) -> str:
    return safe_link(url, house.post.address(), is_simulated=house.is_simulated)


def _times(alert: Alert, language: str, zone: str, now: int) -> list[tuple[str, str]]:
    """Return when it was published, seen and sent; the first two by the market's clock, which may be simulated."""
    words, told = words_of(language), alert.happening
    stated, precision = told.facts.get("ts_published"), told.facts.get("precision")
    if stated is None:
        published = (words["published"], words["unstated"])
    elif precision == "day":
        published = (words["published_day"], f"{zoned(stated, UTC):%Y-%m-%d}")
    else:
        shown = "%H:%M:%S" if precision == "second" else "%H:%M"
        published = (words["published"], _moment(stated, zone, shown))
    seen = int(told.facts.get("ts_first_seen") or told.ts_seen)
    took = [(words["sent"], _took(now - told.ts_seen, language))]
    if told.ts is not None:
        took.insert(0, (words["found"], _took(told.ts_seen - told.ts, language)))
    return [published, (words["seen"], _moment(seen, zone, "%H:%M:%S")), *took]


def _moment(ts: int, zone: str, shown: str) -> str:
    """Return a time in a person's zone, and in UTC."""
    here, there = zoned(ts, ZoneInfo(zone)), zoned(ts, UTC)
    if zone == "UTC":
        return f"{there:%Y-%m-%d {shown} UTC}"
    day = "" if here.date() == there.date() else f"{there:%Y-%m-%d} "
    return f"{here:%Y-%m-%d {shown} %Z} ({day}{there:{shown}} UTC)"


def _took(ms: int, language: str) -> str:
    told = f"{max(0, ms) / SECOND_MS:.1f} s"
    return told.replace(".", ",") if language == "fr" else told


def _short(text: str) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= _TITLE else f"{whole[: _TITLE - 1]}…"


def opening(text: str, title: str) -> str:
    """Return the first sentences of a text word for word, without one that only repeats its title."""
    found = [one for one in split_sentences(text, _READ) if fold_text(one.text) != fold_text(title)]
    if not found:
        return ""
    kept = [one for one in found[:MOST_SENTENCES] if one.end - found[0].start <= MOST_QUOTED] or found[:1]
    whole = " ".join(text[kept[0].start : kept[-1].end].split())
    # One endless sentence is cut between two words, and says so.
    return whole if len(whole) <= LONGEST_SENTENCE else f"{whole[:LONGEST_SENTENCE].rpartition(' ')[0]} […]"
