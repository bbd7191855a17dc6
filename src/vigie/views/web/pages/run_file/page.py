"""Strategies and limits of an account by form: a draft, its preview as a difference of the run file, its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from vigie.domain.errors import VigieError
from vigie.services.operations.run_files import AccountRunFileResult
from vigie.services.operations.strategies import StrategyParameter
from vigie.services.trading.run_files.form_fields import ParameterField, SettingField
from vigie.views.web.form_responses import handle_form, redirect, render_uncached
from vigie.views.web.page import Page
from vigie.views.web.pages.run_file import sentences, words
from vigie.views.web.pages.run_file.draft import (
    Draft,
    change_of,
    check_nothing_to_add,
    draft_from_form,
    draft_of,
    with_new_slot,
)
from vigie.views.web.pages.trading.page import default_account
from vigie.views.web.request_context import RequestContext

TIMEFRAMES: Final = ("native", "5m", "15m", "1h", "4h", "1d")
# Versions whose differences are shown.
_SHOWN: Final = 10
# 35 slots have more than 300.
_MAX_FIELDS: Final = 1_000
# More slots are folded, but for those that were changed.
_UNFOLDED: Final = 3
_PATH: Final = "/trading/change"


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask for what an account trades, and for its versions."""
    account = context.query.get("account", "")[:60]
    if not account:
        accounts = context.call("trading.accounts").rows
        if not accounts:
            return {"file": None}
        account = default_account(accounts)
    version = context.query.get("version", "")
    draft = int(version) if version.isdecimal() and len(version) < 9 else 0
    return _values(context, account, draft=draft)


def _values(
    context: RequestContext, account: str, *, draft: int = 0, form: Draft | None = None
) -> dict[str, object]:
    file = context.call("trading.run_file", account=account, draft=draft)
    versions = context.call("trading.run_file_versions", account=account)
    shown = form or draft_of(file)
    return {
        "file": file,
        "form": shown,
        "unfolded": _unfolded(file, shown),
        "parameters": _parameters(context, file, shown),
        "settings": {setting.name: setting for setting in file.settings},
        "first": words.FIRST,
        "versions": versions,
        "details": [
            context.call("trading.run_file_version", account=account, version=row.version)
            for row in versions.rows[:_SHOWN]
        ],
        "strategies": [
            (row["name"], row["name"]) for row in context.call("strategies.list").rows if not row["problem"]
        ],
        "timeframes": [
            (name, context.text("the strategy's default") if name == "native" else name)
            for name in TIMEFRAMES
        ],
        "may": context.caller.may("trade") and file.is_editable,
        "preview": None,
        "done": context.query.get("done", ""),
        "errors": [],
        **_functions(context),
    }


def _unfolded(file: AccountRunFileResult, form: Draft) -> list[int]:
    """Return the slots that stand open, by their place: all of few, else those that differ from the file's."""
    before = draft_of(file).slots
    return [
        place for place, slot in enumerate(form.slots) if len(form.slots) <= _UNFOLDED or slot not in before
    ]


_Parameters = list[ParameterField | StrategyParameter]


def _parameters(context: RequestContext, file: AccountRunFileResult, form: Draft) -> dict[str, _Parameters]:
    """Return the parameters of every strategy in the form, by its name."""
    known: dict[str, _Parameters] = {slot.strategy: list(slot.parameters) for slot in file.slots}
    for slot in form.slots:
        if slot.strategy not in known:
            try:
                declared = context.call("strategies.get", name=slot.strategy, wait=False).parameters
            except VigieError:
                declared = []  # the preview says what is wrong with it
            known[slot.strategy] = list(declared)
    return known


def _functions(context: RequestContext) -> dict[str, object]:
    return {
        "label_of": lambda name: words.label_of(context, name),
        "hint_of": lambda name: words.hint_of(context, name),
        "unit_of": lambda name: words.unit_of(context, name),
        "shown": words.to_shown,
        "bounds": lambda name, one, usual: sentences.bounds_text(
            context, name, one.low, one.high, usual, is_above=isinstance(one, SettingField) and one.is_above
        ),
        "faults": lambda faults: sentences.faults_in_form_words(context, faults),
        "told": lambda line: sentences.in_form_words(context, line),
        "state_of": lambda state: words.state_of(context, state),
    }


def post_change(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add a slot to the form, show what it would change, or keep it as a version."""
    account, what = form.get("account", "main")[:60], form.get("what", "preview")
    number = form.get("draft", "0")
    draft = int(number) if number.isdecimal() and len(number) < 9 else 0
    given = draft_from_form(form)

    def values(context: RequestContext) -> dict[str, object]:
        return _values(context, account, draft=draft, form=given)

    def work() -> Response:
        if what == "add":
            more = with_new_slot(given, form)
            return render_uncached(context, PAGES[0], _values(context, account, draft=draft, form=more))
        check_nothing_to_add(given)
        asked = {"account": account, "draft": draft, **change_of(given, context.lang.language)}
        if what == "keep":
            context.call("trading.change_run_file", base=form.get("base", "0"), **asked)
            return redirect(_PATH, account=account, done="kept")
        told = context.call("trading.preview_run_file", **asked)
        return render_uncached(context, PAGES[0], {**values(context), "preview": told})

    return handle_form(context, PAGES[0], work, values)


def post_cancel(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Cancel the version that waits."""
    account = form.get("account", "main")[:60]

    def values(context: RequestContext) -> dict[str, object]:
        return _values(context, account)

    def work() -> Response:
        context.call("trading.cancel_run_file", account=account)
        return redirect(_PATH, account=account, done="cancelled")

    return handle_form(context, PAGES[0], work, values)


GROUP: Final = "trading"
PAGES = (
    Page(
        name="run_file",
        path=_PATH,
        title="Strategies and limits",
        description="Change what a paper or demo account trades, its parameters and limits; see every version.",
        show=show,
        max_fields=_MAX_FIELDS,
        actions={_PATH: post_change, f"{_PATH}/cancel": post_cancel},
        is_in_menu=False,
        folder="run_file",
    ),
)
