"""Where a one-time link leads: to the doors, until somebody went through one or past them."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from vigie.domain.person import OWNER
from vigie.services.app_context import AppContext
from vigie.services.operation_calls import run_operation
from vigie.views.web.cookies import LOOK

DOORS: Final = "/welcome"


def first_page(app_context: AppContext, request: Request) -> str:
    """Return the page that the local owner sees first with this browser."""
    look = dict(parse_qsl(request.cookies.get(LOOK, "")[:2_000]))
    persona = run_operation(app_context, OWNER, "settings.read", {}).values["persona"]
    return "/" if persona or look.get("welcomed") == "1" else DOORS
