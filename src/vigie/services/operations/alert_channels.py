"""Ways to a person: mail addresses, confirmed by a code before anything else is sent there."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic import BaseModel, Field

from vigie.domain.alert import INBOX, Channel
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.ports.home import IsSimulated
from vigie.ports.notifier import Notifiers, SealingNotifier
from vigie.services.alerting.channels import MOST_CHANNELS, code_key, find_channel, send_code, send_test
from vigie.services.alerting.mails import language_of
from vigie.services.alerting.signing import channel_of_receipt, make_receipt, webhook_secret
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText

# The kind that an address means by how it begins.
AUTO: Final = "auto"
ChannelId = Field(
    pattern=r"^c[0-9a-f]{1,32}$", description="Id of a channel.", examples=["c0123456789abcdef"]
)


class AddChannelInput(OperationInput):
    """A mail address, an address of the web that takes signed requests, or one of a service, after Apprise."""

    kind: str = Field(
        "mail",
        max_length=40,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="mail, webhook, apprise, or that of an allowed plug-in; auto: what the address means.",
        examples=["mail"],
    )
    address: str = Field(
        min_length=3,
        max_length=500,
        repr=False,
        description="A mail address of yours, https://..., or an address of Apprise, tgram://...",
    )


class ChannelInput(OperationInput):
    """One channel."""

    channel: str = ChannelId


class RestoreChannelInput(OperationInput):
    """What the removal of a channel gave."""

    receipt: str = Field(min_length=1, max_length=4_000, repr=False)


class ConfirmChannelInput(ChannelInput):
    """The code that was mailed."""

    code: str = Field(min_length=1, max_length=20, description="Eight digits.")


class AlertChannelRow(BaseModel):
    """One channel; the inbox has no address."""

    channel: str
    kind: str
    address: str = ""
    is_confirmed: bool = True
    ts_dead: int = 0
    why: RefusalText = ""


class ChannelResult(OperationResult, AlertChannelRow):
    """One channel."""


class RemovedChannelResult(ChannelResult):
    """One channel that was removed; `receipt` brings it back for an hour."""

    receipt: str = Field(repr=False)


class ChannelSecretResult(OperationResult):
    """What requests to a web address are signed with, as receivers' libraries take it (Standard Webhooks)."""

    secret: str


class ChannelsResult(OperationResult):
    """All channels, the inbox first."""

    channels: list[AlertChannelRow]


@operation("alert_channels.list")
def list_channels(caller: Caller, params: NoInput, accounts: UserStore, alerts: AlertStore) -> ChannelsResult:
    """List the ways to the caller: the inbox, and addresses."""
    channels = [
        AlertChannelRow(**_channel_values(channel)) for channel in alerts.channels(owner_of(accounts, caller))
    ]
    return ChannelsResult(channels=[AlertChannelRow(channel=INBOX, kind=INBOX), *channels])


@operation("alert_channels.add", scope="write", example={"address": "reader@example.org"})
def add_channel(
    caller: Caller,
    params: AddChannelInput,
    accounts: UserStore,
    alerts: AlertStore,
    clock: Clock,
    is_simulated: IsSimulated,
    notifiers: Notifiers,
) -> ChannelResult:
    """Add a mail address, one of the web (webhook) or of a service (Apprise); a code is sent there, which confirms it.

    An address of Apprise is a secret: it is kept encrypted and never told again.
    """
    owner = require_owner(caller)
    requested = _parse_channel(notifiers, owner, params)
    channels = alerts.channels(owner)
    duplicate = next(
        (
            existing
            for existing in channels
            if (existing.kind, existing.address) == (requested.kind, requested.address)
        ),
        None,
    )
    if duplicate is None and len(channels) >= MOST_CHANNELS:
        raise UsageError(
            "most_channels",
            "you can have at most {most_channels} channels; remove one first",
            most_channels=MOST_CHANNELS,
        )
    channel = duplicate or alerts.put_channel(requested)
    if not channel.is_confirmed:
        try:
            send_code(accounts, alerts, clock, is_simulated, notifiers, channel, language_of(accounts, owner))
        except UsageError:
            if duplicate is None:
                alerts.remove_channel(owner, channel.id)
            raise
    return ChannelResult(**_channel_values(channel))


