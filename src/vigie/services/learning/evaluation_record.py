"""An evaluation as plain JSON, and its figures that are compared first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import numpy as np

from vigie.domain.learned import FitFigures
from vigie.services.learning.evaluation_request import stated_choices

if TYPE_CHECKING:
    from vigie.research.learning.odds_trading import TradedOdds
    from vigie.research.learning.skill import Skill
    from vigie.services.learning.model_evaluation import Evaluation

# Of a day's result: years of days are kept, and a millionth of a percent is no difference.
_DECIMALS: Final = 8
_OF_TRADES: Final = (
    "against_holding",
    "earned",
    "equity",
    "settlements",
    "sharpe",
    "trades",
    "verdict",
    "years",
)


def evaluation_record(told: Evaluation) -> dict[str, object]:
    """Return everything that was found; what is no number is None."""
    found = {
        "request": stated_choices(told.request),
        "rows": told.rows,
        "columns": told.columns,
        "left_out": told.left_out,
        "from_ms": told.from_ms,
        "until_ms": told.until_ms,
        "skill": asdict(told.skill),
        "says_more": told.skill.says_more,
        "coverage": asdict(told.coverage),
        "settlements": told.settlements,
        "trades": len(told.traded.trades),
        "years": [asdict(year) for year in told.years],
        "importance": [asdict(column) for column in told.importance],
        "equity": _daily_results(told.traded),
        "against_holding": asdict(told.against_holding),
        "verdict": asdict(told.traded.verdict),
    }
    if told.chosen:
        found["chosen"] = [asdict(choice) for choice in told.chosen]
    if told.values:
        found["values"] = {**asdict(told.values), "says_more": told.values.says_more}
    if told.missing_bars:
        found["missing_bars"] = [asdict(market) for market in told.missing_bars]
    is_traded = told.request.is_traded
    if told.paths:
        found["paths"] = [_stated(asdict(path), is_traded) for path in told.paths]
    if told.markets:
        found["markets"] = [_stated(asdict(market), is_traded) for market in told.markets]
    return {name: plain(value) for name, value in _stated(found, is_traded).items()}


def _stated(found: Mapping[str, object], is_traded: bool) -> dict[str, object]:
    """Return what was found; where nothing is traded, without what trades came to: 0 of them is no figure."""
    return {name: value for name, value in found.items() if is_traded or name not in _OF_TRADES}


def _daily_results(traded: TradedOdds) -> dict[str, object]:
    """Return what each day came to, by its number since 1970, as shares of the day before."""
    return {
        "days": traded.days.tolist(),
        "earned": np.round(traded.returns, _DECIMALS).tolist(),
        "held": np.round(traded.held, _DECIMALS).tolist(),
    }


def fit_figures(told: Evaluation) -> FitFigures:
    """Return what is compared first."""
    return skill_figures(told.skill, told.traded)


def skill_figures(skill: Skill, traded: TradedOdds) -> FitFigures:
    """Return what is compared first, of rows that were judged."""
    verdict = traded.verdict
    return FitFigures(
        rows=skill.rows,
        auc=_number(skill.auc),
        log_loss_gain=skill.log_loss_gain,
        log_loss_low=skill.log_loss_interval.low,
        log_loss_high=skill.log_loss_interval.high,
        brier_gain=skill.brier_gain,
        trades=len(traded.trades),
        sharpe=_number(verdict.sharpe),
        is_luck=verdict.is_luck,
    )


def plain(value: object) -> object:
    """Return a value as JSON has it: tuples as lists, what is no number as None."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
