"""RSS, RDF, Atom and JSON Feed as sightings; an entry that is no item is refused with its reason, never the others."""

from __future__ import annotations

import hashlib
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import feedparser

from vigie.adapters.sources.news.cleaning import (
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    plain_text,
    resolve_public_url,
)
from vigie.adapters.sources.news.dates import parse_date
from vigie.adapters.sources.news.day_order import DayOrder
from vigie.adapters.sources.news.decoding import guess_encoding, is_web_encoding, stated_encoding
from vigie.domain.errors import DataError, TransientError
from vigie.domain.item import Precision, Sighting
from vigie.domain.refusal import Refusal
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import UnreadableEntry

MAX_ENTRIES: Final = 500
# Rows of a register that are kept with their reason; of more only the number is.
MAX_REFUSED: Final = 500
# Each takes as long as hundreds of letters do; feeds of the largest size that is read have fewer.
MAX_ELEMENTS: Final = 100_000
# Of JSON: an entry of two signs takes hundreds of times its room once it is read.
MAX_JSON_ITEMS: Final = 50_000
# Comments, instructions and texts in one piece cost next to nothing.
_ELEMENT_START: Final = re.compile(rb"<[^/!?]")
_ENTRY_ENDS: Final = (b"</item>", b"</entry>")
# Of an entry's text, where its date stands in it.
_DATE_SEARCH_LETTERS: Final = 60_000
_MAX_SHOWN_LENGTH: Final = 200
_TITLE_FROM_TEXT_LENGTH: Final = 120
_GZIP: Final = b"\x1f\x8b"
_ENTITY: Final = re.compile(rb"<!ENTITY", re.I)
_XML_DECLARATION: Final = re.compile(rb"<\?xml[^>]*encoding", re.I)
_XML_ENCODING: Final = re.compile(rb"(\s*<\?[^>]{0,200}?encoding\s*=\s*[\"'])([^\"'>]*)", re.I)
# `<?xm` as mainframes write it: no feed comes from one.
_EBCDIC: Final = b"\x4c\x6f\xa7\x94"
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0", b"<\0")
_JSON_VERSION: Final = re.compile(
    r"\s*(?:(?:https?:)?(?://)?(?:www\.)?jsonfeed\.org/version(?:/|\s*$)|1(?:\.[01])?\s*$)", re.I
)
_TIME_TAG: Final = re.compile(r"<time[^>]{0,200}?datetime=[\"']([^\"']{4,40})[\"']", re.I)


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What is known of a feed before it is read.

    Attributes
    ----------
    base : str
        Its own address: what its links are relative to.
    language, zone : str
        Where it states none.
    order : str
        Of day and month in its dates.
    """

    source: str
    base: str
    language: str = ""
    zone: str = "UTC"
    order: DayOrder = ""


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """What a feed shows.

    Attributes
    ----------
    memory : str
        What the next reading compares with, where the reader keeps something.
    snapshot : RegisterSnapshot or None
        All rows, where it is a register.
    dates : dict or None
        The table of dates that it states beforehand, where it is a calendar.
    left_out : int
        Older entries that it shows beyond the newest `MAX_ENTRIES`, which were not read.
    """

    sightings: Sequence[Sighting]
    refused: Sequence[UnreadableEntry] = ()
    memory: str = ""
    snapshot: RegisterSnapshot | None = None
    dates: dict[str, Any] | None = None
    left_out: int = 0


def parse_feed(
    context: FeedContext, body: bytes, *, content_type: str = "", document: str = "", max_bytes: int
) -> ParsedSource:
    """Read a feed of any kind.

    Parameters
    ----------
    content_type : str
        Its ``Content-Type``.

    Raises
    ------
    TransientError
        If it is no feed: an error page under HTTP 200, nothing, half an answer.
    DataError
        If it is built to harm: entities that expand, an archive that does.
    """
    unpacked = _gunzip(body, max_bytes)
    if not unpacked.strip():
        raise TransientError("answered_nothing", "answered nothing, which is not a feed")
    if unpacked.lstrip()[:1] == b"{":
        language, entries = _parse_json(unpacked, content_type)
        return gather_sightings(context, entries, language=language, document=document)
    limited = _limit_elements(unpacked)
    language, entries = _parse_xml(context, limited, content_type)
    parsed = gather_sightings(context, entries, language=language, document=document)
    if len(limited) == len(unpacked):
        return parsed
    reason = f"a feed must have at most {MAX_ELEMENTS} elements; what stands behind was not read"
    return replace(parsed, refused=(*parsed.refused, UnreadableEntry(context.source, reason, "", document)))


def gather_sightings(
    context: FeedContext, entries: Iterable[Mapping[str, Any]], *, language: str = "", document: str = ""
) -> ParsedSource:
    """Return the newest entries as sightings, the newest of each key; what is no item is refused with its reason.

    Parameters
    ----------
    entries : iterable of mapping
        ``key``, ``link``, ``title``, ``text``, ``author``, ``language`` and ``dates``, as the source writes them; or
        ``fault`` alone.
    """
    by_key: dict[str, Sighting] = {}
    refused: list[UnreadableEntry] = []
    newest, left_out = _newest_entries(context, list(entries))
    for entry in newest:
        try:
            sighting = _make_sighting(context, entry, language, document)
        except ValueError as fault:
            excerpt = f"{entry.get('title', '')} {entry.get('link', '')}"
            refused.append(
                UnreadableEntry(context.source, str(fault), plain_text(excerpt, _MAX_SHOWN_LENGTH), document)
            )
            continue
        former = by_key.get(sighting.key)
        if former is None or (sighting.ts_published or 0) >= (former.ts_published or 0):
            by_key[sighting.key] = sighting
    return ParsedSource(tuple(by_key.values()), tuple(refused), left_out=left_out)


def _newest_entries(
    context: FeedContext, entries: Sequence[Mapping[str, Any]]
) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return the newest entries in the order of the feed, and how many older ones there are.

    An entry without a date is as new as the one before it: feeds show what is new first.
    """
    if len(entries) <= MAX_ENTRIES:
        return entries, 0
    stamps: list[float] = []
    for entry in entries:
        stated_date = _first_date(entry.get("dates", ()), context)
        stamps.append(stated_date[0] if stated_date else stamps[-1] if stamps else math.inf)
    newest = sorted(range(len(entries)), key=lambda index: -stamps[index])[:MAX_ENTRIES]
    return [entries[index] for index in sorted(newest)], len(entries) - MAX_ENTRIES


