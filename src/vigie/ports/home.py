"""What a home is: its folder, its settings, whether its world is simulated, how results are written there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NewType, Protocol

from vigie.ports.trials import TrialRegistry

# Below the home folder once there are users: which database holds them.
DATABASE_NOTE: Final = "database.json"
FIRST_RECORD: Final = "first_audit_record"


HomeFolder = NewType("HomeFolder", Path)
# Pages, exports and mail say so where it is true.
IsSimulated = NewType("IsSimulated", bool)


class ShownSettings(Protocol):
    """Shows the settings."""

    def __call__(self) -> list[tuple[str, str, str]]:
        """Return (key, shown value, where it came from) of every setting, secrets masked."""


class HiddenValues(Protocol):
    """Knows the secrets of the settings."""

    def __call__(self) -> Sequence[str]:
        """Return every secret, for masking; nothing else may use it."""


def database_note(first_record: str) -> bytes:
    """Return what names a database: the hash of the first record of its audit chain.

    Parameters
    ----------
    first_record : str
        SHA-256 in hexadecimal.

    Returns
    -------
    bytes
        JSON, for the file `DATABASE_NOTE` in the home folder.
    """
    return json.dumps({FIRST_RECORD: first_record}).encode()


@dataclass(frozen=True, slots=True)
class ResultsHome:
    """What runs need beside bars; `vigie.wiring` fills it.

    Attributes
    ----------
    strategies, runs : Path
        Folders of a person's own strategies and of remembered requests.
    trials : TrialRegistry
        Counts every trial.
    write : callable
        Writes a set of files into a folder, all or none.
    hold : callable
        Holds a folder as long as its context lasts; refuses where another process holds it.
    write_although_full : callable
        Does something that must be done on a full disk as well: a second time, with room that was kept aside.
    is_simulated : bool
        Whether the home's market is simulated: then every result is.
    """

    strategies: Path
    runs: Path
    trials: TrialRegistry
    write: Callable[[Path, Mapping[str, bytes]], None]
    hold: Callable[[Path], AbstractContextManager[None]]
    write_although_full: Callable[[Callable[[], None]], None]
    is_simulated: bool = False
