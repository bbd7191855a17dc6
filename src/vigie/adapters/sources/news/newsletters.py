"""Newsletters in a mail folder: read by IMAP, never changed there, each letter an item."""

from __future__ import annotations

import asyncio
import imaplib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import islice
from typing import Final
from urllib.parse import unquote

from vigie.adapters.net.stored_body import encode_body
from vigie.adapters.sources.news.cleaning import (
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    plain_text,
    resolve_public_url,
)
from vigie.adapters.sources.news.dates import LATEST_MS
from vigie.adapters.sources.news.decoding import decode_text, is_web_encoding
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.mailboxes import (
    MAX_LETTER_BYTES,
    PORT,
    MailConnection,
    OpenMailbox,
    encode_folder,
    log_in,
    open_public_mailbox,
    refusal_text,
)
from vigie.domain.errors import ConnectorError, TransientError
from vigie.domain.fact import Measure
from vigie.domain.item import Sighting
from vigie.domain.refusal import Refusal
from vigie.ports.clock import Clock
from vigie.ports.documents import MAIL_SUFFIX, DocumentStore
from vigie.ports.source import Batch
from vigie.ports.source_fetches import SourceFetch, UnreadableEntry

# Of one look; the rest comes with the next one.
MAX_LETTERS: Final = 50
# Of a whole look: one byte every now and then must not hold a reader up.
TOTAL_TIMEOUT_S: Final = 60.0
# How servers say that it may be otherwise in a while (RFC 5530).
_TEMPORARY_CODES: Final = ("[LIMIT]", "[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[OVERQUOTA]")
# Reading names, and what a part is, takes time with the square of their length.
_MAX_HEAD_BYTES: Final = 64_000
_MAX_CONTENT_HEADER_BYTES: Final = 2_000
# Each line is compared with the end of every part that is open: parts within parts cost the square of a length.
MAX_NESTED_PARTS: Final = 50
MAX_CONTENT_HEADERS: Final = 2_000
_NESTING: Final = re.compile(rb"multipart|message/", re.IGNORECASE)
# Of a head as it is read, by its name; reading addresses takes time with the square of their length.
_MAX_HEADER_LENGTHS: Final = {
    "from": 600, "message-id": 600, "date": 200, "subject": 4_000, "list-unsubscribe": 4_000,
}  # fmt: skip
_CONTENT_HEADER: Final = re.compile(
    rb"(?:^|[\r\n])content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE
)
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
# Parts within parts without end are too deep for the parser, years of twenty digits too large for a clock.
PARSE_ERRORS: Final = (ValueError, LookupError, AttributeError, TypeError, RecursionError, OverflowError)
_UNSUBSCRIBE_LINK: Final = re.compile(
    r"unsubscribe|opt-?out|d[e\u00e9]sabonn|d[e\u00e9]sinscri", re.IGNORECASE
)
_ANY_LINK: Final = re.compile(r"https?://\S+")
# Of which the beginning is kept, once links are gone.
_MAX_LETTER_TEXT: Final = 10_000
# That are looked at for one that may be followed.
_MAX_LINKS: Final = 200
_LINK: Final = re.compile(r"https://[^\s\"'<>)\]]{4,1500}")


