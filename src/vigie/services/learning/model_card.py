"""What a reader must know before a model is used: its card, as it stands beside its numbers and in the registry."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict

from vigie.data.feature_columns import column_feature
from vigie.quant.models.calibration import ScoreLine


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class CardMarket(_Frozen):
    """Whose bars it was learned from."""

    venue: str
    instrument: str
    timeframe: str


class CardPooled(_Frozen):
    """One of several markets that it was learned from: how many rows taught, and from when on no bar was read."""

    instrument: str
    rows: int
    until_ms: int


class CardScore(_Frozen):
    """From a score to log-odds, and from which log-odds on it trades; None where never."""

    slope: float
    intercept: float
    usual: float
    long_from: float | None
    short_from: float | None

    @property
    def line(self) -> ScoreLine:
        """From its score to log-odds."""
        return ScoreLine(self.slope, self.intercept)


class CardRows(_Frozen):
    """What it was learned from: counts of rows, and times in epoch milliseconds."""

    fitted: int
    calibrated: int
    from_ms: int
    until_ms: int


class LearnedCard(_Frozen):
    """The card of one version of a model.

    Attributes
    ----------
    horizon : int
        Bars ahead whose direction or return it says, or within which a signal must reach its target.
    label : str
        ``direction`` or ``return``: what it was fitted on; of both it says the odds of a rise.
    rule, rule_digest : str
        The shipped strategy whose signals it judges, and the SHA-256 of its file; empty where it judges every bar.
    columns, left_out : tuple of str
        What it reads, in this order, and what it could not.
    verdict : str
        The sentence on its result out of sample.
    peers : tuple of str
        Instruments that stand for the market of its columns; empty where it reads none of these.
    pooled : tuple of CardPooled
        All markets where there are several; empty where `market` is the only one.
    beats_holding : bool, optional
        Whether its account did better than buy-and-hold out of sample; None in older cards.
    holding : str
        The sentence on that.
    remark : str
        What a reader of several markets must know; empty where there is one.
    """

    name: str
    version: int
    kind: str
    market: CardMarket
    horizon: int
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    score: CardScore
    learned_from: CardRows
    seed: int
    is_luck: bool
    verdict: str
    rule: str = ""
    rule_digest: str = ""
    peers: tuple[str, ...] = ()
    label: str = "direction"
    pooled: tuple[CardPooled, ...] = ()
    beats_holding: bool | None = None
    holding: str = ""
    remark: str = ""

    @property
    def instruments(self) -> tuple[str, ...]:
        """All that it was learned from and judged on."""
        return tuple(one.instrument for one in self.pooled) or (self.market.instrument,)

    def ends(self, until_ms: int) -> dict[str, int]:
        """Return by instrument from when on its bars were not read.

        Parameters
        ----------
        until_ms : int
            Of the fit: when the last bar of all closed.
        """
        return {one.instrument: one.until_ms for one in self.pooled} or {self.market.instrument: until_ms}

    @property
    def features(self) -> tuple[str, ...]:
        """What it reads, as features of a strategy's bars."""
        return tuple(column_feature(name, self.peers) for name in self.columns)


def threshold(value: float) -> float | None:
    """Return log-odds as a card has them: None where nothing reaches them."""
    return value if math.isfinite(value) else None
