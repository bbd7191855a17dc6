"""Settings: the only reader of files and environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


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
    def cache(self) -> Path:
        """Compiled kernels and whatever else can be made again."""
        return self.home / "cache"


def resolve_paths(home: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Paths:
    """Find the home folder: the argument, else ``VIGIE_HOME``, else the platform's user data folder.

    Parameters
    ----------
    home : str or Path, optional
        Wins over the environment.
    environ : mapping, optional
        The environment; the process's own by default.

    Returns
    -------
    Paths
        Nothing is created.
    """
    chosen = home or (os.environ if environ is None else environ).get("VIGIE_HOME")
    if chosen:
        return Paths(Path(chosen).expanduser().resolve())
    from platformdirs import user_data_path

    return Paths(user_data_path("vigie", appauthor=False))


def venue_url(exchange: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the base address to use for an exchange in place of its own, from ``VIGIE_<EXCHANGE>_URL``."""
    return (os.environ if environ is None else environ).get(f"VIGIE_{exchange.upper()}_URL") or None
