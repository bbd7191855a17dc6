"""The registry of what was learned: experiments, fits, models and their stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.learned import LearnedExperiment, LearnedFit, LearnedModel


class LearnedModels(Protocol):
    """Keeps every fit; models belong to the home, as strategies do."""

    def experiment(self, name: str) -> LearnedExperiment | None:
        """Return an experiment.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        LearnedExperiment or None
            None where there is none.
        """
        ...

    def experiments(self) -> Sequence[LearnedExperiment]:
        """Return all experiments, by name.

        Returns
        -------
        sequence of LearnedExperiment
        """
        ...

    def add(self, experiment: LearnedExperiment, fit: LearnedFit) -> LearnedModel:
        """Keep a fit, its experiment where that is new, and its model as a candidate: all or nothing.

        Parameters
        ----------
        experiment : LearnedExperiment
            Times are those of the store's clock, here and of the fit.
        fit : LearnedFit
            Its version is the next one.

        Returns
        -------
        LearnedModel

        Raises
        ------
        Conflict
            If the experiment was made with other parameters, or another fit took the version.
        """
        ...

    def fit(self, name: str, version: int) -> LearnedFit | None:
        """Return a fit.

        Parameters
        ----------
        name : str
            Of the experiment.
        version : int

        Returns
        -------
        LearnedFit or None
            None where there is none.
        """
        ...

    def fits(self, name: str = "") -> Sequence[LearnedFit]:
        """Return fits by name and version.

        Parameters
        ----------
        name : str
            Of one experiment only; empty for all.

        Returns
        -------
        sequence of LearnedFit
        """
        ...

    def models(self, name: str = "") -> Sequence[LearnedModel]:
        """Return models by name and version.

        Parameters
        ----------
        name : str
            Of one name only; empty for all.

        Returns
        -------
        sequence of LearnedModel
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give what a person ordered to another; nothing but the id of a person is personal in it.

        Parameters
        ----------
        before, after : str
            Ids of both; an empty one where nobody takes it over.
        """
        ...
