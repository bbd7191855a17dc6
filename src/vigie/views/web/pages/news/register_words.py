"""What standing on a public register means, and the codes of services, in the visitor's language."""

from __future__ import annotations

from typing import Final

from vigie.views.web.visit import Visit

LISTED_BADGES: Final = {"licences": "good", "warnings": "bad"}


def listed(visit: Visit) -> dict[str, str]:
    """Return what standing on a register means; nobody knows it of one that is not read any more."""
    return {
        "licences": visit.text("Licensed"), "warnings": visit.text("Warned of"),
        "papers": visit.text("White paper"), "": visit.text("Listed"),
    }  # fmt: skip


def services(visit: Visit) -> dict[str, str]:
    """Return the services that a provider may be licensed for under MiCA, by their letters."""
    return {
        "a": visit.text("custody and administration"),
        "b": visit.text("operation of a trading platform"),
        "c": visit.text("exchange for money"),
        "d": visit.text("exchange for other crypto-assets"),
        "e": visit.text("execution of orders"),
        "f": visit.text("placing"),
        "g": visit.text("reception and transmission of orders"),
        "h": visit.text("advice"),
        "i": visit.text("portfolio management"),
        "j": visit.text("transfers"),
    }
