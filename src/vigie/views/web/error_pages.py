"""How what goes wrong is answered: a page for people, problem+json for programs, the status by what happens next."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from vigie.catalogue import languages, translate
from vigie.domain.errors import (
    Conflict,
    DatabaseUnavailable,
    Forbidden,
    NotFound,
    StorageError,
    UsageError,
    VigieError,
    operator_text,
)
from vigie.views.api import problems
from vigie.views.web import forms
from vigie.views.web.language import UserLanguage, preferred_language
from vigie.views.web.page import Page
from vigie.views.web.refusals import translate_refusal
from vigie.views.web.rendering import environment, render
from vigie.views.web.request_context import RequestContext
from vigie.views.web.security_middleware import HEADERS
from vigie.views.web.suggestions import suggest_pages

MISSING: Final = 404
# A database that is started anew is there again within seconds.
AGAIN: Final = {"Retry-After": "10"}
BROKEN: Final = "Vigie could not do this; the log says why."


def http_status(fault: VigieError) -> int:
    """Return the HTTP status of an error, by what happens next."""
    for kind, status in (
        (NotFound, 404),
        (Forbidden, 403),
        (Conflict, 409),
        (UsageError, 400),
        (DatabaseUnavailable, 503),
        (StorageError, 507),
    ):
        if isinstance(fault, kind):
            return status
    return 503


def render_error(context: RequestContext, fault: str, status: int, page: Page | None = None) -> str:
    """Draw what went wrong: what happened, why, what to do, and what may have been meant."""
    template_values = {
        "fault": translate_refusal(context.lang, fault),
        "status": status,
        "near": suggest_pages(context) if status == MISSING else [],
    }
    return render(context, "fault.html", page, template_values)


def database_away_page(request: Request, fault: DatabaseUnavailable) -> Response:
    """Answer while the database is away: a page that asks it nothing, not even who the visitor is."""
    if request.url.path.startswith("/api/"):
        return problems.problem_response(503, str(fault), request.url.path, AGAIN)
    language = _language_of(request)
    reason = translate_refusal(UserLanguage(language, "UTC"), str(fault))
    return _page_without_store(language, 503, reason, AGAIN)


def broken_page(request: Request) -> Response:
    """Answer a request that ended in a mistake of Vigie's own; what broke is in the log."""
    if request.url.path.startswith("/api/"):
        return problems.problem_response(500, BROKEN, request.url.path)
    language = _language_of(request)
    return _page_without_store(language, 500, translate(BROKEN, language))


def _language_of(request: Request) -> str:
    """Return the language of an answer that may ask no store who the visitor is."""
    requested = request.query_params.get("lang", "")
    if requested in languages():
        return requested
    return preferred_language(request.headers.get("accept-language", ""))


def _page_without_store(
    language: str, status: int, reason: str, headers: Mapping[str, str] | None = None
) -> Response:
    values = {"language": language, "status": status, "reason": reason}
    html = environment(language).get_template("away.html").render(values)
    return HTMLResponse(html, status, headers=headers)


def add_error_handlers(app: FastAPI, web: Any) -> None:
    """Say how what goes wrong is answered: a page for people, problem+json for programs."""

    async def refused(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        if request.url.path.startswith("/api/"):
            return problems.problem_response(
                fault.status_code, str(fault.detail), request.url.path, fault.headers
            )
        request.state.browser = request.cookies.get(forms.BROWSER, "") or forms.new_browser()
        try:
            identity = await run_in_threadpool(web.authenticator.who, request)
            context = web.request_context(request, identity)
            html = await run_in_threadpool(render_error, context, str(fault.detail), fault.status_code)
        except DatabaseUnavailable as away:
            return database_away_page(request, away)
        return HTMLResponse(html, fault.status_code, headers=dict(fault.headers or {}))

    async def failed(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, VigieError)
        if isinstance(fault, DatabaseUnavailable):
            logging.getLogger(__name__).warning(operator_text(fault))
            return database_away_page(request, fault)
        if request.url.path.startswith("/api/"):
            return problems.problem_response(http_status(fault), str(fault), request.url.path)
        return await refused(request, HTTPException(http_status(fault), str(fault)))

    async def broken(request: Request, fault: Exception) -> Response:
        # Outside of the guard, so it brings the headers itself; what broke is in the log.
        result = broken_page(request)
        result.headers.update(HEADERS)
        return result

    app.add_exception_handler(Exception, broken)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(VigieError, failed)
