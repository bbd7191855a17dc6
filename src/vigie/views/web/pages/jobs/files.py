"""Files of bars: three rows as they are understood, with what can be said about them, and the import when confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.views.web.form_responses import handle_form
from vigie.views.web.forms import REFUSED
from vigie.views.web.page import Page
from vigie.views.web.refusals import translate_refusal as in_words
from vigie.views.web.request_context import RequestContext

SAID: Final = (
    "files", "venue", "symbol", "timeframe", "map", "tz", "date_format", "decimal", "stamp", "no_volume",
)  # fmt: skip


def import_input(context: RequestContext, form: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form or an address says of an import."""
    values: dict[str, Any] = {
        name: form.get(name, "").strip() for name in SAID if name not in ("files", "no_volume")
    }
    text = form.get("files", "")
    inbox_files = {row["file"] for row in context.call("jobs.inbox").rows}
    # Several fields of one name are joined by commas, and a file's name may hold one.
    values["files"] = [text] if text in inbox_files else [name for name in text.split(",") if name]
    values["no_volume"] = bool(form.get("no_volume"))
    return values


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the inbox, and for three rows of what is chosen."""
    return _values(context, context.query, errors=[])


def _values(
    context: RequestContext, form: Mapping[str, str], errors: list[tuple[str, str]]
) -> dict[str, Any]:
    is_admin = context.caller.may("admin")
    inbox = context.call("jobs.inbox")
    preview, refusal = None, ""
    if is_admin and form.get("venue"):
        try:
            preview = context.call("jobs.preview_import", **import_input(context, form))
        except UsageError as fault:
            refusal = in_words(context.lang, str(fault))
    names = [row["file"] for row in inbox.rows]
    return {
        "inbox": inbox,
        "given": {name: form.get(name, "") for name in SAID},
        "choices": [("", context.text("All files")), *((name, name) for name in names)],
        "shown": preview,
        "refused": refusal,
        "errors": errors,
        "reason": lambda text: in_words(context.lang, text),
        "opens": lambda ts: iso(ts).replace("T", " ").removesuffix("Z"),
        # As the file has it: a rounded price could hide a wrong decimal sign.
        "number": repr,
    }


def upload(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Put a file into the inbox and show its first rows."""

    def work() -> Response:
        if form.get(REFUSED):
            raise UsageError(form[REFUSED])
        symbol, timeframe = form.get("symbol", "").strip(), form.get("timeframe", "").strip()
        stored = context.call("jobs.put_file", text=form.get("file", ""), symbol=symbol, timeframe=timeframe)
        query = {"files": stored.file, "symbol": symbol, "timeframe": timeframe}
        return RedirectResponse(f"/jobs/files?{urlencode(query)}", 303)

    return handle_form(context, PAGE, work, lambda context: _values(context, {}, errors=[]), "file")


PAGE: Final = Page(
    name="bar_files",
    path="/jobs/files",
    title="Import bars",
    description="Import bars from files of brokers, exchanges and trading programs: preview three rows, then "
    "import.",
    show=show,
    template="files.html",
    actions={"/jobs/files/send": upload},
    files={"/jobs/files/send": "file"},
    scope="admin",
    folder="jobs",
)
