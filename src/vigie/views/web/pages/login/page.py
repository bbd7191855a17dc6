"""Signing in, with a second factor as a second step, and signing out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.domain.person import SCOPES_OF, Caller
from vigie.services.people.accounts.signing_in import (
    LONG_BOUND_MS,
    SHORT_BOUND_MS,
    SignedIn,
    SignInRefusal,
    check_second_step,
    sign_in,
    sign_out,
)
from vigie.views.web.cookies import set_cookie
from vigie.views.web.first_page import page_after
from vigie.views.web.forms import own_path
from vigie.views.web.page import Page
from vigie.views.web.rendering import render_page
from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for name and password; whoever is in already goes on."""
    next_path = own_path(context.query.get("next", "/"))
    if context.is_signed_in:
        return RedirectResponse(next_path, 303)
    return _form_values(next_path, notice=context.query.get("notice", ""))


def sign_in_with_password(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Take name and password."""
    next_path, is_long = own_path(form.get("next", "/")), "stay" in form
    name = form.get("name", "")
    outcome = sign_in(
        context.app_context.accounts,
        context.app_context.audit,
        context.app_context.clock,
        name,
        form.get("password", ""),
        address=context.sign_in.client,
        is_long=is_long,
    )
    if isinstance(outcome, SignedIn):
        return _start_session(context, outcome, next_path, is_long=is_long)
    if outcome.code == "code_needed":
        user = context.app_context.accounts.by_name(name)
        if user is not None:
            ticket = context.sign_in.authenticator.ticket(user, context.sign_in.browser)
            return _render_form(context, _form_values(next_path, step="code", ticket=ticket, is_long=is_long))
    return _render_form(
        context, _form_values(next_path, name=name, is_long=is_long, errors=_errors_of(context, outcome))
    )


def sign_in_with_code(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Take the code of the second factor; the password was right a moment ago."""
    next_path, is_long = own_path(form.get("next", "/")), "stay" in form
    ticket = form.get("ticket", "")
    user = context.sign_in.authenticator.ticket_user(ticket, context.sign_in.browser)
    if user is None:
        timeout_errors = [("", context.text("That took too long. Enter your name and password again."))]
        return _render_form(context, _form_values(next_path, is_long=is_long, errors=timeout_errors))
    outcome = check_second_step(
        context.app_context.accounts,
        context.app_context.audit,
        context.app_context.clock,
        user,
        form.get("code", ""),
        address=context.sign_in.client,
        is_long=is_long,
    )
    if isinstance(outcome, SignedIn):
        return _start_session(context, outcome, next_path, is_long=is_long)
    code_errors = _errors_of(context, outcome)
    return _render_form(
        context, _form_values(next_path, step="code", ticket=ticket, is_long=is_long, errors=code_errors)
    )


def sign_out_here(context: RequestContext, form: Mapping[str, str]) -> Response:
    """End the session of this browser."""
    if context.has_users and context.sign_in.session:
        sign_out(context.app_context.accounts, context.app_context.audit, context.sign_in.session)
    response = RedirectResponse("/login?notice=out" if context.has_users else "/", 303)
    context.sign_in.authenticator.sign_out_of(response, is_secure=context.sign_in.is_secure)
    return response


def _start_session(
    context: RequestContext, signed_in: SignedIn, next_path: str, *, is_long: bool
) -> Response:
    if context.sign_in.session:
        # The session that was open in this browser, whoever's it was.
        sign_out(context.app_context.accounts, context.app_context.audit, context.sign_in.session)
    if next_path == "/":
        user = signed_in.user
        next_path = page_after(
            context.app_context, context.settings, Caller(user.id, user.role, SCOPES_OF[user.role], "session")
        )
    response = RedirectResponse(next_path, 303)
    # The server ends it earlier where it is not used.
    seconds = (LONG_BOUND_MS if is_long else SHORT_BOUND_MS) // 1_000
    set_cookie(
        response,
        context.sign_in.authenticator.cookie,
        signed_in.secret,
        seconds,
        is_secure=context.sign_in.is_secure,
    )
    return response


def _errors_of(context: RequestContext, refusal: SignInRefusal) -> list[tuple[str, str]]:
    match refusal.code:
        case "wait":
            text = context.lang.plural(
                "Too many attempts. Try again in %(num)s second.",
                "Too many attempts. Try again in %(num)s seconds.",
                refusal.wait_s,
            )
            return [("", text % {"num": refusal.wait_s})]
        case "code_wrong":
            return [("code", context.text("This code is wrong or already used. Wait for the next one."))]
    # One sentence for all: nobody learns which names exist.
    return [("name", context.text("Wrong name or password, or the account is disabled."))]


def _form_values(
    next_path: str,
    *,
    step: str = "password",
    name: str = "",
    ticket: str = "",
    is_long: bool = False,
    notice: str = "",
    errors: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    return {
        "next": next_path,
        "step": step,
        "name": name,
        "ticket": ticket,
        "is_long": is_long,
        "notice": notice,
        "errors": errors or [],
    }


def _render_form(context: RequestContext, values: Mapping[str, Any]) -> Response:
    # 200 for the second step, else the browser must not think that it got in.
    return HTMLResponse(render_page(context, PAGES[0], values), 401 if values["errors"] else 200)


GROUP = "system"
PAGES = (
    Page(
        name="login",
        path="/login",
        is_in_menu=False,
        title="Sign in",
        description="Sign in to Vigie with your name and password.",
        show=show,
        actions={"/login": sign_in_with_password, "/login/code": sign_in_with_code, "/logout": sign_out_here},
        is_public=True,
        asks_passwords=True,
        folder="login",
    ),
)
