"""Signing in, with a second factor as a second step, and signing out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.services.people.accounts.session_extension import LONG_BOUND_MS, SHORT_BOUND_MS
from vigie.services.people.accounts.signing_in import (
    SignedIn,
    SignInRefusal,
    check_second_step,
    sign_in,
    sign_out,
)
from vigie.views.web.cookies import set_cookie
from vigie.views.web.forms import own_path
from vigie.views.web.page import Page
from vigie.views.web.rendering import render_page
from vigie.views.web.visit import Visit


def show(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for name and password; whoever is in already goes on."""
    there = own_path(visit.query.get("next", "/"))
    if visit.is_signed_in:
        return RedirectResponse(there, 303)
    return _form(there, notice=visit.query.get("notice", ""))


def enter(visit: Visit, form: Mapping[str, str]) -> Response:
    """Take name and password."""
    there, is_long = own_path(form.get("next", "/")), "stay" in form
    name = form.get("name", "")
    found = sign_in(visit.house, name, form.get("password", ""), address=visit.knock.client, is_long=is_long)
    if isinstance(found, SignedIn):
        return _let_in(visit, found, there, is_long=is_long)
    if found.code == "code_needed":
        user = visit.house.accounts.by_name(name)
        if user is not None:
            ticket = visit.knock.door.ticket(user, visit.knock.browser)
            return _again(visit, _form(there, step="code", ticket=ticket, is_long=is_long))
    return _again(visit, _form(there, name=name, is_long=is_long, errors=_said(visit, found)))


def enter_code(visit: Visit, form: Mapping[str, str]) -> Response:
    """Take the code of the second factor; the password was right a moment ago."""
    there, is_long = own_path(form.get("next", "/")), "stay" in form
    ticket = form.get("ticket", "")
    user = visit.knock.door.ticket_user(ticket, visit.knock.browser)
    if user is None:
        late = [("", visit.text("That took too long. Give name and password once more."))]
        return _again(visit, _form(there, is_long=is_long, errors=late))
    found = check_second_step(
        visit.house, user, form.get("code", ""), address=visit.knock.client, is_long=is_long
    )
    if isinstance(found, SignedIn):
        return _let_in(visit, found, there, is_long=is_long)
    told = _said(visit, found)
    return _again(visit, _form(there, step="code", ticket=ticket, is_long=is_long, errors=told))


def leave(visit: Visit, form: Mapping[str, str]) -> Response:
    """End the session of this browser."""
    if visit.has_users and visit.knock.session:
        sign_out(visit.house, visit.knock.session)
    response = RedirectResponse("/login?notice=out" if visit.has_users else "/", 303)
    visit.knock.door.sign_out_of(response, is_secure=visit.knock.is_secure)
    return response


def _let_in(visit: Visit, found: SignedIn, there: str, *, is_long: bool) -> Response:
    if visit.knock.session:
        # The session that was open in this browser, whoever's it was.
        sign_out(visit.house, visit.knock.session)
    response = RedirectResponse(there, 303)
    # The server ends it earlier where it is not used.
    seconds = (LONG_BOUND_MS if is_long else SHORT_BOUND_MS) // 1_000
    set_cookie(response, visit.knock.door.cookie, found.secret, seconds, is_secure=visit.knock.is_secure)
    return response


def _said(visit: Visit, found: SignInRefusal) -> list[tuple[str, str]]:
    match found.code:
        case "wait":
            text = visit.tongue.plural(
                "Too many attempts. Wait %(num)s second.",
                "Too many attempts. Wait %(num)s seconds.",
                found.wait_s,
            )
            return [("", text % {"num": found.wait_s})]
        case "code_wrong":
            return [
                ("code", visit.text("This code is not right, or was used before. Wait for the next one."))
            ]
    # One sentence for all: nobody learns which names exist.
    return [("name", visit.text("Name or password is wrong, or the account is disabled."))]


def _form(
    there: str,
    *,
    step: str = "password",
    name: str = "",
    ticket: str = "",
    is_long: bool = False,
    notice: str = "",
    errors: list[tuple[str, str]] | None = None,
) -> dict[str, Any]:
    return {
        "next": there,
        "step": step,
        "name": name,
        "ticket": ticket,
        "is_long": is_long,
        "notice": notice,
        "errors": errors or [],
    }


def _again(visit: Visit, values: Mapping[str, Any]) -> Response:
    # 200 for the second step, else the browser must not think that it got in.
    return HTMLResponse(render_page(visit, PAGES[0], values), 401 if values["errors"] else 200)


PAGES = (
    Page(
        name="login",
        path="/login",
        title="Sign in",
        description="Sign in to this home of Vigie with your name and password.",
        show=show,
        acts={"/login": enter, "/login/code": enter_code, "/logout": leave},
        is_public=True,
        asks_passwords=True,
        folder="login",
    ),
)
