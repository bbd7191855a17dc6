"""Rules, reasons and stages in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.services.alerting.wishing import TOPICS
from vigie.views.web.visit import Visit

STATES: Final = {"sent": "good", "waiting": "info", "failed": "bad", "suppressed": "warn"}
TIERS: Final = ("regulator", "primary", "media", "aggregator", "social")


def tiers(visit: Visit) -> dict[str, str]:
    """Return kinds of publishers as a sentence names them."""
    return {
        "": visit.text("anybody"),
        "regulator": visit.text("a regulator"),
        "primary": visit.text("a primary source"),
        "media": visit.text("a medium"),
        "aggregator": visit.text("an aggregator"),
        "social": visit.text("somebody on social media"),
    }


def topics(visit: Visit) -> dict[str, str]:
    """Return topics as a sentence names them."""
    names = {
        "": visit.text("any topic"), "regulation": visit.text("regulation"),
        "enforcement": visit.text("enforcement"), "etf": visit.text("funds (ETF)"),
        "hack": visit.text("hacks"), "listing": visit.text("listings"),
        "stablecoin": visit.text("stablecoins"), "macro": visit.text("the economy"),
        "technology": visit.text("technology"), "legal": visit.text("courts"),
        "adoption": visit.text("adoption"), "exchange": visit.text("exchanges"),
        "policy": visit.text("policy"), "elections": visit.text("elections"),
        "sanctions": visit.text("sanctions"), "tax": visit.text("tax"),
    }  # fmt: skip
    return {name: names[name] for name in ("", *TOPICS)}


def paces(visit: Visit) -> dict[str, str]:
    """Return how soon, as a sentence says it."""
    return {"at_once": visit.text("at once"), "digest": visit.text("once a day, at seven")}


def sentence(visit: Visit, rule: Mapping[str, Any], addresses: Mapping[str, str]) -> str:
    """Return a rule as a sentence."""
    who, about = tiers(visit), topics(visit)
    what = [*rule["assets"], *(about.get(one, one) for one in rule["topics"])]
    if rule["words"]:
        what.append(visit.text("“%(words)s”") % {"words": rule["words"]})
    ways = [addresses.get(one, visit.text("an address that is gone")) for one in rule["channels"]]
    text = visit.text("When %(who)s publishes about %(what)s, tell me %(pace)s: %(ways)s.")
    return text % {
        "who": _or(visit, [who.get(one, one) for one in rule["tiers"]]) or who[""],
        "what": ", ".join(what) or visit.text("anything"),
        "pace": paces(visit)[rule["pace"]],
        "ways": ", ".join(ways),
    }


def _or(visit: Visit, names: Sequence[str]) -> str:
    return visit.text(" or ").join(names)


def reasons(visit: Visit) -> dict[str, str]:
    """Return why something was held back or put off."""
    return {
        "muted": visit.text("the rule was mute"),
        "cool_down": visit.text("too soon after the alert before"),
        "budget": visit.text("the day's budget was used up"),
        "old": visit.text("published more than a day before it was seen"),
        "quiet": visit.text("waited for the end of quiet hours"),
        "digest": visit.text("waited for the daily digest"),
        "own": visit.text("told by Vigie itself"),
        "gone": visit.text("the channel was removed"),
        "unconfirmed": visit.text("the address is not confirmed"),
        "dead": visit.text("the address takes no mail"),
        "deleted": visit.text("the rule was deleted"),
        "off": visit.text("the rule was paused"),
    }


def states(visit: Visit) -> dict[str, str]:
    """Return what became of a delivery."""
    return {
        "sent": visit.text("sent"), "waiting": visit.text("waits"), "failed": visit.text("failed"),
        "suppressed": visit.text("held back"),
    }  # fmt: skip


def statuses(visit: Visit) -> dict[str, str]:
    """Return how far something is confirmed."""
    return {
        "confirmed": visit.text("confirmed by a primary source"), "repeated": visit.text("repeated by others"),
        "disputed": visit.text("disputed"), "unconfirmed": visit.text("unconfirmed"),
        "flagged": visit.text("flagged"), "corrected": visit.text("corrected"),
        "withdrawn": visit.text("withdrawn by its source"),
    }  # fmt: skip


def marks(visit: Visit) -> dict[str, str]:
    """Return what an alert is after others about the same."""
    return {"update": visit.text("Update"), "correction": visit.text("Correction")}


def stages(visit: Visit) -> dict[str, str]:
    """Return the stages from a publisher to a mailbox."""
    return {
        "seen": visit.text("Published to seen"),
        "processed": visit.text("Seen to processed"),
        "delivered": visit.text("Processed to mail accepted"),
        "all": visit.text("Published to mail accepted"),
    }


def ready_names(visit: Visit) -> dict[str, str]:
    """Return what the ready rules are called."""
    return {
        "bitcoin": visit.text("Regulators on Bitcoin"),
        "enforcement": visit.text("Enforcement by regulators"),
        "hacks": visit.text("Hacks that others confirm"),
        "etf": visit.text("Funds on Bitcoin and Ether"),
        "stablecoins": visit.text("Stablecoins, once a day"),
    }
