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

from vigie.adapters.net.keeping import kept_body
from vigie.adapters.sources.news.cleaning import LONGEST_TEXT, LONGEST_TITLE, address, plain
from vigie.adapters.sources.news.dates import LATEST_MS
from vigie.adapters.sources.news.decoding import is_known, text_of
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.mailboxes import (
    LARGEST_BYTES,
    PORT,
    Line,
    Reach,
    enter,
    on_wire,
    reach_public,
    reason,
)
from vigie.domain.errors import ConnectorError, TransientError
from vigie.domain.fact import Measure
from vigie.domain.item import Sighting
from vigie.ports.clock import Clock
from vigie.ports.documents import LETTER, DocumentStore
from vigie.ports.items import SourceFetch, UnreadableEntry
from vigie.ports.source import Batch

# Of one look; the rest comes with the next one.
MOST_LETTERS: Final = 50
# Of a whole look: one byte every now and then must not hold a reader up.
WHOLE_S: Final = 60.0
# How servers say that it may be otherwise in a while (RFC 5530).
_LATER: Final = ("[LIMIT]", "[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[OVERQUOTA]")
# Reading names, and what a part is, takes time with the square of their length.
_LONGEST_HEAD: Final = 64_000
_LONGEST_KIND: Final = 2_000
# Each line is compared with the end of every part that is open: parts within parts cost the square of a length.
MOST_NESTED: Final = 50
MOST_KINDS: Final = 2_000
_NESTING: Final = re.compile(rb"multipart|message/", re.IGNORECASE)
# Of a head as it is read, by its name; reading addresses takes time with the square of their length.
_LONGEST_HEADS: Final = {
    "from": 600, "message-id": 600, "date": 200, "subject": 4_000, "list-unsubscribe": 4_000,
}  # fmt: skip
_KIND: Final = re.compile(rb"(?:^|[\r\n])content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE)
_NO_MORE_HEAD: Final = re.compile(rb"\r?\n\r?\n")
# Parts within parts without end are too deep for the parser, years of twenty digits too large for a clock.
UNREADABLE: Final = (ValueError, LookupError, AttributeError, TypeError, RecursionError, OverflowError)
_LEAVES: Final = re.compile(r"unsubscribe|opt-?out|d[e\u00e9]sabonn|d[e\u00e9]sinscri", re.IGNORECASE)
_ANY_LINK: Final = re.compile(r"https?://\S+")
# Of which the beginning is kept, once links are gone.
_LONGEST_WORDS: Final = 10_000
# That are looked at for one that may be followed.
_MOST_LINKS: Final = 200
_LINK: Final = re.compile(r"https://[^\s\"'<>)\]]{4,1500}")


@dataclass(frozen=True, slots=True)
class Letters:
    """A mail folder that is asked on a schedule; fulfils `vigie.ports.source.Source`.

    Attributes
    ----------
    key : str
        Password of the mailbox.
    documents : DocumentStore or None
        Where letters are kept raw.
    reach : Reach
        Opens the mailbox of a host.
    whole_s : float
        How long a look may take.
    """

    entry: FeedEntry
    clock: Clock
    key: str = field(repr=False)
    documents: DocumentStore | None = None
    reach: Reach = reach_public
    whole_s: float = WHOLE_S

    def measures(self) -> Sequence[Measure]:
        """Return nothing: letters are no series."""
        return ()

    async def pull(self, bookmark: str) -> Batch:
        """Read letters that came since the bookmark; the first look reads the newest ones."""
        line = Line()
        try:
            async with asyncio.timeout(self.whole_s):
                return await asyncio.to_thread(self._pull, bookmark, line)
        except TimeoutError as fault:
            raise TransientError(
                f"{self.entry.title}: {self.entry.reads['host']} took longer than {self.whole_s:g} s"
            ) from fault
        finally:
            # The thread that reads ends with its connection, also where nobody waits for it any more.
            line.cut()

    def _pull(self, bookmark: str, line: Line) -> Batch:
        known = json.loads(bookmark) if bookmark else {}
        with self._opened(line) as box:
            # Another folder numbers its letters anew, whatever its server says of eras.
            era = f"{self._select(box)} {self.entry.reads['host']}/{self.entry.reads.get('folder', 'INBOX')}"
            last = int(known.get("last", 0)) if known.get("era") == era else 0
            numbers = self._newer(box, last)
            letters = [(number, self._letter(box, number)) for number in numbers]
        if not letters:
            return Batch(bookmark=bookmark)
        now = self.clock.market_now()
        said, refused = [], []
        for number, raw in letters:
            document = self._keep(number, raw, now)
            try:
                said.append(sighting(self.entry, raw, document))
            # A letter is a stranger's text: what the parser cannot take is kept with its reason.
            except UNREADABLE as fault:
                shown = plain(raw[:200].decode("utf-8", "replace"), 200)
                refused.append(
                    UnreadableEntry(self.entry.id, f"a letter cannot be read: {fault}", shown, document)
                )
        place = json.dumps({"era": era, "last": letters[-1][0]})
        return Batch(shown=SourceFetch(self.entry.id, now, tuple(said), tuple(refused)), bookmark=place)

    @contextmanager
    def _opened(self, line: Line) -> Iterator[imaplib.IMAP4]:
        reads = self.entry.reads
        host, port = reads["host"], int(reads.get("port", PORT))
        try:
            box = self.reach(host, port, line)
        except (OSError, imaplib.IMAP4.error) as fault:
            raise TransientError(f"{self.entry.title}: {host} cannot be reached: {reason(fault)}") from fault
        except ValueError as fault:
            raise ConnectorError(f"{self.entry.title}: {host} answers as no mailbox does") from fault
        try:
            enter(box, reads["user"], self.key)
            yield box
        except (imaplib.IMAP4.error, OSError) as fault:
            raise TransientError(f"{self.entry.title}: {host} broke off: {reason(fault)}") from fault
        # Numbers that are none, names that are no text.
        except ValueError as fault:
            raise ConnectorError(f"{self.entry.title}: {host} answers as no mailbox does") from fault
        finally:
            # It may be gone already; nothing was changed there.
            with suppress(imaplib.IMAP4.error, OSError, ValueError):
                box.logout()
            with suppress(OSError):
                box.shutdown()

    def _select(self, box: imaplib.IMAP4) -> str:
        """Open the folder, to read only, and return in which era its letters are numbered."""
        folder = self.entry.reads.get("folder", "INBOX")
        answer, said = box.select(on_wire(folder), readonly=True)
        if answer != "OK":
            text = (said[0] or b"").decode("utf-8", "replace")
            if text.startswith(_LATER):
                raise TransientError(f"{self.entry.title}: its mailbox asks to come again later")
            raise ConnectorError(f"{self.entry.title}: the mailbox has no folder {folder!r}")
        era = (box.response("UIDVALIDITY")[1] or [b""])[0] or b""
        return era.decode()

    def _newer(self, box: imaplib.IMAP4, last: int) -> list[int]:
        _, found = box.uid("SEARCH", f"UID {last + 1}:*")
        # A range whose beginning lies beyond the last letter still gives that one.
        numbers = sorted(number for number in map(int, (found[0] or b"").split()) if number > last)
        return numbers[:MOST_LETTERS] if last else numbers[-MOST_LETTERS:]

    def _letter(self, box: imaplib.IMAP4, number: int) -> bytes:
        _, parts = box.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{LARGEST_BYTES}>)")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")

    def _keep(self, number: int, raw: bytes, now: int) -> str:
        if self.documents is None:
            return ""
        body = {"status": 200, "headers": {}, **kept_body(raw, is_exact=True)}
        return self.documents.put(f"{self.entry.id}{LETTER}", str(number), now, body).id


