"""What was learned: experiments, their fits with all that makes them reproducible, and the models with their stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Stage = Literal["candidate", "shadow", "paper", "demo", "live"]
# In the order in which a model may rise, one at a time.
STAGES: Final[tuple[Stage, ...]] = ("candidate", "shadow", "paper", "demo", "live")
# Nothing rises beyond it: real money has switches of its own.
LAST_STAGE: Final[Stage] = "demo"


@dataclass(frozen=True, slots=True)
class LearnedExperiment:
    """What is asked of the data under one name; each fit of it has the same parameters.

    Attributes
    ----------
    name : str
        Of the model that comes of it: lower case, digits and underscores.
    owner : str
        Id of the person who ordered it first; empty where they left.
    ts_created : int
        Epoch milliseconds.
    parameters : mapping of str to object
        Plain JSON; equal in all fits.
    """

    name: str
    owner: str
    ts_created: int
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LearnedFile:
    """A file that a fit left.

    Attributes
    ----------
    name : str
        In the folder of the model's version.
    size : int
        Bytes.
    sha256 : str
        Hexadecimal.
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FitFigures:
    """What is compared first between fits; all out of sample.

    Attributes
    ----------
    rows : int
        Rows that were judged.
    auc : float or None
        None with one class only.
    log_loss_gain, log_loss_low, log_loss_high : float
        The usual rate's minus the model's, with its 95 % interval.
    brier_gain : float
        The same of the Brier score.
    trades : int
    sharpe : float or None
        Annualised, after costs; None without a trade.
    is_luck : bool
        Whether the verdict cannot tell it from luck.
    """

    rows: int
    auc: float | None
    log_loss_gain: float
    log_loss_low: float
    log_loss_high: float
    brier_gain: float
    trades: int
    sharpe: float | None
    is_luck: bool


@dataclass(frozen=True, slots=True)
class LearnedFit:
    """One fit of an experiment: on which data, by which code, what came out.

    Attributes
    ----------
    experiment : str
        Its name.
    version : int
        From 1.
    ts_created : int
        Epoch milliseconds.
    owner : str
        Id of the person who ordered it; empty where they left.
    data, code : mapping of str to str
        Fingerprints and versions, by what they are of.
    until_ms : int
        When the last bar that was read closed.
    figures : FitFigures
    evaluation : mapping of str to object
        Everything that was found, plain JSON: by fold and year, calibration, verdict.
    card : mapping of str to object
        What a reader must know before the model is used, plain JSON.
    files : tuple of LearnedFile
        Empty where only a library could score the model: it is not kept.
    """

    experiment: str
    version: int
    ts_created: int
    owner: str
    data: Mapping[str, str]
    code: Mapping[str, str]
    until_ms: int
    figures: FitFigures
    evaluation: Mapping[str, object]
    card: Mapping[str, object]
    files: tuple[LearnedFile, ...]


@dataclass(frozen=True, slots=True)
class ModelOpening:
    """What a model did on the newest part of time, which is opened at its first promotion.

    Attributes
    ----------
    family : str
        Markets with + between them, timeframe and label: what was looked at.
    look : int
        How often any of these markets was looked at, this time included; 1 for the one honest look.
    figures : FitFigures
    """

    family: str
    look: int
    figures: FitFigures

    def shares_market(self, other: ModelOpening) -> bool:
        """Return whether another looked at one of the same markets: another horizon or rule sees the same prices.

        Parameters
        ----------
        other : ModelOpening

        Returns
        -------
        bool
        """
        (venue, markets), (other_venue, other_markets) = (
            model.family.split(" ")[:2] for model in (self, other)
        )
        return venue == other_venue and bool(set(markets.split("+")) & set(other_markets.split("+")))


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """A version of a model, and how far it has risen.

    Attributes
    ----------
    name : str
        As its experiment.
    version : int
        As its fit.
    stage : str
        One of `STAGES`.
    ts_changed : int
        When it came to its stage, epoch milliseconds.
    opening : ModelOpening or None
        None before its first promotion.
    """

    name: str
    version: int
    stage: Stage
    ts_changed: int
    opening: ModelOpening | None = None


@dataclass(frozen=True, slots=True)
class ColumnEffect:
    """What one column adds to a prediction.

    Attributes
    ----------
    name : str
        Of the column.
    value : float
        Of the column at that bar.
    effect : float
        Log-odds that it adds or takes.
    """

    name: str
    value: float
    effect: float


@dataclass(frozen=True, slots=True)
class ShadowDecision:
    """What a model in the shadow said at a close, when the bar was new.

    Attributes
    ----------
    ts_bar : int
        Open time of the bar, epoch milliseconds.
    flags : int
        Entries and exits, as the kernel reads them.
    log_odds : float or None
        None where a column was not known.
    bars : str
        First digits of the SHA-256 of the bars that were read.
    effects : tuple of ColumnEffect
        The largest, the largest first; empty where they were not computed. They explain a decision and do not enter it.
    instrument : str
        On whose bars, of a model that has several markets; empty where it has one.
    """

    ts_bar: int
    flags: int
    log_odds: float | None
    bars: str
    effects: tuple[ColumnEffect, ...] = field(default=(), compare=False)
    instrument: str = ""