@dataclass(frozen=True, slots=True)
class NewsletterSource:
    """A mail folder that is asked on a schedule; fulfils `vigie.ports.source.Source`.

    Attributes
    ----------
    key : str
        Password of the mailbox.
    documents : DocumentStore or None
        Where letters are kept raw.
    open_mailbox : OpenMailbox
        Opens the mailbox of a host.
    total_timeout_s : float
        How long a look may take.
    """

    entry: FeedEntry
    clock: Clock
    key: str = field(repr=False)
    documents: DocumentStore | None = None
    open_mailbox: OpenMailbox = open_public_mailbox
    total_timeout_s: float = TOTAL_TIMEOUT_S

    def measures(self) -> Sequence[Measure]:
        """Return nothing: letters are no series."""
        return ()

    async def pull(self, bookmark: str) -> Batch:
        """Read letters that came since the bookmark; the first look reads the newest ones."""
        connection = MailConnection()
        try:
            async with asyncio.timeout(self.total_timeout_s):
                return await asyncio.to_thread(self._pull, bookmark, connection)
        except TimeoutError as fault:
            raise TransientError(
                "host_took_longer",
                "{title}: {host} took longer than {total_timeout_s:g} s",
                title=self.entry.title,
                host=self.entry.reads["host"],
                total_timeout_s=self.total_timeout_s,
            ) from fault
        finally:
            # The thread that reads ends with its connection, also where nobody waits for it any more.
            connection.cut()

    def _pull(self, bookmark: str, connection: MailConnection) -> Batch:
        state = json.loads(bookmark) if bookmark else {}
        with self._logged_in_mailbox(connection) as mailbox:
            # Another folder numbers its letters anew, whatever its server says of eras.
            era = f"{self._select_folder(mailbox)} {self.entry.reads['host']}/{self.entry.reads.get('folder', 'INBOX')}"
            last = int(state.get("last", 0)) if state.get("era") == era else 0
            numbers = self._newer_numbers(mailbox, last)
            letters = [(number, self._fetch_letter(mailbox, number)) for number in numbers]
        if not letters:
            return Batch(bookmark=bookmark)
        now = self.clock.market_now()
        sightings, unreadable = [], []
        for number, raw in letters:
            document = self._store_letter(number, raw, now)
            try:
                sightings.append(parse_letter(self.entry, raw, document))
            # A letter is a stranger's text: what the parser cannot take is kept with its reason.
            except PARSE_ERRORS as fault:
                excerpt = plain_text(raw[:200].decode("utf-8", "replace"), 200)
                unreadable.append(
                    UnreadableEntry(self.entry.id, f"a letter cannot be read: {fault}", excerpt, document)
                )
        next_bookmark = json.dumps({"era": era, "last": letters[-1][0]})
        return Batch(
            shown=SourceFetch(self.entry.id, now, tuple(sightings), tuple(unreadable)), bookmark=next_bookmark
        )

    @contextmanager
    def _logged_in_mailbox(self, connection: MailConnection) -> Iterator[imaplib.IMAP4]:
        reads = self.entry.reads
        host, port = reads["host"], int(reads.get("port", PORT))
        try:
            mailbox = self.open_mailbox(host, port, connection)
        except (OSError, imaplib.IMAP4.error) as fault:
            raise TransientError(
                "cannot_reached",
                "{title}: {host} cannot be reached: {fault}",
                title=self.entry.title,
                host=host,
                fault=refusal_text(fault),
            ) from fault
        except ValueError as fault:
            raise ConnectorError(
                "does_not_answer_like_mailbox",
                "{title}: {host} does not answer like a mailbox server",
                title=self.entry.title,
                host=host,
            ) from fault
        try:
            log_in(mailbox, reads["user"], self.key)
            yield mailbox
        except (imaplib.IMAP4.error, OSError) as fault:
            raise TransientError(
                "closed_connection",
                "{title}: {host} closed the connection: {fault}",
                title=self.entry.title,
                host=host,
                fault=refusal_text(fault),
            ) from fault
        # Numbers that are none, names that are no text.
        except ValueError as fault:
            raise ConnectorError(
                "does_not_answer_like_mailbox",
                "{title}: {host} does not answer like a mailbox server",
                title=self.entry.title,
                host=host,
            ) from fault
        finally:
            # It may be gone already; nothing was changed there.
            with suppress(imaplib.IMAP4.error, OSError, ValueError):
                mailbox.logout()
            with suppress(OSError):
                mailbox.shutdown()

    def _select_folder(self, mailbox: imaplib.IMAP4) -> str:
        """Open the folder, to read only, and return in which era its letters are numbered."""
        folder = self.entry.reads.get("folder", "INBOX")
        status, lines = mailbox.select(encode_folder(folder), readonly=True)
        if status != "OK":
            text = (lines[0] or b"").decode("utf-8", "replace")
            if text.startswith(_TEMPORARY_CODES):
                raise TransientError(
                    "mailbox_server_asks_try_again",
                    "{title}: the mailbox server asks to try again later",
                    title=self.entry.title,
                )
            raise ConnectorError(
                "mailbox_no_folder",
                "{title}: the mailbox has no folder {folder!r}",
                title=self.entry.title,
                folder=folder,
            )
        era = (mailbox.response("UIDVALIDITY")[1] or [b""])[0] or b""
        return era.decode()

    def _newer_numbers(self, mailbox: imaplib.IMAP4, last: int) -> list[int]:
        _, lines = mailbox.uid("SEARCH", f"UID {last + 1}:*")
        # A range whose beginning lies beyond the last letter still gives that one.
        numbers = sorted(number for number in map(int, (lines[0] or b"").split()) if number > last)
        return numbers[:MAX_LETTERS] if last else numbers[-MAX_LETTERS:]

    def _fetch_letter(self, mailbox: imaplib.IMAP4, number: int) -> bytes:
        _, parts = mailbox.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{MAX_LETTER_BYTES}>)")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")

    def _store_letter(self, number: int, raw: bytes, now: int) -> str:
        if self.documents is None:
            return ""
        body = {"status": 200, "headers": {}, **encode_body(raw, is_exact=True)}
        return self.documents.put(f"{self.entry.id}{MAIL_SUFFIX}", str(number), now, body).id


