"""Channels that people have: confirmed by a code, tried by a test mail, reported elsewhere when they are dead."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vigie.domain.alert import (
    INBOX,
    Alert,
    AlertDelivery,
    AlertEvent,
    AlertRule,
    Channel,
    alert_id,
    delivery_id,
)
from vigie.domain.errors import AuthError, ConfigError, NotFound, OutcomeUnknown, UsageError, VigieError
from vigie.domain.time import DAY_MS
from vigie.ports.alerts import OutgoingDelivery
from vigie.services.alerting.mails import language_of, note_of
from vigie.services.alerting.signing import is_unsubscribe_word
from vigie.services.alerting.wording import words_of
from vigie.services.french import InFrench
from vigie.services.house import House
from vigie.services.people.accounts.throttle import take_one
from vigie.services.people.secret_words import secret_code, secret_word

CODE_MS: Final = 30 * 60_000
# Mails that one person may have sent to addresses in an hour, codes and tests together.
MOST_NOTES: Final = 10
MOST_CHANNELS: Final = 5


def send_code(house: House, channel: Channel, language: str) -> None:
    """Mail a code to a channel that is to be confirmed.

    Raises
    ------
    UsageError
        If the mail is not taken; the message says why and what to do.
    """
    code = secret_code()
    words = words_of(language)
    texts = [
        words["code_subject"].format(code=code),
        words["code_text"].format(code=code),
        words["code_else"],
    ]
    _send_note(house, channel, language, texts)
    expires = house.clock.wall_now() + CODE_MS
    house.alerts.put_code(channel.owner, channel.id, code_key(channel.id, code), ts_expires=expires)


def code_key(channel: str, code: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(f"{channel}\0{code.strip()}".encode()).hexdigest()


def send_test(house: House, channel: Channel, language: str) -> None:
    """Mail a test to a channel; once it was taken the channel counts as living again.

    Raises
    ------
    UsageError
        If the mail is not taken; the message says why and what to do.
    """
    words = words_of(language)
    _send_note(house, channel, language, [words["test_subject"], words["test_text"]])
    if channel.ts_dead:
        house.alerts.put_channel(replace(channel, ts_dead=0, why=""))


def _send_note(house: House, channel: Channel, language: str, texts: Sequence[str]) -> None:
    if not take_one(house.accounts, house.clock, f"alert-notes/{channel.owner}", MOST_NOTES):
        raise UsageError(f"at most {MOST_NOTES} such mails are sent in an hour; wait and try again")
    try:
        message = note_of(house, secret_word(12), channel, language, texts)
        asyncio.run(house.post.for_kind(channel.kind).send(message))
    except VigieError as fault:
        if channel.kind == "webhook":
            cure = "the address must be on the public internet and answer 2xx within 15 s"
            raise UsageError(f"the request was not taken: {fault}; what helps: {cure}") from fault
        if channel.kind == "apprise":
            raise UsageError(f"the message was not taken: {fault}") from fault
        raise UsageError(f"the mail was not taken: {fault}; what helps: {cure_of(fault)}") from fault


def cure_of(fault: VigieError) -> str:
    """Say what to do about a mail that was not taken."""
    said = str(fault)
    if isinstance(fault, ConfigError):
        return "set it, then start Vigie again"
    if isinstance(fault, AuthError):
        return "check user and password in VIGIE_SMTP_URL; many providers want a password made for programs"
    if isinstance(fault, OutcomeUnknown):
        return "it may have arrived all the same: look into the mailbox"
    if "encryption" in said or "SSL" in said or "Certificate" in said:
        return "use smtps:// with port 465, or a server whose certificate is good"
    if "does not answer" in said:
        return "check host and port in VIGIE_SMTP_URL, and that this machine may reach them"
    return "check the address; the mail server's own words say more"


def channel_died(house: House, channel: Channel, why: str, french: InFrench) -> None:
    """Note that a channel takes nothing any more, and say so on the person's others."""
    if channel.ts_dead:
        return
    now = house.clock.wall_now()
    house.alerts.put_channel(replace(channel, ts_dead=now, why=why[:300]))
    language = language_of(house, channel.owner)
    said = french(why) if language == "fr" else why
    title = words_of(language)["dead_title"].format(address=channel.address, why=said)
    _report(
        house,
        channel.owner,
        AlertEvent("channel", channel.id, title, now, now, status=f"dead/{now}"),
        channel.id,
    )


def server_refuses(house: House, one: OutgoingDelivery, why: str, french: InFrench) -> None:
    """Say in the inbox, once a day, that nothing goes out that way."""
    now, owner = house.clock.wall_now(), one.alert.owner
    language = language_of(house, owner)
    words, said = words_of(language), french(why) if language == "fr" else why
    title = words["server_title"].format(why=said)
    if one.channel is not None and one.channel.kind == "apprise":
        title = words["way_title"].format(address=one.channel.address, why=said)
    told = AlertEvent("channel", "server", f"{title}", now, now, status=f"{now // DAY_MS}")
    _report(house, owner, replace(told, key=f"server/{owner}"), one.delivery.channel, only_inbox=True)


def _report(house: House, owner: str, told: AlertEvent, dead: str, *, only_inbox: bool = False) -> None:
    alert = Alert(alert_id("", told), "", owner, told, told.ts_seen)
    inbox = AlertDelivery(
        delivery_id(alert.id, INBOX), alert.id, INBOX, "sent", told.ts_seen, ts_done=told.ts_seen, why="own"
    )
    others = [
        AlertDelivery(delivery_id(alert.id, one.id), alert.id, one.id, "waiting", told.ts_seen, why="own")
        for one in house.alerts.channels(owner)
        if one.id != dead and one.is_confirmed and not one.ts_dead and not only_inbox
    ]
    house.alerts.add([(alert, [inbox, *others])])


def own_channel(house: House, owner: str, channel: str) -> Channel:
    """Return a channel of a person.

    Raises
    ------
    NotFound
        If they have none such.
    """
    found = house.alerts.channel(owner, channel)
    if found is None:
        raise NotFound(f"there is no channel {channel!r}")
    return found


def unsubscribed(house: House, rule: str, channel: str, word: str) -> AlertRule | None:
    """End one channel of one rule for who holds the word of a mail; None where it is not the word.

    What the rule holds on otherwise stays; the inbox takes the place of its last channel.
    """
    if not is_unsubscribe_word(house, rule, channel, word):
        return None
    found = house.alerts.any_rule(rule)
    if found is None or channel not in found.channels:
        return found
    left = tuple(one for one in found.channels if one != channel) or (INBOX,)
    return house.alerts.put_rule(replace(found, channels=left), revision=found.revision)
