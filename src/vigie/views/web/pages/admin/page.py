"""Administration: users, tokens, records, logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from vigie.domain.person import OWNER, ROLES
from vigie.views.web.form_responses import handle_form, redirect, render_uncached
from vigie.views.web.page import Page, pages
from vigie.views.web.request_context import RequestContext

TABS = ("users", "tokens", "backups", "records", "logs")


def show(context: RequestContext) -> dict[str, Any]:
    """Ask for what the tab shows."""
    tab = context.query.get("tab", "users")
    values: dict[str, Any] = {
        "tab": tab if tab in TABS else "users",
        "users": None,
        "tokens": None,
        "backups": None,
        "records": None,
        "logs": None,
        "roles": ROLES,
        "made": None,
        "done": context.query.get("done", ""),
        "is_owner": context.caller.user == OWNER.user,
        "errors": [],
    }
    match values["tab"]:
        case "tokens":
            values["tokens"] = context.call("users.tokens")
        case "backups":
            values["backups"] = context.call("backups.list")
        case "records":
            values["records"] = context.call(
                "audit.list", **_query_values(context, "kind", "actor", "before"), limit=50
            )
        case "logs":
            values["logs"] = context.call("logs.read", **_query_values(context, "log", "search"), limit=200)
        case _:
            values["users"] = context.call("users.list")
    return values


def _query_values(context: RequestContext, *names: str) -> dict[str, str]:
    return {name: context.query[name] for name in names if context.query.get(name)}


def add_user(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add a user; a password that was drawn is shown once."""

    def work() -> Response:
        is_first = not context.has_users
        user = context.call(
            "users.add",
            name=form.get("name", ""),
            role=form.get("role", ""),
            password=form.get("password", ""),
        )
        if is_first and not user.password:
            return redirect("/login", notice="first")
        # The list is not asked for again: the local owner is nobody from now on.
        values = show(context) if not is_first else {**show(context), "is_owner": False}
        return render_uncached(context, PAGES[0], {**values, "made": user})

    return handle_form(context, PAGES[0], work, show, "name")


def change_user(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Change the role of a user, or let them in no more or again."""

    def work() -> Response:
        user = form.get("user", "")
        if "role" in form:
            context.call("users.role", user=user, role=form["role"])
        else:
            context.call("users.disable", user=user, is_disabled=form.get("disabled") == "1")
        return redirect("/admin", done="changed")

    return handle_form(context, PAGES[0], work, show)


def reset_password(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Give a user a new password, shown once."""

    def work() -> Response:
        user = context.call("users.reset", user=form.get("user", ""), second_factor="second_factor" in form)
        return render_uncached(context, PAGES[0], {**show(context), "made": user})

    return handle_form(context, PAGES[0], work, show)


def revoke_token(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Revoke a token of anybody."""
    user, _, token = form.get("token", "").partition(".")
    context.call("users.revoke_token", user=user, token=token)
    return redirect("/admin", tab="tokens", done="revoked")


def back_up(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Order a backup, and show how far it is."""
    tab_context = replace(context, query={"tab": "backups"})

    def work() -> Response:
        return redirect(f"/jobs/{context.call('backups.create', with_secrets='with_secrets' in form).id}")

    return handle_form(tab_context, pages()["admin"], work, show)


GROUP = "system"
PAGES = (
    Page(
        name="admin",
        path="/admin",
        title="Admin",
        description="For administrators: users, tokens, backups, audit log and logs.",
        show=show,
        actions={
            "/admin/users": add_user,
            "/admin/users/change": change_user,
            "/admin/users/reset": reset_password,
            "/admin/tokens/revoke": revoke_token,
            "/admin/backup": back_up,
        },
        scope="admin",
        folder="admin",
    ),
)
