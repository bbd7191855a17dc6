"""Forms that were refused come back with what was typed; never passwords, codes or keys.

Where somebody was signed out, what they typed waits half an hour in this process for the same browser to come back.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import compile_path

from vigie.domain.errors import Forbidden, VigieError
from vigie.ports.clock import Clock
from vigie.services.people.random_tokens import random_token
from vigie.views.web import forms
from vigie.views.web.answering import Untyped
from vigie.views.web.faults import status_of
from vigie.views.web.page import Page, pages
from vigie.views.web.refilling import refilled
from vigie.views.web.refusals import said
from vigie.views.web.rendering import render, render_page
from vigie.views.web.visit import Visit

# Names the kept form in the address that leads back to it.
FIELD: Final = "refill"
_SECRET: Final = re.compile(r"pass|code|key|secret|token|ticket|csrf|refused", re.IGNORECASE)
_REFUSED: Final = (400, 403, 409)
_KEPT_MS: Final = 1_800_000
_MOST: Final = 200
_MOST_OF_ONE: Final = 5
# Browsers of which it is remembered who was signed in last.
_MOST_KNOWN: Final = 1_000
_LONGEST: Final = 20_000
_LONGEST_NAME: Final = 200
_MAIN: Final = re.compile(r'<main id="main"[^>]*>')


@dataclass(frozen=True, slots=True)
class _Kept:
    browser: str
    user: str
    there: str
    action: str
    fields: Mapping[str, str] = field(repr=False)
    until: int


class Typed:
    """Gives forms back; what waits for somebody to sign in is kept in memory only, little of it, for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._users: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, request: Request, form: Mapping[str, str]) -> str:
        """Return where the page of a form lies, and keep what was typed there; the first page where nobody says.

        Who was signed in last in this browser has typed it, and nobody else is shown it.
        """
        there, browser = came_from(request), request.cookies.get(forms.BROWSER, "")
        fields = _open(form)
        length = len(there) + len(browser) + sum(len(name) + len(value) for name, value in fields.items())
        if not there or not browser or not fields or length > _LONGEST:
            return there or "/"
        word, sign = random_token(), "&" if "?" in there else "?"
        led = f"{there}{sign}{FIELD}={word}"
        until = self._clock.wall_now() + _KEPT_MS
        with self._lock:
            user = self._users.get(browser, "")
            self._kept[word] = _Kept(browser, user, led, request.url.path, fields, until)
            mine = [name for name, one in self._kept.items() if one.browser == browser]
            for name in mine[:-_MOST_OF_ONE]:
                del self._kept[name]
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return led

    def waiting(self, request: Request) -> str:
        """Return where the newest form of a browser waits that was kept; empty where none does."""
        browser, now = request.cookies.get(forms.BROWSER, ""), self._clock.wall_now()
        with self._lock:
            mine = [one for one in self._kept.values() if one.browser == browser and one.until > now]
        return mine[-1].there if mine and browser else ""

    def into(
        self, response: Response, request: Request, visit: Visit, form: Mapping[str, str] | None
    ) -> Response:
        """Return a page with its form as it was typed: one that was just refused, or one that was kept."""
        self._meet(request, visit)
        if not isinstance(response, HTMLResponse):
            return response
        if form is not None:
            if response.status_code not in _REFUSED:
                return response
            page, count = refilled(_text(response), request.url.path, _open(form))
            if not visit.is_signed_in and not count:
                # Who may only read is not shown the form, either.
                self.keep(request, form)
            # What a page shows again with what was typed is as it wants it.
            return _instead(response, page) if isinstance(response, Untyped) else response
        kept = self._taken(request, visit.caller.user) if FIELD in request.query_params else None
        if kept is None:
            return response
        page, count = refilled(_text(response), kept.action, kept.fields)
        told = visit.text(
            "Here is your form as you filled it in. It was not sent: look at it, and send it again."
        )
        return _instead(response, _with(page, visit, notice=told) if count else page)

    def after(
        self, fault: VigieError, request: Request, visit: Visit, page: Page, form: Mapping[str, str] | None
    ) -> Response | None:
        """Return the page of a form that was refused, with the reason and what was typed; None where it has none."""
        if form is None or page.asks_passwords or visit.fragment:
            return None
        shown = _shown_again(fault, request, visit, form)
        if shown is None and isinstance(fault, Forbidden) and not visit.is_signed_in:
            self.keep(request, form)
        return shown

    def _meet(self, request: Request, visit: Visit) -> None:
        browser = request.cookies.get(forms.BROWSER, "")
        if not visit.is_signed_in or not 0 < len(browser) <= _LONGEST_NAME:
            return
        with self._lock:
            self._users[browser] = visit.caller.user
            self._users.move_to_end(browser)
            if len(self._users) > _MOST_KNOWN:
                self._users.popitem(last=False)

    def _taken(self, request: Request, user: str) -> _Kept | None:
        with self._lock:
            kept = self._kept.get(request.query_params[FIELD])
            if kept is None or kept.browser != request.cookies.get(forms.BROWSER, ""):
                return None
            del self._kept[request.query_params[FIELD]]
        is_theirs = kept.user in ("", user)
        return kept if is_theirs and kept.until > self._clock.wall_now() else None


