"""How a mailbox is reached: encrypted and at public addresses only; in a simulated home the world's, on loopback.

A server is a stranger, whatever it promised: what it says is bounded, and a look that takes too long is cut.
"""

from __future__ import annotations

import base64
import imaplib
import json
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, Final, Protocol
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from vigie.adapters.net.guard import connect_public
from vigie.adapters.net.trust import machine_ssl_context
from vigie.adapters.sources.news.cleaning import plain_text, resolve_public_url
from vigie.domain.errors import AuthError, TransientError, UsageError
from vigie.domain.refusal import Refusal

PORT: Final = 993
TIMEOUT_S: Final = 15.0
MAX_LETTER_BYTES: Final = 1_000_000
# Of one look: as many letters as one takes, and what stands around them.
_MAX_RECEIVED_BYTES: Final = 60 * MAX_LETTER_BYTES
# What a line costs besides its letters: each is kept as an object, and short ones without end fill a machine.
LINE_BYTES: Final = 500
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_SECRET: Final = re.compile(r"VIGIE_MAIL_[A-Z0-9_]{1,60}_KEY")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_MAX_LENGTH: Final = 200
# Letters that a folder's name has on the wire as they are.
_NON_ASCII: Final = re.compile(r"[^\x20-\x7e]+")


def check_mailbox(reads: Mapping[str, str]) -> None:
    """Refuse what no mailbox of a person can be.

    Raises
    ------
    UsageError
        If its host is no public one, or its port, user, folder or variable cannot be.
    """
    host, port = reads["host"], reads.get("port", str(PORT))
    if not _HOST.fullmatch(host):
        raise UsageError(
            "host_mailbox_must_look_like",
            "the host of a mailbox must look like imap.example.org, was {host!r}",
            host=host[:80],
        )
    try:
        resolve_public_url(f"https://{host}/", "")
    except ValueError as fault:
        raise UsageError(str(fault)) from fault
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        raise UsageError(
            "bad_port_mailbox", "the port of a mailbox must be 1..65535, was {port!r}", port=port[:20]
        )
    for name in ("user", "folder"):
        text = reads.get(name, "INBOX")
        if not text or len(text) > _MAX_LENGTH or _CONTROL.search(text):
            raise UsageError(
                "mailbox_must_one_line_characters",
                "the {name} of a mailbox must be one line of 1 to {max_length} characters",
                name=name,
                max_length=_MAX_LENGTH,
            )
    if "secret" in reads and not _SECRET.fullmatch(reads["secret"]):
        # Keys of venues and other secrets of this home must never be sent to a server that somebody names.
        raise UsageError(
            "variable_mailbox_password_must_look",
            "the variable of a mailbox's password must look like VIGIE_MAIL_NAME_KEY",
        )


