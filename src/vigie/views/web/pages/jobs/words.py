"""What a job is doing, in the visitor's language."""

from __future__ import annotations

import re
from typing import Final

from vigie.views.web import refusals
from vigie.views.web.visit import Visit

STATES: Final = {"queued": "", "running": "info", "done": "good", "failed": "bad", "cancelled": "warn"}
_COUNTED: Final = re.compile(r"(.+) (\d+) of (\d+)")
_STOPPED: Final = re.compile(r"stopped at (\d+%) as asked")


def said(visit: Visit, message: str) -> str:
    """Return a job's message: what the worker says, or why it was refused, in the visitor's language."""
    counted = _COUNTED.fullmatch(message)
    if counted:
        stage = visit.text(counted[1])
        return visit.text("%(stage)s: %(done)s of %(of)s") % {
            "stage": stage,
            "done": counted[2],
            "of": counted[3],
        }
    stopped = _STOPPED.fullmatch(message)
    if stopped:
        return visit.text("stopped at %(share)s, as asked") % {"share": stopped[1]}
    told = visit.text(message) if message else ""
    return refusals.said(visit.tongue, message) if told == message else told


def spoken(visit: Visit) -> tuple[str, ...]:
    """Return every word that a worker says of its own, in the visitor's language."""
    return (
        visit.text("loading bars"),
        visit.text("reading signals"),
        visit.text("trading"),
        visit.text("combinations"),
        visit.text("shuffled histories"),
        visit.text("series"),
        visit.text("judging and writing"),
        visit.text("starting"),
        visit.text("waiting"),
        visit.text("done"),
        visit.text("queued"),
        visit.text("running"),
        visit.text("failed"),
        visit.text("cancelled"),
        visit.text("backtest"),
        visit.text("sweep"),
        visit.text("import"),
        visit.text("backup"),
        visit.text("writing the backup"),
    )
