"""Trials: what was tried on which part of which history, and how often a history was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vigie.domain.daily_closes import DailyCloses


@dataclass(frozen=True, slots=True, eq=False)
class TradedSeries:
    """The part of a history that a run trades.

    Attributes
    ----------
    name : str
        ``binance-perp:btc-usdt-perp/4h``, or ``bars:…/4h`` by its content where it has no name.
    closings : DailyCloses
        Of the bars that were read.
    content : str
        A short hash of them.
    first_day, last_day : int
        The days that are traded, since 1970-01-01 UTC.
    """

    name: str
    closings: DailyCloses
    content: str
    first_day: int
    last_day: int

    @property
    def market(self) -> str:
        """The name without its timeframe."""
        return self.name.rpartition("/")[0]

    @property
    def is_named(self) -> bool:
        """Whether the bars say what they are."""
        return not self.name.startswith("bars:")


@dataclass(frozen=True, slots=True, eq=False)
class TriedVariants:
    """Variants that were tried on one series, or on several that share an account.

    Attributes
    ----------
    series : tuple of TradedSeries
        More than one where they share an account.
    variants : sequence of str
        Strategy with its text, parameters, timeframe, account and fees, as a short hash each.
    former : sequence of str
        The same variants as earlier versions hashed them, with the name of the series.
    """

    series: tuple[TradedSeries, ...]
    variants: Sequence[str]
    former: Sequence[str]


@dataclass(frozen=True, slots=True)
class TrialCount:
    """How often histories were tried.

    Attributes
    ----------
    trials : int
        Each variant counts once a look.
    variants : int
        Distinct ones.
    looks : int
        Distinct parts of the history that were traded; of several histories, those of the one with most.
    markets : int
        Histories that are counted here.
    other_markets : int
        Other histories on which anything was tried; they are not counted here.
    """

    trials: int
    variants: int
    looks: int
    markets: int = 1
    other_markets: int = 0

    def at_least(self, trials: int) -> TrialCount:
        """Return the same count with no fewer trials and variants than were seen.

        Parameters
        ----------
        trials : int
            Trials that were seen otherwise, such as those of the run itself.

        Returns
        -------
        TrialCount
            The same object where it already counts as many.
        """
        if trials <= self.trials:
            return self
        return replace(self, trials=trials, variants=max(self.variants, trials), looks=max(self.looks, 1))
