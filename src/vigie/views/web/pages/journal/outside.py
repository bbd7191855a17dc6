"""Trades made elsewhere: by hand, by file or by an address, in a part of their own beside the accounts' results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from vigie.domain.errors import ConnectorError, DataError, TransientError, UsageError
from vigie.intelligence.market.words import normalize_number
from vigie.views.web.form_responses import handle_file, handle_form, redirect, render_uncached
from vigie.views.web.forms import whole_number
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.trading import words
from vigie.views.web.request_context import RequestContext

NAME: Final = "outside"
MANY: Final = 20
ADDED: Final = (
    "venue",
    "instrument",
    "side",
    "price",
    "quantity",
    "time",
    "zone",
    "fee",
    "fee_currency",
    "asset",
)
COLUMNS: Final = ("time", "venue", "instrument", "side", "price", "quantity", "fee", "fee_currency", "id")
_OPTIONS: Final = ("venue", "zone", "dates")
_COLUMN: Final = "column_"
_COIN: Final = "coin_"
_DONE: Final = ("added", "unknown", "twice", "known", "removed", "answered", "read")


def show(context: RequestContext) -> dict[str, object]:
    """Ask for the trades and fills that a person made elsewhere, and what is proposed for them."""
    done = context.query.get("done", "")
    return {
        "table": context.call("outside.list", limit=MANY, cursor=_cursor(context, "cursor")),
        "fills": context.call("outside.fills", limit=MANY, cursor=_cursor(context, "fills")),
        "addresses": context.call("outside.addresses"),
        "proposals": context.call("outside.proposals", with_decided=False).rows[:MANY],
        "plan_proposals": context.call("outside.plans", with_decided=False).rows[:MANY],
        "done": done if done in _DONE else "",
        "plan": None,
        "read": None,
        "read_counts": [whole_number(context.query.get(name, ""), 6) or 0 for name in ("n", "skipped")],
        "given": {},
        "imported": {},
        "text": "",
        "errors": [],
        "encoding": "",
        "columns": COLUMNS,
        "zone": context.lang.zone,
        **words.template_functions(context),
    }


def _cursor(context: RequestContext, name: str) -> str:
    cursor = context.query.get(name, "")[:6]
    return cursor if cursor.isdecimal() and cursor.isascii() else ""


def add_fill(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add one fill; what was typed stays where it is refused."""
    given = {name: form[name] for name in ADDED if form.get(name, "").strip()}

    def work() -> Response:
        missing = [
            name for name in ("venue", "instrument", "side", "price", "quantity", "time") if name not in given
        ]
        values = {**given, **_as_programs_write(context, given), **dict.fromkeys(missing, "")}
        added = context.call("outside.add", **values)
        done = "unknown" if added.added and added.unknown_coin else "added" if added.added else "known"
        if added.added and added.note:
            done = "twice"
        return redirect("/journal/outside", done=done)

    return handle_form(context, pages()[NAME], work, lambda context: {**show(context), "given": given}, "add")


def _as_programs_write(context: RequestContext, given: Mapping[str, str]) -> dict[str, str]:
    """Return typed amounts with a decimal point where the visitor's language has a comma; others are left as typed."""
    if context.lang.point == ".":
        return {}
    amounts = {name: given[name] for name in ("price", "quantity", "fee") if name in given}
    return {name: normalize_number(typed, context.lang.language) for name, typed in amounts.items()}


def import_file(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Show what a file would add, and add it once that was seen."""
    imported = {
        name: form[name]
        for name in form
        if name in (*_OPTIONS, "has_comma") or name.startswith((_COLUMN, _COIN))
    }
    return handle_file(
        context,
        pages()[NAME],
        show,
        form,
        imported,
        lambda text, is_dry: context.call("outside.import", text=text, dry_run=is_dry, **_options(imported)),
        lambda plan: redirect("/journal/outside", done="added" if plan.added else "known"),
    )


def _options(imported: Mapping[str, str]) -> dict[str, object]:
    """Return how a file is meant, as the operation takes it."""

    def of(begin: str) -> dict[str, str]:
        return {name.removeprefix(begin): value for name, value in imported.items()
                if name.startswith(begin) and value.strip()}  # fmt: skip

    return {
        **{name: imported[name] for name in _OPTIONS if imported.get(name)},
        "has_comma": "has_comma" in imported,
        "columns": of(_COLUMN),
        "assets": of(_COIN),
    }


def remove(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Remove a trade with its fills, or one fill."""
    names = ("outside_trade", "outside_fill")
    context.call("outside.remove", **{name: form[name] for name in names if form.get(name)})
    return redirect("/journal/outside", done="removed")


def decide(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Accept a setup or plan that is proposed for a trade, or refuse it."""
    if form.get("plan"):
        answer = {name: form.get(name, "") for name in ("outside_trade", "plan", "verdict")}
        context.call("outside.match_plan", **answer)
        return redirect("/journal/outside", done="answered")
    names = ("outside_trade", "setup", "account", "verdict")
    context.call("outside.match", **{name: form.get(name, "") for name in names})
    return redirect("/journal/outside", done="answered")


def add_address(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Read an address from now on; it stands in no address of a page."""
    return handle_form(
        context,
        pages()[NAME],
        lambda: _after_reading(context, "outside.add_address", address=form.get("address", "")),
        show,
        "address",
    )


def read_address(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Read what an address traded since, or remove it with its fills."""
    kept = form.get("outside_address", "")
    if "remove" in form:
        context.call("outside.remove_address", outside_address=kept)
        return redirect("/journal/outside", done="removed")
    return handle_form(
        context,
        pages()[NAME],
        lambda: _after_reading(context, "outside.read_address", outside_address=kept),
        show,
    )


def _after_reading(context: RequestContext, operation: str, **values: str) -> Response:
    """Have an address read and lead on; where the venue ended it early, show why."""
    try:
        result = context.call(operation, **values)
    except (TransientError, ConnectorError, DataError) as fault:
        # The page stays usable while the venue is silent.
        raise UsageError(str(fault)) from fault
    if result.fault:
        return render_uncached(context, pages()[NAME], {**show(context), "read": result})
    return redirect("/journal/outside", done="read", n=result.added, skipped=result.skipped)


PAGE: Final = Page(
    name=NAME,
    path="/journal/outside",
    title="Trades made elsewhere",
    description="Trades you made without Vigie, from a form, a file or an address, apart "
    "from the results of your accounts.",
    show=show,
    template="outside.html",
    actions={
        "/journal/outside/add": add_fill,
        "/journal/outside/import": import_file,
        "/journal/outside/remove": remove,
        "/journal/outside/match": decide,
        "/journal/outside/address": add_address,
        "/journal/outside/read": read_address,
    },
    files={"/journal/outside/import": "file"},
    is_in_menu=False,
)
