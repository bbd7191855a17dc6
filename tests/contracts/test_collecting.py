"""The whole collector against the simulated world: the same code, only the addresses differ."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.clocks import OPENED
from vigie.adapters.clock import SandboxClock
from vigie.data.collection.running import Collector
from vigie.domain.ids import SeriesId
from vigie.wiring.collector import open_collector
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World

pytest.importorskip("ccxt")
pytestmark = pytest.mark.slow

ONE_MINUTE = SeriesId("bitget-perp", "btc-usdt-perp", "1m")


@pytest.fixture
def days() -> int:
    """Return how long the world has been: some services are asked for a month."""
    return 40


@pytest.fixture
def world(days: int) -> World:
    return World(time.monotonic, OPENED, history_days=days, speed=240.0, flawless=True, quiet=True)


ONLY_BARS = pytest.mark.parametrize("days", [10])


@pytest.fixture
def url(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    home.mkdir(parents=True, exist_ok=True)
    (home / "simulated.json").write_text("{}", encoding="utf-8")
    with serving(world, poll_s=0.1) as address:
        monkeypatch.setenv("VIGIE_WORLD_URL", address)
        yield address


def collect(url: str, owners: set[str], until: Callable[[Collector], bool]) -> Collector:
    """Collect from some sources until something is so, then stop."""
    collector = open_collector(clock=SandboxClock(url), report=lambda words: None)
    collector.connectors = [one for one in collector.connectors if one.owner in owners]

    async def act() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(collector.run(stop))
        await eventually(lambda: until(collector))
        stop.set()
        await asyncio.wait_for(task, 60)

    asyncio.run(act())
    return collector


async def eventually(is_so: Callable[[], bool]) -> None:
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    for _ in range(1_200):
        if is_so():
            return
        await wait(0.1)
    raise AssertionError("it did not come to that in time")


def stored(collector: Collector) -> list[int]:
    frame = collector.bars._stores.bars.read(ONE_MINUTE)
    return frame["timestamp"].to_physical().to_list()


def is_whole(times: list[int]) -> bool:
    return all(after - before == 60_000 for before, after in pairwise(times))


def test_quotes_facts_tables_and_bars_arrive_from_the_world(url):
    def until(collector: Collector) -> bool:
        facts = set(collector.inbox._facts.list_series())
        return (
            {"market/global/cap_usd", "sentiment/fear_greed_index"} <= facts
            and collector.inbox._facts.document("coingecko", "markets") is not None
            and len(collector.quotes.since(0)[1]) >= 30
            and len(stored(collector)) > 1_400
        )

    collector = collect(url, {"bitget", "coingecko", "feargreed"}, until)
    assert is_whole(stored(collector))
    states = {one.source: one.state for one in collector.quotes.health()}
    assert states["bitget/quotes"] == states["bitget/bars"] == states["coingecko/markets"] == "live"


@ONLY_BARS
def test_bars_missed_between_two_runs_are_fetched_by_the_second(url, world):
    first = stored(collect(url, {"bitget"}, lambda c: len(stored(c)) > 1_400))
    world.clock.change(jump_to=first[-1] + 500 * 60_000)
    second = stored(collect(url, {"bitget"}, lambda c: stored(c)[-1] > first[-1] + 400 * 60_000))
    assert second[0] == first[0]
    assert is_whole(second)


@ONLY_BARS
def test_stream_that_falls_silent_is_polled_and_its_bars_have_no_hole(url, world):
    silent: list[int] = []

    def until(collector: Collector) -> bool:
        if len(stored(collector)) < 1_400:
            return False
        if not silent:
            world.faults.add({"service": "bitget", "kind": "silent-stream", "times": None})
            silent.append(stored(collector)[-1])
        health = {one.source: one for one in collector.quotes.health()}
        polled = health["bitget/quotes"].mode == "poll" and health["bitget/quotes"].state == "live"
        return polled and stored(collector)[-1] > silent[0] + 10 * 60_000

    assert is_whole(stored(collect(url, {"bitget"}, until)))


def test_service_that_fails_leaves_the_others_alone(url, world):
    world.faults.add({"service": "coingecko", "kind": "5xx", "times": None})

    def until(collector: Collector) -> bool:
        health = {one.source: one.state for one in collector.quotes.health()}
        return health.get("coingecko/markets") == "failing" and health.get("feargreed/index") == "live"

    collect(url, {"coingecko", "feargreed"}, until)


@pytest.mark.skipif(os.name != "posix", reason="signals: only on POSIX")
def test_command_collects_until_it_is_told_to_stop(url, home):
    process = subprocess.Popen(
        [sys.executable, "-m", "vigie", "collect", "--only", "feargreed", "--only", "bitget"],
        env={**os.environ, "VIGIE_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("ready: 5 connectors")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stdout.read().endswith("stopped\n")
    finally:
        process.kill()
        process.stdout.close()
