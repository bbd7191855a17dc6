"""What a run assumed, in words, and which settlements of funding it was charged, and where not all the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vigie.domain.instrument import FEES
from vigie.domain.time import DAY_MS, iso
from vigie.engine.run import Run
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.price_grid import LOT_WORTH
from vigie.services.runs.shortfalls import find_fine_bar_coverage

# Where a fee came from that the run does not state.
SETTINGS: Final = "settings"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class FundingCoverageGap:
    """An instrument whose settlements do not cover its bars.

    Attributes
    ----------
    since, until : str
        Day from which, or until which alone there are some, ISO; both empty where there are none.
    """

    instrument: str
    since: str = ""
    until: str = ""

    def __str__(self) -> str:
        """Return it in words."""
        if not self.since and not self.until:
            return f"{self.instrument} none"
        return f"{self.instrument} only " + (f"from {self.since}" if self.since else f"until {self.until}")


def find_funding_gaps(run: Run) -> list[FundingCoverageGap]:
    """Return where the settlements that were given do not cover the bars, each gap once."""
    gaps = list[FundingCoverageGap]()
    for slot in run.slots:
        bars, times, name = slot.plan.bars, slot.plan.funding.ts, slot.plan.slot.instrument
        if not len(times):
            gaps.append(FundingCoverageGap(name))
            continue
        if times[0] > bars.ts[slot.plan.first] + DAY_MS:
            gaps.append(FundingCoverageGap(name, since=iso(int(times[0]))[:10]))
        if times[-1] < bars.ts[-1] + bars.span_ms - DAY_MS:
            gaps.append(FundingCoverageGap(name, until=iso(int(times[-1]))[:10]))
    return list(dict.fromkeys(gaps))


def describe_funding(run: Run, request: BacktestRequest) -> str:
    """Say which settlements are charged, and of what span where they do not cover the bars."""
    if request.funding is None:
        simulated = any(len(slot.plan.funding.ts) for slot in run.slots)
        return "the simulated venue's" if simulated else "none given: not charged"
    missing = ", ".join(map(str, find_funding_gaps(run)))
    return f"{request.funding.name}" + (f"; not charged where it is missing: {missing}" if missing else "")


def assumptions(run: Run, request: BacktestRequest) -> dict[str, str]:
    """Return the settings of a run in words, in the order a reader wants them."""
    sizing, costs = run.account.sizing, run.account.costs
    grid = {
        slot.plan.slot.instrument: f"tick {slot.plan.versions[-1].tick}, lot {slot.plan.versions[-1].lot}"
        for slot in run.slots
    }
    return {
        "mode": run.account.mode,
        "capital": f"{sizing.capital:g} a slot" if run.account.mode == "isolated" else f"{sizing.capital:g}",
        "risk a trade": f"{sizing.risk_fraction:.2%} of equity between close and stop",
        "leverage": f"at most {sizing.leverage:g}",
        "stop and target": f"{sizing.stop_atr:g} and {sizing.target_atr:g} ATR(14)",
        "fees": describe_fees(collect_fees(run, request)),
        "slippage": f"{costs.slippage_bps:g} bps against us on every market order",
        "target": "market order when touched"
        if sizing.target_execution == "trigger"
        else "resting limit order",
        "time stop": f"{sizing.max_bars} bars" if sizing.max_bars else "none",
        "funding": describe_funding(run, request),
        "finer bars": _describe_finer_bars(run, request),
        "protections": "on" if run.account.protections else "off",
        **_required_criteria(run),
        "grid": "; ".join(f"{name}: {text}" for name, text in grid.items())
        + f" ({describe_grid_source(request)})",
    }


def _describe_finer_bars(run: Run, request: BacktestRequest) -> str:
    if request.detail is None:
        return "none: stop before target inside a bar"
    coverage = ", ".join(map(str, find_fine_bar_coverage(run)))
    return request.detail + (f", only in {coverage}; in the others stop before target" if coverage else "")


def _required_criteria(run: Run) -> dict[str, str]:
    strategies = {slot.plan.strategy.name: slot.plan.strategy.require for slot in run.slots}
    texts = [f"{name}: {', '.join(required)}" for name, required in strategies.items() if required]
    return {"required besides": "; ".join(texts)} if texts else {}


def collect_fees(run: Run, request: BacktestRequest) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the fees of every instrument of a run and where each came from.

    Returns
    -------
    dict
        By instrument, then ``taker`` and ``maker``: its ``value`` and ``from``, one of ``options``, ``run file``,
        ``settings`` and ``default``.
    """
    fees: dict[str, dict[str, dict[str, Any]]] = {}
    for plan in (slot.plan for slot in run.slots):
        fees[plan.slot.instrument] = {
            name: {
                "value": getattr(plan.costs, name),
                "from": SETTINGS if name in plan.own_fees else request.said_fees.get(name, DEFAULT),
            }
            for name in FEES
        }
    return fees


def describe_fees(fees: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Say what `collect_fees` found: once what all instruments share, else instrument by instrument."""
    texts = {
        name: ", ".join(f"{kind} {fee['value']:.4%} ({fee['from']})" for kind, fee in own_fees.items())
        for name, own_fees in fees.items()
    }
    distinct = set(texts.values())
    return (
        distinct.pop() if len(distinct) == 1 else "; ".join(f"{name}: {text}" for name, text in texts.items())
    )


def describe_grid_source(request: BacktestRequest) -> str:
    """Say where tick and lot come from."""
    if request.tick and request.lot:
        return "given with --tick and --lot"
    if request.bars and not request.instruments:
        tick = "given with --tick" if request.tick else "read off the prices of the file"
        chosen = f"a power of ten worth about {LOT_WORTH} quote at most at the median close"
        lot = "given with --lot" if request.lot else chosen
        return f"tick {tick}, lot {lot}"
    table = "pinned by --instruments" if request.instruments else "the venue's table"
    options = [f"--{name}" for name in ("tick", "lot") if getattr(request, name)]
    if options:
        return f"{table}, {options[0]} given"
    stated_rules = ((entry.instrument, entry.stated()) for entry in request.stated)
    stated = "; ".join(f"{name}: {', '.join(rules)}" for name, rules in stated_rules if rules)
    return f"{table}; stated in the settings: {stated}" if stated else table
