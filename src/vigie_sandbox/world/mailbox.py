"""Mail that the world has taken: the newest messages, read without trusting them, kept over a restart in its home."""

from __future__ import annotations

import base64
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice
from pathlib import Path
from typing import Any, Final

from vigie_sandbox.world.mail_folder import MailFolder, StoredMail

MAX_MAILS: Final = 200
MAX_MAIL_BYTES: Final = 2_000_000
_MAX_TEXT_LENGTH: Final = 200_000
_MAX_HEADER_LENGTH: Final = 1_000
_MAX_HEADERS: Final = 60
_MAX_PARTS: Final = 50
_MAX_PICTURES: Final = 5
_MAX_PICTURE_BYTES: Final = 300_000
_PICTURE_KIND: Final = "image/png"
_MAX_ATTACHMENTS: Final = 20


@dataclass(frozen=True, slots=True)
class Mail:
    """One message.

    Attributes
    ----------
    number : int
        From 1, in the order they came.
    ts : int
        Market time at which it was taken.
    sender, recipients : str, tuple of str
        Of the envelope, which need not be those of the headers.
    headers : tuple of (str, str)
        Decoded, in order.
    text, html : str
        The first part of each kind; empty where there is none.
    pictures : tuple of (str, bytes)
        Names and contents of the first parts that say they are a PNG; nobody has looked whether they are.
    attachments : tuple of (str, str, bytes)
        Names, media types and contents of the first attached parts, pictures too, as the sender says.
    size : int
        Bytes.
    """

    number: int
    ts: int
    sender: str
    recipients: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    pictures: tuple[tuple[str, bytes], ...]
    attachments: tuple[tuple[str, str, bytes], ...]
    size: int

    @property
    def subject(self) -> str:
        """Its subject, on one line."""
        subject = next((value for name, value in self.headers if name.lower() == "subject"), "")
        return " ".join(subject.split())

    def to_json(self, *, is_whole: bool) -> dict[str, Any]:
        """Return it as JSON, with or without headers and texts."""
        short = {
            "number": self.number, "ts": self.ts, "sender": self.sender, "recipients": list(self.recipients),
            "subject": self.subject, "size": self.size,
        }  # fmt: skip
        whole = {
            "headers": [list(pair) for pair in self.headers], "text": self.text, "html": self.html,
            "pictures": [[name, base64.b64encode(body).decode()] for name, body in self.pictures],
            "attachments": [
                [name, kind, base64.b64encode(body).decode()] for name, kind, body in self.attachments
            ],
        }  # fmt: skip
        return short | whole if is_whole else short


class Mailbox:
    """The newest messages that were taken.

    Parameters
    ----------
    folder : Path, optional
        Where they are kept; without it they are gone with the process.
    received_count : int
        How many were taken before, also of those that are not kept.

    Attributes
    ----------
    received_count : int
        How many ever were.
    port : int or None
        Of loopback, where they are taken; None while nobody listens.
    """

    def __init__(self, folder: Path | None = None, received_count: int = 0) -> None:
        self.port: int | None = None
        self._folder = None if folder is None else MailFolder(folder)
        stored_mails = [] if self._folder is None else self._folder.read()
        self._mails = deque((_parse_mail(stored) for stored in stored_mails), maxlen=MAX_MAILS)
        self.received_count = max([received_count, *(stored.number for stored in stored_mails)])

    def receive(self, sender: str, recipients: list[str], raw: bytes, now_ms: int) -> Mail:
        """Keep a message; the oldest makes room for it.

        Raises
        ------
        OSError
            If it cannot be written where mail is kept; it is not taken then.
        """
        stored = StoredMail(self.received_count + 1, now_ms, sender, tuple(recipients), raw)
        if self._folder is not None:
            self._folder.put(stored)
            if len(self._mails) == MAX_MAILS:
                self._folder.remove(self._mails[0].number)
        self.received_count = stored.number
        mail = _parse_mail(stored)
        self._mails.append(mail)
        return mail

    def newest(self) -> list[Mail]:
        """Return what is kept, newest first."""
        return list(reversed(self._mails))

    def find(self, number: int) -> Mail | None:
        """Return one message, or None."""
        return next((mail for mail in self._mails if mail.number == number), None)

    def clear(self) -> None:
        """Throw everything away; numbers go on."""
        if self._folder is not None:
            for mail in self._mails:
                self._folder.remove(mail.number)
        self._mails.clear()


def _parse_mail(stored: StoredMail) -> Mail:
    message = message_from_bytes(stored.raw)
    text, html = _first_texts(message)
    headers = tuple((name, _decode_header(str(value))) for name, value in message.items()[:_MAX_HEADERS])
    return Mail(
        stored.number, stored.ts, stored.sender, stored.recipients, headers, text, html, _pictures(message),
        _attachments(message), len(stored.raw),
    )  # fmt: skip


def _first_texts(message: Message) -> tuple[str, str]:
    """Return the first plain and the first HTML part."""
    texts = {"text/plain": "", "text/html": ""}
    for index, part in enumerate(message.walk()):
        if index >= _MAX_PARTS:
            break
        kind = part.get_content_type()
        if kind in texts and not texts[kind] and part.get_content_disposition() != "attachment":
            texts[kind] = _decode_part(part)
    return texts["text/plain"], texts["text/html"]


def _pictures(message: Message) -> tuple[tuple[str, bytes], ...]:
    """Return the first pictures; what is too large is left out."""
    found: list[tuple[str, bytes]] = []
    for part in islice(message.walk(), _MAX_PARTS):
        if part.get_content_type() != _PICTURE_KIND or len(found) == _MAX_PICTURES:
            continue
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and 0 < len(body) <= _MAX_PICTURE_BYTES:
            found.append((_decode_header(str(part.get_filename(""))), body))
    return tuple(found)


def _attachments(message: Message) -> tuple[tuple[str, str, bytes], ...]:
    """Return the first attached parts."""
    found: list[tuple[str, str, bytes]] = []
    for part in islice(message.walk(), _MAX_PARTS):
        body = part.get_payload(decode=True)
        if (
            part.get_content_disposition() == "attachment"
            and isinstance(body, bytes)
            and len(found) < _MAX_ATTACHMENTS
        ):
            found.append((_decode_header(str(part.get_filename(""))), part.get_content_type(), body))
    return tuple(found)


def _decode_part(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        text = payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        # An encoding that nobody knows.
        text = payload.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\0", "\ufffd")[:_MAX_TEXT_LENGTH]


def _decode_header(header: str) -> str:
    try:
        text = str(make_header(decode_header(header)))
    except (HeaderParseError, LookupError, ValueError):
        # Not encoded as it says: shown as it came.
        text = header
    # What came as raw bytes are halves of characters, which no answer could carry.
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:_MAX_HEADER_LENGTH]
