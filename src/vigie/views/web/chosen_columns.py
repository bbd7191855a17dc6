"""Which columns of a table a person sees: of the address, so that a link shows the same, else as they last chose.

A page asks `chosen_columns` and gives the answer to `ui.column_menu` and, as `columns`, to `ui.table`. The form posts
to `/columns`, which keeps the choice with the person's other settings and leads back to the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vigie.services.operation import Column
from vigie.services.operation_calls import run_operation
from vigie.views.web import forms
from vigie.views.web.cookies import LOOK, YEAR_S
from vigie.views.web.display_settings import look_cookie, settings_of
from vigie.views.web.request_context import RequestContext

QUERY: Final = "columns"
SETTING: Final = "columns"
PATH: Final = "/columns"
# Where the list of columns stands on its page: who chose some comes back to it.
ANCHOR: Final = "columns"
# As the setting takes it; a choice that would not fit any more is kept in the address alone.
_MOST: Final = 1_000
_NAME: Final = re.compile(r"[a-z0-9_.]{1,60}")


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """What a table shows.

    Attributes
    ----------
    table : str
        Its name among a person's settings.
    fixed : str
        Name of the first column, which says what a row is and is always there.
    shown : tuple of str
        Names of all that are shown, in the table's order.
    options : tuple of Column
        Those that may be left out.
    is_usual : bool
        Whether these are the ones that a table has before anybody chooses.
    """

    table: str
    fixed: str
    shown: tuple[str, ...]
    options: tuple[Column, ...]
    is_usual: bool


def chosen_columns(
    context: RequestContext, table: str, available: Sequence[Column], usual: Sequence[str]
) -> ChosenColumns:
    """Return which columns of a table are shown: of the address, else of the person's settings, else the usual ones.

    Parameters
    ----------
    available : sequence of Column
        All that the page can show, in order; the first is always shown.
    usual : sequence of str
        Names of those that are shown before anybody chooses.
    """
    names = [column.name for column in available]
    kept = parse_choices(str(context.settings.get(SETTING) or "")).get(table, ())
    asked = tuple(context.query.get(QUERY, "")[:_MOST].split(","))
    # Names that the table does not have, or has no more, say nothing.
    chosen = next(
        ([name for name in names if name in choice] for choice in (asked, kept) if {*choice} & {*names}),
        list(usual),
    )
    shown = tuple(name for name in names if name == names[0] or name in chosen)
    is_usual = {*shown} == {names[0], *usual}
    return ChosenColumns(table, names[0], shown, tuple(available[1:]), is_usual)


def parse_choices(setting: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table from the setting that holds them all, ``journal=pnl,r;markets=price``."""
    pairs = (part.partition("=") for part in setting.split(";"))
    return {table: tuple(names.split(",")) for table, _, names in pairs if table and names}


def render_choices(choices: Mapping[str, Sequence[str]]) -> str:
    """Write the columns of each table as the setting holds them."""
    return ";".join(f"{table}={','.join(names)}" for table, names in choices.items() if names)


def routes(web: Any) -> list[Route]:
    """Return the route that keeps a choice."""

    async def keep(request: Request) -> Response:
        form = await forms.read_form(request)
        identity = await run_in_threadpool(web.authenticator.who, request)
        web.check_form(request, identity, form)
        table = form.get("table", "")
        names = [name for name in form.get(QUERY, "").split(",") if _NAME.fullmatch(name)]
        if form.get("usual"):
            names = []
        response = RedirectResponse(_address(forms.own_path(form.get("next", "/")), names), 303)
        settings = settings_of(request, identity)
        choices = {**parse_choices(str(settings.get(SETTING) or "")), table: names}
        text = render_choices(choices)
        if _NAME.fullmatch(table) and len(text) <= _MOST:
            look = look_cookie({**settings, SETTING: text}, is_person=identity.is_person)
            web.set_cookie(response, LOOK, look, YEAR_S)
            if identity.is_person and identity.caller:
                await run_in_threadpool(
                    run_operation, web.app_context, identity.caller, "settings.change", {SETTING: text}
                )
        return response

    return [Route(PATH, keep, methods=["POST"], name="columns")]


def _address(path: str, names: Sequence[str]) -> str:
    """Return an address that shows these columns; with none it says nothing of them."""
    parts = urlsplit(path)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != QUERY]
    query += [(QUERY, ",".join(names))] if names else []
    return (f"{parts.path}?{urlencode(query)}" if query else parts.path) + f"#{ANCHOR}"
