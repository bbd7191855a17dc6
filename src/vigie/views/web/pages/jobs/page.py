"""Long work: every job with its progress, one job with its log; stopping one needs no script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from vigie.views.web.page import Page
from vigie.views.web.pages.jobs import files
from vigie.views.web.pages.jobs.words import STATES, said
from vigie.views.web.visit import Visit

STATE_FILTERS = ("", "running", "queued", "done", "failed", "cancelled")


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the list."""
    state = visit.query.get("state", "")
    table = visit.ask("jobs.list", state=state, cursor=visit.query.get("cursor", ""), limit=25)
    return {
        "table": table,
        "state": state,
        "states": STATE_FILTERS,
        "kinds": STATES,
        "said": said,
        # Looking through a folder is not needed for what is read again every few seconds.
        "inbox": None if visit.fragment == "jobs" else visit.ask("jobs.inbox"),
        "imports": () if visit.fragment == "jobs" else _imports(visit),
    }


def show_one(visit: Visit) -> Mapping[str, Any]:
    """Ask for one job."""
    job = visit.ask("jobs.get", job=visit.params["id"])
    receipt = (job.result or {}).get("receipt") if job.kind == "import" else None
    left = [one for one in _imports(visit) if one["id"] == receipt] if receipt else []
    return {"job": job, "kinds": STATES, "said": said, "left": left[0] if left else None}


def _imports(visit: Visit) -> list[dict[str, Any]]:
    if not visit.caller.may("admin"):
        return []
    rows: list[dict[str, Any]] = visit.ask("jobs.imports").rows
    return rows


def cancel(visit: Visit, form: Mapping[str, str]) -> Response:
    """Stop a job and show it again."""
    job = visit.ask("jobs.cancel", job=form.get("job", ""))
    return RedirectResponse(f"/jobs/{job.id}", 303)


def take_in(visit: Visit, form: Mapping[str, str]) -> Response:
    """Order an import of what lies in the inbox."""
    job = visit.ask("jobs.import", **files.order_of(visit, form))
    return RedirectResponse(f"/jobs/{job.id}", 303)


def undo_import(visit: Visit, form: Mapping[str, str]) -> Response:
    """Undo an import and show what came of it where it was ordered."""
    visit.ask("jobs.undo_import", receipt=form.get("receipt", ""))
    job = form.get("job", "")
    return RedirectResponse(f"/jobs/{quote(job, safe='')}" if job else "/jobs#imports", 303)


PAGES = (
    Page(
        name="jobs",
        path="/jobs",
        title="Jobs",
        description="Backtests, sweeps and imports: what is waiting, how far the running ones are, what came of them.",
        show=show,
        acts={"/jobs/import": take_in, "/jobs/undo-import": undo_import},
    ),
    files.PAGE,
    Page(
        name="job",
        path="/jobs/{id}",
        title="Job",
        description="One piece of long work: its progress, its log, what was ordered and what came of it.",
        show=show_one,
        template="job.html",
        acts={"/jobs/cancel": cancel},
    ),
)
