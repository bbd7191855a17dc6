"""States of connectors in the visitor's language."""

from __future__ import annotations

from typing import Final

from vigie.views.web.visit import Visit

# How a state looks: good, worth a look, bad, or none of these.
KINDS: Final = {
    "live": "good", "polled": "warn", "retried": "warn", "stale": "warn", "failing": "bad", "off": "warn",
    "waiting": "", "paused": "", "unknown": "",
}  # fmt: skip


def states(visit: Visit) -> dict[str, str]:
    """Return every state in words."""
    return {
        "live": visit.text("live"),
        "polled": visit.text("asked instead of its stream"),
        "retried": visit.text("asked again"),
        "stale": visit.text("stale"),
        "failing": visit.text("failing"),
        "off": visit.text("off"),
        "waiting": visit.text("waiting"),
        "paused": visit.text("paused"),
        "unknown": visit.text("not heard of"),
    }


def tiers(visit: Visit) -> dict[str, str]:
    """Return in words how well a connector is proven."""
    return {
        "draft": visit.text("draft"),
        "data": visit.text("data"),
        "paper": visit.text("paper"),
        "live": visit.text("live orders"),
    }


def every(visit: Visit, seconds: float | None) -> str:
    """Return how often something is asked."""
    return visit.tongue.took(round(seconds * 1_000)) if seconds else ""


def languages(visit: Visit) -> dict[str, str]:
    """Return the languages in which sources publish."""
    return {"en": visit.text("English"), "fr": visit.text("French")}
