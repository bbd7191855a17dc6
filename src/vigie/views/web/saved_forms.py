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
from vigie.services.random_tokens import random_token
from vigie.views.web import forms
from vigie.views.web.error_pages import http_status
from vigie.views.web.form_filling import fill_form
from vigie.views.web.form_responses import UnfilledPage
from vigie.views.web.page import Page, pages
from vigie.views.web.refusals import translate_refusal
from vigie.views.web.rendering import render, render_page
from vigie.views.web.request_context import RequestContext

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
class _SavedForm:
    browser: str
    user: str
    page: str
    action: str
    fields: Mapping[str, str] = field(repr=False)
    until: int


class SavedForms:
    """Gives forms back; what waits for somebody to sign in is kept in memory only, little of it, for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._forms: OrderedDict[str, _SavedForm] = OrderedDict()
        self._users: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def save(self, request: Request, form: Mapping[str, str]) -> str:
        """Return where the page of a form lies, and keep what was typed there; the first page where nobody says.

        Who was signed in last in this browser has typed it, and nobody else is shown it.
        """
        page, browser = referring_page(request), request.cookies.get(forms.BROWSER, "")
        fields = _restorable_fields(form)
        length = len(page) + len(browser) + sum(len(name) + len(value) for name, value in fields.items())
        if not page or not browser or not fields or length > _LONGEST:
            return page or "/"
        form_token, separator = random_token(), "&" if "?" in page else "?"
        return_path = f"{page}{separator}{FIELD}={form_token}"
        until = self._clock.wall_now() + _KEPT_MS
        with self._lock:
            user = self._users.get(browser, "")
            self._forms[form_token] = _SavedForm(browser, user, return_path, request.url.path, fields, until)
            own_names = [name for name, saved in self._forms.items() if saved.browser == browser]
            for name in own_names[:-_MOST_OF_ONE]:
                del self._forms[name]
            while len(self._forms) > _MOST:
                self._forms.popitem(last=False)
        return return_path

    def newest_page(self, request: Request) -> str:
        """Return where the newest form of a browser waits that was kept; empty where none does."""
        browser, now = request.cookies.get(forms.BROWSER, ""), self._clock.wall_now()
        with self._lock:
            own_forms = [
                saved for saved in self._forms.values() if saved.browser == browser and saved.until > now
            ]
        return own_forms[-1].page if own_forms and browser else ""

    def fill_in(
        self, response: Response, request: Request, context: RequestContext, form: Mapping[str, str] | None
    ) -> Response:
        """Return a page with its form as it was typed: one that was just refused, or one that was kept."""
        self._remember_user(request, context)
        if not isinstance(response, HTMLResponse):
            return response
        if form is not None:
            if response.status_code not in _REFUSED:
                return response
            page, count = fill_form(_body_text(response), request.url.path, _restorable_fields(form))
            if not context.is_signed_in and not count:
                # Who may only read is not shown the form, either.
                self.save(request, form)
            # What a page shows again with what was typed is as it wants it.
            return _replace_body(response, page) if isinstance(response, UnfilledPage) else response
        saved = self._pop_form(request, context.caller.user) if FIELD in request.query_params else None
        if saved is None:
            return response
        page, count = fill_form(_body_text(response), saved.action, saved.fields)
        notice = context.text(
            "Here is your form as you filled it in. It was not sent: check it and send it again."
        )
        return _replace_body(response, _insert_message(page, context, notice=notice) if count else page)

    def page_after_refusal(
        self,
        fault: VigieError,
        request: Request,
        context: RequestContext,
        page: Page,
        form: Mapping[str, str] | None,
    ) -> Response | None:
        """Return the page of a form that was refused, with the reason and what was typed; None where it has none."""
        if form is None or page.asks_passwords or context.fragment:
            return None
        response = _render_again(fault, request, context, form)
        if response is None and isinstance(fault, Forbidden) and not context.is_signed_in:
            self.save(request, form)
        return response

    def _remember_user(self, request: Request, context: RequestContext) -> None:
        browser = request.cookies.get(forms.BROWSER, "")
        if not context.is_signed_in or not 0 < len(browser) <= _LONGEST_NAME:
            return
        with self._lock:
            self._users[browser] = context.caller.user
            self._users.move_to_end(browser)
            if len(self._users) > _MOST_KNOWN:
                self._users.popitem(last=False)

    def _pop_form(self, request: Request, user: str) -> _SavedForm | None:
        with self._lock:
            saved = self._forms.get(request.query_params[FIELD])
            if saved is None or saved.browser != request.cookies.get(forms.BROWSER, ""):
                return None
            del self._forms[request.query_params[FIELD]]
        is_theirs = saved.user in ("", user)
        return saved if is_theirs and saved.until > self._clock.wall_now() else None


def referring_page(request: Request) -> str:
    """Return the page of ours that a form was sent from; empty where nobody says, or another site sent it."""
    parts = urlsplit(request.headers.get("referer", ""))
    if forms.is_foreign(request) or parts.netloc != request.headers.get("host", ""):
        return ""
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith(f"{FIELD}="))
    path = f"{parts.path}?{query}" if query else parts.path
    return path if forms.own_path(path) == path else ""


def _restorable_fields(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form that may be shown again: addresses of services hold their tokens."""
    return {
        name: value
        for name, value in form.items()
        if not _SECRET.search(name) and (name == "url" or "://" not in value)
    }


def _render_again(
    fault: VigieError, request: Request, context: RequestContext, form: Mapping[str, str]
) -> Response | None:
    parts = urlsplit(referring_page(request))
    match = _find_page(parts.path)
    if match is None or not context.caller.may(match[0].scope):
        return None
    if context.has_users and not context.is_signed_in and not match[0].is_public:
        return None
    page, params = match
    page_context = replace(
        context, path=parts.path, query=dict(parse_qsl(parts.query)), params=params, fragment=""
    )
    try:
        values = page.show(page_context)
    except VigieError:
        return None
    if isinstance(values, Response):
        return None
    html, count = fill_form(
        render_page(page_context, page, values), request.url.path, _restorable_fields(form)
    )
    if not count:
        return None
    reason = translate_refusal(context.lang, str(fault))
    return HTMLResponse(_insert_message(html, page_context, errors=[("", reason)]), http_status(fault))


def _insert_message(page: str, context: RequestContext, *, notice: str = "", errors: Any = ()) -> str:
    """Return a page with something said at the beginning of what it is about."""
    message = render(context, "typed.html", None, {"notice": notice, "errors": errors})
    return _MAIN.sub(lambda match: match[0] + message, page, count=1)


def _replace_body(response: Response, page: str) -> Response:
    headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return HTMLResponse(page, response.status_code, headers)


def _body_text(response: HTMLResponse) -> str:
    return bytes(response.body).decode(response.charset)


@cache
def _page_patterns() -> list[tuple[re.Pattern[str], Page]]:
    # Without parameters first: those are meant where both fit.
    ordered = sorted(pages().values(), key=lambda candidate: "{" in candidate.path)
    return [(compile_path(page.path)[0], page) for page in ordered]


def _find_page(path: str) -> tuple[Page, dict[str, str]] | None:
    for pattern, page in _page_patterns():
        if match := pattern.match(path):
            return page, match.groupdict()
    return None
