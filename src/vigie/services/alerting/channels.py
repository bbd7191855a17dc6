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
from vigie.domain.refusal import Refusal, shorten
from vigie.domain.time import DAY_MS
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore, OutgoingDelivery
from vigie.ports.clock import Clock
from vigie.ports.home import IsSimulated
from vigie.ports.notifier import Notifiers
from vigie.services.alerting.mails import make_note
from vigie.services.alerting.signing import is_unsubscribe_token
from vigie.services.alerting.watching.event_arguments import text
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.alerting.wording import words_of
from vigie.services.people.accounts.throttle import use_allowance
from vigie.services.random_tokens import random_code, random_token

CODE_MS: Final = 30 * 60_000
# Mails that one person may have sent to addresses in an hour, codes and tests together.
MOST_NOTES: Final = 10
MOST_CHANNELS: Final = 5
# What says that the demonstration, which takes the mail of a simulated home, does not run.
_SIMULATED_FAULTS: Final = ("simulated_mail_server_not_running", "simulated_market_does_not_answer")


def send_code(
    accounts: UserStore,
    alerts: AlertStore,
    clock: Clock,
    is_simulated: IsSimulated,
    notifiers: Notifiers,
    channel: Channel,
    language: str,
) -> None:
    """Mail a code to a channel that is to be confirmed.

    Raises
    ------
    UsageError
        If the mail is not taken; the message says why and what to do.
    """
    code = random_code()
    words = words_of(language)
    texts = [
        words["code_subject"].format(code=code),
        words["code_text"].format(code=code),
        words["code_else"],
    ]
    _send_note(accounts, clock, is_simulated, notifiers, channel, language, texts)
    expires = clock.wall_now() + CODE_MS
    alerts.put_code(channel.owner, channel.id, code_key(channel.id, code), ts_expires=expires)


