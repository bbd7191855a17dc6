"""What a world remembers of itself between two starts: enough to be the same world again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vigie.domain.errors import ConfigError
from vigie.domain.time import HOUR_MS
from vigie_sandbox.world.clock import MonotonicClock
from vigie_sandbox.world.mailbox import Mailbox
from vigie_sandbox.world.mapped_arrays import MappedArrays
from vigie_sandbox.world.newsroom.news_requests import NewsRequest
from vigie_sandbox.world.scenes.arc import Arc
from vigie_sandbox.world.scenes.scenarios import SCENARIOS
from vigie_sandbox.world.scenes.schedule import Scene
from vigie_sandbox.world.world import World

STATE_FILE: Final = "world.json"
# A folder of mail that was taken, a file a message.
MAIL_FOLDER: Final = "mails"
VERSION: Final = 1


def load_or_create_world(
    monotonic: MonotonicClock,
    wall_ms: int,
    *,
    seed: int,
    speed: float,
    home: Path | None,
    has_arc: bool = False,
) -> World:
    """Return the world of a folder, or a new one that opens now.

    Parameters
    ----------
    monotonic : callable
        Drives the clock.
    wall_ms : int
        A new world opens at this time, down to the hour.
    seed, speed : int, float
        Of a new world; a known one keeps its seed and goes on at this speed.
    home : Path, optional
        The folder; None remembers nothing.
    has_arc : bool
        Whether a new world has scenes that wait for somebody to look, and a wave in one coin's price; a known one has
        what it had.

    Raises
    ------
    ConfigError
        If the folder's file cannot be read.
    """
    state = None if home is None else _load_state(home / STATE_FILE)
    if home is None or state is None:
        opened_ms = wall_ms // HOUR_MS * HOUR_MS
        return World(
            monotonic,
            opened_ms,
            seed=seed,
            speed=speed,
            mailbox=None if home is None else Mailbox(home / MAIL_FOLDER),
            arc=Arc(opened_ms) if has_arc else None,
            has_wave=has_arc,
            arrays=MappedArrays(home),
        )
    requested_scenes = [
        Scene(SCENARIOS[entry["name"]], entry["start_ms"], "asked") for entry in state["asked"]
    ]
    return World(
        monotonic,
        state["opened_ms"],
        seed=state["seed"],
        market_ms=state["market_ms"],
        speed=speed,
        paused=state["paused"],
        requested_scenes=requested_scenes,
        # Homes of worlds without a newsroom have none.
        news_requests=[NewsRequest(**entry) for entry in state.get("cues", [])],
        mailbox=Mailbox(home / MAIL_FOLDER, int(state.get("mails", 0))),
        # Worlds from before there was one go on without: their past has other scenes.
        arc=_load_arc(state),
        has_wave=bool(state.get("wave", False)),
        arrays=MappedArrays(home),
    )


def save_world(world: World, home: Path) -> None:
    """Write what the world needs to go on from here."""
    home.mkdir(parents=True, exist_ok=True)
    requested_scenes = [
        {"name": item.scenario.name, "start_ms": item.start_ms} for item in world.schedule.requested
    ]
    state = {
        "version": VERSION,
        "seed": world.seed,
        "opened_ms": world.opened_ms,
        "market_ms": world.now_ms(),
        "paused": world.clock.paused,
        "asked": requested_scenes,
        "mails": world.mailbox.received_count,
        "arc": _arc_record(world.schedule.arc),
        "wave": world.has_wave,
        "cues": [{"what": item.what, "ts": item.ts, "coin": item.coin} for item in world.news_requests],
    }
    temporary = home / (STATE_FILE + ".new")
    temporary.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, home / STATE_FILE)


def _arc_record(arc: Arc | None) -> dict[str, int | None] | None:
    if arc is None:
        return None
    record: dict[str, int | None] = {"begun_ms": arc.begun_ms}
    if arc.has_parts:
        record |= {"traded_ms": arc.traded_ms}
        if arc.has_coin_crash:
            record |= {"coin_crash": True}
        if arc.has_drift:
            record |= {"drift": True}
        if arc.has_calmer_coin:
            record |= {"calmer_coin": True}
    return record


def _load_arc(state: Mapping[str, Any]) -> Arc | None:
    arc = state.get("arc")
    if not arc:
        return None
    # A state without the second part is of a world whose past has the first form of the arc.
    return Arc(
        state["opened_ms"],
        arc["begun_ms"],
        arc.get("traded_ms"),
        "traded_ms" in arc,
        "coin_crash" in arc,
        "drift" in arc,
        "calmer_coin" in arc,
    )


def _load_state(path: Path) -> Mapping[str, Any] | None:
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
