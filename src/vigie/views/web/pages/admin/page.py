"""Administration: users, tokens, records, logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from vigie.domain.person import OWNER, ROLES
from vigie.views.web.answering import go, once, tried
from vigie.views.web.page import Page, pages
from vigie.views.web.visit import Visit

TABS = ("users", "tokens", "backups", "records", "logs")


def show(visit: Visit) -> dict[str, Any]:
    """Ask for what the tab shows."""
    tab = visit.query.get("tab", "users")
    values: dict[str, Any] = {
        "tab": tab if tab in TABS else "users",
        "users": None,
        "tokens": None,
        "backups": None,
        "records": None,
        "logs": None,
        "roles": ROLES,
        "made": None,
        "done": visit.query.get("done", ""),
        "is_owner": visit.caller.user == OWNER.user,
        "errors": [],
    }
    match values["tab"]:
        case "tokens":
            values["tokens"] = visit.ask("users.tokens")
        case "backups":
            values["backups"] = visit.ask("backups.list")
        case "records":
            values["records"] = visit.ask("audit.list", **_given(visit, "kind", "actor", "before"), limit=50)
        case "logs":
            values["logs"] = visit.ask("logs.read", **_given(visit, "log", "search"), limit=200)
        case _:
            values["users"] = visit.ask("users.list")
    return values


def _given(visit: Visit, *names: str) -> dict[str, str]:
    return {name: visit.query[name] for name in names if visit.query.get(name)}


def add(visit: Visit, form: Mapping[str, str]) -> Response:
    """Add a user; a password that was drawn is shown once."""

    def work() -> Response:
        is_first = not visit.has_users
        made = visit.ask(
            "users.add",
            name=form.get("name", ""),
            role=form.get("role", ""),
            password=form.get("password", ""),
        )
        if is_first and not made.password:
            return go("/login", notice="first")
        # The list is not asked for again: the local owner is nobody from now on.
        values = show(visit) if not is_first else {**show(visit), "is_owner": False}
        return once(visit, PAGES[0], {**values, "made": made})

    return tried(visit, PAGES[0], work, show, "name")


def change(visit: Visit, form: Mapping[str, str]) -> Response:
    """Change the role of a user, or let them in no more or again."""

    def work() -> Response:
        user = form.get("user", "")
        if "role" in form:
            visit.ask("users.role", user=user, role=form["role"])
        else:
            visit.ask("users.disable", user=user, is_disabled=form.get("disabled") == "1")
        return go("/admin", done="changed")

    return tried(visit, PAGES[0], work, show)


def reset(visit: Visit, form: Mapping[str, str]) -> Response:
    """Give a user a new password, shown once."""

    def work() -> Response:
        made = visit.ask("users.reset", user=form.get("user", ""), second_factor="second_factor" in form)
        return once(visit, PAGES[0], {**show(visit), "made": made})

    return tried(visit, PAGES[0], work, show)


def revoke(visit: Visit, form: Mapping[str, str]) -> Response:
    """Revoke a token of anybody."""
    user, _, token = form.get("token", "").partition(".")
    visit.ask("users.revoke_token", user=user, token=token)
    return go("/admin", tab="tokens", done="revoked")


def back_up(visit: Visit, form: Mapping[str, str]) -> Response:
    """Order a backup, and show how far it is."""
    there = replace(visit, query={"tab": "backups"})

    def work() -> Response:
        return go(f"/jobs/{visit.ask('backups.create', with_secrets='with_secrets' in form).id}")

    return tried(there, pages()["admin"], work, show)


PAGES = (
    Page(
        name="admin",
        path="/admin",
        title="Admin",
        description="Users, tokens, backups, records of the audit and logs of this home, for administrators.",
        show=show,
        acts={
            "/admin/users": add,
            "/admin/users/change": change,
            "/admin/users/reset": reset,
            "/admin/tokens/revoke": revoke,
            "/admin/backup": back_up,
        },
        scope="admin",
        folder="admin",
    ),
)
