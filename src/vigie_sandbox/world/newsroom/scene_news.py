"""What is published about scenes: something else around planned ones, outages, and what is part of a scene."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vigie.domain.time import MINUTE_MS
from vigie_sandbox.world.hashed_random import derive_key, uniforms
from vigie_sandbox.world.newsroom.facts import NewsEvent, draw_facts, floor_second, pick
from vigie_sandbox.world.newsroom.grammar import is_about_coins, templates_by_origin
from vigie_sandbox.world.scenes.schedule import Scene
from vigie_sandbox.world.world import World

_AROUND_MS: Final = 90 * MINUTE_MS
# What the reports of one scene have in common.
_SHARED_FACTS: Final = ("coin", "firm", "exchange", "amount", "person", "days", "few", "law")


class SceneNews:
    """Hands out every event that scenes bring about once.

    Parameters
    ----------
    world : World
        Whose scenes.
    first_ms : int
        Nothing earlier is published.
    """

    def __init__(self, world: World, first_ms: int) -> None:
        self._world = world
        self._first_ms = first_ms
        self._around: set[int] = set()
        self._outages: set[int] = set()
        self._published: set[tuple[str, int, int]] = set()

    def until(self, now_ms: int) -> Iterator[NewsEvent]:
        """Yield what has not been handed out and may matter until now; some of it may lie ahead."""
        for scene in self._world.schedule.until(now_ms + _AROUND_MS):
            yield from self._around_scene(scene)
        for scene in self._world.schedule.until(now_ms):
            yield from self._outage(scene)
            yield from self._publications(scene)

    def _around_scene(self, scene: Scene) -> Iterator[NewsEvent]:
        if scene.origin != "planned" or scene.start_ms in self._around:
            return
        self._around.add(scene.start_ms)
        u = uniforms(
            derive_key(self._world.seed, "news", "around"),
            range(scene.start_ms // 1_000, scene.start_ms // 1_000 + 3)
        )  # fmt: skip
        ts = floor_second(scene.start_ms + (2.0 * u[0] - 1.0) * _AROUND_MS)
        kinds = [template for template in templates_by_origin("media") if is_about_coins(template)]
        yield NewsEvent(f"around/{scene.start_ms}", pick(u[1], kinds).id, ts, self._coin(scene))

    def _outage(self, scene: Scene) -> Iterator[NewsEvent]:
        """Report a venue that does not answer: some minutes after it began, planned or asked for."""
        if not scene.scenario.venue or scene.start_ms in self._outages:
            return
        self._outages.add(scene.start_ms)
        if scene.start_ms < self._first_ms:
            return
        delay = uniforms(derive_key(self._world.seed, "news", "outage"), [scene.start_ms // 1_000])[0]
        ts = floor_second(scene.start_ms + (2.0 + 8.0 * delay) * MINUTE_MS)
        yield NewsEvent(
            f"outage/{scene.start_ms}",
            "market.venue_out",
            ts,
            {"exchange": scene.scenario.venue.capitalize()},
        )

    def _publications(self, scene: Scene) -> Iterator[NewsEvent]:
        """Publish what is part of a scene, the later ones about what the first told."""
        fixed_facts: dict[str, object] = self._coin(scene)
        for number, publication in enumerate(scene.scenario.publications):
            id_ = f"scene/{scene.scenario.name}/{scene.start_ms}/{number}"
            event = NewsEvent(
                id_, publication.kind, scene.start_ms + publication.minute * MINUTE_MS, fixed_facts
            )
            if number == 0:
                facts = draw_facts(self._world.seed, event, self._world.coins)
                fixed_facts = {name: facts[name] for name in _SHARED_FACTS}
            key = (scene.scenario.name, scene.start_ms, number)
            if key not in self._published and event.ts >= self._first_ms:
                self._published.add(key)
                yield event

    def _coin(self, scene: Scene) -> dict[str, object]:
        symbol = scene.scenario.coins[0] if scene.scenario.coins else "BTC"
        coin = self._world.coin_by_symbol[symbol]
        return {"coin": (coin.name, coin.symbol)}
