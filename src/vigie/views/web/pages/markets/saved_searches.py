"""Searches that are kept under a name, removed and brought back: the screener and the newcomers do it alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Action, pages
from vigie.views.web.request_context import RequestContext

KEPT: Final = ("where", "sort")


def search_actions(
    page: str, path: str, operations: str, page_values: Callable[[RequestContext], Mapping[str, Any]]
) -> dict[str, Action]:
    """Return what the forms of a page of searches post.

    Parameters
    ----------
    page, path : str
        Its name and its address.
    operations : str
        ``screens`` of ``screens.save``, ``screens.list`` and ``screens.remove``.
    page_values : callable
        Gives what the page shows of a visit, to show it again where a name is refused.
    """

    def keep(context: RequestContext, form: Mapping[str, str]) -> Response:
        values = {name: form[name] for name in KEPT if form.get(name)}

        def work() -> Response:
            context.call(f"{operations}.save", name=form.get("name", ""), **values)
            return redirect(path, **values)

        return handle_form(
            replace(context, path=path, query=values), pages()[page], work, page_values, "name"
        )

    def remove(context: RequestContext, form: Mapping[str, str]) -> Response:
        names = {row["name"]: row for row in context.call(f"{operations}.list").rows}
        context.call(f"{operations}.remove", name=form.get("name", ""))
        return redirect(path, **{name: names[form["name"]][name] for name in ("name", *KEPT)})

    return {f"{path}/keep": keep, f"{path}/remove": remove}


def removed_search(context: RequestContext) -> dict[str, str] | None:
    """Return what was just removed, to offer it again."""
    values = {name: context.query[name] for name in ("name", *KEPT) if context.query.get(name)}
    return values if "name" in values else None
