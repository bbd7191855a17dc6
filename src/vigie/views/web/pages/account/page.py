"""One's own account: password, second factor, tokens, sessions, what was done, export and deletion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.domain.person import SCOPES, SCOPES_OF
from vigie.services.operations.accounts import CONFIRMED_SCOPES, SESSION_ID_LENGTH
from vigie.services.people.accounts.keys import hash_secret
from vigie.services.people.accounts.users import TOKEN_DAYS
from vigie.views.web.form_responses import handle_form, redirect, render_uncached
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> dict[str, Any]:
    """Ask for everything about the account."""
    me = context.call("accounts.me")
    return {
        "me": me,
        "tokens": context.call("accounts.tokens"),
        "sessions": context.call("accounts.sessions"),
        "here": hash_secret(context.sign_in.session)[:SESSION_ID_LENGTH] if context.sign_in.session else "",
        "events": context.call("accounts.events", limit=20),
        "scopes": [scope for scope in SCOPES if scope in SCOPES_OF[context.caller.role]],
        "token_days": TOKEN_DAYS,
        "done": context.query.get("done", ""),
        "token": None,
        "begun": None,
        "qr": "",
        "errors": [],
    }


def _handle(context: RequestContext, work: Callable[[], Response], field: str = "") -> Response:
    return handle_form(context, PAGES[0], work, show, field)


def change_password(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Change the password; every session ends, this one too."""

    def work() -> Response:
        if form.get("new") != form.get("again"):
            raise UsageError("two_new_passwords_do", "the two new passwords do not match")
        context.call("accounts.change_password", current=form.get("current", ""), new=form.get("new", ""))
        return _sign_out(context, "password")

    return _handle(context, work, "current")


def begin_totp(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Show the secret for the app, once."""

    def work() -> Response:
        return _show_totp_secret(context, context.call("accounts.totp_begin"))

    return _handle(context, work)


def confirm_totp(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Switch the second factor on."""

    def work() -> Response:
        given = {name: form.get(name, "") for name in ("secret", "code", "current")}
        context.call("accounts.totp_confirm", **given)
        return redirect("/account", done="totp")

    return _handle(context, work, "code")


def remove_totp(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Switch the second factor off."""

    def work() -> Response:
        context.call("accounts.totp_remove", current=form.get("current", ""))
        return redirect("/account", done="no-totp")

    return _handle(context, work)


def create_token(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Make a token and show its secret, once."""

    def work() -> Response:
        token = context.call(
            "accounts.token_create",
            name=form.get("name", ""),
            scopes=[scope for scope in SCOPES if f"scope_{scope}" in form],
            days=form.get("days") or None,
            current=form.get("current", ""),
        )
        return render_uncached(context, PAGES[0], {**show(context), "token": token})

    is_confirmed = not CONFIRMED_SCOPES.isdisjoint(scope for scope in SCOPES if f"scope_{scope}" in form)
    return _handle(context, work, "token-password" if is_confirmed else "name")


def revoke_token(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Revoke a token."""
    context.call("accounts.token_revoke", token=form.get("token", ""))
    return redirect("/account", done="revoked")


def end_sessions(context: RequestContext, form: Mapping[str, str]) -> Response:
    """End one session, or all."""
    if form.get("session"):
        context.call("accounts.end_session", session=form["session"])
        return redirect("/account", done="ended")
    context.call("accounts.end_sessions")
    return _sign_out(context, "out")


def delete_account(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Delete the account."""

    def work() -> Response:
        if "sure" not in form:
            raise UsageError("tick_box_delete_account", "tick the box to delete the account")
        context.call("accounts.delete", current=form.get("current", ""))
        return _sign_out(context, "deleted")

    return _handle(context, work)


def _show_totp_secret(context: RequestContext, enrolment: Any) -> Response:
    import segno

    svg = segno.make(enrolment.address, error="m").svg_inline(
        scale=4, dark="#000", light="#fff", omitsize=False
    )
    return render_uncached(context, PAGES[0], {**show(context), "begun": enrolment, "qr": Markup(svg)})  # noqa: S704 - our own drawing


def _sign_out(context: RequestContext, notice: str) -> Response:
    response = redirect("/login", notice=notice)
    context.sign_in.authenticator.sign_out_of(response, is_secure=context.sign_in.is_secure)
    return response


GROUP = "system"
PAGES = (
    Page(
        name="account",
        path="/account",
        title="Account",
        description="Your password, two-factor authentication, tokens and sessions; download your data or delete "
        "your account.",
        show=show,
        actions={
            "/account/password": change_password,
            "/account/totp": begin_totp,
            "/account/totp/confirm": confirm_totp,
            "/account/totp/remove": remove_totp,
            "/account/tokens": create_token,
            "/account/tokens/revoke": revoke_token,
            "/account/sessions": end_sessions,
            "/account/delete": delete_account,
        },
        asks_passwords=True,
        folder="account",
    ),
)