def came_from(request: Request) -> str:
    """Return the page of ours that a form was sent from; empty where nobody says, or another site sent it."""
    parts = urlsplit(request.headers.get("referer", ""))
    if forms.is_foreign(request) or parts.netloc != request.headers.get("host", ""):
        return ""
    kept = "&".join(one for one in parts.query.split("&") if one and not one.startswith(f"{FIELD}="))
    there = f"{parts.path}?{kept}" if kept else parts.path
    return there if forms.own_path(there) == there else ""


def _open(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form that may be shown again: addresses of services hold their tokens."""
    return {
        name: value
        for name, value in form.items()
        if not _SECRET.search(name) and (name == "url" or "://" not in value)
    }


def _shown_again(
    fault: VigieError, request: Request, visit: Visit, form: Mapping[str, str]
) -> Response | None:
    there = urlsplit(came_from(request))
    found = _page_at(there.path)
    if found is None or not visit.caller.may(found[0].scope):
        return None
    if visit.has_users and not visit.is_signed_in and not found[0].is_public:
        return None
    page, params = found
    again = replace(visit, path=there.path, query=dict(parse_qsl(there.query)), params=params, fragment="")
    try:
        values = page.show(again)
    except VigieError:
        return None
    if isinstance(values, Response):
        return None
    drawn, count = refilled(render_page(again, page, values), request.url.path, _open(form))
    if not count:
        return None
    reason = said(visit.tongue, str(fault))
    return HTMLResponse(_with(drawn, again, errors=[("", reason)]), status_of(fault))


def _with(page: str, visit: Visit, *, notice: str = "", errors: Any = ()) -> str:
    """Return a page with something said at the beginning of what it is about."""
    told = render(visit, "typed.html", None, {"notice": notice, "errors": errors})
    return _MAIN.sub(lambda found: found[0] + told, page, count=1)


def _instead(response: Response, page: str) -> Response:
    heads = {name: one for name, one in response.headers.items() if not name.startswith("content-")}
    return HTMLResponse(page, response.status_code, heads)


def _text(response: HTMLResponse) -> str:
    return bytes(response.body).decode(response.charset)


@cache
def _places() -> list[tuple[re.Pattern[str], Page]]:
    # Without parameters first: those are meant where both fit.
    ordered = sorted(pages().values(), key=lambda one: "{" in one.path)
    return [(compile_path(page.path)[0], page) for page in ordered]


def _page_at(path: str) -> tuple[Page, dict[str, str]] | None:
    for pattern, page in _places():
        if found := pattern.match(path):
            return page, found.groupdict()
    return None
