"""What standing on a public register means, and the codes of services, in the visitor's language."""

from __future__ import annotations

from typing import Final

from vigie.views.web.request_context import RequestContext

LISTED_BADGES: Final = {"licences": "good", "warnings": "bad"}


def register_labels(context: RequestContext) -> dict[str, str]:
    """Return what standing on a register means; nobody knows it of one that is not read any more."""
    return {
        "licences": context.text("Licensed"), "warnings": context.text("Warning"),
        "papers": context.text("White paper"), "": context.text("Listed"),
    }  # fmt: skip


def service_names(context: RequestContext) -> dict[str, str]:
    """Return the services that a provider may be licensed for under MiCA, by their letters."""
    return {
        "a": context.text("custody and administration"),
        "b": context.text("operation of a trading platform"),
        "c": context.text("exchange for money"),
        "d": context.text("exchange for other crypto-assets"),
        "e": context.text("execution of orders"),
        "f": context.text("placing"),
        "g": context.text("reception and transmission of orders"),
        "h": context.text("advice"),
        "i": context.text("portfolio management"),
        "j": context.text("transfers"),
    }
