"""What will happen in the world: scenes change drift, volatility or feeds, and tell nobody.

Whoever watches has to find out from the prices and feeds alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie_sandbox.world.hashed_random import derive_key, uniform

# Enough to hold a stablecoin down against the redemption that pulls it back.
_PEG_PRESSURE: Final = 0.03 * 0.008


@dataclass(frozen=True, slots=True)
class ScenarioPhase:
    """One part of a scene.

    Attributes
    ----------
    minutes : int
        How long it lasts.
    move : float
        Log return that is spread over it, for the leader of the market.
    vol : float
        Factor on the volatility.
    """

    minutes: int
    move: float = 0.0
    vol: float = 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scene as it is written.

    Attributes
    ----------
    name, title, about : str
        For people.
    phases : tuple of ScenarioPhase
        One after the other.
    coins : tuple of str
        Symbols it strikes; empty means every coin, by its share of the common factor.
    venue : str
        The venue that is out, or empty.
    """

    name: str
    title: str
    about: str
    phases: tuple[ScenarioPhase, ...]
    coins: tuple[str, ...] = ()
    venue: str = ""

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return sum(phase.minutes for phase in self.phases)


SCENARIOS: Final = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "squeeze",
            "Short squeeze in Solana",
            "Buyers in a hurry: a fifth more in an hour and a half, then half of it back.",
            (ScenarioPhase(20, 0.02, 1.5), ScenarioPhase(70, 0.17, 2.6), ScenarioPhase(60, -0.08, 1.8)),
            ("SOL",),
        ),
        Scenario(
            "flash-crash",
            "Flash crash of the whole market",
            "A fall of minutes in every coin, most of which comes back within the hour.",
            (ScenarioPhase(4, -0.13, 5.0), ScenarioPhase(8, 0.05, 3.5), ScenarioPhase(50, 0.05, 2.0)),
        ),
        Scenario(
            "stablecoin",
            "USD Coin at 0.97",
            "The peg slips for some hours; the rest of the market is nervous.",
            (
                ScenarioPhase(40, -0.03 - 40 * _PEG_PRESSURE, 4.0),
                ScenarioPhase(150, -150 * _PEG_PRESSURE, 4.0),
            ),
            ("USDC",),
        ),
        Scenario(
            "venue-outage",
            "Binance is out",
            "No answers and no stream for three quarters of an hour; prices elsewhere go on.",
            (ScenarioPhase(45),),
            venue="binance",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene with its time: `start_ms` is a whole minute."""

    scenario: Scenario
    start_ms: int
    is_requested: bool = False

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
    """The scenes of a world in time: those planned from the seed and those that were asked for.

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
    """

    seed: int
    start_ms: int
    requested: list[Scene] = field(default_factory=list)
    quiet: bool = False
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
        scene = Scene(scenario, begin, is_requested=True)
        self.requested.append(scene)
        return scene

    def until(self, ms: int) -> list[Scene]:
        """Return every scene that starts at or before a time."""
        while not self.quiet and (not self._planned or self._planned[-1].start_ms <= ms):
            self._plan_next()
        return [scene for scene in (*self._planned, *self.requested) if scene.start_ms <= ms]

    def during(self, start_ms: int, end_ms: int) -> list[Scene]:
        """Return the scenes that touch a span, the end not included."""
        return [scene for scene in self.until(end_ms - 1) if scene.end_ms > start_ms]

    def coming(self, now_ms: int, count: int = 4) -> list[Scene]:
        """Return the next planned scenes in time order."""
        if self.quiet:
            return []
        while sum(scene.start_ms > now_ms for scene in self._planned) < count:
            self._plan_next()
        return [scene for scene in self._planned if scene.start_ms > now_ms][:count]

    def is_venue_out(self, venue: str, now_ms: int) -> bool:
        """Whether a scene keeps a venue from answering."""
        return any(scene.scenario.venue == venue for scene in self.during(now_ms, now_ms + 1))

    def _plan_next(self) -> None:
        number = len(self._planned)
        previous_end = self._planned[-1].end_ms if self._planned else self.start_ms
        wait = (4.0 if number else 1.5) * (1.0 + uniform(derive_key(self.seed, "scenes"), number))
        scenario = list(SCENARIOS.values())[number % len(SCENARIOS)]
        begin = previous_end + int(wait * HOUR_MS) // MINUTE_MS * MINUTE_MS
        self._planned.append(Scene(scenario, begin))


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
        if scene.scenario.venue or (scene.scenario.coins and symbol not in scene.scenario.coins):
            continue
        move, factor = scene.effect_at(minute_ms)
        if scene.scenario.coins:
            drift, vol = drift + move, vol * factor
        elif beta > 0.0:
            drift, vol = drift + beta * move, vol * factor
    return drift, vol
