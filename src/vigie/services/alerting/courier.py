"""Sends what is due: one process at a time has a delivery, and what nobody noted is sent again under the same id."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from vigie.domain.alert import BRIEF, AlertDelivery
from vigie.domain.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    StorageError,
    TransientError,
)
from vigie.ports.alerts import OutgoingDelivery
from vigie.services.alerting.mails import mail_of
from vigie.services.alerting.ways import channel_died, server_refuses
from vigie.services.french import InFrench, as_it_is
from vigie.services.house import House
from vigie.services.news.brief_mail import brief_message

# After the first failure, the second, ...; then for good: about a day and a half in all.
PAUSES_S: Final = (15, 60, 300, 900, 3_600, 7_200, 14_400, 28_800, 28_800, 43_200)
# A send ends before its lease does, so that nobody else has it meanwhile.
SEND_S: Final = 45.0
LEASE_MS: Final = 60_000
AT_ONCE: Final = 8
LOOK_S: Final = 0.5
END_S: Final = 5.0
PASSING: Final = (StorageError, TransientError)


class Courier:
    """Takes deliveries and sends them until it is told to stop.

    Parameters
    ----------
    name : str
        Unique among those that send from one database.
    say : callable
        Told what went wrong that was not foreseen.
    french : callable
        From why a channel takes nothing to the same in French, for who reads French.
    """

    def __init__(
        self,
        house: House,
        *,
        name: str = "",
        say: Callable[[str], None] = print,
        french: InFrench = as_it_is,
    ) -> None:
        self._house = house
        self._french = french
        self._name = name or f"courier-{os.getpid()}"
        self._say = say
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask it to end; what is being sent is finished first."""
        self._stopping.set()

    def run(self) -> None:
        """Send until `stop`."""
        while not self._stopping.is_set():
            try:
                sent = self.turn()
            except PASSING as fault:
                self._say(f"alerts wait: {fault}")
                sent = 0
            if not sent:
                self._stopping.wait(LOOK_S)

    def turn(self) -> int:
        """Send what is due now, a few at once; return how many messages were tried."""
        held = self._house.alerts.take(self._name, for_ms=LEASE_MS, limit=AT_ONCE)
        if not held:
            return 0
        groups: dict[str, list[OutgoingDelivery]] = {}
        for one in held:
            groups.setdefault(one.delivery.bundle or one.delivery.id, []).append(one)
        asyncio.run(self._send_all(list(groups.values())))
        return len(groups)

    async def _send_all(self, groups: Sequence[Sequence[OutgoingDelivery]]) -> None:
        await asyncio.gather(*(self._send(group) for group in groups))

    async def _send(self, group: Sequence[OutgoingDelivery]) -> None:
        now = self._house.clock.wall_now()
        ended = [
            replace(one.delivery, state="suppressed", ts_done=now, why=why)
            for one in group
            if (why := _unwanted(self._house, one))
        ]
        wanted = [one for one in group if not _unwanted(self._house, one)]
        done = await self._sent(wanted) if wanted else []
        self._house.alerts.note(self._name, [*ended, *done])

    async def _sent(self, group: Sequence[OutgoingDelivery]) -> list[AlertDelivery]:
        """Send one message and return what became of its deliveries."""
        channel = group[0].channel
        assert channel is not None  # a delivery without one is unwanted
        try:
            notifier = self._house.post.for_kind(channel.kind)
            made = brief_message if group[0].alert.happening.kind == BRIEF else mail_of
            message = made(self._house, group, channel)
            async with asyncio.timeout(SEND_S):
                await notifier.send(message)
        except AuthError as fault:
            server_refuses(self._house, group[0], str(fault), self._french)
            return self._later(group, str(fault))
        except ConfigError as fault:
            server_refuses(self._house, group[0], str(fault), self._french)
            return self._later(group, str(fault))
        except ConnectorError as fault:
            channel_died(self._house, channel, str(fault), self._french)
            now = self._house.clock.wall_now()
            return [_tried(one, state="failed", ts_done=now, why=str(fault)) for one in group]
        except TransientError as fault:
            return self._later(group, str(fault), fault.after_s)
        except (OutcomeUnknown, TimeoutError) as fault:
            return self._later(group, str(fault) or f"no answer in {SEND_S:g} s")
        except Exception as fault:  # noqa: BLE001 - one message that cannot be made must not hold up all others
            self._say(f"an alert could not be sent: {fault!r}")
            return self._later(group, repr(fault)[:200])
        now = self._house.clock.wall_now()
        return [_tried(one, state="sent", ts_done=now, why=_put_off(one)) for one in group]

    def _later(
        self, group: Sequence[OutgoingDelivery], why: str, after_s: float | None = None
    ) -> list[AlertDelivery]:
        now, tries = self._house.clock.wall_now(), group[0].delivery.tries
        if tries >= len(PAUSES_S):
            self._given_up(group[0], why)
            return [_tried(one, state="failed", ts_done=now, why=why) for one in group]
        due = now + round(max(PAUSES_S[tries], after_s or 0) * 1_000)
        return [_tried(one, ts_due=due, why=why) for one in group]

    def _given_up(self, one: OutgoingDelivery, why: str) -> None:
        """Say elsewhere that a day and a half was not enough."""
        if one.channel is not None and one.channel.kind != "mail":
            channel_died(self._house, one.channel, why, self._french)
        else:
            # Rather the server's fault than that of an address that it never refused.
            server_refuses(self._house, one, why, self._french)


@contextmanager
def delivering(courier: Courier) -> Iterator[None]:
    """Send beside what the block does; what is not finished when it ends is taken up by the next one."""
    thread = threading.Thread(target=courier.run, name="vigie-courier", daemon=True)
    thread.start()
    try:
        yield
    finally:
        courier.stop()
        thread.join(END_S)


def _tried(one: OutgoingDelivery, **changes: Any) -> AlertDelivery:
    return replace(one.delivery, tries=one.delivery.tries + 1, **changes)


def _put_off(one: OutgoingDelivery) -> str:
    """Return why it was put off on purpose; what went wrong before it was sent is over."""
    return one.delivery.why if one.delivery.why in ("quiet", "digest", "own") else ""


def _unwanted(house: House, one: OutgoingDelivery) -> str:
    """Return why a delivery that was due is not sent any more."""
    owner = house.accounts.user(one.alert.owner)
    if owner is not None and owner.is_disabled:
        return "off"
    if one.channel is None:
        return "gone"
    if one.alert.rule and (one.rule is None or one.rule.ts_deleted):
        return "deleted"
    if one.rule is not None and not one.rule.is_on:
        return "off"
    if one.rule is not None and one.channel.id not in one.rule.channels:
        return "gone"
    return ""
