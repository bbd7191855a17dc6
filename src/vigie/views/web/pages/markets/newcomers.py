"""Emerging coins and pools: narrowed by a form, with what is asked in the address; kept under a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.views.web.answering import go
from vigie.views.web.ordering import ask_ordered
from vigie.views.web.page import Page
from vigie.views.web.pages.markets.bounds import bound_of
from vigie.views.web.pages.markets.charts import asked
from vigie.views.web.pages.markets.keeping import keeping, removed
from vigie.views.web.refusals import said
from vigie.views.web.visit import Visit

PATH: Final = "/markets/emerging"
# Bounds of the form, and how their conditions begin in an address.
BOUNDS: Final = {
    "age_least": "age_hours>=", "age_most": "age_hours<=",
    "liquidity_least": "liquidity_usd>=", "volume_least": "volume_24h_usd>=",
}  # fmt: skip
CHOICES: Final = ("kind", "place", "flags")
# The form has a field for each of these.
_PART: Final = re.compile(r"(age_hours|liquidity_usd|volume_24h_usd|kind|place|flags|without)([<>]?=?)(.*)")


def show(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for the newcomers that meet the conditions of the address; what a form asks becomes an address."""
    if visit.query.get("narrow"):
        kept = {name: visit.query[name] for name in ("as_of", "sort") if visit.query.get(name)}
        where = _typed(visit)
        try:
            where = visit.ask("markets.emerging", where=where, limit=1, as_of=visit.as_of).where
        except UsageError as fault:
            return shown(visit, "", said(visit.tongue, str(fault)), dict(visit.query))
        return go(PATH, **kept, **({"where": where} if where else {}))
    where = visit.query.get("where", "")
    try:
        return shown(visit, where)
    except UsageError as fault:
        return shown(visit, "", said(visit.tongue, str(fault)))


def shown(
    visit: Visit, where: str, error: str = "", typed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what the page shows of conditions; `typed` stays in the form where it was refused."""
    found = ask_ordered(visit, "markets.emerging", **asked(visit, where=where))
    exports, table = asked(visit, sort=found.sort, where=where), found.table
    language = visit.tongue.language
    return {
        "table": table,
        "unknown_order": found.unknown,
        "exports": {
            **exports,
            **({"where": table.where} if table.where else {}),
            **({"language": language} if language != "en" else {}),
        },
        "searched": visit.ask("markets.trending", as_of=visit.as_of),
        "error": error,
        "given": {
            **dict.fromkeys(
                (*BOUNDS, *CHOICES, "rest", *(f"without_{key}" for key in table.flags["en"])), ""
            ),
            **(typed if typed is not None else _fields(table.where)),
        },
        "flags": [(f"without_{key}", title) for key, title in table.flags[language].items()],
        "kept": visit.ask("newcomers.list").rows,
        "removed": removed(visit),
    }


def _typed(visit: Visit) -> str:
    """Return the conditions that a form asks for."""
    parts = [
        f"{begins}{bound_of(visit.query[name], visit.tongue.language)}"
        for name, begins in BOUNDS.items()
        if visit.query.get(name, "").strip()
    ]
    parts += [f"{name}={visit.query[name]}" for name in CHOICES if visit.query.get(name)]
    parts += [f"without={name[8:]}" for name in visit.query if name.startswith("without_")]
    return ",".join([*parts, *([visit.query["rest"]] if visit.query.get("rest") else [])])


def _fields(where: str) -> dict[str, str]:
    """Return what the form holds where the address says `where`; what it has no field for stays together."""
    found: dict[str, str] = {}
    rest = []
    for part in where.split(",") if where else ():
        match = _PART.fullmatch(part)
        name = next((key for key, begins in BOUNDS.items() if part.startswith(begins)), "")
        if name:
            found[name] = part.removeprefix(BOUNDS[name])
        elif match and match[1] == "without":
            found[f"without_{match[3]}"] = "1"
        elif match and match[1] in CHOICES:
            found[match[1]] = match[3]
        else:
            rest.append(part)
    return {**found, "rest": ",".join(rest)}


PAGE: Final = Page(
    name="emerging",
    path=PATH,
    title="Emerging",
    description="New coins and pools with their age, their liquidity and reasons to be careful, to narrow and to keep.",
    show=show,
    is_dated=True,
    template="emerging.html",
    acts=keeping("emerging", PATH, "newcomers", lambda seen: shown(seen, seen.query.get("where", ""))),
    folder="markets",
)
