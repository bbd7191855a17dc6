"""Searches that are kept under a name, removed and brought back: the screener and the newcomers do it alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from vigie.views.web.answering import go, tried
from vigie.views.web.page import Act, pages
from vigie.views.web.visit import Visit

KEPT: Final = ("where", "sort")


def keeping(
    page: str, path: str, operations: str, shown: Callable[[Visit], Mapping[str, Any]]
) -> dict[str, Act]:
    """Return what the forms of a page of searches post.

    Parameters
    ----------
    page, path : str
        Its name and its address.
    operations : str
        ``screens`` of ``screens.save``, ``screens.list`` and ``screens.remove``.
    shown : callable
        Gives what the page shows of a visit, to show it again where a name is refused.
    """

    def keep(visit: Visit, form: Mapping[str, str]) -> Response:
        given = {name: form[name] for name in KEPT if form.get(name)}

        def work() -> Response:
            visit.ask(f"{operations}.save", name=form.get("name", ""), **given)
            return go(path, **given)

        return tried(replace(visit, path=path, query=given), pages()[page], work, shown, "name")

    def remove(visit: Visit, form: Mapping[str, str]) -> Response:
        names = {row["name"]: row for row in visit.ask(f"{operations}.list").rows}
        visit.ask(f"{operations}.remove", name=form.get("name", ""))
        return go(path, **{name: names[form["name"]][name] for name in ("name", *KEPT)})

    return {f"{path}/keep": keep, f"{path}/remove": remove}


def removed(visit: Visit) -> dict[str, str] | None:
    """Return what was just removed, to offer it again."""
    given = {name: visit.query[name] for name in ("name", *KEPT) if visit.query.get(name)}
    return given if "name" in given else None
