"""How things look for a visitor: what the browser keeps, and over it what the person has set."""

from __future__ import annotations

from typing import Any
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


def settings_of(request: Request, identity: Identity) -> dict[str, str]:
    """Return how things look for a visitor: what the browser keeps, and over it what the person has set."""
    settings = dict(parse_qsl(request.cookies.get(LOOK, "")[:2_000])[:20])
    if not identity.is_person:
        return settings
    # What a visitor watched is in the cookie; a person has watchlists.
    settings.pop("assets", None)
    return {**settings, **{name: str(value) for name, value in identity.settings.items()}}


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
        web.set_cookie(response, LOOK, urlencode(look), YEAR_S)
        if changes and identity.is_person and identity.caller:
            await run_in_threadpool(
                run_operation, web.app_context, identity.caller, "settings.change", changes
            )
        return response

    return [Route("/look", save, methods=["POST"])]
