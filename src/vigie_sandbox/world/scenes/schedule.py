"""Scenes in time: those planned from the seed, those of a demonstration's arc, those that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie_sandbox.world.hashed_random import derive_key, uniform
from vigie_sandbox.world.scenes.arc import Arc
from vigie_sandbox.world.scenes.scenario import Scenario
from vigie_sandbox.world.scenes.scenarios import PLANNED, SCENARIOS

Origin = Literal["planned", "arc", "asked"]
# After the arc so much time passes until something is planned.
_AFTER_ARC_MS: Final = HOUR_MS


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene with its time: `start_ms` is a whole minute."""

    scenario: Scenario
    start_ms: int
    origin: Origin = "planned"

    @property
    def end_ms(self) -> int:
        """When its last act ends."""
        return self.start_ms + self.scenario.minutes * MINUTE_MS

    def effect_at(self, minute_ms: int) -> tuple[float, float]:
        """Return drift and factor on the volatility for the minute that opens then."""
        minute_index = (minute_ms - self.start_ms) // MINUTE_MS
        if minute_index < 0:
            return 0.0, 1.0
        for phase in self.scenario.phases:
            if minute_index < phase.minutes:
                return phase.move / phase.minutes, phase.vol
            minute_index -= phase.minutes
        return 0.0, 1.0


@dataclass(slots=True)
class ScenarioSchedule:
    """The scenes of a world in time.

    Parameters
    ----------
    seed : int
        The world's.
    start_ms : int
        When the world began; the first scene comes some hours later.
    requested : list of Scene
        What was started by hand.
    quiet : bool
        Nothing is planned.
    arc : Arc, optional
        Of a demonstration: nothing is planned before it is over.
    """

    seed: int
    start_ms: int
    requested: list[Scene] = field(default_factory=list)
    quiet: bool = False
    arc: Arc | None = None
    _planned: list[Scene] = field(default_factory=list)

    def start(self, name: str, now_ms: int) -> Scene:
        """Start a scene at the next whole minute and return it.

        Raises
        ------
        UsageError
            If no such scene is written, or it is on already.
        """
        scenario = SCENARIOS.get(name)
        if scenario is None:
            raise UsageError(f"scene must be one of {', '.join(SCENARIOS)}, was {name!r}")
        begin = (now_ms // MINUTE_MS + 1) * MINUTE_MS
        if any(
            running.scenario is scenario and running.start_ms <= begin < running.end_ms
            for running in self.until(begin)
        ):
            raise UsageError(f"scene {name} is on already")
        scene = Scene(scenario, begin, "asked")
        self.requested.append(scene)
        return scene

    def begin_arc(self, from_ms: int) -> bool:
        """Let the arc begin at a whole minute that nobody has seen yet; return whether it had not begun before."""
        if self.arc is None or self.arc.begun_ms is not None:
            return False
        self.arc.begun_ms = from_ms
        return True

    def begin_second_part(self, from_ms: int) -> bool:
        """Let the second part of the arc begin at a minute that nobody has seen yet; return whether it had not."""
        if self.arc is None or not self.arc.begin_second(from_ms):
            return False
        # All of them come after the arc, which ends earlier now.
        self._planned.clear()
        return True

    def until(self, ms: int) -> list[Scene]:
        """Return every scene that starts at or before a time."""
        while self._is_planning and (not self._planned or self._planned[-1].start_ms <= ms):
            self._plan_next()
        return [
            scene for scene in (*self._planned, *self._arc_scenes(), *self.requested) if scene.start_ms <= ms
        ]

    def during(self, start_ms: int, end_ms: int) -> list[Scene]:
        """Return the scenes that touch a span, the end not included."""
        return [scene for scene in self.until(end_ms - 1) if scene.end_ms > start_ms]

    def coming(self, now_ms: int, count: int = 4) -> list[Scene]:
        """Return what comes in time order: the rest of the arc, what was asked for, and the next planned scenes."""
        while self._is_planning and sum(scene.start_ms > now_ms for scene in self._planned) < count:
            self._plan_next()
        planned = [scene for scene in self._planned if scene.start_ms > now_ms][:count]
        others = [scene for scene in (*self._arc_scenes(), *self.requested) if scene.start_ms > now_ms]
        return sorted([*planned, *others], key=lambda scene: scene.start_ms)

    def is_venue_out(self, venue: str, now_ms: int) -> bool:
        """Whether a scene keeps a venue from answering."""
        return any(scene.scenario.venue == venue for scene in self.during(now_ms, now_ms + 1))

    @property
    def _is_planning(self) -> bool:
        return not self.quiet and (self.arc is None or self.arc.begun_ms is not None)

    def _arc_scenes(self) -> list[Scene]:
        if self.arc is None:
            return []
        calms = [Scene(calm, start_ms, "arc") for calm, start_ms in self.arc.calms()]
        scenes = [Scene(SCENARIOS[name], start_ms, "arc") for name, start_ms in self.arc.starts()]
        return [*calms, *scenes]

    def _plan_next(self) -> None:
        number = len(self._planned)
        previous_end = self._planned[-1].end_ms if self._planned else self._planning_start()
        wait = (4.0 if number else 1.5) * (1.0 + uniform(derive_key(self.seed, "scenes"), number))
        scenario = SCENARIOS[PLANNED[number % len(PLANNED)]]
        begin = previous_end + int(wait * HOUR_MS) // MINUTE_MS * MINUTE_MS
        self._planned.append(Scene(scenario, begin))

    def _planning_start(self) -> int:
        ends = [scene.end_ms for scene in self._arc_scenes()]
        return max(ends) + _AFTER_ARC_MS if ends else self.start_ms


def combine_effects(scenes: Sequence[Scene], symbol: str, beta: float, minute_ms: int) -> tuple[float, float]:
    """Return the drift and the factor on the volatility of a coin in one minute, from all scenes.

    Parameters
    ----------
    scenes : sequence of Scene
        Those that are on.
    symbol : str
        The coin's.
    beta : float
        How much of a move of the whole market it takes, 0 for a stablecoin.
    minute_ms : int
        When the minute opens.
    """
    drift, vol = 0.0, 1.0
    for scene in scenes:
        scenario = scene.scenario
        if scenario.coins and symbol not in (*scenario.coins, *scenario.against):
            continue
        move, factor = scene.effect_at(minute_ms)
        if scenario.coins:
            drift, vol = drift + (-move if symbol in scenario.against else move), vol * factor
        elif beta > 0.0:
            drift, vol = drift + beta * move, vol * factor
    return drift, vol
