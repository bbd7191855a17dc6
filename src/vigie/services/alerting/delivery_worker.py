"""Sends what is due: one process at a time has a delivery, and what nobody noted is sent again under the same id."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from vigie.domain.alert import BRIEF, LETTER, AlertDelivery, Channel
from vigie.domain.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    StorageError,
    TransientError,
)
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import OutgoingDelivery
from vigie.ports.notifier import OutgoingMessage
from vigie.services.alerting.brief_mail import brief_message
from vigie.services.alerting.channels import mark_channel_dead, report_server_refusal
from vigie.services.alerting.letter_mail import LetterMailSources, LetterMaking, letter_message
from vigie.services.alerting.mails import MailSources, mail_of
from vigie.services.app_context import AppContext
from vigie.services.needs import provide
from vigie.services.news.brief.brief import BriefSources

# After the first failure, the second, ...; then for good: about a day and a half in all.
PAUSES_S: Final = (15, 60, 300, 900, 3_600, 7_200, 14_400, 28_800, 28_800, 43_200)
# A send ends before its lease does, so that nobody else has it meanwhile.
SEND_S: Final = 45.0
LEASE_MS: Final = 60_000
AT_ONCE: Final = 8
LOOK_S: Final = 0.5
PASSING: Final = (StorageError, TransientError)


class DeliveryWorker:
    """Takes deliveries and sends them until it is told to stop.

    Parameters
    ----------
    name : str
        Unique among those that send from one database.
    say : callable
        Told what went wrong that was not foreseen.
    """

    def __init__(
        self,
        app_context: AppContext,
        *,
        name: str = "",
        say: Callable[[str], None] = print,
    ) -> None:
        self._app_context = app_context
        self._name = name or f"delivery-worker-{os.getpid()}"
        self._say = say
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask it to end; what is being sent is finished first."""
        self._stopping.set()

    def run(self) -> None:
        """Send until `stop`."""
        while not self._stopping.is_set():
            try:
                sent = self.send_due()
            except PASSING as fault:
                self._say(f"alerts wait: {fault}")
                sent = 0
            if not sent:
                self._stopping.wait(LOOK_S)

    def send_due(self) -> int:
        """Send what is due now, a few at once; return how many messages were tried."""
        claimed = self._app_context.alerts.take(self._name, for_ms=LEASE_MS, limit=AT_ONCE)
        if not claimed:
            return 0
        groups: dict[str, list[OutgoingDelivery]] = {}
        for outgoing in claimed:
            groups.setdefault(outgoing.delivery.bundle or outgoing.delivery.id, []).append(outgoing)
        asyncio.run(self._send_all(list(groups.values())))
        return len(groups)

    async def _send_all(self, groups: Sequence[Sequence[OutgoingDelivery]]) -> None:
        await asyncio.gather(*(self._send_group(group) for group in groups))

    async def _send_group(self, group: Sequence[OutgoingDelivery]) -> None:
        now = self._app_context.clock.wall_now()
        suppressed = [
            replace(outgoing.delivery, state="suppressed", ts_done=now, why=why)
            for outgoing in group
            if (why := _skip_reason(self._app_context.accounts, outgoing))
        ]
        to_send = [outgoing for outgoing in group if not _skip_reason(self._app_context.accounts, outgoing)]
        done = await self._send_message(to_send) if to_send else []
        self._app_context.alerts.record_outcomes(self._name, [*suppressed, *done])

    def _message(self, group: Sequence[OutgoingDelivery], channel: Channel) -> OutgoingMessage:
        made, kind = self._app_context, group[0].alert.happening.kind
        if kind == BRIEF:
            return brief_message(provide(made, BriefSources), made.alerts, made.printer, group, channel)
        if kind == LETTER:
            return letter_message(
                provide(made, LetterMaking), provide(made, LetterMailSources), group, channel
            )
        return mail_of(provide(made, MailSources), group, channel)

    async def _send_message(self, group: Sequence[OutgoingDelivery]) -> list[AlertDelivery]:
        """Send one message and return what became of its deliveries."""
        channel = group[0].channel
        assert channel is not None  # a delivery without one is unwanted
        try:
            notifier = self._app_context.notifiers.for_kind(channel.kind)
            message = self._message(group, channel)
            async with asyncio.timeout(SEND_S):
                await notifier.send(message)
        except AuthError as fault:
            report_server_refusal(
                self._app_context.accounts,
                self._app_context.alerts,
                self._app_context.clock,
                group[0],
                str(fault),
            )
            return self._retry_later(group, str(fault))
        except ConfigError as fault:
            report_server_refusal(
                self._app_context.accounts,
                self._app_context.alerts,
                self._app_context.clock,
                group[0],
                str(fault),
            )
            return self._retry_later(group, str(fault))
        except ConnectorError as fault:
            mark_channel_dead(
                self._app_context.accounts,
                self._app_context.alerts,
                self._app_context.clock,
                channel,
                str(fault),
            )
            now = self._app_context.clock.wall_now()
            return [_with_try(outgoing, state="failed", ts_done=now, why=str(fault)) for outgoing in group]
        except TransientError as fault:
            return self._retry_later(group, str(fault), fault.after_s)
        except (OutcomeUnknown, TimeoutError) as fault:
            return self._retry_later(group, str(fault) or f"no answer in {SEND_S:g} s")
        except Exception as fault:  # noqa: BLE001 - one message that cannot be made must not hold up all others
            self._say(f"an alert could not be sent: {fault!r}")
            return self._retry_later(group, repr(fault)[:200])
        now = self._app_context.clock.wall_now()
        return [
            _with_try(outgoing, state="sent", ts_done=now, why=_delay_reason(outgoing)) for outgoing in group
        ]

    def _retry_later(
        self, group: Sequence[OutgoingDelivery], why: str, after_s: float | None = None
    ) -> list[AlertDelivery]:
        now, tries = self._app_context.clock.wall_now(), group[0].delivery.tries
        if tries >= len(PAUSES_S):
            self._report_given_up(group[0], why)
            return [_with_try(outgoing, state="failed", ts_done=now, why=why) for outgoing in group]
        due = now + round(max(PAUSES_S[tries], after_s or 0) * 1_000)
        return [_with_try(outgoing, ts_due=due, why=why) for outgoing in group]

    def _report_given_up(self, outgoing: OutgoingDelivery, why: str) -> None:
        """Say elsewhere that a day and a half was not enough."""
        if outgoing.channel is not None and outgoing.channel.kind != "mail":
            mark_channel_dead(
                self._app_context.accounts,
                self._app_context.alerts,
                self._app_context.clock,
                outgoing.channel,
                why,
            )
        else:
            # Rather the server's fault than that of an address that it never refused.
            report_server_refusal(
                self._app_context.accounts,
                self._app_context.alerts,
                self._app_context.clock,
                outgoing,
                why,
            )


def _with_try(outgoing: OutgoingDelivery, **changes: Any) -> AlertDelivery:
    return replace(outgoing.delivery, tries=outgoing.delivery.tries + 1, **changes)


def _delay_reason(outgoing: OutgoingDelivery) -> str:
    """Return why it was put off on purpose; what went wrong before it was sent is over."""
    return outgoing.delivery.why if outgoing.delivery.why in ("quiet", "digest", "own") else ""


def _skip_reason(accounts: UserStore, outgoing: OutgoingDelivery) -> str:
    """Return why a delivery that was due is not sent any more."""
    owner = accounts.user(outgoing.alert.owner)
    if owner is not None and owner.is_disabled:
        return "off"
    if outgoing.channel is None:
        return "gone"
    if outgoing.alert.rule and (outgoing.rule is None or outgoing.rule.ts_deleted):
        return "deleted"
    if outgoing.rule is not None and not outgoing.rule.is_on:
        return "off"
    if outgoing.rule is not None and outgoing.channel.id not in outgoing.rule.channels:
        return "gone"
    return ""
