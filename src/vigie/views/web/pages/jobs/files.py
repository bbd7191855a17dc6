"""Files of bars: three rows as they are understood, with what can be said about them, and the import when confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.views.web.answering import tried
from vigie.views.web.forms import REFUSED
from vigie.views.web.page import Page
from vigie.views.web.refusals import said as in_words
from vigie.views.web.visit import Visit

SAID: Final = (
    "files", "venue", "symbol", "timeframe", "map", "tz", "date_format", "decimal", "stamp", "no_volume",
)  # fmt: skip


def order_of(visit: Visit, form: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form or an address says of an import."""
    given: dict[str, Any] = {
        name: form.get(name, "").strip() for name in SAID if name not in ("files", "no_volume")
    }
    text = form.get("files", "")
    known = {row["file"] for row in visit.ask("jobs.inbox").rows}
    # Several fields of one name are joined by commas, and a file's name may hold one.
    given["files"] = [text] if text in known else [name for name in text.split(",") if name]
    given["no_volume"] = bool(form.get("no_volume"))
    return given


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the inbox, and for three rows of what is chosen."""
    return _values(visit, visit.query, errors=[])


def _values(visit: Visit, form: Mapping[str, str], errors: list[tuple[str, str]]) -> dict[str, Any]:
    may = visit.caller.may("admin")
    inbox = visit.ask("jobs.inbox")
    shown, refused = None, ""
    if may and form.get("venue"):
        try:
            shown = visit.ask("jobs.preview_import", **order_of(visit, form))
        except UsageError as fault:
            refused = in_words(visit.tongue, str(fault))
    names = [row["file"] for row in inbox.rows]
    return {
        "inbox": inbox,
        "given": {name: form.get(name, "") for name in SAID},
        "choices": [("", visit.text("All files")), *((name, name) for name in names)],
        "shown": shown,
        "refused": refused,
        "errors": errors,
        "reason": lambda text: in_words(visit.tongue, text),
        "opens": lambda ts: iso(ts).replace("T", " ").removesuffix("Z"),
        # As the file has it: a rounded price could hide a wrong decimal sign.
        "number": repr,
    }


def send(visit: Visit, form: Mapping[str, str]) -> Response:
    """Put a file into the inbox and show its first rows."""

    def work() -> Response:
        if form.get(REFUSED):
            raise UsageError(form[REFUSED])
        symbol, timeframe = form.get("symbol", "").strip(), form.get("timeframe", "").strip()
        put = visit.ask("jobs.put_file", text=form.get("file", ""), symbol=symbol, timeframe=timeframe)
        given = {"files": put.file, "symbol": symbol, "timeframe": timeframe}
        return RedirectResponse(f"/jobs/files?{urlencode(given)}", 303)

    return tried(visit, PAGE, work, lambda visit: _values(visit, {}, errors=[]), "file")


PAGE: Final = Page(
    name="bar_files",
    path="/jobs/files",
    title="Import bars",
    description="Files of bars from brokers, exchanges and programs: three rows as understood, then the import.",
    show=show,
    template="files.html",
    acts={"/jobs/files/send": send},
    files={"/jobs/files/send": "file"},
    scope="admin",
    folder="jobs",
)
