"""Another reader of headlines: a language model on this machine or at an endpoint, in place of the shipped one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

LABELS: Final = ("negative", "neutral", "positive")


class SentimentModel(Protocol):
    """Says how headlines sound.

    Attributes
    ----------
    name : str
        Which model, and where: kept with everything that it read.
    """

    @property
    def name(self) -> str:
        """Which model, and where."""
        ...

    def sentiments(self, headlines: Sequence[str]) -> Sequence[Mapping[str, float] | None]:
        """Return the probabilities of `LABELS` for every headline, in order; None where it must not be asked.

        Parameters
        ----------
        headlines : sequence of str
            Any number; sent in batches.

        Returns
        -------
        sequence of mapping of str to float, or None
            As long as `headlines`; probabilities that sum to 1. None for a headline that addresses the model.

        Raises
        ------
        TransientError
            If it could not be reached, took too long, or was asked as often as it may be.
        ConnectorError, AuthError
            If it refuses, or its address is not allowed.
        DataError
            If it answered in any but the fixed form: nothing of such an answer is used.
        """
        ...
