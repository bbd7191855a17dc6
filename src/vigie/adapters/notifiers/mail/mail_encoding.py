"""How a mail is written as bytes: header fields that mail programs read by their bytes are neither folded nor encoded.

After RFC 5322 (format), 2369 and 8058 (unsubscribing), 2919 (`List-Id`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any, Final
from urllib.parse import quote

from vigie.ports.notifier import OutgoingMessage

# The longest line of a mail, without its end.
MAX_LINE_LENGTH: Final = 998
# The first message of a thread and the newest ones: RFC 5322 lets the ones between be left out.
MAX_REFERENCES: Final = 10
# What Gmail's feedback loop groups complaints by; the last part names the sending program.
FEEDBACK_SENDER: Final = "vigie"
_RAW_HEADERS: Final = frozenset(
    ("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "message-id", "references", "in-reply-to")
)  # fmt: skip
_URL_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"
_NON_LABEL: Final = re.compile(r"[^A-Za-z0-9-]+")


class RawHeaderPolicy(EmailPolicy):
    """Writes most header fields as the standard library does, and those of `_RAW_HEADERS` as they are.

    The standard library folds a field longer than 78 characters, and makes an encoded word of an address that has no
    place to fold at. No mail program reads an address in an encoded word.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a field as text with its line end."""
        return f"{name}: {value}\r\n" if name.lower() in _RAW_HEADERS else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a field as bytes with its line end."""
        if name.lower() in _RAW_HEADERS:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


MAIL_POLICY: Final = RawHeaderPolicy(linesep="\r\n")


def mail_bytes(mail: EmailMessage, *, utf8: bool, eight_bit: bool) -> bytes:
    """Return a mail as it is handed over.

    Parameters
    ----------
    utf8 : bool
        Whether header fields may hold more than ASCII (RFC 6531).
    eight_bit : bool
        Whether the body may.
    """
    policy = MAIL_POLICY.clone(utf8=utf8, cte_type="8bit" if eight_bit else "7bit")
    buffer = io.BytesIO()
    BytesGenerator(buffer, policy=policy).flatten(mail)
    return buffer.getvalue()


def program_headers(message: OutgoingMessage, domain: str) -> Iterator[tuple[str, str]]:
    """Yield the header fields that mail programs act on, all printable ASCII.

    Parameters
    ----------
    domain : str
        Of the sender.
    """
    host = _ascii_domain(domain)
    # The same at every try: a mailbox that has it already can tell.
    yield "Message-ID", _message_id(message.id, host)
    if message.earlier:
        ids = [_message_id(earlier_id, host) for earlier_id in _limit_references(message.earlier)]
        yield "In-Reply-To", ids[-1]
        yield "References", "\r\n ".join(ids)
    if message.group:
        group = _NON_LABEL.sub("-", message.group)
        yield "List-Id", f"<{group}.alerts.{host}>"
    parts = (message.group, message.kind, message.language)
    yield "Feedback-ID", ":".join((*(_NON_LABEL.sub("-", part) for part in parts), FEEDBACK_SENDER))
    yield from _unsubscribe_headers(message.unsubscribe)


def _unsubscribe_headers(url: str) -> Iterator[tuple[str, str]]:
    address = quote(url, safe=_URL_SAFE)
    if not address or len(f"List-Unsubscribe: <{address}>") > MAX_LINE_LENGTH:
        return
    yield "List-Unsubscribe", f"<{address}>"
    # RFC 8058 asks for HTTPS: mail programs send their request nowhere else.
    if address.startswith("https://"):
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _message_id(message: str, host: str) -> str:
    return f"<{_NON_LABEL.sub('-', message)}@{host}>"


def _limit_references(earlier: Sequence[str]) -> Sequence[str]:
    if len(earlier) <= MAX_REFERENCES:
        return earlier
    return [earlier[0], *earlier[1 - MAX_REFERENCES :]]


def _ascii_domain(domain: str) -> str:
    try:
        name = domain.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    return re.sub(r"[^A-Za-z0-9.:\[\]-]+", "-", name) or "localhost"
