"""Where the world of a simulated home answers, also beside a running demonstration whose variables are not set here."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from vigie.config import is_simulated, venue_url
from vigie.domain.errors import ConfigError


def find_world(home: Path) -> str:
    """Return where the world of a simulated home answers: as a variable says, else as a demonstration has written.

    Empty where none has run.
    """
    if told := venue_url("world"):
        return told
    if not is_simulated(home):
        return ""
    name: str = import_module("vigie.services.demo_world").WORLD
    try:
        return (home / name).read_text("ascii").strip()
    except FileNotFoundError:
        return ""


def world_url(home: Path) -> str | None:
    """Return where the simulated world of a home answers; None for a home of the real market.

    Raises
    ------
    ConfigError
        If only one of the two is simulated: they never meet in one home.
    """
    world = find_world(home)
    if is_simulated(home) and not world:
        raise ConfigError(
            "contains_simulated_market",
            "{home} contains a simulated market; run `vigie demo`, or set another VIGIE_HOME",
            home=home,
        )
    if world and not is_simulated(home):
        raise ConfigError(
            "vigie_world_url_points_simulated",
            "VIGIE_WORLD_URL points to a simulated market, but {home} is not its home folder; unset it "
            "for the real market, or run `vigie demo`",
            home=home,
        )
    return world or None
