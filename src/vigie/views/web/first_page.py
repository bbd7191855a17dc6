"""Where a one-time link and a login lead: to the doors, until somebody went through one or past them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from vigie.domain.person import OWNER, Caller
from vigie.services.app_context import AppContext
from vigie.services.operation_calls import run_operation
from vigie.views.web.cookies import LOOK, person_mark
from vigie.views.web.display_settings import is_welcomed

DOORS: Final = "/welcome"


def first_page(app_context: AppContext, request: Request) -> str:
    """Return the page that the local owner sees first with this browser."""
    look = dict(parse_qsl(request.cookies.get(LOOK, "")[:2_000]))
    return page_after(app_context, look, OWNER)


def page_after(app_context: AppContext, look: Mapping[str, object], caller: Caller) -> str:
    """Return the page that comes after signing in, by what this browser keeps and what the person chose."""
    persona = run_operation(app_context, caller, "settings.read", {}).values["persona"]
    return "/" if persona or is_welcomed(look, person_mark(caller.user)) else DOORS
