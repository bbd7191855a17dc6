"""One line on whether a result can be told from luck, with the numbers and reasons behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.trials import TrialCount
from vigie.quant.stats.bootstrap import BootstrapIntervals, bootstrap_intervals
from vigie.quant.stats.pbo import Overfitting, overfitting
from vigie.quant.stats.sharpe import (
    SharpeSample,
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_sample,
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where luck ends; every limit must be met.

    Attributes
    ----------
    dsr : float
        Least Deflated Sharpe ratio.
    pbo, loss_probability : float
        A result is overfitted when PBO and the share of halvings lost both exceed their limit. Variants of
        one good idea swap ranks by chance, which lifts PBO alone; they do not lose out of sample.
    confidence : float
        Of the bootstrap interval of the Sharpe ratio, which must lie above zero.
    permutation_p : float
        Largest p-value, where one was computed.
    min_periods : int
        Fewer returns say nothing.
    """

    dsr: float = 0.95
    pbo: float = 0.5
    loss_probability: float = 0.25
    confidence: float = 0.95
    permutation_p: float = 0.05
    min_periods: int = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """A limit that was not met: a stable code, the value, the limit, and the words.

    Attributes
    ----------
    code : str
        ``few_periods``, ``no_returns``, ``low_dsr``, ``sharpe_interval``, ``high_pbo`` or ``high_p_value``.
    value, limit : float
        In the unit of the measure: periods, a Sharpe ratio, or a probability.
    text : str
        In English.
    """

    code: str
    value: float
    limit: float
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the selected trial can be told from luck; Sharpe ratios annualised, NaN for not known.

    Attributes
    ----------
    is_luck : bool
        True unless every limit is met.
    sentence : str
        ``not distinguishable from luck: 720 trials (90 variants, 8 looks), DSR 0.31, PBO 0.62``.
    reasons : tuple of Reason
        Limits that were not met, empty if none.
    trials : int
        All trials ever made on the data, each variant once a look.
    variants, looks, markets : int
        What the trials are made of: distinct variants, distinct parts of the history that were traded, and the
        histories that are counted; 0 where only the number of trials is known.
    other_markets : int
        Other histories on which anything was tried, which are not counted.
    periods : int
        Returns of the selected trial.
    sharpe : float
        Of the selected trial.
    sharpe_interval : tuple of float
        Stationary bootstrap.
    drawdown_interval : tuple of float
        Of the maximum drawdown on sampled periods, fractions <= 0, the bad end first.
    expected_maximum_sharpe : float
        What the best of as many worthless trials would show.
    psr, dsr : float
        Probabilistic and Deflated Sharpe ratio.
    pbo, loss_probability : float
        From CSCV, means over all offsets of its blocks.
    pbo_range : tuple of float
        The lowest and the highest PBO of a single offset.
    min_track_record_periods : float
        Needed to call the Sharpe ratio positive at 95 %, had there been one trial only.
    permutation_p : float
        As given.
    thresholds : Thresholds
        The limits used.
    """

    is_luck: bool
    sentence: str
    reasons: tuple[Reason, ...]
    trials: int
    variants: int
    looks: int
    markets: int
    other_markets: int
    periods: int
    sharpe: float
    sharpe_interval: tuple[float, float]
    drawdown_interval: tuple[float, float]
    expected_maximum_sharpe: float
    psr: float
    dsr: float
    pbo: float
    loss_probability: float
    min_track_record_periods: float
    permutation_p: float
    thresholds: Thresholds = field(default_factory=Thresholds)
    pbo_range: tuple[float, float] = (math.nan, math.nan)


DEFAULT_THRESHOLDS: Final = Thresholds()


def trial_variance(samples: list[SharpeSample], selected: SharpeSample, trials: int) -> float:
    """Return the variance of the trials' estimated Sharpe ratios, on the track length of the selected one.

    The cross-sectional variance of Bailey and López de Prado (2014), with three cares. Estimates are first
    brought to one track length (without skill their variance is 1 / (periods - 1)). Differences in true
    quality, one good family or many trials bled by costs, are not luck: the variance is capped at that value.
    Trials that were made but are not at hand count with that value.

    Parameters
    ----------
    samples : list of SharpeSample
        Of the trials at hand.
    selected : SharpeSample
        The one in question.
    trials : int
        All trials ever made, >= len(samples).

    Returns
    -------
    float
        Squared Sharpe ratio of a period.
    """
    scores = [s.sharpe * math.sqrt(s.periods - 1) for s in samples if not math.isnan(s.sharpe)]
    n_known = len(scores)
    spread = min(1.0, float(np.var(scores, ddof=1))) if n_known > 1 else 1.0
    missing = max(0, trials - n_known)
    return (n_known * spread + missing) / (n_known + missing) / max(selected.periods - 1, 1)


def verdict(
    returns: FloatArray,
    selected: int,
    *,
    trials: int | TrialCount,
    seed: int,
    periods_per_year: float = 365.0,
    permutation_p: float = math.nan,
    samples: int = 1_000,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Verdict:
    """Say whether the selected trial can be told from the best of as many worthless ones.

    Parameters
    ----------
    returns : float64 array, shape (n_periods, n_trials)
        Simple returns of all trials at hand over the same periods; NaN where a trial is not known.
    selected : int
        Column of the trial in question.
    trials : int or TrialCount
        All trials ever made on this data, at hand or not, >= n_trials; with looks and variants from the registry.
    seed : int
        Of the bootstrap.
    periods_per_year : float
        To annualise; 365 for daily returns.
    permutation_p : float
        P-value of `permutation_test`, NaN if there is none.
    samples : int
        Of the bootstrap.
    thresholds : Thresholds
        Where luck ends.

    Returns
    -------
    Verdict
        Luck unless every limit is met.

    Raises
    ------
    UsageError
        If `selected` is no column or `trials` is below the number of columns.
    """
    n_trials = returns.shape[1] if returns.ndim == 2 else 0
    if not 0 <= selected < n_trials:
        raise UsageError(
            "bad_selected",
            "selected must be in [0, {n_trials}], was {selected}",
            n_trials=n_trials - 1,
            selected=selected,
        )
    count = trials if isinstance(trials, TrialCount) else TrialCount(trials, 0, 0, markets=0)
    trials = count.trials
    if trials < n_trials:
        raise UsageError(
            "bad_trials",
            "trials must be >= {n_trials}, the trials given, was {trials}",
            n_trials=n_trials,
            trials=trials,
        )
    columns = [np.ascontiguousarray(returns[:, k], dtype=np.float64) for k in range(n_trials)]
    estimates = [sharpe_sample(column) for column in columns]
    selected_sample = estimates[selected]
    variance = trial_variance(estimates, selected_sample, trials)
    year = math.sqrt(periods_per_year)
    intervals = bootstrap_intervals(
        columns[selected],
        seed=seed,
        periods_per_year=periods_per_year,
        samples=samples,
        confidence=thresholds.confidence,
    )
    overfit = overfitting(returns)
    dsr = deflated_sharpe(selected_sample, trials=trials, variance=variance)
    reasons = _reasons(selected_sample, dsr, overfit, intervals, permutation_p, thresholds)
    return Verdict(
        is_luck=bool(reasons),
        sentence=_sentence(bool(reasons), count, dsr, overfit),
        reasons=reasons,
        trials=trials,
        variants=count.variants,
        looks=count.looks,
        markets=count.markets,
        other_markets=count.other_markets,
        periods=selected_sample.periods,
        sharpe=selected_sample.sharpe * year,
        sharpe_interval=(intervals.sharpe.low, intervals.sharpe.high),
        drawdown_interval=(intervals.max_drawdown.low, intervals.max_drawdown.high),
        expected_maximum_sharpe=expected_maximum_sharpe(trials, variance) * year,
        psr=probabilistic_sharpe(selected_sample),
        dsr=dsr,
        pbo=overfit.pbo,
        loss_probability=overfit.loss_probability,
        min_track_record_periods=minimum_track_record(selected_sample),
        permutation_p=permutation_p,
        thresholds=thresholds,
        pbo_range=overfit.pbo_range,
    )


def _sentence(is_luck: bool, count: TrialCount, dsr: float, overfit: Overfitting) -> str:
    head = "not distinguishable from luck" if is_luck else "distinguishable from luck"
    trials_text = _counted_noun(count.trials, "trial")
    if count.looks:
        parts = [_counted_noun(count.variants, "variant"), _counted_noun(count.looks, "look")]
        if count.markets > 1:
            parts.append(_counted_noun(count.markets, "market"))
        trials_text += f" ({', '.join(parts)})"
    figures = [] if math.isnan(dsr) else [f"DSR {dsr:.2f}"]
    if not math.isnan(overfit.pbo):
        low, high = (f"{share:.2f}" for share in overfit.pbo_range)
        figures.append(f"PBO {overfit.pbo:.2f}" + (f" ({low} to {high})" if low != high else ""))
    other_markets_text = (
        f"; {_counted_noun(count.other_markets, 'other market')} tried" if count.other_markets else ""
    )
    return f"{head}: {', '.join([trials_text, *figures])}{other_markets_text}"


def _counted_noun(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _reasons(
    selected_sample: SharpeSample,
    dsr: float,
    overfit: Overfitting,
    intervals: BootstrapIntervals,
    permutation_p: float,
    limits: Thresholds,
) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    if selected_sample.periods < limits.min_periods:
        text = f"{selected_sample.periods} periods are fewer than {limits.min_periods}"
        reasons.append(Reason("few_periods", selected_sample.periods, limits.min_periods, text))
    if math.isnan(selected_sample.sharpe):
        reasons.append(Reason("no_returns", selected_sample.sharpe, 0.0, "the result never moved"))
        return tuple(reasons)
    if not dsr >= limits.dsr:
        text = f"the Deflated Sharpe ratio {dsr:.2f} is below {limits.dsr:.2f}"
        reasons.append(Reason("low_dsr", dsr, limits.dsr, text))
    if not intervals.sharpe.low > 0.0:
        text = (
            f"the {limits.confidence:.0%} interval of the Sharpe ratio, {intervals.sharpe.low:.2f} to "
            f"{intervals.sharpe.high:.2f}, does not lie above zero"
        )
        reasons.append(Reason("sharpe_interval", intervals.sharpe.low, 0.0, text))
    if overfit.pbo > limits.pbo and overfit.loss_probability > limits.loss_probability:
        text = (
            f"the probability of overfitting {overfit.pbo:.2f} is above {limits.pbo:.2f}, and the best trial "
            f"of one half loses in the other in {overfit.loss_probability:.0%} of the halvings"
        )
        reasons.append(Reason("high_pbo", overfit.pbo, limits.pbo, text))
    if permutation_p > limits.permutation_p:
        text = f"the permutation p-value {permutation_p:.3f} is above {limits.permutation_p:.3f}"
        reasons.append(Reason("high_p_value", permutation_p, limits.permutation_p, text))
    return tuple(reasons)
