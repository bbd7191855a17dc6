"""A backtest as a job: run, judged, kept with everything its page shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vigie.services.app_context import AppContext
from vigie.services.running.work import Report
from vigie.services.runs import results, run_pages, shortfalls
from vigie.services.runs.run_orders import RunOrder, order_to_request, run_title
from vigie.services.runs.stored_funding import add_stored_funding, remove_if_refused

KIND: Final = "backtest"
ASK = RunOrder


def run(app_context: AppContext, order: RunOrder, report: Report) -> Mapping[str, Any]:
    """Run the order; the same job taken up again writes the same folder."""
    report(0.0, "loading bars")
    request = order_to_request(app_context, order)
    name = f"runs/{KIND}-{report.job}"
    folder = Path(app_context.about["home"]) / name
    if order.funding:
        request, charged = add_stored_funding(app_context, request, folder)
        report(0.0, "loading bars", *charged)
    with remove_if_refused(folder):
        done, request, left_out = shortfalls.run_request(
            app_context.data, request, order.strategies, progress=report.share(0.05, 0.9, stages=2)
        )
    report(0.9, "judging and writing")
    saved = results.save_run(
        done, request, folder, runs_folder=app_context.results.runs, registry=app_context.results.trials,
        write=app_context.results.write, simulated=app_context.is_simulated or results.is_simulated(done),
        language=order.language, left_out=left_out,
    )  # fmt: skip
    page = run_pages.page_files(done, request, saved)
    app_context.results.write(folder / run_pages.FOLDER, page)
    summary = run_pages.run_summary(saved.record, run_pages.read_page(folder)["curve"])
    entry = app_context.runs.put(
        report.owner, KIND, title=run_title(order, request), folder=name, ask=order.model_dump(mode="json"),
        summary=summary, decision_hash=saved.record["decision_hash"], job=report.job,
    )  # fmt: skip
    lines = [f"left out: {item}" for item in left_out] + [
        f"too few bars: {item}" for item in saved.short_slots
    ]
    report(1.0, "done", *lines)
    total = dataclasses.asdict(done.total)
    return {"run": entry.id, "trades": total["trades"], "total_return": summary["total_return"]}
