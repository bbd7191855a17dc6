"""Where the newest job in which a model decides in the shadow has failed: said with its reason, in every language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.domain.job import SHADOW, Job
from vigie.domain.learned import LearnedFit, LearnedModel
from vigie.domain.time import iso, timeframe_ms
from vigie.ports.jobs import JobQueue
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_strategy import needs_library
from vigie.services.learning.shadow import NEWEST_JOBS
from vigie.services.reader_texts import say_refusal

TEXTS: Final = NamedTexts("shadow_failure", {
    "failed": "{model} said nothing at the close of {ts}: its job failed. Reason: {reason}. That close counts for no "
              "gate. The next bar starts a new job; the log of this one is on /jobs/{job}.",
    "failed_on": "{model} said nothing of {instrument} at the close of {ts}: its job failed. Reason: {reason}. That "
                 "close counts for no gate. The next bar starts a new job; the log of this one is on /jobs/{job}.",
})  # fmt: skip


def say_failures(
    jobs: JobQueue, versions: Iterable[tuple[LearnedModel, LearnedFit]], language: str
) -> list[str]:
    """Return a sentence for each market in which the last job of a version that is above candidate failed."""
    said = []
    for model, fit in versions:
        card = LearnedCard.model_validate(fit.card)
        if model.stage == "candidate" or not needs_library(card):
            continue
        for instrument, job in _last_ended(jobs, model, fit.owner).items():
            if job.state == "failed":
                said.append(
                    TEXTS[language]["failed_on" if instrument else "failed"].format(
                        model=f"{model.name}/{model.version}", instrument=instrument, job=job.id,
                        ts=iso(job.ask["ts_bar"] + timeframe_ms(card.market.timeframe)),
                        reason=say_refusal(job.message, language),
                    )
                )  # fmt: skip
    return said


def _last_ended(jobs: JobQueue, model: LearnedModel, owner: str) -> dict[str, Job]:
    """Return by market the newest job of a model that is done or failed."""
    newest: dict[str, Job] = {}
    for job in jobs.list(owner=owner, limit=NEWEST_JOBS):
        is_own = job.kind == SHADOW and (job.ask["name"], job.ask["version"]) == (model.name, model.version)
        if is_own and job.state in ("done", "failed"):
            newest.setdefault(job.ask.get("instrument", ""), job)
    return newest
