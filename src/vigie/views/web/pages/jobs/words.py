"""What a job is doing, in the visitor's language."""

from __future__ import annotations

import re
from typing import Final

from vigie.domain.time import parse_time
from vigie.views.web import refusals
from vigie.views.web.request_context import RequestContext

STATES: Final = {"queued": "", "running": "info", "done": "good", "failed": "bad", "cancelled": "warn"}
_COUNTED: Final = re.compile(r"(.+) (\d+) of (\d+)")
_FUNDED: Final = re.compile(r"funding charged at (\d+) stored settlements, from (\S+) on")
_STOPPED: Final = re.compile(r"stopped at (\d+%) as asked")


def message_text(context: RequestContext, message: str) -> str:
    """Return a job's message: what the worker says, or why it was refused, in the visitor's language."""
    count_match = _COUNTED.fullmatch(message)
    if count_match:
        stage = context.text(count_match[1])
        return context.text("%(stage)s: %(done)s of %(of)s") % {
            "stage": stage,
            "done": count_match[2],
            "of": count_match[3],
        }
    stop_match = _STOPPED.fullmatch(message)
    if stop_match:
        return context.text("cancelled at %(share)s") % {"share": stop_match[1]}
    funded = _FUNDED.fullmatch(message)
    if funded:
        told = context.text("funding charged at %(num)s stored settlements, from %(day)s on")
        return told % {"num": funded[1], "day": context.lang.day(parse_time(funded[2]))}
    translated = context.text(message) if message else ""
    return refusals.translate_refusal(context.lang, message) if translated == message else translated


def all_messages(context: RequestContext) -> tuple[str, ...]:
    """Return every word that a worker says of its own, in the visitor's language."""
    return (
        context.text("loading bars"),
        context.text("compiling its code, which takes up to a minute"),
        context.text("reading signals"),
        context.text("trading"),
        context.text("combinations"),
        context.text("shuffled histories"),
        context.text("series"),
        context.text("judging and writing"),
        context.text("starting"),
        context.text("waiting"),
        context.text("done"),
        context.text("queued"),
        context.text("running"),
        context.text("failed"),
        context.text("cancelled"),
        context.text("backtest"),
        context.text("sweep"),
        context.text("train"),
        context.text("shadow"),
        context.text("computing columns"),
        context.text("fold"),
        context.text("fitting on all that is open"),
        context.text("writing"),
        context.text("import"),
        context.text("backup"),
        context.text("writing the backup"),
    )
