"""A mail that a person sends to their own confirmed addresses now."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

from vigie.domain.alert import Channel
from vigie.domain.errors import UsageError, VigieError
from vigie.ports.alerts import AlertStore
from vigie.ports.notifier import Notifiers, OutgoingMessage
from vigie.services.alerting.channels import explain_cure


def confirmed_mail(alerts: AlertStore, owner: str) -> list[Channel]:
    """Return the mail channels of a person that are confirmed.

    Raises
    ------
    UsageError
        If there is none.
    """
    channels = [
        channel for channel in alerts.channels(owner) if channel.kind == "mail" and channel.is_confirmed
    ]
    if not channels:
        raise UsageError(
            "add_confirm_e_mail_address", "add and confirm an e-mail address on the Alerts page first"
        )
    return channels


def send_now(notifiers: Notifiers, message: OutgoingMessage, kind: str) -> None:
    """Send a mail; its id is the same for the same words to the same reader, so that a mail sent twice can be told.

    Parameters
    ----------
    notifiers : Notifiers
        Of the home.
    message : OutgoingMessage
        With any id.
    kind : str
        What it is, ``brief`` or ``letter``; a part of its id.

    Raises
    ------
    UsageError
        If it is not accepted.
    """
    content = "\0".join((kind, message.to, message.language, message.subject, message.text, message.html))
    named = replace(message, id=hashlib.sha256(content.encode()).hexdigest()[:24])
    try:
        asyncio.run(notifiers.for_kind("mail").send(named))
    except VigieError as fault:
        raise UsageError(
            "e_mail_not_accepted",
            "the e-mail was not accepted: {fault}; try this: {fault_2}",
            fault=fault,
            fault_2=explain_cure(fault),
        ) from fault
