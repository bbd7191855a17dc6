"""How pages answer forms: on to another address, or the page again with what must be mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.views.web.page import Page
from vigie.views.web.refusals import said
from vigie.views.web.rendering import render_page
from vigie.views.web.visit import Visit


class Untyped(HTMLResponse):
    """A page that was drawn again without what was typed: that is put in before it is sent."""


def go(path: str, **query: Any) -> Response:
    """Lead on to another address after a form was taken."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)


def again(
    visit: Visit, page: Page, values: Mapping[str, Any], fault: UsageError, field: str = ""
) -> Response:
    """Show the page again with what was wrong beside what was given."""
    status = 409 if isinstance(fault, Conflict) else 403 if isinstance(fault, Forbidden) else 400
    told = {**values, "errors": [(field, said(visit.tongue, str(fault)))]}
    return HTMLResponse(render_page(visit, page, told), status)


def once(visit: Visit, page: Page, values: Mapping[str, Any]) -> Response:
    """Show something that is shown once, such as a new token; no copy of it is kept anywhere."""
    return HTMLResponse(render_page(visit, page, values), headers={"Cache-Control": "no-store"})


def tried(
    visit: Visit,
    page: Page,
    work: Callable[[], Response],
    values: Callable[[Visit], Mapping[str, Any]],
    field: str = "",
) -> Response:
    """Do what a form asks for; where it is refused, show the page again with the reason.

    Raises
    ------
    NotFound
        If what the form is about is not there.
    """
    try:
        return work()
    except NotFound:
        raise
    except UsageError as fault:
        shown = again(visit, page, values(visit), fault, field)
        return Untyped(shown.body, shown.status_code) if values is page.show else shown
