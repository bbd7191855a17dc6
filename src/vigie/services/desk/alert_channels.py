"""Ways to a person: mail addresses, confirmed by a code before anything else is sent there."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.alert import INBOX, Channel
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.person import Caller
from vigie.services.alerting.mails import language_of
from vigie.services.alerting.signing import channel_of_receipt, receipt, webhook_secret
from vigie.services.alerting.ways import MOST_CHANNELS, code_key, own_channel, send_code, send_test
from vigie.services.desk.alerts import writer
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, operation
from vigie.services.people.ownership import owner_of

_FORMS: Final = {
    "mail": re.compile(r"[^\s@<>,;\"\x00-\x1f]{1,64}@[^\s@<>,;\"\x00-\x1f]{1,189}"),
    "webhook": re.compile(r"https://[^\s/@<>\"\x00-\x1f]{1,190}(?:/[^\s<>\"\x00-\x1f]{0,300})?"),
}
_WANTED: Final = {
    "mail": "a mail address must look like reader@example.org",
    "webhook": "a web address must begin with https:// and hold no name and password",
}
ChannelId = Field(
    pattern=r"^c[0-9a-f]{1,32}$", description="Id of a channel.", examples=["c0123456789abcdef"]
)


class ChannelsAsk(Ask):
    """All channels of the caller."""


class AddChannelAsk(Ask):
    """A mail address, an address of the web that takes signed requests, or one of a service, after Apprise."""

    kind: Literal["mail", "webhook", "apprise"] = "mail"
    address: str = Field(
        min_length=3,
        max_length=500,
        repr=False,
        description="A mail address of yours, https://..., or an address of Apprise, tgram://...",
    )


class ChannelAsk(Ask):
    """One channel."""

    channel: str = ChannelId


class ReceiptAsk(Ask):
    """What the removal of a channel gave."""

    receipt: str = Field(min_length=1, max_length=4_000, repr=False)


class ConfirmAsk(ChannelAsk):
    """The code that was mailed."""

    code: str = Field(min_length=1, max_length=20, description="Eight digits.")


class ChannelLine(BaseModel):
    """One channel; the inbox has no address."""

    channel: str
    kind: str
    address: str = ""
    is_confirmed: bool = True
    ts_dead: int = 0
    why: str = ""


class ChannelAnswer(Answer, ChannelLine):
    """One channel."""


class RemovedAnswer(ChannelAnswer):
    """One channel that was removed; `receipt` brings it back for an hour."""

    receipt: str = Field(repr=False)


class SecretAnswer(Answer):
    """What requests to a web address are signed with, as receivers' libraries take it (Standard Webhooks)."""

    secret: str


class ChannelsAnswer(Answer):
    """All channels, the inbox first."""

    channels: list[ChannelLine]


@operation("alert_channels.list")
def list_channels(house: House, caller: Caller, ask: ChannelsAsk) -> ChannelsAnswer:
    """List the ways to the caller: the inbox, and addresses."""
    mine = [ChannelLine(**_told(one)) for one in house.alerts.channels(owner_of(house, caller))]
    return ChannelsAnswer(channels=[ChannelLine(channel=INBOX, kind=INBOX), *mine])


@operation("alert_channels.add", scope="write", example={"address": "reader@example.org"})
def add_channel(house: House, caller: Caller, ask: AddChannelAsk) -> ChannelAnswer:
    """Add a mail address, one of the web (webhook) or of a service (Apprise); a code is sent there, which confirms it.

    An address of Apprise is a secret: it is kept encrypted and never told again.
    """
    owner = writer(caller)
    asked = _asked(house, owner, ask)
    mine = house.alerts.channels(owner)
    there = next((one for one in mine if (one.kind, one.address) == (asked.kind, asked.address)), None)
    if there is None and len(mine) >= MOST_CHANNELS:
        raise UsageError(f"channels must be at most {MOST_CHANNELS}; remove one first")
    kept = there or house.alerts.put_channel(asked)
    if not kept.is_confirmed:
        try:
            send_code(house, kept, language_of(house, owner))
        except UsageError:
            if there is None:
                house.alerts.remove_channel(owner, kept.id)
            raise
    return ChannelAnswer(**_told(kept))