def parse_letter(entry: FeedEntry, raw: bytes, document: str = "") -> Sighting:
    """Return a letter as a source says it; its first link stands for its address.

    Raises
    ------
    ValueError
        If it has neither subject nor text, or a head that is too long to be one.
    """
    end = _END_OF_HEAD.search(raw, 0, _MAX_HEAD_BYTES)
    if end is None and len(raw) > _MAX_HEAD_BYTES:
        raise ValueError(
            Refusal(
                "headers_e_mail_must_most",
                "the headers of an e-mail must have at most {max_head_bytes} bytes",
                max_head_bytes=_MAX_HEAD_BYTES,
            )
        )
    _refuse_nested(raw)
    letter = message_from_bytes(raw, policy=policy.default)
    part = letter.get_body(("plain", "html"))
    letter_text = _part_text(part) if part is not None else ""
    is_page = part is not None and part.get_content_type() == "text/html"
    title = plain_text(_header(letter, "subject"), MAX_TITLE_LENGTH)
    # Links of a letter are made for its reader, and say nothing to others.
    text = plain_text(_ANY_LINK.sub("", plain_text(letter_text, _MAX_LETTER_TEXT)), MAX_TEXT_LENGTH)
    if not title and not text:
        raise ValueError(
            Refusal("e_mail_must_subject_text", "an e-mail must have a subject or a text, had neither")
        )
    message_id = plain_text(_header(letter, "message-id"), 300)
    date_text = _header(letter, "date")
    ts_published = round(parsedate_to_datetime(date_text).timestamp() * 1_000) if date_text else None
    ts_published = ts_published if ts_published is not None and 0 <= ts_published < LATEST_MS else None
    return Sighting(
        source=entry.id,
        key=message_id or f"{ts_published}:{title}"[:300],
        url=_first_link(
            unescape(letter_text) if is_page else letter_text, _header(letter, "list-unsubscribe")
        ),
        title=title or text[:120],
        text=text,
        author=plain_text(_header(letter, "from"), 120).strip('" '),
        language=entry.language,
        ts_published=ts_published,
        precision="second" if ts_published is not None else "",
        document=document,
    )


def _header(letter: EmailMessage, name: str) -> str:
    """Return what a head says, as far as it is read; empty where there is none."""
    for header_name, value in letter.raw_items():
        if header_name.lower() == name:
            return str(letter.policy.header_fetch_parse(header_name, str(value)[: _MAX_HEADER_LENGTHS[name]]))
    return ""


def _refuse_nested(raw: bytes) -> None:
    """Refuse a letter of more parts, or longer words about them, than a parser takes in good time."""
    nested = content_headers = 0
    for match in _CONTENT_HEADER.finditer(raw):
        if match.end() - match.start() > _MAX_CONTENT_HEADER_BYTES:
            raise ValueError(
                Refusal(
                    "bad_type_e_mail_part",
                    "the type of an e-mail part must have at most {max_content_header_bytes} bytes",
                    max_content_header_bytes=_MAX_CONTENT_HEADER_BYTES,
                )
            )
        content_headers += 1
        nested += _NESTING.search(match[0]) is not None
    if nested > MAX_NESTED_PARTS or content_headers > MAX_CONTENT_HEADERS:
        raise ValueError(
            Refusal(
                "e_mail_must_most_nested",
                "this e-mail has too many parts: at most {max_nested_parts} may be nested",
                max_nested_parts=MAX_NESTED_PARTS,
            )
        )


def _part_text(part: MIMEPart) -> str:
    """Return the text of a part; encodings that are none of the web's take time with the square of a length."""
    payload = part.get_payload(decode=True)
    name = part.get_content_charset("")
    return decode_text(
        payload if isinstance(payload, bytes) else b"", f"charset={name}" if is_web_encoding(name) else ""
    )


def _first_link(text: str, unsubscribe_header: str) -> str:
    """Return the first link that is no way to leave the list: whoever follows it must not end a subscription."""
    for match in islice(_LINK.finditer(text), _MAX_LINKS):
        link = match[0].rstrip(".,;")
        if link in unsubscribe_header or _UNSUBSCRIBE_LINK.search(unquote(link)):
            continue
        with suppress(ValueError):  # a link into somebody's network is no address of a letter
            return resolve_public_url(link, link)
    return ""
