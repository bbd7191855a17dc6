"""The mail of a delivery, or of several: text and HTML that say the same; what others wrote is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from vigie.domain.alert import Alert, Channel
from vigie.domain.time import SECOND_MS, zoned
from vigie.ports.alerts import Outgoing
from vigie.ports.notifier import Message
from vigie.services.alerting.signing import unsubscribe_word, webhook_key
from vigie.services.alerting.telling import zone_of
from vigie.services.alerting.watching.saying import title_of
from vigie.services.alerting.wording import marked, words_of
from vigie.services.house import House
from vigie.services.news.leading import linked
from vigie.services.news.naming import asset_names

MOST_IN_A_DIGEST: Final = 50
_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, before it is text or HTML.

    Attributes
    ----------
    parts : sequence of (title, lines, address)
        Each line a pair of a label and what it says; the label may be empty.
    links : sequence of (text, address)
    """

    subject: str
    parts: Sequence[tuple[str, Sequence[tuple[str, str]], str]]
    links: Sequence[tuple[str, str]]
    foot: Sequence[str]


def mail_of(house: House, group: Sequence[Outgoing], channel: Channel) -> Message:
    """Return the message of deliveries of one channel: of one alert, or of those of a bundle."""
    first = group[0]
    language = first.rule.language if first.rule else language_of(house, first.alert.owner)
    words, zone = words_of(language), zone_of(house, first.alert.owner)
    now = house.clock.wall_now()
    parts = [_part(house, one, language, zone, now) for one in group[:MOST_IN_A_DIGEST]]
    subject = parts[0][0] if len(group) == 1 else words["digest"].format(number=len(group))
    end = unsubscribe_address(house, first) if first.rule else ""
    links = [(words["all"], f"{house.post.address()}/alerts")]
    if end:
        links.append((words["end"], end))
    letter = Letter(subject, parts, links, _foot(house, words))
    made = written(house, letter, message_id(group), channel.target, language, end)
    alerts = [_told(house, one, language) for one in group[:MOST_IN_A_DIGEST]]
    return _for_programs(house, made, channel, {"type": "alerts", "alerts": alerts})


def _for_programs(house: House, message: Message, channel: Channel, data: Mapping[str, Any]) -> Message:
    """Add what a program reads and knows it by, where the channel leads to one."""
    if channel.kind != "webhook":
        return message
    said = {"subject": message.subject, "text": message.text, "is_simulated": house.is_simulated, **data}
    return replace(message, data=said, key=webhook_key(house, channel.id))


def _told(house: House, one: Outgoing, language: str) -> dict[str, Any]:
    told = one.alert.happening
    return {
        "alert": one.alert.id, "rule": one.rule.name if one.rule else "", "kind": told.kind,
        "title": title_of(told, language), "url": _linked(house, told.url), "source": told.source,
        "status": told.status, "mark": one.alert.mark, "ts": told.ts, "ts_seen": told.ts_seen,
        "ts_processed": told.ts_processed, "assets": list(told.facts.get("assets", ())),
        "entities": list(told.facts.get("entities", ())),
    }  # fmt: skip


def message_id(group: Sequence[Outgoing]) -> str:
    """Return what stays the same however often it is tried."""
    bundle = group[0].delivery.bundle
    return hashlib.sha256(bundle.encode()).hexdigest()[:24] if bundle else group[0].delivery.id


def unsubscribe_address(house: House, one: Outgoing) -> str:
    """Return where one request ends mails of a rule."""
    rule, channel = one.alert.rule, one.delivery.channel
    return f"{house.post.address()}/unsubscribe/{rule}/{channel}/{unsubscribe_word(house, rule, channel)}"


def language_of(house: House, owner: str) -> str:
    """Return the language that a person set."""
    return str(house.accounts.settings(owner)[1].get("language") or "en")


def note_of(house: House, message: str, channel: Channel, language: str, texts: Sequence[str]) -> Message:
    """Return a short mail of Vigie's own: the first text is its subject."""
    words = words_of(language)
    lines = [("", text) for text in texts[1:]]
    links = [(words["all"], f"{house.post.address()}/alerts")]
    letter = Letter(texts[0], [("", lines, "")], links, _foot(house, words))
    made = written(house, letter, message, channel.target, language, "")
    return _for_programs(house, made, channel, {"type": "note"})


