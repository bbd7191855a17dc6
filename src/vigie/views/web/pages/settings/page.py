"""Settings: how things look and read, how long they are kept, and every change with a way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.domain.time import is_zone
from vigie.services.operations.settings import DEFAULTS, NAMES
from vigie.views.web.cookies import LOOK, YEAR_S, set_cookie
from vigie.views.web.display_settings import look_cookie
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.forms import whole_number
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

# Check boxes send nothing when they are empty.
BOXES = ("shortcuts", "calm", "news_marks")

# More than any settings were ever saved.
MOST_DIGITS: Final = 9


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for everything that can be set."""
    return settings_values(context)


def settings_values(context: RequestContext, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the page shows; `typed` is what a refused form held."""
    stored = context.call("settings.read")
    settings = stored.values if context.is_signed_in else {**DEFAULTS, **browser_settings(context)}
    return {
        "values": {**settings, **(typed or {})},
        "revision": stored.revision,
        "zones": context.call("settings.zones", limit=700).rows,
        "history": context.call("settings.history") if context.is_signed_in else None,
        "lists": context.call("watchlists.list"),
        "forecast": context.call("settings.forecast"),
        "retention": context.call("settings.retention"),
        "venues": [
            ("", context.text("that of each plan")),
            *((row.venue, f"{row.title} ({row.venue})") for row in context.call("settings.venues").rows),
        ],
        "letter": context.call("holdings.letter_schedule") if context.is_signed_in else None,
        "saved": context.query.get("saved", ""),
        "errors": [],
    }


def browser_settings(context: RequestContext) -> dict[str, str]:
    """Return what the browser's cookie says."""
    return {name: str(context.settings[name]) for name in NAMES if name in context.settings}


def save_settings(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Take the form of how things look."""
    changes = {name: form[name][:64] for name in NAMES if name in form and name not in BOXES}
    changes.update({name: "on" if name in form else "off" for name in BOXES})

    def work() -> Response:
        if not context.is_signed_in:
            return save_in_browser(context, changes)
        before = context.call("settings.read").revision
        revision = whole_number(form.get("revision", ""), MOST_DIGITS)
        context.call("settings.change", **changes, revision=revision)
        return redirect("/settings", saved=before)

    return handle_form(
        context, PAGES[0], work, lambda again_context: settings_values(again_context, changes), "zone"
    )


def save_in_browser(
    context: RequestContext, changes: Mapping[str, str], return_path: str = "/settings?saved=here"
) -> Response:
    """Keep what a visitor without an account has set, in a cookie."""
    if "zone" in changes and not is_zone(changes["zone"]):
        raise UsageError(
            "zone_must_time_zone_such",
            "zone: must be a time zone such as Europe/Paris, was {zone!r}",
            zone=changes["zone"],
        )
    response = redirect(*return_path.split("?")[:1], **dict(parse_qsl(return_path.partition("?")[2])))
    look = look_cookie({**context.settings, **changes}, is_person=False)
    set_cookie(response, LOOK, look, YEAR_S, is_secure=context.sign_in.is_secure)
    return response


def undo_change(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Set everything as it was at a revision."""

    def work() -> Response:
        before = context.call("settings.read").revision
        context.call("settings.undo", revision=form.get("revision", ""))
        return redirect("/settings", saved=before)

    return handle_form(context, PAGES[0], work, settings_values)


def save_retention(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Take how long things are kept."""

    def work() -> Response:
        names = ("documents_days", "jobs_days", "revision")
        context.call("settings.keep", **{name: form[name] for name in names if form.get(name)})
        return redirect("/settings", saved="kept")

    return handle_form(context, PAGES[0], work, settings_values, "documents_days")


GROUP = "system"
PAGES = (
    Page(
        name="settings",
        path="/settings",
        title="Settings",
        description="Language, theme, time zone, currency, profile, shortcuts, watchlists, data retention.",
        show=show,
        actions={"/settings": save_settings, "/settings/undo": undo_change, "/settings/keep": save_retention},
        folder="settings",
    ),
)