class MailConnection:
    """The connection of one look, so that it can be cut from outside."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._is_cut = False

    def attach(self, connected: socket.socket) -> None:
        """Keep what was opened; it is cut at once where the look is over already."""
        self._socket = connected
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        """End whatever waits for it."""
        self._is_cut = True
        if self._socket is not None:
            # Below TLS: nobody is told goodbye who says nothing himself.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class OpenMailbox(Protocol):
    """Opens the mailbox of a host."""

    def __call__(self, host: str, port: int, connection: MailConnection) -> imaplib.IMAP4:
        """Return a connection that has been greeted; raises `OSError`, `imaplib.IMAP4.error` or a `VigieError`."""
        ...


class _BoundedImap(imaplib.IMAP4):
    """A client that stops listening to who says too much."""

    _remaining_bytes = _MAX_RECEIVED_BYTES

    def read(self, size: int) -> bytes:
        """Return so many bytes, if they are no more than a letter may have."""
        if size > MAX_LETTER_BYTES:
            raise self.abort(
                Refusal(
                    "sends_bytes_once",
                    "it sends {size} bytes at once, the limit is {max_letter_bytes}",
                    size=size,
                    max_letter_bytes=MAX_LETTER_BYTES,
                )
            )
        return self._count_bytes(super().read(size))

    def readline(self) -> bytes:
        """Return a line."""
        return self._count_bytes(super().readline(), LINE_BYTES)

    def _count_bytes(self, received: bytes, overhead: int = 0) -> bytes:
        self._remaining_bytes -= len(received) + overhead
        if self._remaining_bytes < 0:
            raise self.abort(
                Refusal(
                    "sends_more_bytes_one_read",
                    "it sends more than {max_received_bytes} bytes in one read",
                    max_received_bytes=_MAX_RECEIVED_BYTES,
                )
            )
        return received


class _PublicImap(_BoundedImap, imaplib.IMAP4_SSL):
    """Encrypted from the first byte, to the very address that was checked, under the name that was given."""

    def __init__(self, host: str, port: int, connection: MailConnection) -> None:
        self._connection = connection
        super().__init__(host, port, ssl_context=machine_ssl_context(), timeout=TIMEOUT_S)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        with ExitStack() as unfinished:
            plain_socket = connect_public(self.host, self.port, TIMEOUT_S if timeout is None else timeout)
            unfinished.enter_context(plain_socket)
            tls_socket: ssl.SSLSocket = self.ssl_context.wrap_socket(
                plain_socket, server_hostname=self.host, do_handshake_on_connect=False
            )
            unfinished.enter_context(tls_socket)
            self._connection.attach(tls_socket)
            tls_socket.do_handshake()
            unfinished.pop_all()
        return tls_socket


class _LocalImap(_BoundedImap):
    """Unencrypted, on this machine."""

    def __init__(self, port: int, connection: MailConnection) -> None:
        self._connection = connection
        super().__init__("127.0.0.1", port, TIMEOUT_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        connected = socket.create_connection((self.host, self.port), timeout)
        self._connection.attach(connected)
        return connected


def open_public_mailbox(host: str, port: int, connection: MailConnection) -> imaplib.IMAP4:
    """Open the mailbox of a public host; fulfils `OpenMailbox`.

    Raises
    ------
    UsageError
        If the name leads anywhere but to the public internet.
    """
    return _PublicImap(host, port, connection)


class WorldMailboxOpener:
    """Opens the simulated world's mailbox, whatever the host; fulfils `OpenMailbox`.

    Parameters
    ----------
    world : str
        Address of the world, which tells where its mailbox is.
    """

    def __init__(self, world: str) -> None:
        self._url = f"{world.rstrip('/')}/letters"

    def __call__(self, host: str, port: int, connection: MailConnection) -> imaplib.IMAP4:
        """Return a connection that has been greeted."""
        try:
            # What runs on this machine is asked directly, whatever proxy is set.
            with build_opener(ProxyHandler({})).open(self._url, timeout=TIMEOUT_S) as response:
                services: Any = json.loads(response.read(10_000))
            world_port = int(services["imap"]["port"])
        except (OSError, URLError, ValueError, KeyError, TypeError) as fault:
            raise TransientError(
                "simulated_market_does_not_answer",
                "the simulated market does not answer: {name}",
                name=type(fault).__name__,
            ) from fault
        return _LocalImap(world_port, connection)


def log_in(mailbox: imaplib.IMAP4, user: str, key: str) -> None:
    """Say who reads; the password goes as the server offers it, whatever letters it has.

    Raises
    ------
    AuthError
        If the server does not take them; the message holds neither.
    """
    if _CONTROL.search(user + key):
        raise AuthError(
            "bad_user_name_password_mailbox", "user name and password of a mailbox must be one line each"
        )
    try:
        if "AUTH=PLAIN" in mailbox.capabilities:
            mailbox.authenticate("PLAIN", lambda _: f"\0{user}\0{key}".encode())
        else:
            mailbox.login(quote_imap(user), key)
    except imaplib.IMAP4.abort:
        raise
    except UnicodeEncodeError as fault:
        raise AuthError(
            "server_accepts_only_ascii_characters", "this server accepts only ASCII characters in a password"
        ) from fault
    except imaplib.IMAP4.error as fault:
        text = refusal_text(fault).replace(key, "********").replace(user, "********")
        raise AuthError(
            "user_name_password_refused", "user name and password were refused: {text}", text=text
        ) from fault


def refusal_text(fault: Exception) -> str:
    """Return what a server said of a refusal, as text that can be shown."""
    words = fault.args[0] if fault.args else ""
    return plain_text(
        words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words), _MAX_LENGTH
    )


def quote_imap(text: str) -> str:
    """Return a text as IMAP quotes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def encode_folder(folder: str) -> str:
    """Return the name of a folder as a command carries it: in quotes, in the UTF-7 of RFC 3501 (5.1.3)."""

    def encode_utf7(match: re.Match[str]) -> str:
        encoded = base64.b64encode(match[0].encode("utf-16-be")).decode("ascii")
        return f"&{encoded.rstrip('=').replace('/', ',')}-"

    return quote_imap(_NON_ASCII.sub(encode_utf7, folder.replace("&", "&-")))
