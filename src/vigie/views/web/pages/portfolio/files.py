"""Files of what a person owns: a preview of what one adds, the coins it asks for, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.services.holdings.column_words import header_choices
from vigie.services.holdings.file_readers import file_readers
from vigie.services.holdings.file_rows import ImportHoldingsResult
from vigie.services.holdings.notice_text import notice_text
from vigie.services.holdings.own_columns import FIELDS, OWN_COLUMNS
from vigie.views.web.form_responses import handle_file, handle_form, redirect
from vigie.views.web.forms import FILE_NAME
from vigie.views.web.page import Page, pages
from vigie.views.web.pages.portfolio.event_words import kind_word
from vigie.views.web.pages.portfolio.file_columns import column_values, refuse_columns
from vigie.views.web.pages.portfolio.file_fields import columns_and_coins, file_fields
from vigie.views.web.pages.portfolio.transfers import answer_transfer, join_all, proposed_values, undo_join
from vigie.views.web.request_context import RequestContext

NAME: Final = "portfolio_files"
PATH: Final = "/portfolio/files"
_OPTIONS: Final = (
    "reader",
    "place",
    "zone",
    "dates",
    "mark",
    "currency",
    "leave_out",
    "keep_changed",
    FILE_NAME,
)
_MOST_ROWS: Final = 1_000
_ASKED: Final = {
    "import_unsure_day": "dates",
    "import_unsure_number": "mark",
    "import_no_currency": "currency",
}
MOST_FILES: Final = 30


def show(context: RequestContext) -> dict[str, object]:
    """Ask for a file, and how it is meant."""
    return {
        "plan": None,
        "text": "",
        "imported": {},
        "errors": [],
        "encoding": "",
        "readers": [("", context.text("by its headers")), *_readers()],
        "columns": FIELDS,
        **column_values(context.lang.language),
        "kind_word": lambda row: kind_word(context, row.kind, row.way),
        "notice": lambda message: notice_text(message, context.lang.language),
        "asked_of": _asked_of,
        "is_unknown_file": _is_unknown_file,
        "reader_name": lambda name: context.text("Your own columns") if name == OWN_COLUMNS else _title(name),
        "zone": context.lang.zone,
        "accounts": context.call("holdings.accounts"),
        **proposed_values(context),
        **_imported_values(context),
    }


def _imported_values(context: RequestContext) -> dict[str, object]:
    """Return the files that were added and not undone, the newest first, and the one that is to be undone."""
    files = [
        row
        for row in context.call("holdings.batches").rows
        if row.kind == "file" and row.ts_undone is None and row.entries
    ]
    asked = context.query.get("undo", "")
    return {
        "files": files[:MOST_FILES],
        "more_files": max(0, len(files) - MOST_FILES),
        "undone_file": next((row for row in files if row.batch == asked), None),
    }


def _asked_of(plan: ImportHoldingsResult) -> set[str]:
    """Return the choices that refused rows ask for: the form of the preview has them."""
    codes = {fault.message.code for fault in plan.refused if isinstance(fault.message, Refusal)}
    return {choice for code, choice in _ASKED.items() if code in codes}


def _readers() -> list[tuple[str, str]]:
    return [(name, _title(name)) for name in file_readers()]


def _is_unknown_file(errors: Sequence[tuple[str, str]], text: str) -> bool:
    """Tell whether no more is missing than a choice among the headers of a file: nothing was done wrong."""
    codes = [message.code for _, message in errors if isinstance(message, Refusal)]
    return codes == ["import_no_reader"] and len(errors) == 1 and bool(header_choices(text))


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def import_file(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Show what a file would add, and add it once that was seen."""
    imported = file_fields(form, _OPTIONS)
    return handle_file(
        context,
        pages()[NAME],
        show,
        form,
        imported,
        lambda text, is_dry: _add(context, imported, text, is_dry=is_dry),
        lambda plan: redirect("/portfolio", **({"batch": plan.batch} if plan.batch else {"done": "known"})),
    )


def _add(
    context: RequestContext, imported: Mapping[str, str], text: str, *, is_dry: bool
) -> ImportHoldingsResult:
    refuse_columns(text, imported)
    told: ImportHoldingsResult = context.call(
        "holdings.import", text=text, dry_run=is_dry, **_options(imported)
    )
    return told


def include_account(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Let a trading account stand beside what is owned, or no longer."""
    context.call(
        "holdings.include_account", account=form.get("account", "")[:60], on=bool(form.get("on", ""))
    )
    return redirect(PATH)


def _options(imported: Mapping[str, str]) -> dict[str, object]:
    """Return how a file is meant, as the operation takes it."""
    texts = ("reader", "place", "zone", "dates", "mark", "currency", FILE_NAME)
    return {
        **{name: imported[name].strip() for name in texts if imported.get(name, "").strip()},
        **columns_and_coins(imported),
        "leave_out": _rows(imported.get("leave_out", "")),
        "keep_changed": "keep_changed" in imported,
    }


def _rows(typed: str) -> list[int]:
    words = typed.replace(",", " ").replace(";", " ").split()
    if len(words) > _MOST_ROWS or not all(
        word.isdecimal() and word.isascii() and len(word) <= 7 for word in words
    ):
        raise UsageError(
            "import_rows_left_out",
            "rows to leave out must be their numbers, such as 12, 15, was {text}",
            text=typed[:60],
        )
    return [int(word) for word in words]


PAGE: Final = Page(
    name=NAME,
    path=PATH,
    title="Files of holdings",
    description="Import what you own from a file of an exchange or a wallet, after a preview.",
    show=show,
    template="files.html",
    actions={
        f"{PATH}/import": import_file,
        f"{PATH}/transfer": lambda context, form: handle_form(
            context, pages()[NAME], lambda: answer_transfer(context, form), show
        ),
        f"{PATH}/undo": lambda context, form: handle_form(
            context, pages()[NAME], lambda: undo_join(context, form), show
        ),
        f"{PATH}/account": lambda context, form: handle_form(
            context, pages()[NAME], lambda: include_account(context, form), show
        ),
        f"{PATH}/transfers": lambda context, form: handle_form(
            context, pages()[NAME], lambda: join_all(context, form), show
        ),
    },
    files={f"{PATH}/import": "file"},
)
