"""What an alert about an open plan says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.alert import AlertEvent
from vigie.domain.ids import parse_instrument
from vigie.ports.audit import AuditEvent
from vigie.ports.plan_notices import PlanNotice
from vigie.ports.plans import MarkedPlan
from vigie.ports.tradebook import TradeBook
from vigie.services.alerting.watching.event_arguments import STATES, EventArgument, price, word
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.alerting.wording import WORDS

# What a rule of kind `desk` that is about plans names.
SUBJECT: Final = "plan"
# What became of plans; what a person did with them they know.
WRITTEN: Final = ("plan.entered", "plan.closed", "plan.refused", "plan.expired")
_ENDS: Final = ("stop", "target", "liquidation")


def plan_event(marked: MarkedPlan, notice: PlanNotice, now: int) -> AlertEvent:
    """Return a notice of a plan as what rules may be about.

    Parameters
    ----------
    marked : MarkedPlan
        The version that the notice is of.
    now : int
        Epoch milliseconds on the wall.

    Returns
    -------
    AlertEvent
        Its key names version and notice, so that it is told once.
    """
    more = {"held": "budget" if notice.held == "full" else notice.held} if notice.held else {}
    return make_event(
        "desk", _text_key(notice), f"plan/{notice.version}/{notice.key}", _values(marked, notice), now,
        subject=SUBJECT, owner=marked.plan.owner, url=f"/plan/{marked.plan.id}", always=not notice.is_counted,
        age_ms=max(0, now - notice.ts), **more,
    )  # fmt: skip


def event_of_plan_record(trades: TradeBook, event: AuditEvent, now: int) -> AlertEvent:
    """Return what the audit says became of a plan as what rules may be about, as a look back finds it."""
    text = event.text or {}
    run = trades.run(str(text.get("account", "")))
    state, code = event.kind.removeprefix("plan."), str(text.get("code") or "")
    values = {
        "account": str(text.get("account", "")),
        "side": word(STATES, str(text.get("side", "")), otherwise=""),
        "market": str(text.get("instrument", "")).partition("-")[0].upper(),
        "state": _state_word(state, code),
    }
    return make_event(
        "desk", "plan", f"audit/{event.seq}", values, now, subject=SUBJECT,
        url=f"/plan/{event.subject}", owner=run.owner if run is not None else event.actor,
    )  # fmt: skip


def _state_word(state: str, code: str) -> EventArgument:
    name = f"closed_{code}" if state == "closed" and code in _ENDS else state
    return word(STATES, name, otherwise=state)


def _text_key(notice: PlanNotice) -> str:
    if notice.kind == "risk":
        return "plan.loss" if notice.facts.get("risk") == "loss" else "plan.limit"
    return {"state": "plan", "near": "plan.near", "news": "plan.news"}[notice.kind]


def _values(marked: MarkedPlan, notice: PlanNotice) -> Mapping[str, object]:
    plan, facts = marked.plan, notice.facts
    common = {
        "account": plan.account, "side": word(STATES, plan.side),
        "market": parse_instrument(plan.instrument).base.upper(),
    }  # fmt: skip
    if notice.kind == "state":
        return {**common, "state": _state_word(str(facts["state"]), str(facts.get("code") or ""))}
    if notice.kind == "near":
        prices = {name: _price(facts[name]) for name in ("price", "distance", "at", "within")}
        return {**common, **prices, "level": word(STATES, f"level_{facts['level']}")}
    if notice.kind == "news":
        status = word(WORDS, str(facts["status"]))
        return {**common, "title": facts["title"], "status": status, "publishers": facts["publishers"]}
    shares = {"share": _percent(facts["share"]), "least": _percent(facts["from"])}
    risk = str(facts["risk"])
    return {**common, **shares, **({} if risk == "loss" else {"limit": word(STATES, f"limit_{risk}")})}


def _price(value: object) -> EventArgument:
    return price(float(value) if isinstance(value, int | float) else None)


def _percent(value: object) -> int:
    return round(100.0 * value) if isinstance(value, int | float) else 0
