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

from vigie.adapters.sources.news.cleaning import LONGEST_TEXT, LONGEST_TITLE, address, plain
from vigie.adapters.sources.news.dates import read_date
from vigie.adapters.sources.news.day_order import DayOrder
from vigie.adapters.sources.news.decoding import guessed, is_known, stated
from vigie.domain.errors import DataError, TransientError
from vigie.domain.item import Precision, Sighting
from vigie.ports.items import UnreadableEntry
from vigie.ports.registers import RegisterSnapshot

MOST_ENTRIES: Final = 500
# Rows of a register that are kept with their reason; of more only the number is.
MOST_REFUSED: Final = 500
# Each takes as long as hundreds of letters do; feeds of the largest size that is read have fewer.
MOST_ELEMENTS: Final = 100_000
# Of JSON: an entry of two signs takes hundreds of times its room once it is read.
MOST_JSON_ITEMS: Final = 50_000
# Comments, instructions and texts in one piece cost next to nothing.
_BEGINS: Final = re.compile(rb"<[^/!?]")
_ENDS: Final = (b"</item>", b"</entry>")
# Of an entry's text, where its date stands in it.
_DATED_WITHIN: Final = 60_000
_SHOWN: Final = 200
_TITLE_OF_TEXT: Final = 120
_GZIP: Final = b"\x1f\x8b"
_ENTITY: Final = re.compile(rb"<!ENTITY", re.I)
_DECLARED: Final = re.compile(rb"<\?xml[^>]*encoding", re.I)
_NAMED: Final = re.compile(rb"(\s*<\?[^>]{0,200}?encoding\s*=\s*[\"'])([^\"'>]*)", re.I)
# `<?xm` as mainframes write it: no feed comes from one.
_EBCDIC: Final = b"\x4c\x6f\xa7\x94"
_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0", b"<\0")
_JSON_VERSION: Final = re.compile(
    r"\s*(?:(?:https?:)?(?://)?(?:www\.)?jsonfeed\.org/version(?:/|\s*$)|1(?:\.[01])?\s*$)", re.I
)
_TIME_TAG: Final = re.compile(r"<time[^>]{0,200}?datetime=[\"']([^\"']{4,40})[\"']", re.I)


@dataclass(frozen=True, slots=True)
class Feeder:
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
class Parsed:
    """What a feed shows.

    Attributes
    ----------
    memory : str
        What the next reading compares with, where the reader keeps something.
    look : RegisterSnapshot or None
        All rows, where it is a register.
    dates : dict or None
        The table of dates that it states beforehand, where it is a calendar.
    left_out : int
        Older entries that it shows beyond the newest `MOST_ENTRIES`, which were not read.
    """

    sightings: Sequence[Sighting]
    refused: Sequence[UnreadableEntry] = ()
    memory: str = ""
    look: RegisterSnapshot | None = None
    dates: dict[str, Any] | None = None
    left_out: int = 0


def parse(feeder: Feeder, body: bytes, *, media: str = "", document: str = "", max_bytes: int) -> Parsed:
    """Read a feed of any kind.

    Parameters
    ----------
    media : str
        Its ``Content-Type``.

    Raises
    ------
    TransientError
        If it is no feed: an error page under HTTP 200, nothing, half an answer.
    DataError
        If it is built to harm: entities that expand, an archive that does.
    """
    whole = _unpacked(body, max_bytes)
    if not whole.strip():
        raise TransientError("answered nothing at all, which is no feed")
    if whole.lstrip()[:1] == b"{":
        language, entries = _of_json(whole, media)
        return gathered(feeder, entries, language=language, document=document)
    read = _within_budget(whole)
    language, entries = _of_xml(feeder, read, media)
    parsed = gathered(feeder, entries, language=language, document=document)
    if len(read) == len(whole):
        return parsed
    why = f"a feed must have at most {MOST_ELEMENTS} elements; what stands behind was not read"
    return replace(parsed, refused=(*parsed.refused, UnreadableEntry(feeder.source, why, "", document)))


