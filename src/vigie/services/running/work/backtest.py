"""A backtest as a job: run, judged, kept with everything its page shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vigie.services.house import House
from vigie.services.running.work import Report
from vigie.services.runs import results, run_pages, shortfalls
from vigie.services.runs.orders import RunOrder, request_of, title_of
from vigie.services.runs.stored_funding import kept_if_done, with_funding

KIND: Final = "backtest"
ASK = RunOrder


def run(house: House, ask: RunOrder, report: Report) -> Mapping[str, Any]:
    """Run the order; the same job taken up again writes the same folder."""
    report(0.0, "loading bars")
    request = request_of(house, ask)
    name = f"runs/{KIND}-{report.job}"
    folder = Path(house.about["home"]) / name
    if ask.funding:
        request, charged = with_funding(house, request, folder)
        report(0.0, "loading bars", *charged)
    with kept_if_done(folder):
        done, request, left = shortfalls.run_asked(
            house.data, request, ask.strategies, progress=report.share(0.05, 0.9, stages=2)
        )
    report(0.9, "judging and writing")
    kept = results.keep(
        done, request, folder, runs_folder=house.results.runs, registry=house.results.trials,
        write=house.results.write, simulated=house.is_simulated or results.is_simulated(done),
        language=ask.language, left_out=left,
    )  # fmt: skip
    page = run_pages.page_files(done, request, kept)
    house.results.write(folder / run_pages.FOLDER, page)
    summary = run_pages.summary_of(kept.record, run_pages.read_page(folder)["curve"])
    entry = house.runs.put(
        report.owner, KIND, title=title_of(ask, request), folder=name, ask=ask.model_dump(mode="json"),
        summary=summary, decision_hash=kept.record["decision_hash"], job=report.job,
    )  # fmt: skip
    lines = [f"left out: {one}" for one in left] + [f"too few bars: {one}" for one in kept.short]
    report(1.0, "done", *lines)
    total = dataclasses.asdict(done.total)
    return {"run": entry.id, "trades": total["trades"], "total_return": summary["total_return"]}
