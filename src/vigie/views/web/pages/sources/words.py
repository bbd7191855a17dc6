"""States of connectors in the visitor's language."""

from __future__ import annotations

from typing import Final

from vigie.views.web.request_context import RequestContext

# How a state looks: good, worth a look, bad, or none of these.
KINDS: Final = {
    "live": "good", "polled": "warn", "retried": "warn", "stale": "warn", "failing": "bad", "off": "warn",
    "waiting": "", "paused": "", "unknown": "",
}  # fmt: skip


def states(context: RequestContext) -> dict[str, str]:
    """Return every state in words."""
    return {
        "live": context.text("live"),
        "polled": context.text("polling (stream down)"),
        "retried": context.text("retrying"),
        "stale": context.text("stale"),
        "failing": context.text("failing"),
        "off": context.text("off"),
        "waiting": context.text("waiting"),
        "paused": context.text("paused"),
        "unknown": context.text("unknown"),
    }


def tiers(context: RequestContext) -> dict[str, str]:
    """Return in words how well a connector is proven."""
    return {
        "draft": context.text("draft"),
        "data": context.text("data"),
        "paper": context.text("paper"),
        "live": context.text("live orders"),
    }


def interval_text(context: RequestContext, seconds: float | None) -> str:
    """Return how often something is asked."""
    return context.lang.took(round(seconds * 1_000)) if seconds else ""
