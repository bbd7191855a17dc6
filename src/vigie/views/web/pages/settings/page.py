"""Settings: how things look and read, how long they are kept, and every change with a way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.services.operations.settings import DEFAULTS, NAMES, is_zone
from vigie.views.web.answering import go, tried
from vigie.views.web.cookies import LOOK, YEAR_S, set_cookie
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

# Check boxes send nothing when they are empty.
BOXES = ("shortcuts", "calm", "news_marks")


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for everything that can be set."""
    return values_of(visit)


def values_of(visit: Visit, given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the page shows; `given` is what a refused form held."""
    kept = visit.ask("settings.read")
    own = kept.values if visit.is_signed_in else {**DEFAULTS, **of_browser(visit)}
    return {
        "values": {**own, **(given or {})},
        "revision": kept.revision,
        "zones": visit.ask("settings.zones", limit=700).rows,
        "history": visit.ask("settings.history") if visit.is_signed_in else None,
        "lists": visit.ask("watchlists.list"),
        "forecast": visit.ask("settings.forecast"),
        "retention": visit.ask("settings.retention"),
        "saved": visit.query.get("saved", ""),
        "errors": [],
    }


def of_browser(visit: Visit) -> dict[str, str]:
    """Return what the browser's cookie says."""
    return {name: str(visit.settings[name]) for name in NAMES if name in visit.settings}


def save(visit: Visit, form: Mapping[str, str]) -> Response:
    """Take the form of how things look."""
    given = {name: form[name][:64] for name in NAMES if name in form and name not in BOXES}
    given.update({name: "on" if name in form else "off" for name in BOXES})

    def work() -> Response:
        if not visit.is_signed_in:
            return keep_in_browser(visit, given)
        revision = form.get("revision", "")
        before = visit.ask("settings.read").revision
        visit.ask("settings.change", **given, revision=int(revision) if revision.isdigit() else None)
        return go("/settings", saved=before)

    return tried(visit, PAGES[0], work, lambda again: values_of(again, given), "zone")


def keep_in_browser(visit: Visit, given: Mapping[str, str], there: str = "/settings?saved=here") -> Response:
    """Keep what a visitor without an account has set, in a cookie."""
    if "zone" in given and not is_zone(given["zone"]):
        raise UsageError(f"zone: must be a time zone such as Europe/Paris, was {given['zone']!r}")
    response = go(*there.split("?")[:1], **dict(parse_qsl(there.partition("?")[2])))
    kept = {name: str(value) for name, value in visit.settings.items()}
    set_cookie(response, LOOK, urlencode({**kept, **given}), YEAR_S, is_secure=visit.knock.is_secure)
    return response


def undo(visit: Visit, form: Mapping[str, str]) -> Response:
    """Set everything as it was at a revision."""

    def work() -> Response:
        before = visit.ask("settings.read").revision
        visit.ask("settings.undo", revision=form.get("revision", ""))
        return go("/settings", saved=before)

    return tried(visit, PAGES[0], work, values_of)


def keep(visit: Visit, form: Mapping[str, str]) -> Response:
    """Take how long things are kept."""

    def work() -> Response:
        names = ("documents_days", "jobs_days", "revision")
        visit.ask("settings.keep", **{name: form[name] for name in names if form.get(name)})
        return go("/settings", saved="kept")

    return tried(visit, PAGES[0], work, values_of, "documents_days")


PAGES = (
    Page(
        name="settings",
        path="/settings",
        title="Settings",
        description="Language, theme, time zone, currency, who you are, keys, watchlists, how long data is kept.",
        show=show,
        acts={"/settings": save, "/settings/undo": undo, "/settings/keep": keep},
        folder="settings",
    ),
)
