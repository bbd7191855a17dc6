"""Bytes as text where nobody says how they are written."""

from __future__ import annotations

import codecs
import re
from typing import Final

_CHARSET: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_HIGH_BYTES: Final = re.compile(rb"[\x80-\xff]+")
_SAMPLE_BYTES: Final = 200_000
# As Python calls the encodings of the web (https://encoding.spec.whatwg.org, read 2026-11-21). It knows others by name
# that take time with the square of a length, or refuse in ways of their own: punycode, idna, undefined.
_WEB_ENCODINGS: Final = frozenset(
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be ascii iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6"
    " iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp866 koi8-r koi8-u"
    " mac-roman mac-cyrillic cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 gbk gb2312 gb18030"
    " big5 big5hkscs euc_jp shift_jis cp932 euc_kr cp949 iso2022_jp utf-32 utf-32-le utf-32-be".split()
)
# The most frequent letters of Russian, and signs of Chinese: a wrong reading has few of them.
_RUSSIAN: Final = frozenset("оеаинтсрвлкмдпу")
_CHINESE: Final = frozenset(
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成者多日都三小军二无"
    "同么经法当起与好看学进种将还分此心前面又定见只主没公从新闻比特币交易货币市场监管"
)
_MIN_SHARE: Final = 0.25


def stated_encoding(content_type: str, head: bytes) -> str:
    """Return the encoding that a header or the beginning of a document states, empty where neither does."""
    for source in (content_type.encode("latin-1", "ignore"), head[:2_000]):
        if match := _CHARSET.search(source):
            return match[1].decode("ascii").lower()
    return ""


def is_web_encoding(name: str) -> bool:
    """Tell whether a document may be written in an encoding: one of the web's, by any of its names."""
    try:
        return codecs.lookup(name).name in _WEB_ENCODINGS
    except (LookupError, ValueError):
        return False


def decode_text(body: bytes, content_type: str = "") -> str:
    """Return a document as text: by its mark, by what it states where that can be, else by how it looks."""
    for byte_order_mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if body.startswith(byte_order_mark):
            return body.decode(name, "replace")
    name = stated_encoding(content_type, body)
    for encoding in dict.fromkeys((name, guess_encoding(body))):
        try:
            if not encoding or is_web_encoding(encoding):
                return body.decode(encoding or "utf-8")
        except UnicodeDecodeError:
            continue
    return body.decode("cp1252", "replace")


def guess_encoding(body: bytes) -> str:
    """Return how bytes are most likely written: UTF-8 where they are; Cyrillic or Chinese where they read so.

    Western texts have single letters beyond ASCII, Cyrillic and Chinese ones have words of them.
    """
    try:
        body.decode()
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    runs = _HIGH_BYTES.findall(body[:_SAMPLE_BYTES])
    if not runs or sum(map(len, runs)) / len(runs) < 2:
        return "cp1252"
    high = b" ".join(runs)
    shares = {
        "koi8-r": _russian_share(high, "koi8-r"),
        "cp1251": _russian_share(high, "cp1251"),
        "gb18030": _chinese_share(high),
    }
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _MIN_SHARE else "cp1252"


def _russian_share(high: bytes, name: str) -> float:
    text = high.decode(name, "replace").replace(" ", "")
    # Small letters only: KOI8-R read as Windows-1251 has the right letters with the wrong case.
    return sum(letter in _RUSSIAN for letter in text) / max(len(text), 1)


def _chinese_share(high: bytes) -> float:
    try:
        text = b"".join(high.split()).decode("gb18030")
    except UnicodeDecodeError:
        return 0.0
    # Every character of the first plane of GB 2312 counts a little, frequent ones fully.
    common = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    frequent = sum(letter in _CHINESE for letter in text)
    return (common * 0.3 + frequent * 0.7) / max(len(text), 1)
