"""Text and addresses of strangers, made harmless: no markup, no control characters, http and https only."""

from __future__ import annotations

import html
import re
from ipaddress import ip_address
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

import nh3

from vigie.domain.refusal import Refusal

MAX_TITLE_LENGTH: Final = 400
# A teaser, never a whole article.
MAX_TEXT_LENGTH: Final = 1_000
_MAX_URL_LENGTH: Final = 2_000
# Cut before it is cleaned: no source is worth more work.
_MAX_MARKUP_LENGTH: Final = 60_000
# Elements within elements cost the square of their number.
MAX_TAGS: Final = 2_000
_DROPPED_TAGS: Final = {"script", "style", "iframe", "object", "embed", "svg", "math", "noscript", "template"}
_BLOCK_TAGS: Final = re.compile(r"<(?=/?(?:p|div|br|li|ul|ol|tr|td|h[1-6]|blockquote)\b)", re.I)
_TAG_START: Final = re.compile(r"<[a-zA-Z]")
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]|&[#a-zA-Z]")
# Direction marks and invisible signs make a text read differently from what it is; some of them (tags, supplementary
# selectors of variants) hold whole sentences that programs read and people do not see.
_HIDDEN_CHARACTERS: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\uffa0\ufff0-\ufffb\ufeff\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_C1_CONTROLS: Final = re.compile(r"[\x80-\x9f]")


def plain_text(text: str, max_length: int) -> str:
    """Return a text without markup, in one line, at most so long; written markup is taken off as well."""
    bare = _repair_c1(text[:_MAX_MARKUP_LENGTH])
    # Twice: many feeds escape their markup once more than they say.
    for _ in range(2):
        if _MARKUP.search(bare):
            clean = nh3.clean(
                _BLOCK_TAGS.sub(" <", _limit_markup(bare)), tags=set(), clean_content_tags=_DROPPED_TAGS
            )
            bare = html.unescape(clean)
    return _shorten(" ".join(_HIDDEN_CHARACTERS.sub("", _repair_c1(bare)).split()), max_length)


def _limit_markup(markup: str) -> str:
    """Return as much of a markup as is cleaned in good time."""
    first_beyond = next(islice(_TAG_START.finditer(markup), MAX_TAGS, None), None)
    return markup if first_beyond is None else markup[: first_beyond.start()]


def resolve_public_url(link: str, base: str) -> str:
    """Return an address made absolute.

    Raises
    ------
    ValueError
        If it leads anywhere but to a public host over http or https, or carries a name.
    """
    url = urljoin(base, _HIDDEN_CHARACTERS.sub("", link).strip())
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            Refusal("address_must_http_https", "address must be http or https, was {url!r}", url=url[:60])
        )
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            Refusal("address_must_not_contain_name", "address must not contain a name or password")
        )
    if _is_inner(parts.hostname):
        raise ValueError(
            Refusal(
                "address_not_public",
                "address must lead to the public internet, was {hostname!r}",
                hostname=parts.hostname[:60],
            )
        )
    if len(url) > _MAX_URL_LENGTH or any(letter.isspace() for letter in url):
        raise ValueError(
            Refusal("address_must_one_word_most", "address must be one word of at most 2000 characters")
        )
    return url


def _is_inner(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def _repair_c1(text: str) -> str:
    """Put typography in the place of the control characters that Windows' encoding became."""
    return _C1_CONTROLS.sub(lambda match: match[0].encode("latin-1").decode("cp1252", "ignore"), text)


def _shorten(text: str, max_length: int) -> str:
    if len(text) <= max_length:
        return text
    beginning = text[: max_length - 1]
    return (beginning.rpartition(" ")[0] or beginning).rstrip(" ,;:") + "…"
