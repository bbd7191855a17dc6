"""Long work: every job with its progress, one job with its log; stopping one needs no script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from vigie.views.web.page import Page
from vigie.views.web.pages.jobs import files
from vigie.views.web.pages.jobs.words import STATES, message_text
from vigie.views.web.replays import replay_under_way
from vigie.views.web.request_context import RequestContext

STATE_FILTERS = ("", "running", "queued", "done", "failed", "cancelled")


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the list."""
    state = context.query.get("state", "")
    table = context.call("jobs.list", state=state, cursor=context.query.get("cursor", ""), limit=25)
    return {
        "table": table,
        "state": state,
        "states": STATE_FILTERS,
        "kinds": STATES,
        "said": message_text,
        "replay": replay_under_way(context),
        # Looking through a folder is not needed for what is read again every few seconds.
        "inbox": None if context.fragment == "jobs" else context.call("jobs.inbox"),
        "imports": () if context.fragment == "jobs" else _imports(context),
    }


def show_one(context: RequestContext) -> Mapping[str, Any]:
    """Ask for one job."""
    job = context.call("jobs.get", job=context.params["id"])
    receipt = (job.result or {}).get("receipt") if job.kind == "import" else None
    undoable = [row for row in _imports(context) if row["id"] == receipt] if receipt else []
    return {"job": job, "kinds": STATES, "said": message_text, "left": undoable[0] if undoable else None}


def _imports(context: RequestContext) -> list[dict[str, Any]]:
    if not context.caller.may("admin"):
        return []
    rows: list[dict[str, Any]] = context.call("jobs.imports").rows
    return rows


def cancel(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Stop a job and show it again."""
    job = context.call("jobs.cancel", job=form.get("job", ""))
    return RedirectResponse(f"/jobs/{job.id}", 303)


def start_import(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Order an import of what lies in the inbox."""
    job = context.call("jobs.import", **files.import_input(context, form))
    return RedirectResponse(f"/jobs/{job.id}", 303)


def undo_import(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Undo an import and show what came of it where it was ordered."""
    context.call("jobs.undo_import", receipt=form.get("receipt", ""))
    job = form.get("job", "")
    return RedirectResponse(f"/jobs/{quote(job, safe='')}" if job else "/jobs#imports", 303)


GROUP = "system"
PAGES = (
    Page(
        name="jobs",
        path="/jobs",
        title="Jobs",
        description="Backtests, sweeps and imports: waiting, running and finished, with progress and results.",
        show=show,
        actions={"/jobs/import": start_import, "/jobs/undo-import": undo_import},
    ),
    files.PAGE,
    Page(
        name="job",
        path="/jobs/{id}",
        title="Job",
        description="One job: progress, log, settings and result.",
        show=show_one,
        template="job.html",
        actions={"/jobs/cancel": cancel},
    ),
)
