"""A backtest as a job: run, judged, kept with everything its page shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from vigie.ports.home import HomeFolder, IsSimulated
from vigie.ports.runs import RunIndex
from vigie.services.running.work import Report
from vigie.services.runs import results, run_pages, shortfalls
from vigie.services.runs.run_orders import OrderSources, RunOrder, order_to_request, run_title
from vigie.services.runs.stored_funding import add_stored_funding, remove_if_refused

KIND: Final = "backtest"
ASK = RunOrder


def run(
    order: RunOrder,
    report: Report,
    sources: OrderSources,
    runs: RunIndex,
    home: HomeFolder,
    is_simulated: IsSimulated,
) -> Mapping[str, Any]:
    """Run the order; the same job taken up again writes the same folder."""
    report(0.0, "loading bars")
    request = order_to_request(sources, order)
    name = f"runs/{KIND}-{report.job}"
    folder = home / name
    if order.funding:
        request, charged = add_stored_funding(sources.results, sources.facts, request, folder)
        report(0.0, "loading bars", *charged)
    with remove_if_refused(folder):
        done, request, left_out = shortfalls.run_request(
            sources.data, request, order.strategies, progress=report.share(0.05, 0.9, stages=2)
        )
    report(0.9, "judging and writing")
    saved = results.save_run(
        done, request, folder, runs_folder=sources.results.runs, registry=sources.results.trials,
        write=sources.results.write, simulated=is_simulated or results.is_simulated(done),
        language=order.language, left_out=left_out,
    )  # fmt: skip
    page = run_pages.page_files(done, request, saved)
    sources.results.write(folder / run_pages.FOLDER, page)
    summary = run_pages.run_summary(saved.record, run_pages.read_page(folder)["curve"])
    entry = runs.put(
        report.owner, KIND, title=run_title(order, request), folder=name, ask=order.model_dump(mode="json"),
        summary=summary, decision_hash=saved.record["decision_hash"], job=report.job,
    )  # fmt: skip
    lines = [f"left out: {item}" for item in left_out] + [
        f"too few bars: {item}" for item in saved.short_slots
    ]
    report(1.0, "done", *lines)
    total = dataclasses.asdict(done.total)
    return {"run": entry.id, "trades": total["trades"], "total_return": summary["total_return"]}
