"""A channel that carries messages to a person: e-mail, a webhook, a service that Apprise speaks, the inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from vigie.domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; channels that carry none leave it out."""

    name: str
    kind: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
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
    data : mapping
        The same for programs, plain JSON.
    key : bytes
        What a receiver knows that it comes from here by; empty where the channel has none.
    attachments : sequence of Attachment
        Files, where the channel carries some.
    earlier : sequence of str
        Ids of earlier messages about the same, oldest first: mail programs show them as one conversation.
    group : str
        What mails that end together share, a rule's id; mail programs filter and count complaints by it.
    kind : str
        What the message is about, ``item`` or ``brief``; ``note`` for one of Vigie's own.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str = ""
    language: str = "en"
    unsubscribe: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    key: bytes = field(default=b"", repr=False)
    attachments: Sequence[Attachment] = ()
    earlier: Sequence[str] = ()
    group: str = ""
    kind: str = "note"


class Notifier(Protocol):
    """Sends; returns once the other side took it.

    Failures are `TransientError` (tried again), `ConnectorError` (this channel is dead: said on another) and
    `AuthError`; `OutcomeUnknown` where it may have been taken: it is tried again under the same id.
    """

    async def send(self, message: OutgoingMessage) -> str:
        """Send one message and return what the other side called it; empty where it says nothing."""
        ...


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address that is a secret: what is shown of it, and what is kept, encrypted."""

    shown: str
    secret: str = field(repr=False)


class SealingNotifier(Notifier, Protocol):
    """Sends to addresses that are secrets; `Message.to` holds one as it was sealed."""

    def seal(self, address: str) -> SealedAddress:
        """Return what is shown and kept of an address; `UsageError`, which does not repeat it, where it may not be."""
        ...


def _no_mail() -> Notifier:
    raise ConfigError("no mail server is set: set VIGIE_SMTP_URL, such as smtps://user:secret@host:465")


def _no_webhook() -> Notifier:
    raise ConfigError("this installation contacts no outside addresses: its market is simulated")


def _no_apprise() -> SealingNotifier:
    raise ConfigError("this installation contacts no outside services: its market is simulated")


@dataclass(frozen=True, slots=True)
class Notifiers:
    """How messages of a home go out.

    Attributes
    ----------
    mail : callable
        Gives what hands mail over; raises `ConfigError` where no server is set.
    webhook : callable
        Gives what posts to addresses of people; raises `ConfigError` where nothing outside is called.
    apprise : callable
        Gives what sends to services that Apprise speaks; raises `ConfigError` where nothing outside is called.
    address : callable
        Gives where people reach the pages, without a slash at its end.
    key : callable
        Gives the secret that links in messages are signed with.
    """

    mail: Callable[[], Notifier] = _no_mail
    webhook: Callable[[], Notifier] = _no_webhook
    apprise: Callable[[], SealingNotifier] = _no_apprise
    address: Callable[[], str] = str
    key: Callable[[], bytes] = field(default=bytes, repr=False)

    def for_kind(self, kind: str) -> Notifier:
        """Return what sends through a kind of channel."""
        if kind == "apprise":
            return self.apprise()
        return self.webhook() if kind == "webhook" else self.mail()
