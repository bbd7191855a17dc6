"""Streams: a snapshot first, then what changed; log events once each, in order, whatever is cut in between."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import aclosing
from dataclasses import replace

import pytest

from tests.houses import house
from vigie.domain.item import Sighting
from vigie.domain.quote import Quote
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.views.web import stream
from vigie.views.web.stream import StreamHub


@pytest.fixture
def built(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "EVERY_S", 0.01)
    return house(tmp_path / "home", with_bars=False)


def quote(last, instrument="btc-usdt-perp", ts=1_000):
    return Quote("bitget-perp", instrument, ts, ts, last)


def parse(chunk):
    lines = dict(
        line.split(": ", 1) for line in chunk.decode().strip().splitlines() if not line.startswith(":")
    )
    return lines.get("event", ""), json.loads(lines["data"]) if "data" in lines else None, lines.get("id")


async def until_found(chunks, wanted, seconds=20.0):
    """Read until `wanted` says it has seen enough; return all that was read."""
    found = []

    async def read():
        async for chunk in chunks:
            found.append(parse(chunk))
            if wanted(found):
                return

    await asyncio.wait_for(read(), seconds)
    return found


def log_numbers(found):
    return [data["seq"] for event, data, _ in found if event == "log"]


def test_snapshot_comes_first_and_then_only_what_changed(built):
    built.quotes.put([quote(1.0), quote(2.0, "eth-usdt-perp")])

    async def run():
        hub = StreamHub(built)
        async with aclosing(hub.listen(frozenset({"quotes"}), "owner", None)) as chunks:
            first = await until_found(chunks, lambda found: found[-1][0] == "quote")
            assert sorted(one["last"] for one in first[-1][1]) == [1.0, 2.0]
            built.quotes.put([quote(3.0, ts=2_000)])
            after = await until_found(chunks, lambda found: found[-1][0] == "quote")
            assert [(one["id"], one["last"]) for one in after[-1][1]] == [("bitget-perp:btc-usdt-perp", 3.0)]
            assert after[-1][2] is None

    asyncio.run(run())


def test_who_looks_at_marks_of_news_is_told_of_which_assets_there_are_new_ones(built):
    def publish(key: str) -> None:
        said = Sighting("sec_press", key, f"https://www.sec.gov/{key}", f"SEC on Bitcoin custody, part {key}")
        built.items.take(SourceFetch("sec_press", 1_000, (said,)))
        reader = ItemReader(built, tell=dispatch_read_items)
        while reader.read_some():
            pass

    publish("1")

    async def run():
        hub = StreamHub(built)
        async with aclosing(hub.listen(frozenset({"news"}), "owner", None)) as chunks:
            first = await until_found(chunks, lambda found: found[-1][0] == "news")
            # Who comes, or comes back, reads all marks once more.
            assert [one["id"] for one in first[-1][1]] == ["all"]
            await asyncio.to_thread(publish, "2")
            after = await until_found(chunks, lambda found: found[-1][0] == "news")
            assert [one["id"] for one in after[-1][1]] == ["bitcoin"]
            assert after[-1][1][0]["number"] > first[-1][1][0]["number"]

    asyncio.run(run())


def test_log_events_after_a_cut_are_neither_missed_nor_doubled(built):
    for number in range(5):
        built.audit.append("job.done", actor="owner", subject=f"job-{number}", text={"n": number})

    async def run():
        hub = StreamHub(built)
        async with aclosing(hub.listen(frozenset({"log"}), "owner", 0)) as chunks:
            seen = await until_found(chunks, lambda found: len(log_numbers(found)) == 3)
        last = max(int(number) for _, _, number in seen if number)
        for number in range(5, 8):
            built.audit.append("job.done", actor="owner", subject=f"job-{number}", text={"n": number})
        async with aclosing(hub.listen(frozenset({"log"}), "owner", last)) as chunks:
            rest = await until_found(chunks, lambda found: len(log_numbers(found)) == 8 - last)
        return log_numbers(seen) + log_numbers(rest)

    assert asyncio.run(run()) == list(range(1, 9))


class HeldLog:
    """The log of a house; readings after a number wait for its gate, once it is shut."""

    def __init__(self, log):
        self._log = log
        self.gates = {}
        self.held = {}

    def shut(self, number):
        self.held[number] = threading.Event()
        self.gates[number] = threading.Event()

    def __getattr__(self, name):
        return getattr(self._log, name)

    def after(self, seq):
        if seq in self.gates:
            self.held[seq].set()
            assert self.gates[seq].wait(120)
        return self._log.after(seq)


def test_who_comes_while_the_log_is_read_for_others_misses_nothing(built):
    for number in range(5):
        built.audit.append("job.done", actor="owner", subject=f"job-{number}", text={"n": number})
    log = HeldLog(built.audit)

    async def run():
        hub = StreamHub(replace(built, audit=log))
        async with (
            aclosing(hub.listen(frozenset({"log"}), "owner", 0)) as before,
            aclosing(hub.listen(frozenset({"log"}), "owner", 3)) as chunks,
        ):
            # The first one is greeted: from now on who asks after 5 looks for what is new.
            await until_found(before, lambda found: len(log_numbers(found)) == 5)
            log.shut(5)
            assert await asyncio.to_thread(log.held[5].wait, 30)
            log.shut(3)
            coming = asyncio.ensure_future(until_found(chunks, lambda found: log_numbers(found)[-1:] == [6]))
            assert await asyncio.to_thread(log.held[3].wait, 30)
            built.audit.append("job.done", actor="owner", subject="job-5", text={"n": 5})
            log.gates[5].set()
            await until_found(before, lambda found: log_numbers(found) == [6])
            log.gates[3].set()
            return log_numbers(await coming)

    assert asyncio.run(run()) == [4, 5, 6]


def test_what_concerns_sign_ins_is_not_told(built):
    built.audit.append("user.signed_in", actor="somebody", subject="x", text={})
    built.audit.append("job.done", actor="owner", subject="y", text={})

    async def run():
        async with aclosing(StreamHub(built).listen(frozenset({"log"}), "owner", 0)) as chunks:
            return await until_found(chunks, lambda found: bool(log_numbers(found)))

    assert log_numbers(asyncio.run(run())) == [2]


def test_jobs_of_others_are_not_told(built):
    built.jobs.put("backtest", {}, owner="somebody")
    mine = built.jobs.put("backtest", {}, owner="owner")

    async def run():
        async with aclosing(StreamHub(built).listen(frozenset({"jobs"}), "owner", None)) as chunks:
            return await until_found(chunks, lambda found: found[-1][0] == "job")

    assert [one["id"] for one in asyncio.run(run())[-1][1]] == [mine.id]


def test_reader_that_is_too_slow_is_let_go_and_misses_nothing(built, monkeypatch):
    monkeypatch.setattr(stream, "BACKLOG", 3)
    for number in range(10):
        built.audit.append("job.done", actor="owner", subject=str(number), text={})

    async def run():
        hub, seen, last = StreamHub(built), [], 0
        while len(seen) < 10:
            async with aclosing(hub.listen(frozenset({"log"}), "owner", last)) as chunks:
                left = 10 - len(seen)
                found = await until_found(
                    chunks, lambda found, left=left: found[-1][0] == "bye" or len(log_numbers(found)) == left
                )
            seen += log_numbers(found)
            last = max([last, *seen])
        return seen

    assert asyncio.run(run()) == list(range(1, 11))


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["in its loop", "from another thread"])
def test_end_of_the_server_ends_every_stream(built, is_elsewhere):
    async def run():
        hub = StreamHub(built)
        listening = hub.listen(frozenset({"quotes", "log"}), "owner", None)
        async with aclosing(listening) as chunks:
            await until_found(chunks, lambda found: True)
            if is_elsewhere:
                await asyncio.to_thread(hub.end)
            else:
                hub.end()
            found = await until_found(chunks, lambda found: found[-1][0] == "bye")
        assert found[-1][0] == "bye"
        assert hub.count == 0

    asyncio.run(run())
