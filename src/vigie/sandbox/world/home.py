"""What a world remembers of itself between two starts: enough to be the same world again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vigie.domain.errors import ConfigError
from vigie.sandbox.world.clock import Hand
from vigie.sandbox.world.mailbox import Mailbox
from vigie.sandbox.world.newsroom.cues import Cue
from vigie.sandbox.world.scenes import SCRIPTS, Scene
from vigie.sandbox.world.world import World

FILE: Final = "world.json"
# A folder of mail that was taken, a file a message.
MAILS: Final = "mails"
VERSION: Final = 1


def opened_world(hand: Hand, wall_ms: int, *, seed: int, speed: float, home: Path | None) -> World:
    """Return the world of a folder, or a new one that opens now.

    Parameters
    ----------
    hand : callable
        Drives the clock.
    wall_ms : int
        A new world opens at this time, down to the hour.
    seed, speed : int, float
        Of a new world; a known one keeps its seed and goes on at this speed.
    home : Path, optional
        The folder; None remembers nothing.

    Raises
    ------
    ConfigError
        If the folder's file cannot be read.
    """
    if home is None:
        return World(hand, wall_ms // 3_600_000 * 3_600_000, seed=seed, speed=speed)
    known = _read(home / FILE)
    if known is None:
        mailbox = Mailbox(home / MAILS)
        return World(hand, wall_ms // 3_600_000 * 3_600_000, seed=seed, speed=speed, mailbox=mailbox)
    asked = [Scene(SCRIPTS[one["name"]], one["start_ms"], asked=True) for one in known["asked"]]
    return World(
        hand,
        known["opened_ms"],
        seed=known["seed"],
        market_ms=known["market_ms"],
        speed=speed,
        paused=known["paused"],
        asked=asked,
        # Homes of worlds without a newsroom have none.
        cues=[Cue(**one) for one in known.get("cues", [])],
        mailbox=Mailbox(home / MAILS, int(known.get("mails", 0))),
    )


def remember(world: World, home: Path) -> None:
    """Write what the world needs to go on from here."""
    home.mkdir(parents=True, exist_ok=True)
    asked = [{"name": one.script.name, "start_ms": one.start_ms} for one in world.playbill.asked]
    state = {
        "version": VERSION,
        "seed": world.seed,
        "opened_ms": world.opened_ms,
        "market_ms": world.now_ms(),
        "paused": world.clock.paused,
        "asked": asked,
        "mails": world.mailbox.taken,
        "cues": [{"what": one.what, "ts": one.ts, "coin": one.coin} for one in world.cues],
    }
    beside = home / (FILE + ".new")
    beside.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    os.replace(beside, home / FILE)


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        state: dict[str, Any] = json.loads(text)
        if state["version"] != VERSION:
            raise ConfigError(f"{path}: version must be {VERSION}, was {state['version']}")
        for name in ("seed", "opened_ms", "market_ms", "paused", "asked"):
            state[name]
    except (ValueError, KeyError, TypeError) as fault:
        raise ConfigError(f"{path}: not the state of a world ({fault})") from None
    return state