def written(house: House, letter: Letter, message: str, to: str, language: str, end: str) -> Message:
    """Return a letter as text and as HTML."""
    tag = words_of(language)["simulated" if house.is_simulated else "tag"]
    return Message(
        message,
        to,
        f"{tag} {letter.subject}",
        _text(letter, language),
        _html(letter, language),
        language,
        end,
    )


def _foot(house: House, words: Mapping[str, str]) -> list[str]:
    return [*([words["world"]] if house.is_simulated else []), words["footer"]]


def _part(
    house: House, one: Outgoing, language: str, zone: str, now: int
) -> tuple[str, Sequence[tuple[str, str]], str]:
    words = words_of(language)
    alert, told = one.alert, one.alert.happening
    title = marked(words, alert.mark, _short(title_of(told, language)))
    status = words.get(told.status, told.status)
    lines = []
    if alert.mark:
        lines.append(("", words[f"{alert.mark}_why"].format(status=status)))
    if told.facts.get("by_title"):
        said = f"{told.facts['by_publisher']}: {told.facts['by_title']}"
        lines.append((words["by"], _short(said)))
        lines.append((words["by_link"], _linked(house, str(told.facts["by_url"]))))
    if told.source and told.kind == "item":
        lines.append((words["source"], _short(str(told.facts.get("publisher") or told.source))))
    if told.status and told.kind == "item":
        lines.append((words["status"], status))
    if told.facts.get("assets"):
        lines.append((words["assets"], ", ".join(asset_names(house, told.facts["assets"]))))
    if told.kind == "item":
        lines += _times(alert, language, zone, now)
        if house.is_simulated:
            lines.append(("", words["pace"]))
        if why := _linked(house, f"/news/{told.facts['item']}") if told.facts.get("item") else "":
            lines.append((words["believed"], why))
    because = words["because"].format(rule=one.rule.name) if one.rule else words["because_own"]
    return title, [*lines, ("", because)], _linked(house, told.url)


def _linked(house: House, url: str) -> str:
    return linked(url, house.post.address(), is_simulated=house.is_simulated)


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
        published = (words["published"], f"{zoned(stated, ZoneInfo(zone)):%Y-%m-%d {shown} %Z}")
    seen = int(told.facts.get("ts_first_seen") or told.ts_seen)
    took = [(words["sent"], _took(now - told.ts_seen, language))]
    if told.ts is not None:
        took.insert(0, (words["found"], _took(told.ts_seen - told.ts, language)))
    return [published, (words["seen"], f"{zoned(seen, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}"), *took]


def _colon(language: str) -> str:
    return "\N{NO-BREAK SPACE}: " if language == "fr" else ": "


def _took(ms: int, language: str) -> str:
    told = f"{max(0, ms) / SECOND_MS:.1f} s"
    return told.replace(".", ",") if language == "fr" else told


def _short(text: str) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= _TITLE else f"{whole[: _TITLE - 1]}…"


def _text(letter: Letter, language: str) -> str:
    colon = _colon(language)
    lines: list[str] = []
    for title, said, url in letter.parts:
        lines += [title] if title else []
        lines += [f"{label}{colon}{text}" if label else text for label, text in said]
        lines += [url] if url else []
        lines.append("")
    lines += [f"{text}{colon}{url}" for text, url in letter.links]
    return "\n".join([*lines, "", *letter.foot, ""])


def _html(letter: Letter, language: str) -> str:
    body: list[str] = []
    colon = _colon(language)
    for title, said, url in letter.parts:
        if title:
            shown = f'<a href="{escape(url)}">{escape(title)}</a>' if url else escape(title)
            body.append(f'<h1 style="font-size:18px;margin:24px 0 8px">{shown}</h1>')
        body += [
            f'<p style="margin:4px 0">{f"<b>{escape(label)}{colon}</b>" if label else ""}{escape(text)}</p>'
            for label, text in said
        ]
    links = " · ".join(f'<a href="{escape(url)}">{escape(text)}</a>' for text, url in letter.links)
    foot = "".join(f'<p style="margin:4px 0">{escape(line)}</p>' for line in letter.foot)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f"<title>{escape(letter.subject)}</title></head>"
        '<body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:640px">'
        f'{"".join(body)}<p style="margin:24px 0 8px">{links}</p>'
        f'<div style="font-size:13px">{foot}</div></body></html>'
    )
