"""What will happen in the world: scenes change drift, volatility or feeds, and tell nobody.

Whoever watches has to find out from the prices and feeds alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.sandbox.world.grains import key_of, uniform

# Enough to hold a stablecoin down against the redemption that pulls it back.
_HOLD: Final = 0.03 * 0.008


@dataclass(frozen=True, slots=True)
class Act:
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
class Script:
    """A scene as it is written.

    Attributes
    ----------
    name, title, about : str
        For people.
    acts : tuple of Act
        One after the other.
    coins : tuple of str
        Symbols it strikes; empty means every coin, by its share of the common factor.
    venue : str
        The venue that is out, or empty.
    """

    name: str
    title: str
    about: str
    acts: tuple[Act, ...]
    coins: tuple[str, ...] = ()
    venue: str = ""

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return sum(act.minutes for act in self.acts)


SCRIPTS: Final = {
    script.name: script
    for script in (
        Script(
            "squeeze",
            "Short squeeze in Solana",
            "Buyers in a hurry: a fifth more in an hour and a half, then half of it back.",
            (Act(20, 0.02, 1.5), Act(70, 0.17, 2.6), Act(60, -0.08, 1.8)),
            ("SOL",),
        ),
        Script(
            "flash-crash",
            "Flash crash of the whole market",
            "A fall of minutes in every coin, most of which comes back within the hour.",
            (Act(4, -0.13, 5.0), Act(8, 0.05, 3.5), Act(50, 0.05, 2.0)),
        ),
        Script(
            "stablecoin",
            "USD Coin at 0.97",
            "The peg slips for some hours; the rest of the market is nervous.",
            (Act(40, -0.03 - 40 * _HOLD, 4.0), Act(150, -150 * _HOLD, 4.0)),
            ("USDC",),
        ),
        Script(
            "venue-outage",
            "Binance is out",
            "No answers and no stream for three quarters of an hour; prices elsewhere go on.",
            (Act(45),),
            venue="binance",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene with its time: `start_ms` is a whole minute."""

    script: Script
    start_ms: int
    asked: bool = False

    @property
    def end_ms(self) -> int:
        """When its last act ends."""
        return self.start_ms + self.script.minutes * MINUTE_MS

    def push(self, minute_ms: int) -> tuple[float, float]:
        """Return drift and factor on the volatility for the minute that opens then."""
        at = (minute_ms - self.start_ms) // MINUTE_MS
        if at < 0:
            return 0.0, 1.0
        for act in self.script.acts:
            if at < act.minutes:
                return act.move / act.minutes, act.vol
            at -= act.minutes
        return 0.0, 1.0


@dataclass(slots=True)
class Playbill:
    """The scenes of a world in time: those planned from the seed and those that were asked for.

    Parameters
    ----------
    seed : int
        The world's.
    start_ms : int
        When the world began; the first scene comes some hours later.
    asked : list of Scene
        What was started by hand.
    quiet : bool
        Nothing is planned.
    """

    seed: int
    start_ms: int
    asked: list[Scene] = field(default_factory=list)
    quiet: bool = False
    _planned: list[Scene] = field(default_factory=list)

    def start(self, name: str, now_ms: int) -> Scene:
        """Start a scene at the next whole minute and return it.

        Raises
        ------
        UsageError
            If no such scene is written, or it is on already.
        """
        script = SCRIPTS.get(name)
        if script is None:
            raise UsageError(f"scene must be one of {', '.join(SCRIPTS)}, was {name!r}")
        begin = (now_ms // MINUTE_MS + 1) * MINUTE_MS
        if any(one.script is script and one.start_ms <= begin < one.end_ms for one in self.until(begin)):
            raise UsageError(f"scene {name} is on already")
        scene = Scene(script, begin, asked=True)
        self.asked.append(scene)
        return scene

    def until(self, ms: int) -> list[Scene]:
        """Return every scene that starts at or before a time."""
        while not self.quiet and (not self._planned or self._planned[-1].start_ms <= ms):
            self._plan_next()
        return [one for one in (*self._planned, *self.asked) if one.start_ms <= ms]

    def during(self, start_ms: int, end_ms: int) -> list[Scene]:
        """Return the scenes that touch a span, the end not included."""
        return [one for one in self.until(end_ms - 1) if one.end_ms > start_ms]

    def coming(self, now_ms: int, count: int = 4) -> list[Scene]:
        """Return the next planned scenes in time order."""
        if self.quiet:
            return []
        while sum(one.start_ms > now_ms for one in self._planned) < count:
            self._plan_next()
        return [one for one in self._planned if one.start_ms > now_ms][:count]

    def venue_out(self, venue: str, now_ms: int) -> bool:
        """Whether a scene keeps a venue from answering."""
        return any(one.script.venue == venue for one in self.during(now_ms, now_ms + 1))

    def _plan_next(self) -> None:
        number = len(self._planned)
        before = self._planned[-1].end_ms if self._planned else self.start_ms
        wait = (4.0 if number else 1.5) * (1.0 + uniform(key_of(self.seed, "scenes"), number))
        script = list(SCRIPTS.values())[number % len(SCRIPTS)]
        begin = before + int(wait * HOUR_MS) // MINUTE_MS * MINUTE_MS
        self._planned.append(Scene(script, begin))


def pushes(scenes: Sequence[Scene], symbol: str, beta: float, minute_ms: int) -> tuple[float, float]:
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
        if scene.script.venue or (scene.script.coins and symbol not in scene.script.coins):
            continue
        move, factor = scene.push(minute_ms)
        if scene.script.coins:
            drift, vol = drift + move, vol * factor
        elif beta > 0.0:
            drift, vol = drift + beta * move, vol * factor
    return drift, vol