def _asked(house: House, owner: str, ask: AddChannelAsk) -> Channel:
    """Return the channel that is asked for, not kept yet."""
    address = ask.address.strip()
    if ask.kind == "apprise":
        try:
            told = house.post.apprise().seal(address)
        except ConfigError as fault:
            raise UsageError(str(fault)) from fault
        return Channel("", owner, ask.kind, told.shown, secret=told.secret)
    if not _FORMS[ask.kind].fullmatch(address):
        raise UsageError(_WANTED[ask.kind])
    return Channel("", owner, ask.kind, address)


@operation("alert_channels.confirm", scope="write", example={"channel": "c0", "code": "12345678"})
def confirm_channel(house: House, caller: Caller, ask: ConfirmAsk) -> ChannelAnswer:
    """Confirm a mail address by the code that was sent there."""
    mine = own_channel(house, writer(caller), ask.channel)
    if not mine.is_confirmed and not house.alerts.use_code(mine.owner, mine.id, code_key(mine.id, ask.code)):
        raise UsageError("this code is not right, or too old; add the address again to get another one")
    return ChannelAnswer(**_told(own_channel(house, mine.owner, mine.id)))


@operation("alert_channels.test", scope="write", example={"channel": "c0"})
def test_channel(house: House, caller: Caller, ask: ChannelAsk) -> ChannelAnswer:
    """Send a test mail; where it is not taken, the answer says why and what to do."""
    mine = own_channel(house, writer(caller), ask.channel)
    if not mine.is_confirmed:
        raise UsageError("confirm this address first, by the code that was sent there")
    send_test(house, mine, language_of(house, mine.owner))
    return ChannelAnswer(**_told(own_channel(house, mine.owner, mine.id)))


@operation("alert_channels.secret", scope="write", example={"channel": "c0"})
def channel_secret(house: House, caller: Caller, ask: ChannelAsk) -> SecretAnswer:
    """Tell the secret that requests to a web address are signed with."""
    mine = own_channel(house, writer(caller), ask.channel)
    if mine.kind != "webhook":
        raise UsageError("only requests to web addresses are signed")
    return SecretAnswer(secret=webhook_secret(house, mine.id))


@operation("alert_channels.remove", scope="write", example={"channel": "c0"})
def remove_channel(house: House, caller: Caller, ask: ChannelAsk) -> RemovedAnswer:
    """Remove a mail address; rules that sent there go to the inbox alone. `alert_channels.restore` takes that back."""
    mine = own_channel(house, writer(caller), ask.channel)
    house.alerts.remove_channel(mine.owner, mine.id)
    return RemovedAnswer(**_told(mine), receipt=receipt(house, mine))


@operation("alert_channels.restore", scope="write", example={"receipt": "e30=.0"})
def restore_channel(house: House, caller: Caller, ask: ReceiptAsk) -> ChannelAnswer:
    """Bring back a channel that was removed within the hour, confirmed as it was, for the rules that named it."""
    owner = writer(caller)
    held = channel_of_receipt(house, owner, ask.receipt)
    if held is None:
        raise UsageError("this address was not removed within the last hour; add it again")
    if len(house.alerts.channels(owner)) >= MOST_CHANNELS:
        raise UsageError(f"channels must be at most {MOST_CHANNELS}; remove one first")
    return ChannelAnswer(**_told(house.alerts.put_channel(held)))


def _told(channel: Channel) -> dict[str, Any]:
    return {
        "channel": channel.id, "kind": channel.kind, "address": channel.address, "why": channel.why,
        "is_confirmed": channel.is_confirmed, "ts_dead": channel.ts_dead,
    }  # fmt: skip
