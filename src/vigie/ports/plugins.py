"""Plug-ins that do not come with Vigie: what they are, what they declare, and whether their code may run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Literal, Protocol

Origin = Literal["home", "package"]


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One plug-in from outside.

    Attributes
    ----------
    name : str
        As it is allowed by: ``plugins/lanterns`` in the home, ``packages/vigie_lanterns`` of an installed package.
    id, kind, title, version : str
        From its manifest; empty where that cannot be read.
    origin : str
        Where it lies.
    sha256 : str
        Of all its files; empty where they cannot be read.
    is_allowed : bool
        Whether an admin allowed exactly these files.
    hosts, stores, secrets : tuple of str
        What it declares to reach. Hosts of sources are enforced; the rest is what its author says.
    schemes : tuple of str
        How addresses of a channel begin.
    fault : str
        Why it cannot be used; empty where it can.
    """

    name: str
    origin: Origin
    id: str = ""
    kind: str = ""
    title: str = ""
    version: str = ""
    sha256: str = ""
    is_allowed: bool = False
    hosts: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    fault: str = ""

    @property
    def is_on(self) -> bool:
        """Whether it is used."""
        return self.is_allowed and not self.fault


class Plugins(Protocol):
    """The plug-ins from outside."""

    def list_plugins(self) -> Sequence[PluginInfo]:
        """Return every plug-in that lies in the home or is installed, by name; nothing of it is run.

        Returns
        -------
        sequence of PluginInfo
            Also those that are not allowed or have a `fault`.
        """

    def allow(self, name: str) -> PluginInfo:
        """Allow a plug-in with the files that it has now, and return it.

        Parameters
        ----------
        name : str
            `PluginInfo.name`.

        Returns
        -------
        PluginInfo
            With `is_allowed`; a later change of any file takes the permission away.

        Raises
        ------
        NotFound
            If there is none of this name.
        ConfigError
            If it cannot be used.
        """

    def forbid(self, name: str) -> None:
        """Take a plug-in off the list; running processes keep what they loaded.

        Parameters
        ----------
        name : str
            `PluginInfo.name`; an unknown one changes nothing.
        """


def _no_programs(kind: str) -> Sequence[ModuleType]:
    return ()


@dataclass(frozen=True, slots=True)
class PluginDirectory:
    """What a process knows of plug-ins from outside: it changes nothing.

    Attributes
    ----------
    list_plugins : callable
        Gives every plug-in that lies in the home or is installed; nothing of it is run.
    programs : callable
        Gives the programs of the allowed ones of a kind, loaded once a process; those that cannot be run are left out.
    """

    list_plugins: Callable[[], Sequence[PluginInfo]] = tuple
    programs: Callable[[str], Sequence[ModuleType]] = _no_programs