def _parse_channel(notifiers_of_home: Notifiers, owner: str, params: AddChannelInput) -> Channel:
    """Return the channel that is asked for, not kept yet."""
    address, notifiers = params.address.strip(), notifiers_of_home
    try:
        kind = notifiers.kind(notifiers.kind_of_address(address) if params.kind == AUTO else params.kind)
        notifier = kind.open() if kind.is_secret else None
        encrypted = notifier.seal(address) if isinstance(notifier, SealingNotifier) else None
    except ConfigError as fault:
        raise UsageError(str(fault)) from fault
    if encrypted is not None:
        return Channel("", owner, kind.id, encrypted.shown, secret=encrypted.secret)
    if kind.is_secret or not re.fullmatch(kind.address, address):
        raise UsageError(kind.hint)
    return Channel("", owner, kind.id, address)


@operation("alert_channels.confirm", scope="write", example={"channel": "c0", "code": "12345678"})
def confirm_channel(caller: Caller, params: ConfirmChannelInput, alerts: AlertStore) -> ChannelResult:
    """Confirm a mail address by the code that was sent there."""
    channel = find_channel(alerts, require_owner(caller), params.channel)
    if not channel.is_confirmed and not alerts.use_code(
        channel.owner, channel.id, code_key(channel.id, params.code)
    ):
        raise UsageError(
            "code_wrong_expired", "this code is wrong or expired; add the address again to get a new one"
        )
    return ChannelResult(**_channel_values(find_channel(alerts, channel.owner, channel.id)))


@operation("alert_channels.test", scope="write", example={"channel": "c0"})
def test_channel(
    caller: Caller,
    params: ChannelInput,
    accounts: UserStore,
    alerts: AlertStore,
    clock: Clock,
    is_simulated: IsSimulated,
    notifiers: Notifiers,
) -> ChannelResult:
    """Send a test mail; where it is not taken, the answer says why and what to do."""
    channel = find_channel(alerts, require_owner(caller), params.channel)
    if not channel.is_confirmed:
        raise UsageError("confirm_address_first", "confirm this address first, with the code sent to it")
    send_test(accounts, alerts, clock, is_simulated, notifiers, channel, language_of(accounts, channel.owner))
    return ChannelResult(**_channel_values(find_channel(alerts, channel.owner, channel.id)))


@operation("alert_channels.secret", scope="write", example={"channel": "c0"})
def read_channel_secret(
    caller: Caller, params: ChannelInput, alerts: AlertStore, notifiers: Notifiers
) -> ChannelSecretResult:
    """Tell the secret that requests to a web address are signed with."""
    channel = find_channel(alerts, require_owner(caller), params.channel)
    if not notifiers.kind(channel.kind).is_signed:
        raise UsageError("only_requests_web_addresses_signed", "only requests to web addresses are signed")
    return ChannelSecretResult(secret=webhook_secret(notifiers, channel.id))


@operation("alert_channels.remove", scope="write", example={"channel": "c0"})
def remove_channel(
    caller: Caller, params: ChannelInput, alerts: AlertStore, clock: Clock, notifiers: Notifiers
) -> RemovedChannelResult:
    """Remove a mail address; rules that sent there go to the inbox alone. `alert_channels.restore` takes that back."""
    channel = find_channel(alerts, require_owner(caller), params.channel)
    alerts.remove_channel(channel.owner, channel.id)
    return RemovedChannelResult(**_channel_values(channel), receipt=make_receipt(clock, notifiers, channel))


@operation("alert_channels.restore", scope="write", example={"receipt": "e30=.0"})
def restore_channel(
    caller: Caller, params: RestoreChannelInput, alerts: AlertStore, clock: Clock, notifiers: Notifiers
) -> ChannelResult:
    """Bring back a channel that was removed within the hour, confirmed as it was, for the rules that named it."""
    owner = require_owner(caller)
    removed = channel_of_receipt(clock, notifiers, owner, params.receipt)
    if removed is None:
        raise UsageError(
            "address_not_removed_within_last",
            "this address was not removed within the last hour; add it again",
        )
    if len(alerts.channels(owner)) >= MOST_CHANNELS:
        raise UsageError(
            "most_channels",
            "you can have at most {most_channels} channels; remove one first",
            most_channels=MOST_CHANNELS,
        )
    return ChannelResult(**_channel_values(alerts.put_channel(removed)))


def _channel_values(channel: Channel) -> dict[str, Any]:
    return {
        "channel": channel.id, "kind": channel.kind, "address": channel.address, "why": channel.why,
        "is_confirmed": channel.is_confirmed, "ts_dead": channel.ts_dead,
    }  # fmt: skip