def gathered(
    feeder: Feeder, entries: Iterable[Mapping[str, Any]], *, language: str = "", document: str = ""
) -> Parsed:
    """Return the newest entries as sightings, the newest of each key; what is no item is refused with its reason.

    Parameters
    ----------
    entries : iterable of mapping
        ``key``, ``link``, ``title``, ``text``, ``author``, ``language`` and ``dates``, as the source writes them; or
        ``fault`` alone.
    """
    found: dict[str, Sighting] = {}
    refused: list[UnreadableEntry] = []
    newest, left_out = _newest(feeder, list(entries))
    for entry in newest:
        try:
            said = _sighting(feeder, entry, language, document)
        except ValueError as fault:
            shown = f"{entry.get('title', '')} {entry.get('link', '')}"
            refused.append(UnreadableEntry(feeder.source, str(fault), plain(shown, _SHOWN), document))
            continue
        former = found.get(said.key)
        if former is None or (said.ts_published or 0) >= (former.ts_published or 0):
            found[said.key] = said
    return Parsed(tuple(found.values()), tuple(refused), left_out=left_out)


def _newest(feeder: Feeder, entries: Sequence[Mapping[str, Any]]) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Return the newest entries in the order of the feed, and how many older ones there are.

    An entry without a date is as new as the one before it: feeds show what is new first.
    """
    if len(entries) <= MOST_ENTRIES:
        return entries, 0
    stamps: list[float] = []
    for entry in entries:
        read = _read_first(entry.get("dates", ()), feeder)
        stamps.append(read[0] if read else stamps[-1] if stamps else math.inf)
    newest = sorted(range(len(entries)), key=lambda place: -stamps[place])[:MOST_ENTRIES]
    return [entries[place] for place in sorted(newest)], len(entries) - MOST_ENTRIES


def _within_budget(body: bytes) -> bytes:
    """Return a document as far as it has no more elements than are read, up to the end of its last whole entry.

    Markup of texts counts as well: what is a text is known only once all before it was read as a parser does.
    """
    signs = _BEGINS.finditer(body)
    over = next(islice(signs, MOST_ELEMENTS, None), None)
    if over is None:
        return body
    at = over.start()
    last, size = max((body.rfind(end, 0, at), len(end)) for end in _ENDS)
    # Where letters have two or four bytes, none is cut in two.
    return body[: last + size] if last >= 0 else body[: at - at % 4]


def _unpacked(body: bytes, max_bytes: int) -> bytes:
    """Return what was packed by its own hand, not by the wire."""
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(31)
    try:
        whole = unpacker.decompress(body, max_bytes)
    except zlib.error as fault:
        raise TransientError(f"the feed is packed and cannot be unpacked: {fault}") from fault
    if unpacker.unconsumed_tail:
        raise DataError(f"the feed must unpack to at most {max_bytes} bytes, was longer")
    return whole


def _of_xml(feeder: Feeder, body: bytes, media: str) -> tuple[str, Iterator[Mapping[str, Any]]]:
    # Encodings of two and four bytes put zeros between the letters.
    if _ENTITY.search(body.replace(b"\0", b"")):
        raise DataError("the feed declares entities of its own, which no feed needs: it was not read")
    media, body = _readable(media, body)
    heads = {"content-location": feeder.base}
    if "charset" in media or "xml" in media:
        heads["content-type"] = media
    if "charset" not in media and not _DECLARED.search(body[:200]) and not body.startswith(_MARKS):
        name = guessed(body)
        if name not in ("utf-8", "cp1252"):
            body = body.decode(name, "replace").encode()
            heads.pop("content-type", None)
    # Markup is taken off by who cleans the texts; cleaning it here takes time with the square of its length.
    parsed = feedparser.parse(body, response_headers=heads, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.version and not parsed.entries:
        raise TransientError(f"answered {_quoted(body)}, which is no feed")
    return str(parsed.feed.get("language", "")), (_plain_entry(entry) for entry in parsed.entries)


def _readable(media: str, body: bytes) -> tuple[str, bytes]:
    """Return header and document without encodings that are none of the web's: what they hide was not looked at."""
    if body.startswith(_EBCDIC):
        raise TransientError(f"answered {_quoted(body)}, which is no feed")
    head = stated(media, b"")
    if head and not is_known(head):
        media = media.partition(";")[0]
    found = _NAMED.match(body)
    if found and not is_known(found[2].decode("ascii", "replace")):
        body = body[: found.start(2)] + b"utf-8" + body[found.end(2) :]
    return media, body


