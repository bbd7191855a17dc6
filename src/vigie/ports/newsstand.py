"""The newsstand of the demonstration: articles of its simulated newsroom, whose addresses open nowhere else."""

from __future__ import annotations

from typing import Protocol


class Newsstand(Protocol):
    """What can be read; raises `TransientError` while nobody answers."""

    def article(self, host: str, path: str) -> str | None:
        """Return what stands at an address as HTML, which is not to be trusted; None where nothing does.

        Parameters
        ----------
        host : str
            Of the simulated newsroom, as in ``chainpost.example``.
        path : str
            Begins with a slash.

        Returns
        -------
        str or None
            HTML of the page; None also for an address outside the newsroom.
        """
        ...
