"""Forms that were refused, and previewed plans, come back with what was typed; never passwords, codes or keys.

Where somebody was signed out, what they typed waits half an hour in this process for the same browser to come back.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from vigie.domain.errors import Forbidden, VigieError
from vigie.intelligence.market.words import normalize_number
from vigie.ports.clock import Clock
from vigie.services.random_tokens import random_token
from vigie.views.web import forms
from vigie.views.web.error_pages import http_status
from vigie.views.web.form_filling import SUBJECT, fill_form
from vigie.views.web.form_pages import (
    FIELD,
    action_pages,
    find_page,
    form_token,
    referring_page,
    usual_page,
    with_form,
    without_form,
)
from vigie.views.web.form_responses import PreviewPage, UnfilledPage
from vigie.views.web.page import Page
from vigie.views.web.rendering import render, render_page
from vigie.views.web.request_context import RequestContext

_SECRET: Final = re.compile(r"pass|code|key|secret|token|ticket|csrf|refused", re.IGNORECASE)
_REFUSED: Final = (400, 403, 409)
_KEPT_MS: Final = 1_800_000
_MOST: Final = 200
_MOST_OF_ONE: Final = 5
# Browsers of which it is remembered who was signed in last.
_MOST_KNOWN: Final = 1_000
_LONGEST: Final = 20_000
_LONGEST_NAME: Final = 200
_NUMBER: Final = re.compile(r"\d(?:[\d.,\u00a0\u202f]*\d)?")
_MAIN: Final = re.compile(r'<main id="main"[^>]*>')


@dataclass(frozen=True, slots=True)
class _SavedForm:
    """A kept form; one that `waits` was not taken because nobody was signed in."""

    browser: str
    user: str
    page: str
    action: str
    fields: Mapping[str, str] = field(repr=False)
    until: int
    waits: bool
    language: str


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
        page = referring_page(request)
        path = with_form(page, random_token())
        return path if page and self._keep(path, request, form, waits=True) else page or "/"

    def at_page(
        self, request: Request, context: RequestContext, page: Page, form: Mapping[str, str]
    ) -> RequestContext:
        """Return the context of a form's answer: its links lead to the page of the form, and to what was typed."""
        self._remember_user(request, context)
        known = self._page_of(request, form)
        back = known or usual_page(page)
        shown = find_page(urlsplit(back).path)
        # A refused form is shown on a page of its folder, wherever it stood.
        is_here = shown is not None and shown[0].folder == page.folder
        path = urlsplit(back).path if is_here else usual_page(page)
        is_kept = bool(known) and not page.asks_passwords
        return replace(context, path=path, return_path=with_form(back, random_token()) if is_kept else back)

    def settle(
        self, request: Request, context: RequestContext, form: Mapping[str, str], response: Response
    ) -> Response:
        """Keep a form that was refused or previewed where its page leads to it; forget it once it is taken."""
        is_shown_again = response.status_code in _REFUSED or isinstance(response, PreviewPage)
        if is_shown_again and not context.fragment:
            if FIELD in context.return_path:
                self._keep(context.return_path, request, form, language=context.lang.language)
            return response
        browser = request.cookies.get(forms.BROWSER, "")
        with self._lock:
            for name in self._names_of(browser, request.url.path):
                del self._forms[name]
        return response

    def routes(self) -> list[Route]:
        """Return what answers who asks for the address of an action, as a reload may: the page of its form."""

        def lead(request: Request) -> Response:
            usual = usual_page(action_pages()[request.url.path])
            return RedirectResponse(self._kept_page(request) or referring_page(request) or usual, 303)

        return [Route(path, lead, methods=["GET"]) for path in action_pages()]

    def _page_of(self, request: Request, form: Mapping[str, str]) -> str:
        """Return the page that a form was sent from, after a refusal that of the form before; empty if unknown."""
        page = referring_page(request)
        if page == request.url.path:
            # A form that is shown again by its own address lacks what its page was asked for.
            browser, now = request.cookies.get(forms.BROWSER, ""), self._clock.wall_now()
            with self._lock:
                user = self._users.get(browser, "")
                kept = [self._forms[name] for name in self._names_of(browser, page)]
            alike = [
                saved.page
                for saved in kept
                if (saved.user, saved.waits, _subject(saved.fields)) == (user, False, _subject(form))
                and saved.until > now
            ]
            return without_form(alike[-1]) if alike else page
        return page or without_form(self._kept_page(request))

    def _kept_page(self, request: Request) -> str:
        """Return the page of the newest kept form of a browser for an action; empty where another site asks."""
        with self._lock:
            names = self._names_of(request.cookies.get(forms.BROWSER, ""), request.url.path)
            return self._forms[names[-1]].page if names and not forms.is_foreign(request) else ""

    def _names_of(self, browser: str, action: str) -> list[str]:
        """Return the kept forms of a browser for an action, the newest last."""
        return [
            name
            for name, saved in self._forms.items()
            if (saved.browser, saved.action) == (browser, action) and browser
        ]

    def _keep(
        self,
        path: str,
        request: Request,
        form: Mapping[str, str],
        *,
        waits: bool = False,
        language: str = "",
    ) -> bool:
        """Keep a form for the address of its page; tells whether it is one that can be kept."""
        browser, fields = request.cookies.get(forms.BROWSER, ""), _restorable_fields(form)
        length = len(path) + len(browser) + sum(len(name) + len(value) for name, value in fields.items())
        if not browser or not fields or length > _LONGEST:
            return False
        until = self._clock.wall_now() + _KEPT_MS
        with self._lock:
            for name in self._names_of(browser, request.url.path):
                former = self._forms[name]
                if not (waits or former.waits) and _subject(former.fields) == _subject(fields):
                    del self._forms[name]
            user = self._users.get(browser, "")
            saved = _SavedForm(browser, user, path, request.url.path, fields, until, waits, language)
            self._forms[form_token(path)] = saved
            own_names = [name for name, saved in self._forms.items() if saved.browser == browser]
            for name in own_names[:-_MOST_OF_ONE]:
                del self._forms[name]
            while len(self._forms) > _MOST:
                self._forms.popitem(last=False)
        return True

    def newest_page(self, request: Request) -> str:
        """Return where the newest form of a browser waits that was kept; empty where none does."""
        browser, now = request.cookies.get(forms.BROWSER, ""), self._clock.wall_now()
        with self._lock:
            own_forms = [
                saved
                for saved in self._forms.values()
                if saved.waits and saved.browser == browser and saved.until > now
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
        saved = self._find_form(request, context.caller.user) if FIELD in request.query_params else None
        if saved is None:
            return response
        is_alike = saved.language in ("", context.lang.language)
        numbers = str if is_alike else partial(_plain_numbers, language=saved.language)
        page, count = fill_form(_body_text(response), saved.action, saved.fields, numbers)
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

    def _find_form(self, request: Request, user: str) -> _SavedForm | None:
        with self._lock:
            saved = self._forms.get(request.query_params[FIELD])
            if saved is None or saved.browser != request.cookies.get(forms.BROWSER, ""):
                return None
            if saved.waits:
                del self._forms[request.query_params[FIELD]]
        is_theirs = saved.user in ("", user)
        return saved if is_theirs and saved.until > self._clock.wall_now() else None


def _restorable_fields(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form that may be shown again: addresses of services hold their tokens."""
    return {
        name: value
        for name, value in form.items()
        if not _SECRET.search(name) and (name == "url" or "://" not in value)
    }


def _subject(form: Mapping[str, str]) -> list[str]:
    """Return the fields that identify a form's subject; `form_id` separates new plans in two windows."""
    return [form.get(name, "") for name in ("form_id", *sorted(SUBJECT))]


def _plain_numbers(text: str, language: str) -> str:
    """Return numbers as typed in a language as all languages read them; 60,000 is another one in French."""
    return _NUMBER.sub(lambda match: normalize_number(match[0], language), text)


def _render_again(
    fault: VigieError, request: Request, context: RequestContext, form: Mapping[str, str]
) -> Response | None:
    known = without_form(context.return_path) if FIELD in context.return_path else referring_page(request)
    parts = urlsplit(known)
    match = find_page(parts.path)
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
    errors = [("", str(fault))]
    return HTMLResponse(_insert_message(html, page_context, errors=errors), http_status(fault))


def _insert_message(page: str, context: RequestContext, *, notice: str = "", errors: Any = ()) -> str:
    """Return a page with something said at the beginning of what it is about."""
    message = render(context, "typed.html", None, {"notice": notice, "errors": errors})
    return _MAIN.sub(lambda match: match[0] + message, page, count=1)


def _replace_body(response: Response, page: str) -> Response:
    headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return HTMLResponse(page, response.status_code, headers)


def _body_text(response: HTMLResponse) -> str:
    return bytes(response.body).decode(response.charset)
