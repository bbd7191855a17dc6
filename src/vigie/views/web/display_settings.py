"""How things look for a visitor: what the browser keeps, and over it what the person has set.

What a person chose of themselves stays with them: a browser hands it to nobody who signs in after them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vigie.services.operation_calls import run_operation
from vigie.services.operations.settings import NAMES
from vigie.views.web import forms
from vigie.views.web.cookies import LOOK, YEAR_S
from vigie.views.web.identity import Identity

# In the browser's cookie of a visitor, and of nobody who is known: a person's own are kept with the person.
PERSONAL: Final = ("assets", "persona")
# Who went through the doors or past them with this browser, mark by mark.
WELCOMED: Final = "welcomed"
_VISITOR: Final = "1"
_MOST_WELCOMED: Final = 8


def settings_of(request: Request, identity: Identity) -> dict[str, str]:
    """Return how things look for a visitor: what the browser keeps, and over it what the person has set."""
    settings = dict(parse_qsl(request.cookies.get(LOOK, "")[:2_000])[:20])
    if not identity.is_person:
        return settings
    return {**_without_personal(settings), **{name: str(value) for name, value in identity.settings.items()}}


def look_cookie(settings: Mapping[str, object], *, is_person: bool) -> str:
    """Return the browser's cookie of how things look: without what a person who is known keeps themselves."""
    look = {name: str(value) for name, value in settings.items()}
    return urlencode(_without_personal(look) if is_person else look)


def is_welcomed(settings: Mapping[str, object], mark: str) -> bool:
    """Tell whether somebody went through the doors, or past them, with this browser; a visitor has no mark."""
    return (mark or _VISITOR) in str(settings.get(WELCOMED, "")).split(".")


def welcome(settings: Mapping[str, object], mark: str) -> dict[str, str]:
    """Return what the browser keeps so that somebody is not led to the doors again."""
    known = [one for one in str(settings.get(WELCOMED, "")).split(".") if one and one != (mark or _VISITOR)]
    return {WELCOMED: ".".join([*known, mark or _VISITOR][-_MOST_WELCOMED:])}


def _without_personal(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name not in PERSONAL}


def routes(web: Any) -> list[Route]:
    """Return the route that keeps how a visitor wants things to look."""

    async def save(request: Request) -> Response:
        form = await forms.read_form(request)
        identity = await run_in_threadpool(web.authenticator.who, request)
        web.check_form(request, identity, form)
        changes = {name: form[name][:200] for name in NAMES if name in form}
        # When a browser was last up to date, and with what, is its own; it is no setting of the person.
        browser_values = {
            name: form[name][:most] for name, most in (("seen", 16), ("read", 1_000)) if name in form
        }
        response = RedirectResponse(forms.own_path(form.get("next", "/")), 303)
        look = {**settings_of(request, identity), **changes, **browser_values}
        web.set_cookie(response, LOOK, look_cookie(look, is_person=identity.is_person), YEAR_S)
        if changes and identity.is_person and identity.caller:
            await run_in_threadpool(
                run_operation, web.app_context, identity.caller, "settings.change", changes
            )
        return response

    return [Route("/look", save, methods=["POST"])]
