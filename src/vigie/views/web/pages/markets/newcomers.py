"""Emerging coins and pools: narrowed by a form, with what is asked in the address; kept under a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.views.web.form_responses import redirect
from vigie.views.web.page import Page
from vigie.views.web.pages.markets.bounds import normalize_bound
from vigie.views.web.pages.markets.charts import market_input
from vigie.views.web.pages.markets.saved_searches import removed_search, search_actions
from vigie.views.web.refusals import translate_refusal
from vigie.views.web.request_context import RequestContext
from vigie.views.web.sorted_tables import call_sorted

PATH: Final = "/markets/emerging"
# Bounds of the form, and how their conditions begin in an address.
BOUNDS: Final = {
    "age_least": "age_hours>=", "age_most": "age_hours<=",
    "liquidity_least": "liquidity_usd>=", "volume_least": "volume_24h_usd>=",
}  # fmt: skip
CHOICES: Final = ("kind", "place", "flags")
# The form has a field for each of these.
_PART: Final = re.compile(r"(age_hours|liquidity_usd|volume_24h_usd|kind|place|flags|without)([<>]?=?)(.*)")


def show(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for the newcomers that meet the conditions of the address; what a form asks becomes an address."""
    if context.query.get("narrow"):
        kept_query = {name: context.query[name] for name in ("as_of", "sort") if context.query.get(name)}
        where = _conditions_from_form(context)
        try:
            where = context.call("markets.emerging", where=where, limit=1, as_of=context.as_of).where
        except UsageError as fault:
            return page_values(context, "", translate_refusal(context.lang, str(fault)), dict(context.query))
        return redirect(PATH, **kept_query, **({"where": where} if where else {}))
    where = context.query.get("where", "")
    try:
        return page_values(context, where)
    except UsageError as fault:
        return page_values(context, "", translate_refusal(context.lang, str(fault)))


def page_values(
    context: RequestContext, where: str, error: str = "", typed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what the page shows of conditions; `typed` stays in the form where it was refused."""
    ordered = call_sorted(context, "markets.emerging", **market_input(context, where=where))
    exports, table = market_input(context, sort=ordered.sort, where=where), ordered.table
    language, content_language = context.lang.language, context.lang.content_language
    return {
        "table": table,
        "unknown_order": ordered.unknown,
        "exports": {
            **exports,
            **({"where": table.where} if table.where else {}),
            **({"language": content_language} if content_language != "en" else {}),
        },
        "searched": context.call("markets.trending", as_of=context.as_of),
        "error": error,
        "given": {
            **dict.fromkeys(
                (*BOUNDS, *CHOICES, "rest", *(f"without_{key}" for key in table.flags["en"])), ""
            ),
            **(typed if typed is not None else _form_fields(table.where)),
        },
        "flags": [(f"without_{key}", title) for key, title in table.flags[language].items()],
        "kept": context.call("newcomers.list").rows,
        "removed": removed_search(context),
    }


def _conditions_from_form(context: RequestContext) -> str:
    """Return the conditions that a form asks for."""
    parts = [
        f"{prefix}{normalize_bound(context.query[name], context.lang.language)}"
        for name, prefix in BOUNDS.items()
        if context.query.get(name, "").strip()
    ]
    parts += [f"{name}={context.query[name]}" for name in CHOICES if context.query.get(name)]
    parts += [f"without={name[8:]}" for name in context.query if name.startswith("without_")]
    return ",".join([*parts, *([context.query["rest"]] if context.query.get("rest") else [])])


def _form_fields(where: str) -> dict[str, str]:
    """Return what the form holds where the address says `where`; what it has no field for stays together."""
    fields: dict[str, str] = {}
    rest = []
    for part in where.split(",") if where else ():
        match = _PART.fullmatch(part)
        name = next((key for key, begins in BOUNDS.items() if part.startswith(begins)), "")
        if name:
            fields[name] = part.removeprefix(BOUNDS[name])
        elif match and match[1] == "without":
            fields[f"without_{match[3]}"] = "1"
        elif match and match[1] in CHOICES:
            fields[match[1]] = match[3]
        else:
            rest.append(part)
    return {**fields, "rest": ",".join(rest)}


PAGE: Final = Page(
    name="emerging",
    path=PATH,
    title="Emerging coins",
    description="New coins and pools with their age, liquidity and risk flags; filter the list and save your "
    "search.",
    show=show,
    has_as_of=True,
    template="emerging.html",
    actions=search_actions(
        "emerging", PATH, "newcomers", lambda context: page_values(context, context.query.get("where", ""))
    ),
    folder="markets",
)