def code_key(channel: str, code: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(f"{channel}\0{code.strip()}".encode()).hexdigest()


def send_test(
    accounts: UserStore,
    alerts: AlertStore,
    clock: Clock,
    is_simulated: IsSimulated,
    notifiers: Notifiers,
    channel: Channel,
    language: str,
) -> None:
    """Mail a test to a channel; once it was taken the channel counts as living again.

    Raises
    ------
    UsageError
        If the mail is not taken; the message says why and what to do.
    """
    words = words_of(language)
    _send_note(
        accounts,
        clock,
        is_simulated,
        notifiers,
        channel,
        language,
        [words["test_subject"], words["test_text"]],
    )
    if channel.ts_dead:
        alerts.put_channel(replace(channel, ts_dead=0, why=""))


def _send_note(
    accounts: UserStore,
    clock: Clock,
    is_simulated: IsSimulated,
    notifiers: Notifiers,
    channel: Channel,
    language: str,
    texts: Sequence[str],
) -> None:
    if not use_allowance(accounts, clock, f"alert-notes/{channel.owner}", MOST_NOTES):
        raise UsageError(
            "most_e_mails_sent_per",
            "at most {most_notes} of these e-mails are sent per hour; wait and try again",
            most_notes=MOST_NOTES,
        )
    try:
        message = make_note(is_simulated, notifiers, random_token(12), channel, language, texts)
        asyncio.run(notifiers.for_kind(channel.kind).send(message))
    except VigieError as fault:
        if channel.kind == "webhook":
            cure = Refusal(
                "address_must_public_internet_answer",
                "the address must be on the public internet and answer 2xx within 15 s",
            )
            raise UsageError(
                "request_not_accepted",
                "the request was not accepted: {fault}; try this: {cure}",
                fault=fault,
                cure=cure,
            ) from fault
        if channel.kind == "mail":
            raise UsageError(
                "e_mail_not_accepted",
                "the e-mail was not accepted: {fault}; try this: {fault_2}",
                fault=fault,
                fault_2=explain_cure(fault),
            ) from fault
        raise UsageError(
            "message_not_accepted", "the message was not accepted: {fault}", fault=fault
        ) from fault


def explain_cure(fault: VigieError) -> str:
    """Say what to do about a mail that was not taken."""
    message = str(fault)
    if isinstance(said := fault.args[0], Refusal) and said.code in _SIMULATED_FAULTS:
        return Refusal("leave_demo_running", "leave `vigie demo` running in another terminal")
    if isinstance(fault, ConfigError):
        return Refusal("set_then_restart_vigie", "set it, then restart Vigie")
    if isinstance(fault, AuthError):
        return Refusal(
            "check_user_name_password_vigie",
            "check user name and password in VIGIE_SMTP_URL; many providers require an app password",
        )
    if isinstance(fault, OutcomeUnknown):
        return Refusal("arrived_anyway", "it may have arrived anyway: check the mailbox")
    if "encryption" in message or "SSL" in message or "Certificate" in message:
        return Refusal("use_smtps", "use smtps:// with port 465, or a server with a valid certificate")
    if "does not answer" in message:
        return Refusal(
            "check_host_port_vigie_smtp",
            "check host and port in VIGIE_SMTP_URL, and that this machine can reach them",
        )
    return Refusal("check_address", "check the address; the mail server's answer says more")


def mark_channel_dead(
    accounts: UserStore,
    alerts: AlertStore,
    clock: Clock,
    channel: Channel,
    why: str,
) -> None:
    """Note that a channel takes nothing any more, and say so on the person's others."""
    if channel.ts_dead:
        return
    now = clock.wall_now()
    alerts.put_channel(replace(channel, ts_dead=now, why=shorten(why, 300)))
    values = {"address": channel.address, "why": text(why)}
    event = make_event("channel", "dead", channel.id, values, now, status=f"dead/{now}")
    _report(alerts, channel.owner, event, channel.id)


def report_server_refusal(
    accounts: UserStore,
    alerts: AlertStore,
    clock: Clock,
    outgoing: OutgoingDelivery,
    why: str,
) -> None:
    """Say in the inbox, once a day, that nothing goes out that way."""
    now, owner = clock.wall_now(), outgoing.alert.owner
    text_key, values = "server", {"why": text(why)}
    if outgoing.channel is not None and outgoing.channel.kind not in ("mail", "webhook"):
        text_key, values = "way", {"address": outgoing.channel.address, "why": text(why)}
    event = make_event("channel", text_key, f"server/{owner}", values, now, status=f"{now // DAY_MS}")
    _report(alerts, owner, event, outgoing.delivery.channel, only_inbox=True)


def _report(
    alerts: AlertStore, owner: str, event: AlertEvent, dead_channel: str, *, only_inbox: bool = False
) -> None:
    alert = Alert(alert_id("", event), "", owner, event, event.ts_seen)
    inbox = AlertDelivery(
        delivery_id(alert.id, INBOX), alert.id, INBOX, "sent", event.ts_seen, ts_done=event.ts_seen, why="own"
    )
    other_deliveries = [
        AlertDelivery(
            delivery_id(alert.id, channel.id), alert.id, channel.id, "waiting", event.ts_seen, why="own"
        )
        for channel in alerts.channels(owner)
        if channel.id != dead_channel and channel.is_confirmed and not channel.ts_dead and not only_inbox
    ]
    alerts.add([(alert, [inbox, *other_deliveries])])


def find_channel(alerts: AlertStore, owner: str, channel: str) -> Channel:
    """Return a channel of a person.

    Raises
    ------
    NotFound
        If they have none such.
    """
    found_channel = alerts.channel(owner, channel)
    if found_channel is None:
        raise NotFound("no_channel", "there is no channel {channel!r}", channel=channel)
    return found_channel


def unsubscribe(
    alerts: AlertStore, notifiers: Notifiers, rule: str, channel: str, token: str
) -> AlertRule | None:
    """End one channel of one rule for who holds the word of a mail; None where it is not the word.

    What the rule holds on otherwise stays; the inbox takes the place of its last channel.
    """
    if not is_unsubscribe_token(notifiers, rule, channel, token):
        return None
    found_rule = alerts.any_rule(rule)
    if found_rule is None or channel not in found_rule.channels:
        return found_rule
    remaining = tuple(name for name in found_rule.channels if name != channel) or (INBOX,)
    return alerts.put_rule(replace(found_rule, channels=remaining), revision=found_rule.revision)