def _quoted(body: bytes) -> str:
    """Return how a document begins, as text in quotation marks."""
    return f'"{" ".join(body[:60].decode("utf-8", "replace").split())}"'


def _plain_entry(entry: Any) -> dict[str, Any]:
    contents = [one.get("value", "") for one in entry.get("content", ())]
    links = [one.get("href", "") for one in entry.get("links", ()) if one.get("rel") == "alternate"]
    return {
        "key": entry.get("id", ""),
        "link": next(iter(links), "") or entry.get("link", ""),
        "title": entry.get("title", ""),
        "text": entry.get("summary", "") or next(iter(contents), ""),
        "author": entry.get("author", ""),
        "language": entry.get("language", ""),
        "dates": [entry[name] for name in ("published", "created", "updated") if name in entry],
    }


def _of_json(body: bytes, media: str) -> tuple[str, Iterator[Mapping[str, Any]]]:
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        raise TransientError(f"answered {_quoted(body)}, which is no feed") from None
    # Some feeds name the version alone, as figure or text, or none under the type that is theirs.
    is_feed = _JSON_VERSION.match(str(whole.get("version", ""))) or (
        "version" not in whole and "feed+json" in media.casefold()
    )
    if not is_feed or not isinstance(whole.get("items"), list):
        raise TransientError(f"answered {_quoted(body)}, which is no JSON Feed")
    if len(whole["items"]) > MOST_JSON_ITEMS:
        raise DataError(f"the feed must have at most {MOST_JSON_ITEMS} items, had {len(whole['items'])}")
    return str(whole.get("language") or ""), (_json_entry(entry) for entry in whole["items"])


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


def _sighting(feeder: Feeder, entry: Mapping[str, Any], language: str, document: str) -> Sighting:
    if "fault" in entry:
        raise ValueError(entry["fault"])
    url = address(entry["link"], feeder.base) if entry["link"].strip() else ""
    text = plain(entry["text"], LONGEST_TEXT)
    title = plain(entry["title"], LONGEST_TITLE) or plain(text, _TITLE_OF_TEXT)
    if not title:
        raise ValueError("an item must have a title or a text, had neither")
    key = plain(entry["key"], 500) or url
    said = Sighting(
        source=feeder.source,
        key=key or hashlib.sha256(title.encode()).hexdigest()[:32],
        url=url,
        title=title,
        text="" if text == title else text,
        author=plain(entry["author"], 120),
        language=_language(entry["language"] or language) or feeder.language,
        document=document,
    )
    ts, precision = _dated(entry, feeder)
    return replace(said, ts_published=ts, precision=precision)


def _dated(entry: Mapping[str, Any], feeder: Feeder) -> tuple[int | None, Precision]:
    """Return when it was published, as stated: by a date of its own, else by a time in its text."""
    if (read := _read_first(entry["dates"], feeder)) is not None:
        return read
    # ESMA states it nowhere else.
    inside = _TIME_TAG.search(entry["text"], 0, _DATED_WITHIN)
    read = _read_first([inside[1]], feeder) if inside else None
    return read if read is not None else (None, "")


def _read_first(written: Iterable[Any], feeder: Feeder) -> tuple[int, Precision] | None:
    """Return the first of several dates that is one."""
    for text in written:
        if text and (read := read_date(str(text), feeder.zone, feeder.order)) is not None:
            return read
    return None


def _language(word: str) -> str:
    short = word.strip().casefold()[:2]
    return short if len(short) == 2 and short.isascii() and short.isalpha() else ""