def sighting(entry: FeedEntry, raw: bytes, document: str = "") -> Sighting:
    """Return a letter as a source says it; its first link stands for its address.

    Raises
    ------
    ValueError
        If it has neither subject nor text, or a head that is too long to be one.
    """
    end = _NO_MORE_HEAD.search(raw, 0, _LONGEST_HEAD)
    if end is None and len(raw) > _LONGEST_HEAD:
        raise ValueError(f"the head of a letter must have at most {_LONGEST_HEAD} bytes")
    _refuse_nested(raw)
    letter = message_from_bytes(raw, policy=policy.default)
    part = letter.get_body(("plain", "html"))
    words = _words(part) if part is not None else ""
    is_page = part is not None and part.get_content_type() == "text/html"
    title = plain(_head(letter, "subject"), LONGEST_TITLE)
    # Links of a letter are made for its reader, and say nothing to others.
    text = plain(_ANY_LINK.sub("", plain(words, _LONGEST_WORDS)), LONGEST_TEXT)
    if not title and not text:
        raise ValueError("a letter must have a subject or a text, had neither")
    name = plain(_head(letter, "message-id"), 300)
    written = _head(letter, "date")
    stamp = round(parsedate_to_datetime(written).timestamp() * 1_000) if written else None
    stamp = stamp if stamp is not None and 0 <= stamp < LATEST_MS else None
    return Sighting(
        source=entry.id,
        key=name or f"{stamp}:{title}"[:300],
        url=_linked(unescape(words) if is_page else words, _head(letter, "list-unsubscribe")),
        title=title or text[:120],
        text=text,
        author=plain(_head(letter, "from"), 120).strip('" '),
        language=entry.language,
        ts_published=stamp,
        precision="second" if stamp is not None else "",
        document=document,
    )


def _head(letter: EmailMessage, name: str) -> str:
    """Return what a head says, as far as it is read; empty where there is none."""
    for held, said in letter.raw_items():
        if held.lower() == name:
            return str(letter.policy.header_fetch_parse(held, str(said)[: _LONGEST_HEADS[name]]))
    return ""


def _refuse_nested(raw: bytes) -> None:
    """Refuse a letter of more parts, or longer words about them, than a parser takes in good time."""
    nested = kinds = 0
    for found in _KIND.finditer(raw):
        if found.end() - found.start() > _LONGEST_KIND:
            raise ValueError(f"what a part of a letter is must be said in at most {_LONGEST_KIND} bytes")
        kinds += 1
        nested += _NESTING.search(found[0]) is not None
    if nested > MOST_NESTED or kinds > MOST_KINDS:
        raise ValueError(f"a letter must have at most {MOST_NESTED} parts that hold others, and few others")


def _words(part: MIMEPart) -> str:
    """Return the text of a part; encodings that are none of the web's take time with the square of a length."""
    held = part.get_payload(decode=True)
    name = part.get_content_charset("")
    return text_of(held if isinstance(held, bytes) else b"", f"charset={name}" if is_known(name) else "")


def _linked(words: str, leaving: str) -> str:
    """Return the first link that is no way to leave the list: whoever follows it must not end a subscription."""
    for found in islice(_LINK.finditer(words), _MOST_LINKS):
        link = found[0].rstrip(".,;")
        if link in leaving or _LEAVES.search(unquote(link)):
            continue
        with suppress(ValueError):  # a link into somebody's network is no address of a letter
            return address(link, link)
    return ""
