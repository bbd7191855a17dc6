"""Where a click on an item leads: its publisher's page, or this home's own page of it where the publisher is invented.

Hosts of the simulated newsroom end in a domain that nobody can register, so that their addresses open in no browser.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode, urlsplit

_INVENTED: Final = re.compile(r"https://[a-z0-9.-]+\.example(?:/[^\s?#]*)?")


def link_of(url: str, *, is_simulated: bool) -> str:
    """Return an address, or the path of this home's page of an article that stands nowhere else.

    Parameters
    ----------
    url : str
        As the source gives it.
    is_simulated : bool
        Whether this home is a demonstration; elsewhere nobody is invented.
    """
    is_invented = is_simulated and _INVENTED.fullmatch(url)
    return f"/demo/article?{urlencode({'url': url})}" if is_invented else url


def safe_link(url: str, address: str, *, is_simulated: bool) -> str:
    """Return an address that a click in a message or a file may open; empty where it may not.

    Parameters
    ----------
    url : str
        Of an article, or a path of this home.
    address : str
        Where people reach this home; empty where that is unknown, and nothing leads to its pages.
    is_simulated : bool
        Whether this home is a demonstration.
    """
    link = link_of(url, is_simulated=is_simulated)
    is_own_page = link.startswith("/") and not link.startswith("//")
    return _safe_or_empty(f"{address}{link}" if is_own_page else link)


def _safe_or_empty(url: str) -> str:
    return url if urlsplit(url).scheme in ("http", "https") and not set(url) & set("\r\n\"'<> ") else ""
