"""Text and addresses of strangers, made harmless: no markup, no control characters, http and https only."""

from __future__ import annotations

import html
import re
from ipaddress import ip_address
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

import nh3

LONGEST_TITLE: Final = 400
# A teaser, never a whole article.
LONGEST_TEXT: Final = 1_000
_LONGEST_URL: Final = 2_000
# Cut before it is cleaned: no source is worth more work.
_MOST_MARKUP: Final = 60_000
# Elements within elements cost the square of their number.
MOST_TAGS: Final = 2_000
_DROPPED: Final = {"script", "style", "iframe", "object", "embed", "svg", "math", "noscript", "template"}
_BLOCKS: Final = re.compile(r"<(?=/?(?:p|div|br|li|ul|ol|tr|td|h[1-6]|blockquote)\b)", re.I)
_BEGINS: Final = re.compile(r"<[a-zA-Z]")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]|&[#a-zA-Z]")
# Direction marks and invisible signs make a text read differently from what it is; some of them (tags, supplementary
# selectors of variants) hold whole sentences that programs read and people do not see.
_HIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\uffa0\ufff0-\ufffb\ufeff\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_C1: Final = re.compile(r"[\x80-\x9f]")


def plain(text: str, longest: int) -> str:
    """Return a text without markup, in one line, at most so long; written markup is taken off as well."""
    bare = _repaired(text[:_MOST_MARKUP])
    # Twice: many feeds escape their markup once more than they say.
    for _ in range(2):
        if _MARKUP.search(bare):
            clean = nh3.clean(_BLOCKS.sub(" <", _within(bare)), tags=set(), clean_content_tags=_DROPPED)
            bare = html.unescape(clean)
    return _cut(" ".join(_HIDDEN.sub("", _repaired(bare)).split()), longest)


def _within(markup: str) -> str:
    """Return as much of a markup as is cleaned in good time."""
    over = next(islice(_BEGINS.finditer(markup), MOST_TAGS, None), None)
    return markup if over is None else markup[: over.start()]


def address(link: str, base: str) -> str:
    """Return an address made absolute.

    Raises
    ------
    ValueError
        If it leads anywhere but to a public host over http or https, or carries a name.
    """
    whole = urljoin(base, _HIDDEN.sub("", link).strip())
    parts = urlsplit(whole)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"address must be http or https, was {whole[:60]!r}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("address must not carry a name or password")
    if _is_inner(parts.hostname):
        raise ValueError(f"address must lead to the public internet, was {parts.hostname[:60]!r}")
    if len(whole) > _LONGEST_URL or any(sign.isspace() for sign in whole):
        raise ValueError("address must be one word of at most 2000 letters")
    return whole


def _is_inner(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def _repaired(text: str) -> str:
    """Put typography in the place of the control characters that Windows' encoding became."""
    return _C1.sub(lambda found: found[0].encode("latin-1").decode("cp1252", "ignore"), text)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    return (kept.rpartition(" ")[0] or kept).rstrip(" ,;:") + "…"
