"""A scene as it is written: what it does to prices, what is published, who falls silent."""

from __future__ import annotations

from dataclasses import dataclass


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
class Publication:
    """Something that is published in a scene.

    Attributes
    ----------
    minute : int
        How long after the scene's begin.
    kind : str
        Id of its template in the newsroom's grammar.
    """

    minute: int
    kind: str


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
        Symbols it strikes, and is about where something is published; empty means every coin, by its share of the
        common factor.
    against : tuple of str
        Symbols that it strikes the other way round: they fall where the coins rise.
    venue : str
        The venue that is out, or empty.
    publications : tuple of Publication
        What the newsroom publishes, in their order. The first draws the facts, the others tell of the same ones.
    """

    name: str
    title: str
    about: str
    phases: tuple[ScenarioPhase, ...]
    coins: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    venue: str = ""
    publications: tuple[Publication, ...] = ()

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return sum(phase.minutes for phase in self.phases)
