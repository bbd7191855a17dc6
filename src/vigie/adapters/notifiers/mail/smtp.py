"""E-mail, handed over to a mail server: text and HTML, encrypted wherever the server can, refused in words.

After RFC 5321 (SMTP) and 6531 (addresses beyond ASCII).
"""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

from vigie.adapters.net.trust import machine_ssl_context
from vigie.adapters.notifiers.mail.mail_encoding import MAIL_POLICY, mail_bytes, program_headers
from vigie.domain.errors import AuthError, ConfigError, ConnectorError, OutcomeUnknown, TransientError
from vigie.domain.refusal import Refusal
from vigie.ports.clock import Clock
from vigie.ports.notifier import OutgoingMessage

if TYPE_CHECKING:
    import aiosmtplib

PORTS: Final = {"smtps": 465, "smtp": 587}
TIMEOUT_S: Final = 20.0
WORLD_SENDER: Final = "alerts@vigie.example"
# Answers of a server that say that it may be otherwise in a while.
_TEMPORARY_CODES: Final = range(400, 500)
_LOGIN_CODES: Final = (530, 534, 535, 538)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over.

    Attributes
    ----------
    is_implicit_tls : bool
        Encrypted from the first byte (``smtps``); else it is asked to begin, which it must where a password is sent.
    """

    host: str
    port: int
    is_implicit_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer:
    """Read ``smtps://user:secret@host:465`` or ``smtp://host:25``.

    Raises
    ------
    ConfigError
        If it is no such address; the message never holds the secret.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in PORTS or not host:
        raise ConfigError(
            "vigie_smtp_url_must_look", "VIGIE_SMTP_URL must look like smtps://user:secret@host:465"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(host, port or PORTS[parts.scheme], parts.scheme == "smtps", user, password)


class SmtpNotifier:
    """Hands mail over; one connection a message, so that nothing is left open for hours.

    Parameters
    ----------
    sender : str
        Address that mails come from.
    trust : SSLContext, optional
        Whose certificates are believed; else those that this machine believes.
    """

    def __init__(
        self,
        server: MailServer,
        sender: str,
        clock: Clock,
        *,
        timeout_s: float = TIMEOUT_S,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        self._timeout_s = timeout_s
        self._trust = trust

    async def send(self, message: OutgoingMessage) -> str:
        """Send one message and return what the server answered to it."""
        import aiosmtplib

        mail, server = self._build_mail(message), self._server
        client = aiosmtplib.SMTP(
            hostname=server.host, port=server.port, use_tls=server.is_implicit_tls, start_tls=False,
            timeout=self._timeout_s, tls_context=self._open_trust() if server.is_implicit_tls else None,
        )  # fmt: skip
        is_handed_over = False
        try:
            await client.connect()
            if not server.is_implicit_tls:
                await self._start_tls(client)
            if server.user:
                await client.login(server.user, server.password)
            is_handed_over = True
            return await self._hand_over(client, mail, message.to)
        except aiosmtplib.SMTPAuthenticationError as fault:
            raise AuthError(
                "refuses_user_name_password",
                "{host} refuses user name and password: {code}",
                host=server.host,
                code=fault.code,
            ) from fault
        except aiosmtplib.SMTPResponseException as fault:
            self._raise_refusal(fault.code, fault.message)
        except aiosmtplib.SMTPRecipientsRefused as fault:
            first = fault.recipients[0]
            self._raise_refusal(first.code, first.message)
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as fault:
            text = f"{server.host}:{server.port} does not answer as a mail server: {type(fault).__name__}"
            if is_handed_over:
                raise OutcomeUnknown(text) from fault
            raise TransientError(text) from fault
        finally:
            client.close()

    async def _hand_over(self, client: aiosmtplib.SMTP, mail: EmailMessage, to: str) -> str:
        """Hand over the bytes of a mail; the library would write its header fields anew, and fold them."""
        if client.is_ehlo_or_helo_needed:
            await self._greet(client)
        is_beyond_ascii = not (self._sender.isascii() and to.isascii())
        if is_beyond_ascii and not client.supports_extension("smtputf8"):
            raise ConnectorError(
                "accepts_ascii_addresses", "{host} accepts ASCII addresses only", host=self._server.host
            )
        eight_bit = client.supports_extension("8bitmime")
        options = ["SMTPUTF8"] * is_beyond_ascii + ["BODY=8BITMIME"] * eight_bit
        content = mail_bytes(mail, utf8=is_beyond_ascii, eight_bit=eight_bit)
        _, reply = await client.sendmail(self._sender, [to], content, mail_options=options)
        return reply

    @staticmethod
    async def _greet(client: aiosmtplib.SMTP) -> None:
        """Ask what the server can; an old one knows the older greeting only."""
        import aiosmtplib

        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError:
            await client.helo()

    async def _start_tls(self, client: aiosmtplib.SMTP) -> None:
        """Begin encryption where the server offers it; without it no password is sent."""
        await client.ehlo()
        if client.supports_extension("starttls"):
            await client.starttls(tls_context=self._open_trust())
        elif self._server.user and self._server.host not in ("127.0.0.1", "::1", "localhost"):
            raise ConnectorError(
                "offers_no_encryption",
                "{host}:{port} offers no encryption, so no password is sent to it; "
                "use smtps:// or its other port",
                host=self._server.host,
                port=self._server.port,
            )

    def _open_trust(self) -> ssl.SSLContext:
        # A server without encryption is sent mail without the certificates of all authorities being read.
        return self._trust or machine_ssl_context()

    def _raise_refusal(self, code: int, reply: str) -> NoReturn:
        text = Refusal(
            "answered_with_status",
            "{public_url} answered {status}: {body}",
            public_url=self._server.host,
            status=code,
            body=" ".join(reply.split())[:200],
        )
        if code in _LOGIN_CODES:
            raise AuthError(text)
        if code in _TEMPORARY_CODES:
            raise TransientError(text)
        raise ConnectorError(text)

    def _build_mail(self, message: OutgoingMessage) -> EmailMessage:
        mail = EmailMessage(policy=MAIL_POLICY)
        mail["From"] = Address("Vigie", addr_spec=self._sender)
        try:
            mail["To"] = Address(addr_spec=message.to)
        except (ValueError, IndexError, MessageError) as fault:
            raise ConnectorError(
                "not_e_mail_address", "{to!r} is not an e-mail address", to=message.to[:80]
            ) from fault
        mail["Subject"] = _one_line(message.subject)
        mail["Date"] = formatdate(self._clock.wall_now() / 1_000, usegmt=True)
        mail["Auto-Submitted"] = "auto-generated"
        # Set as they are: a header object would refuse a line end between two references, and fold elsewhere.
        for name, value in program_headers(message, self._sender.rpartition("@")[2]):
            mail.set_raw(name, value)
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
        for attachment in message.attachments:
            family, _, kind = attachment.kind.partition("/")
            mail.add_attachment(attachment.body, maintype=family, subtype=kind, filename=attachment.name)
        mail["Content-Language"] = message.language
        return mail


def _one_line(subject: str) -> str:
    """Return a subject as one line that is taken by its letters.

    What looks like an encoded word would be decoded when the header is set, and the line ends in it written out: titles
    of strangers could add headers of their own.
    """
    return " ".join(subject.split()).replace("=?", "= ?")


class WorldMail:
    """Hands mail over to the simulated world, which tells where it takes it; nothing leaves this machine.

    Parameters
    ----------
    world : str
        Address of the simulated world.
    """

    def __init__(self, world: str, clock: Clock) -> None:
        self._url = f"{world.rstrip('/')}/mail"
        self._clock = clock

    async def send(self, message: OutgoingMessage) -> str:
        """Send one message and return what the world answered to it."""
        try:
            services = await asyncio.to_thread(self._find_server)
            server = MailServer(
                str(services["smtp"]["host"]), int(services["smtp"]["port"]), is_implicit_tls=False
            )
        except (OSError, URLError, ValueError, KeyError, TypeError) as fault:
            raise TransientError(
                "simulated_market_does_not_answer",
                "the simulated market does not answer: {name}",
                name=type(fault).__name__,
            ) from fault
        return await SmtpNotifier(server, WORLD_SENDER, self._clock).send(message)

    def _find_server(self) -> dict[str, dict[str, Any]]:
        with urlopen(self._url, timeout=5.0) as response:  # noqa: S310 - an address of the settings
            services: dict[str, dict[str, Any]] = json.load(response)
            return services
