"""A channel that carries messages to a person: e-mail, a webhook, a service that Apprise speaks, the inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from vigie.domain.errors import ConfigError
from vigie.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; channels that carry none leave it out.

    Attributes
    ----------
    name : str
        File name with its ending.
    kind : str
        Media type, ``application/pdf``.
    body : bytes
        Content of the file.
    """

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
        """Send one message and return what the other side called it; empty where it says nothing.

        Parameters
        ----------
        message : OutgoingMessage
            Its id is the same on every attempt.

        Returns
        -------
        str
            For logs; nothing depends on it.
        """
        ...


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address that is a secret: what is shown of it, and what is kept, encrypted.

    Attributes
    ----------
    shown : str
        Enough to tell it from other addresses, no secret.
    secret : str
        Encrypted with the home's key; goes into `OutgoingMessage.to`.
    """

    shown: str
    secret: str = field(repr=False)


@runtime_checkable
class SealingNotifier(Notifier, Protocol):
    """Sends to addresses that are secrets; `OutgoingMessage.to` holds one as it was sealed."""

    def seal(self, address: str) -> SealedAddress:
        """Return what is shown and kept of an address; `UsageError`, which does not repeat it, where it may not be.

        Parameters
        ----------
        address : str
            As the person typed it.

        Returns
        -------
        SealedAddress
            Sealed anew each time: equal addresses give different secrets.
        """
        ...


@dataclass(frozen=True, slots=True)
class NotifierSetup:
    """What a channel is given where it is opened.

    Attributes
    ----------
    key : callable
        Gives the secret of the home, from which keys may be derived.
    texts : mapping of str to str
        Values of the settings and keys that its manifest names; lists are separated by blanks.
    is_simulated : bool
        Nothing outside this machine may be reached.
    world : str or None
        Address of the simulated world, where it is known.
    transport : callable
        Gives an httpx transport for the requests of a plug-in, which reaches the hosts that its manifest declares.
    """

    clock: Clock
    key: Callable[[], bytes] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    is_simulated: bool = False
    world: str | None = None
    transport: Callable[[], object] = object


@dataclass(frozen=True, slots=True)
class ChannelKind:
    r"""One kind of channel: how its addresses look, and what sends to them.

    Attributes
    ----------
    id : str
        As it is stored with each address.
    title : str
        For people, in English.
    open : callable
        Gives what sends; raises `ConfigError` where nothing can be sent.
    schemes : tuple of str
        How addresses begin that mean this kind: ``https``; ``*`` for any other scheme, nothing for none.
    address : str
        Pattern of a whole address; empty where what sends checks it.
    hint : str
        What an address must look like.
    is_secret : bool
        Addresses are sealed by what sends, a `SealingNotifier`.
    is_signed : bool
        Messages carry data for programs, signed with a key of the channel.
    """

    id: str
    title: str
    open: Callable[[], Notifier]
    schemes: tuple[str, ...] = ()
    address: str = ""
    hint: str = ""
    is_secret: bool = False
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class Notifiers:
    """How messages of a home go out.

    Attributes
    ----------
    kinds : mapping of str to ChannelKind
        Those that come with Vigie, by id; messages to any other are refused.
    outside : callable
        Gives those of allowed plug-ins; asked for where none of `kinds` is meant.
    address : callable
        Gives where people reach the pages, without a slash at its end.
    key : callable
        Gives the secret that links in messages are signed with.
    """

    kinds: Mapping[str, ChannelKind] = field(default_factory=dict)
    address: Callable[[], str] = str
    key: Callable[[], bytes] = field(default=bytes, repr=False)
    outside: Callable[[], Sequence[ChannelKind]] = tuple

    def kind(self, name: str) -> ChannelKind:
        """Return a kind of channel.

        Parameters
        ----------
        name : str
            `ChannelKind.id`: ``mail``.

        Returns
        -------
        ChannelKind
            Shipped kinds win over plug-ins of the same id.

        Raises
        ------
        ConfigError
            If there is none of this name; nothing takes its place.
        """
        if name in self.kinds:
            return self.kinds[name]
        kinds = self._all_kinds()
        if name not in kinds:
            raise ConfigError(
                "no_channel_kind",
                "there is no channel of kind {name!r}; kinds: {known}",
                name=name,
                known=", ".join(sorted(kinds)),
            )
        return kinds[name]

    def for_kind(self, name: str) -> Notifier:
        """Return what sends through a kind of channel; `ConfigError` where there is none, or it cannot send.

        Parameters
        ----------
        name : str
            `ChannelKind.id`: ``mail``.

        Returns
        -------
        Notifier
            Open and ready to send.
        """
        return self.kind(name).open()

    def kind_of_address(self, address: str) -> str:
        """Return the kind that an address means by how it begins.

        Parameters
        ----------
        address : str
            With its scheme, ``https://…``; without one it is e-mail.

        Returns
        -------
        str
            `ChannelKind.id`. An exact scheme wins over ``*``, a shipped kind over a plug-in.

        Raises
        ------
        ConfigError
            If it means none.
        """
        scheme, separator, _ = address.partition("://")
        is_url = separator != "" or address.startswith(("https:", "http:"))
        scheme = scheme.partition(":")[0].lower() if is_url else ""
        by_scheme = {begins: kind.id for kind in self.kinds.values() for begins in kind.schemes}
        if scheme in by_scheme:
            return by_scheme[scheme]
        kinds = self._all_kinds()
        by_scheme = {begins: kind.id for kind in kinds.values() for begins in kind.schemes} | by_scheme
        found = by_scheme.get(scheme) or (by_scheme.get("*") if scheme else None)
        if found is None:
            raise ConfigError(
                "address_no_kind_channel",
                "this address matches no kind of channel; kinds: {kinds}",
                kinds=", ".join(sorted(kinds)),
            )
        return found

    def _all_kinds(self) -> dict[str, ChannelKind]:
        return {kind.id: kind for kind in self.outside()} | dict(self.kinds)
