"""The registry of what was learned: experiments, fits, models and their stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.learned import (
    LearnedExperiment,
    LearnedFit,
    LearnedModel,
    ModelOpening,
    ShadowDecision,
    Stage,
)


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

    def move(self, model: LearnedModel, stage: Stage, opening: ModelOpening | None = None) -> LearnedModel:
        """Bring a model to another stage.

        Parameters
        ----------
        model : LearnedModel
            As it was read; of one that moved meanwhile nothing changes.
        stage : str
            One of `STAGES`.
        opening : ModelOpening, optional
            Kept where the model has none yet; its look is counted among those that are kept of its family.

        Returns
        -------
        LearnedModel
            As it is kept now.

        Raises
        ------
        Conflict
            If the model is at another stage by now, or another version of its name stands above candidate.
        """
        ...

    def note_shadow(self, name: str, version: int, decision: ShadowDecision) -> None:
        """Keep what a model said at a close; the first word on a bar of a market stays.

        Parameters
        ----------
        name : str
        version : int
        decision : ShadowDecision
        """
        ...

    def shadow(
        self, name: str, version: int, *, instrument: str = "", last: int = 0, ts_bar: int | None = None
    ) -> Sequence[ShadowDecision]:
        """Return what a model said in the shadow, in the order of time.

        Parameters
        ----------
        name : str
        version : int
        instrument : str
            On whose bars, of a model that has several markets; empty where it has one.
        last : int
            The newest so many; 0 for all.
        ts_bar : int, optional
            Of this bar alone, by its open time.

        Returns
        -------
        sequence of ShadowDecision
        """
        ...

    def shadow_closes(self, name: str, version: int, *, instrument: str = "") -> int:
        """Return at how many closes a model said something in the shadow.

        Parameters
        ----------
        name : str
        version : int
        instrument : str
            As of `shadow`.

        Returns
        -------
        int
            Those at which a column was not known are not counted.
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
