"""On which page a form stands, and in which language.

Links of a refused form lead there, and so does a reload of the address that it was sent to.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.routing import compile_path

from vigie.views.web import forms
from vigie.views.web.page import Page, pages

# Names the kept form in the address that leads back to it.
FIELD: Final = "refill"
# Says the language of the page that a script asks from.
LANGUAGE: Final = "X-Vigie-Language"


@cache
def action_pages() -> dict[str, Page]:
    """Return the page of each address that only takes forms."""
    shown = {page.path for page in pages().values()}
    return {path: page for page in pages().values() for path in page.actions if path not in shown}


def find_page(path: str) -> tuple[Page, dict[str, str]] | None:
    """Return the page of an address, with the parts of the address that it names; None where it shows none."""
    if path in action_pages():
        return None
    for pattern, page in _page_patterns():
        if match := pattern.match(path):
            return page, match.groupdict()
    return None


def referring_page(request: Request) -> str:
    """Return the page of ours that a form was sent from; empty where nobody says, or another site sent it."""
    parts = urlsplit(request.headers.get("referer", ""))
    if forms.is_foreign(request) or parts.netloc != request.headers.get("host", ""):
        return ""
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith(f"{FIELD}="))
    path = f"{parts.path}?{query}" if query else parts.path
    return path if forms.own_path(path) == path and find_page(parts.path) is not None else ""


def page_language(request: Request) -> str:
    """Return the language of the page that a request comes from, where that is told; of a form by its address."""
    told = request.headers.get(LANGUAGE, "")
    if told or request.method != "POST":
        return told
    return dict(parse_qsl(urlsplit(referring_page(request)).query)).get("lang", "")


def usual_page(page: Page) -> str:
    """Return where the form of a page lies, as far as nothing else says; the first of its folder for one of many."""
    if "{" not in page.path:
        return page.path
    alike = [one.path for one in pages().values() if one.folder == page.folder and "{" not in one.path]
    return alike[0] if alike else "/"


def with_form(path: str, token: str) -> str:
    """Return the address of a page with a kept form."""
    return f"{path}{'&' if '?' in path else '?'}{FIELD}={token}"


def form_token(path: str) -> str:
    """Return the word of the kept form in the address of its page."""
    return path.rpartition(f"{FIELD}=")[2]


def without_form(path: str) -> str:
    """Return the address of a page without a kept form."""
    return re.sub(rf"[?&]{FIELD}=[^&]*$", "", path)


@cache
def _page_patterns() -> list[tuple[re.Pattern[str], Page]]:
    # Without parameters first: those are meant where both fit.
    ordered = sorted(pages().values(), key=lambda candidate: "{" in candidate.path)
    return [(compile_path(page.path)[0], page) for page in ordered]
