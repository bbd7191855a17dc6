"""Where things lie below the home folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Marks a home folder whose market is simulated.
SIMULATED_FILE: Final = "simulated.json"
# Where running pages say at which address they answer.
ADDRESS_FILE: Final = "address.txt"


def is_simulated(home: Path) -> bool:
    """Tell whether a home folder holds a simulated market; real data never goes there."""
    return (home / SIMULATED_FILE).exists()


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things lie below the home folder."""

    home: Path

    @property
    def bars(self) -> Path:
        """Stored bars."""
        return self.home / "bars"

    @property
    def quarantine(self) -> Path:
        """Refused rows."""
        return self.home / "quarantine"

    @property
    def receipts(self) -> Path:
        """What the last imports changed."""
        return self.home / "receipts"

    @property
    def bookmarks(self) -> Path:
        """Where venues have no bars."""
        return self.home / "bookmarks"

    @property
    def instruments(self) -> Path:
        """Versions of the venues' rules."""
        return self.home / "instruments"

    @property
    def strategies(self) -> Path:
        """The user's own strategies."""
        return self.home / "strategies"

    @property
    def sources(self) -> Path:
        """The user's own sources."""
        return self.home / "sources"

    @property
    def plugins(self) -> Path:
        """The user's plug-ins."""
        return self.home / "plugins"

    @property
    def feeds(self) -> Path:
        """The user's own sources of news."""
        return self.home / "feeds"

    @property
    def facts(self) -> Path:
        """Observed numbers."""
        return self.home / "facts"

    @property
    def database(self) -> Path:
        """The database, where none is named."""
        return self.home / "vigie.sqlite"

    @property
    def cache(self) -> Path:
        """Compiled kernels and whatever else can be made again."""
        return self.home / "cache"
