"""One's own account: password, second factor, tokens, sessions, what was done, export and deletion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.domain.person import SCOPES, SCOPES_OF
from vigie.services.operations.accounts import CONFIRMED_SCOPES, SESSION_ID_LENGTH
from vigie.services.people.accounts.keys import key_of
from vigie.services.people.accounts.users import TOKEN_DAYS
from vigie.views.web.answering import go, once, tried
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit


def show(visit: Visit) -> dict[str, Any]:
    """Ask for everything about the account."""
    me = visit.ask("accounts.me")
    return {
        "me": me,
        "tokens": visit.ask("accounts.tokens"),
        "sessions": visit.ask("accounts.sessions"),
        "here": key_of(visit.knock.session)[:SESSION_ID_LENGTH] if visit.knock.session else "",
        "events": visit.ask("accounts.events", limit=20),
        "scopes": [scope for scope in SCOPES if scope in SCOPES_OF[visit.caller.role]],
        "token_days": TOKEN_DAYS,
        "done": visit.query.get("done", ""),
        "token": None,
        "begun": None,
        "qr": "",
        "errors": [],
    }


def _act(visit: Visit, work: Callable[[], Response], field: str = "") -> Response:
    return tried(visit, PAGES[0], work, show, field)


def password(visit: Visit, form: Mapping[str, str]) -> Response:
    """Change the password; every session ends, this one too."""

    def work() -> Response:
        if form.get("new") != form.get("again"):
            raise UsageError("the two new passwords differ")
        visit.ask("accounts.change_password", current=form.get("current", ""), new=form.get("new", ""))
        return _out(visit, "password")

    return _act(visit, work, "current")


def begin(visit: Visit, form: Mapping[str, str]) -> Response:
    """Show the secret for the app, once."""

    def work() -> Response:
        return _begun(visit, visit.ask("accounts.totp_begin"))

    return _act(visit, work)


def confirm(visit: Visit, form: Mapping[str, str]) -> Response:
    """Switch the second factor on."""

    def work() -> Response:
        given = {name: form.get(name, "") for name in ("secret", "code", "current")}
        visit.ask("accounts.totp_confirm", **given)
        return go("/account", done="totp")

    return _act(visit, work, "code")


def remove(visit: Visit, form: Mapping[str, str]) -> Response:
    """Switch the second factor off."""

    def work() -> Response:
        visit.ask("accounts.totp_remove", current=form.get("current", ""))
        return go("/account", done="no-totp")

    return _act(visit, work)


def create(visit: Visit, form: Mapping[str, str]) -> Response:
    """Make a token and show its secret, once."""

    def work() -> Response:
        token = visit.ask(
            "accounts.token_create",
            name=form.get("name", ""),
            scopes=[scope for scope in SCOPES if f"scope_{scope}" in form],
            days=form.get("days") or None,
            current=form.get("current", ""),
        )
        return once(visit, PAGES[0], {**show(visit), "token": token})

    is_confirmed = not CONFIRMED_SCOPES.isdisjoint(scope for scope in SCOPES if f"scope_{scope}" in form)
    return _act(visit, work, "token-password" if is_confirmed else "name")


def revoke(visit: Visit, form: Mapping[str, str]) -> Response:
    """Revoke a token."""
    visit.ask("accounts.token_revoke", token=form.get("token", ""))
    return go("/account", done="revoked")


def end(visit: Visit, form: Mapping[str, str]) -> Response:
    """End one session, or all."""
    if form.get("session"):
        visit.ask("accounts.end_session", session=form["session"])
        return go("/account", done="ended")
    visit.ask("accounts.end_sessions")
    return _out(visit, "out")


def delete(visit: Visit, form: Mapping[str, str]) -> Response:
    """Delete the account."""

    def work() -> Response:
        if "sure" not in form:
            raise UsageError("tick the box to delete the account")
        visit.ask("accounts.delete", current=form.get("current", ""))
        return _out(visit, "deleted")

    return _act(visit, work)


def _begun(visit: Visit, begun: Any) -> Response:
    import segno

    drawn = segno.make(begun.address, error="m").svg_inline(
        scale=4, dark="#000", light="#fff", omitsize=False
    )
    return once(visit, PAGES[0], {**show(visit), "begun": begun, "qr": Markup(drawn)})  # noqa: S704 - our own drawing


def _out(visit: Visit, notice: str) -> Response:
    response = go("/login", notice=notice)
    visit.knock.door.sign_out_of(response, is_secure=visit.knock.is_secure)
    return response


PAGES = (
    Page(
        name="account",
        path="/account",
        title="Account",
        description="Your password, second factor, tokens and sessions; everything kept of you, and the way out.",
        show=show,
        acts={
            "/account/password": password,
            "/account/totp": begin,
            "/account/totp/confirm": confirm,
            "/account/totp/remove": remove,
            "/account/tokens": create,
            "/account/tokens/revoke": revoke,
            "/account/sessions": end,
            "/account/delete": delete,
        },
        asks_passwords=True,
        folder="account",
    ),
)
