"""Programs of a person's own in a home: strategies and sources, and which of them may run unattended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Program:
    """One program that lies in a home.

    Attributes
    ----------
    name : str
        Its path below the home folder: ``strategies/calm_trend.py``.
    sha256 : str
        Of its content.
    is_allowed : bool
        Whether this content may run unattended under this name.
    """

    name: str
    sha256: str
    is_allowed: bool


class Programs(Protocol):
    """The programs of a home and the list of allowed ones."""

    def is_listed(self) -> bool:
        """Tell whether the home has a list of allowed programs yet.

        Returns
        -------
        bool
            False in a home where nothing was ever allowed or forbidden.
        """

    def list_programs(self) -> Sequence[Program]:
        """Return every program that lies in the home, by name; nothing is run.

        Returns
        -------
        sequence of Program
            Also those that are not allowed.
        """

    def allow(self, names: Collection[str]) -> Sequence[Program]:
        """Allow programs with the content that they have now, and return them.

        Parameters
        ----------
        names : collection of str
            `Program.name` of each; none at all creates an empty list.

        Returns
        -------
        sequence of Program
            By name; a later change of the file takes the permission away.

        Raises
        ------
        NotFound
            If there is no program of a name; nothing is allowed then.
        """

    def allow_digests(self, digests: Mapping[str, str]) -> None:
        """Allow one content under each of several names, all together.

        Parameters
        ----------
        digests : mapping of str to str
            SHA-256 of what may run, by `Program.name`; the file need not be there yet.
        """

    def forbid(self, names: Collection[str]) -> None:
        """Take programs off the list.

        Parameters
        ----------
        names : collection of str
            `Program.name` of each; unknown ones change nothing.
        """