def _limit_elements(body: bytes) -> bytes:
    """Return a document as far as it has no more elements than are read, up to the end of its last whole entry.

    Markup of texts counts as well: what is a text is known only once all before it was read as a parser does.
    """
    starts = _ELEMENT_START.finditer(body)
    first_beyond = next(islice(starts, MAX_ELEMENTS, None), None)
    if first_beyond is None:
        return body
    end_at = first_beyond.start()
    last, size = max((body.rfind(end, 0, end_at), len(end)) for end in _ENTRY_ENDS)
    # Where letters have two or four bytes, none is cut in two.
    return body[: last + size] if last >= 0 else body[: end_at - end_at % 4]


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    """Return what was packed by its own hand, not by the wire."""
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(31)
    try:
        content = unpacker.decompress(body, max_bytes)
    except zlib.error as fault:
        raise TransientError(
            "feed_compressed_cannot_unpacked",
            "the feed is compressed and cannot be unpacked: {fault}",
            fault=fault,
        ) from fault
    if unpacker.unconsumed_tail:
        raise DataError(
            "feed_unpacks_more_bytes", "the feed unpacks to more than {max_bytes} bytes", max_bytes=max_bytes
        )
    return content


def _parse_xml(
    context: FeedContext, body: bytes, content_type: str
) -> tuple[str, Iterator[Mapping[str, Any]]]:
    # Encodings of two and four bytes put zeros between the letters.
    if _ENTITY.search(body.replace(b"\0", b"")):
        raise DataError(
            "feed_declares_own_xml_entities",
            "the feed declares its own XML entities, which no feed needs: it was not read",
        )
    content_type, body = _normalise_encoding(content_type, body)
    headers = {"content-location": context.base}
    if "charset" in content_type or "xml" in content_type:
        headers["content-type"] = content_type
    if (
        "charset" not in content_type
        and not _XML_DECLARATION.search(body[:200])
        and not body.startswith(_BYTE_ORDER_MARKS)
    ):
        name = guess_encoding(body)
        if name not in ("utf-8", "cp1252"):
            body = body.decode(name, "replace").encode()
            headers.pop("content-type", None)
    # Markup is taken off by who cleans the texts; cleaning it here takes time with the square of its length.
    parsed = feedparser.parse(
        body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.version and not parsed.entries:
        raise TransientError(
            "answered_which_not_feed", "answered {body}, which is not a feed", body=_quote_start(body)
        )
    return str(parsed.feed.get("language", "")), (_xml_entry(entry) for entry in parsed.entries)


def _normalise_encoding(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Return header and document without encodings that are none of the web's: what they hide was not looked at."""
    if body.startswith(_EBCDIC):
        raise TransientError(
            "answered_which_not_feed", "answered {body}, which is not a feed", body=_quote_start(body)
        )
    stated_name = stated_encoding(content_type, b"")
    if stated_name and not is_web_encoding(stated_name):
        content_type = content_type.partition(";")[0]
    match = _XML_ENCODING.match(body)
    if match and not is_web_encoding(match[2].decode("ascii", "replace")):
        body = body[: match.start(2)] + b"utf-8" + body[match.end(2) :]
    return content_type, body


def _quote_start(body: bytes) -> str:
    """Return how a document begins, as text in quotation marks."""
    return f'"{" ".join(body[:60].decode("utf-8", "replace").split())}"'


def _xml_entry(entry: Any) -> dict[str, Any]:
    contents = [part.get("value", "") for part in entry.get("content", ())]
    links = [part.get("href", "") for part in entry.get("links", ()) if part.get("rel") == "alternate"]
    return {
        "key": entry.get("id", ""),
        "link": next(iter(links), "") or entry.get("link", ""),
        "title": entry.get("title", ""),
        "text": entry.get("summary", "") or next(iter(contents), ""),
        "author": entry.get("author", ""),
        "language": entry.get("language", ""),
        "dates": [entry[name] for name in ("published", "created", "updated") if name in entry],
    }


def _parse_json(body: bytes, content_type: str) -> tuple[str, Iterator[Mapping[str, Any]]]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise TransientError(
            "answered_which_not_feed", "answered {body}, which is not a feed", body=_quote_start(body)
        ) from None
    # Some feeds name the version alone, as figure or text, or none under the type that is theirs.
    is_feed = _JSON_VERSION.match(str(document.get("version", ""))) or (
        "version" not in document and "feed+json" in content_type.casefold()
    )
    if not is_feed or not isinstance(document.get("items"), list):
        raise TransientError(
            "answered_which_not_json_feed",
            "answered {body}, which is not a JSON Feed",
            body=_quote_start(body),
        )
    if len(document["items"]) > MAX_JSON_ITEMS:
        raise DataError(
            "feed_must_most_items",
            "the feed must have at most {max_json_items} items, had {items_count}",
            max_json_items=MAX_JSON_ITEMS,
            items_count=len(document["items"]),
        )
    return str(document.get("language") or ""), (_json_entry(entry) for entry in document["items"])


def _json_entry(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        return {"fault": f"an item must be an object, was {type(entry).__name__}"}
    authors = entry.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else entry.get("author")
    texts = [str(entry.get(name) or "") for name in ("summary", "content_text", "content_html")]
    return {
        "key": str(entry.get("id") or ""),
        "link": str(entry.get("url") or ""),
        "title": str(entry.get("title") or ""),
        "text": next(filter(None, texts), ""),
        "author": str(first.get("name") or "") if isinstance(first, dict) else "",
        "language": str(entry.get("language") or ""),
        "dates": [str(entry.get(name) or "") for name in ("date_published", "date_modified")],
    }


def _make_sighting(context: FeedContext, entry: Mapping[str, Any], language: str, document: str) -> Sighting:
    if "fault" in entry:
        raise ValueError(entry["fault"])
    url = resolve_public_url(entry["link"], context.base) if entry["link"].strip() else ""
    text = plain_text(entry["text"], MAX_TEXT_LENGTH)
    title = plain_text(entry["title"], MAX_TITLE_LENGTH) or plain_text(text, _TITLE_FROM_TEXT_LENGTH)
    if not title:
        raise ValueError(
            Refusal("news_item_must_title_text", "a news item must have a title or a text, had neither")
        )
    key = plain_text(entry["key"], 500) or url
    sighting = Sighting(
        source=context.source,
        key=key or hashlib.sha256(title.encode()).hexdigest()[:32],
        url=url,
        title=title,
        text="" if text == title else text,
        author=plain_text(entry["author"], 120),
        language=_language_code(entry["language"] or language) or context.language,
        document=document,
    )
    ts, precision = _published_date(entry, context)
    return replace(sighting, ts_published=ts, precision=precision)


def _published_date(entry: Mapping[str, Any], context: FeedContext) -> tuple[int | None, Precision]:
    """Return when it was published, as stated: by a date of its own, else by a time in its text."""
    if (stated_date := _first_date(entry["dates"], context)) is not None:
        return stated_date
    # ESMA states it nowhere else.
    match = _TIME_TAG.search(entry["text"], 0, _DATE_SEARCH_LETTERS)
    stated_date = _first_date([match[1]], context) if match else None
    return stated_date if stated_date is not None else (None, "")


def _first_date(date_texts: Iterable[Any], context: FeedContext) -> tuple[int, Precision] | None:
    """Return the first of several dates that is one."""
    for text in date_texts:
        if text and (stated_date := parse_date(str(text), context.zone, context.order)) is not None:
            return stated_date
    return None


def _language_code(text: str) -> str:
    short = text.strip().casefold()[:2]
    return short if len(short) == 2 and short.isascii() and short.isalpha() else ""
