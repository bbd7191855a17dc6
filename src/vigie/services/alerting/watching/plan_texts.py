"""What an alert about an open plan says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.alert import AlertEvent
from vigie.domain.ids import parse_instrument
from vigie.ports.audit import AuditEvent
from vigie.ports.plan_notices import PlanNotice
from vigie.ports.plans import MarkedPlan
from vigie.ports.tradebook import TradeBook
from vigie.services.alerting.watching.event_texts import STATES, make_event
from vigie.services.alerting.watching.setup_texts import price_text
from vigie.services.alerting.wording import WORDS

_LANGUAGES: Final = ("en", "fr")
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
    english, french = (_values(marked, notice, language) for language in _LANGUAGES)
    more = {"held": "budget" if notice.held == "full" else notice.held} if notice.held else {}
    return make_event(
        "desk", _text_key(notice), f"plan/{notice.version}/{notice.key}", english, now, french=french,
        subject=SUBJECT, owner=marked.plan.owner, url=f"/plan/{marked.plan.id}", always=not notice.is_counted,
        age_ms=max(0, now - notice.ts), **more,
    )  # fmt: skip


def event_of_plan_record(trades: TradeBook, event: AuditEvent, now: int) -> AlertEvent:
    """Return what the audit says became of a plan as what rules may be about, as a look back finds it."""
    text = event.text or {}
    run = trades.run(str(text.get("account", "")))
    state, code = event.kind.removeprefix("plan."), str(text.get("code") or "")
    english, french = (
        {
            "account": str(text.get("account", "")),
            "side": STATES[language].get(str(text.get("side", "")), ""),
            "market": str(text.get("instrument", "")).partition("-")[0].upper(),
            "state": _state_text(state, code, language),
        }
        for language in _LANGUAGES
    )
    return make_event(
        "desk", "plan", f"audit/{event.seq}", english, now, french=french, subject=SUBJECT,
        url=f"/plan/{event.subject}", owner=run.owner if run is not None else event.actor,
    )  # fmt: skip


def _state_text(state: str, code: str, language: str) -> str:
    name = f"closed_{code}" if state == "closed" and code in _ENDS else state
    return STATES[language].get(name, state)


def _text_key(notice: PlanNotice) -> str:
    if notice.kind == "risk":
        return "plan.loss" if notice.facts.get("risk") == "loss" else "plan.limit"
    return {"state": "plan", "near": "plan.near", "news": "plan.news"}[notice.kind]


def _values(marked: MarkedPlan, notice: PlanNotice, language: str) -> Mapping[str, object]:
    plan, words, facts = marked.plan, STATES[language], notice.facts
    common = {
        "account": plan.account, "side": words[plan.side],
        "market": parse_instrument(plan.instrument).base.upper(),
    }  # fmt: skip
    if notice.kind == "state":
        return {**common, "state": _state_text(str(facts["state"]), str(facts.get("code") or ""), language)}
    if notice.kind == "near":
        prices = {name: _price(facts[name], language) for name in ("price", "distance", "at", "within")}
        return {**common, **prices, "level": words[f"level_{facts['level']}"]}
    if notice.kind == "news":
        status = WORDS[language].get(str(facts["status"]), str(facts["status"]))
        return {**common, "title": facts["title"], "status": status, "publishers": facts["publishers"]}
    shares = {"share": _percent(facts["share"]), "least": _percent(facts["from"])}
    risk = str(facts["risk"])
    return {**common, **shares, **({} if risk == "loss" else {"limit": words[f"limit_{risk}"]})}


def _price(value: object, language: str) -> str:
    return price_text(float(value), language) if isinstance(value, int | float) else ""


def _percent(value: object) -> int:
    return round(100.0 * value) if isinstance(value, int | float) else 0
