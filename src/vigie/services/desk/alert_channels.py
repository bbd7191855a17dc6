"""Ways to a person: mail addresses, confirmed by a code before anything else is sent there."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field

from vigie.domain.alert import INBOX, Channel
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.services.alerting.mails import language_of
from vigie.services.alerting.ways import MOST_CHANNELS, code_key, own_channel, send_code, send_test
from vigie.services.desk.alerts import writer
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, operation
from vigie.services.people.ownership import owner_of

ADDRESS: Final = r"^[^\s@<>,;\"\x00-\x1f]{1,64}@[^\s@<>,;\"\x00-\x1f]{1,190}$"
ChannelId = Field(
    pattern=r"^c[0-9a-f]{1,32}$", description="Id of a channel.", examples=["c0123456789abcdef"]
)


class ChannelsAsk(Ask):
    """All channels of the caller."""


class AddChannelAsk(Ask):
    """A mail address."""

    address: str = Field(pattern=ADDRESS, max_length=254, description="A mail address of yours.")


class ChannelAsk(Ask):
    """One channel."""

    channel: str = ChannelId


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
    """Add a mail address; a code is sent there, which confirms it."""
    owner = writer(caller)
    mine = house.alerts.channels(owner)
    there = next((one for one in mine if one.address == ask.address.strip()), None)
    if there is None and len(mine) >= MOST_CHANNELS:
        raise UsageError(f"channels must be at most {MOST_CHANNELS}; remove one first")
    kept = there or house.alerts.put_channel(Channel("", owner, "mail", ask.address.strip()))
    if not kept.is_confirmed:
        try:
            send_code(house, kept, language_of(house, owner))
        except UsageError:
            if there is None:
                house.alerts.remove_channel(owner, kept.id)
            raise
    return ChannelAnswer(**_told(kept))


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


@operation("alert_channels.remove", scope="write", example={"channel": "c0"})
def remove_channel(house: House, caller: Caller, ask: ChannelAsk) -> ChannelAnswer:
    """Remove a mail address; rules that sent there go to the inbox alone."""
    mine = own_channel(house, writer(caller), ask.channel)
    house.alerts.remove_channel(mine.owner, mine.id)
    return ChannelAnswer(**_told(mine))


def _told(channel: Channel) -> dict[str, Any]:
    return {
        "channel": channel.id, "kind": channel.kind, "address": channel.address, "why": channel.why,
        "is_confirmed": channel.is_confirmed, "ts_dead": channel.ts_dead,
    }  # fmt: skip
