"""A channel that carries messages to a person: e-mail, a webhook, the inbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from vigie.domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent.

    Attributes
    ----------
    id : str
        Of the delivery: the same when it is tried again, so that a receiver can tell.
    to : str
        An address of the channel's kind.
    text, html : str
        The same in both; a channel that has no use for markup takes the text.
    unsubscribe : str
        Address that ends this rule with one request; empty where there is none.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str = ""
    language: str = "en"
    unsubscribe: str = ""


class Notifier(Protocol):
    """Sends; returns once the other side took it.

    Failures are `TransientError` (tried again), `ConnectorError` (this channel is dead: said on another) and
    `AuthError`; `OutcomeUnknown` where it may have been taken: it is tried again under the same id.
    """

    async def send(self, message: Message) -> str:
        """Send one message and return what the other side called it; empty where it says nothing."""
        ...


def _no_mail() -> Notifier:
    raise ConfigError("no mail server is set: VIGIE_SMTP_URL names one, smtps://user:secret@host:465")


@dataclass(frozen=True, slots=True)
class Post:
    """How messages of a home go out.

    Attributes
    ----------
    mail : callable
        Gives what hands mail over; raises `ConfigError` where no server is set.
    address : callable
        Gives where people reach the pages, without a slash at its end.
    key : callable
        Gives the secret that links in messages are signed with.
    """

    mail: Callable[[], Notifier] = _no_mail
    address: Callable[[], str] = str
    key: Callable[[], bytes] = field(default=bytes, repr=False)
