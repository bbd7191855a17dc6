"""Many streams on one real server: each gets each event once and in order, over a cut too."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.e2e.houses import Site, site_of
from vigie.domain.person import OWNER

CLIENTS = 50
EVENTS = 40


async def heard(site: Site, after: int, until: int) -> list[int]:
    """Read a stream from a number on until another one; return the numbers, as they came."""
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    cookie = f"{site.cookie['name']}={site.cookie['value']}"
    lines = ("GET /stream?topics=log HTTP/1.1", f"Host: {host}:{port}", f"Cookie: {cookie}")
    writer.write("\r\n".join((*lines, f"Last-Event-ID: {after}", "", "")).encode())
    got: list[int] = []
    try:
        while not got or got[-1] < until:
            line = await reader.readline()
            assert line, "the stream ended"
            # The greeting repeats the number one came with.
            if line.startswith(b"id:") and int(line[3:]) > after:
                got.append(int(line[3:]))
    finally:
        writer.close()
    return got


async def all_of(site: Site) -> list[list[int]]:
    first = site.house.audit.newest()

    async def one(at: int) -> list[int]:
        # Every second client is cut in the middle and comes back with its last number.
        middle = first + EVENTS // 2 if at % 2 else first
        got = await heard(site, first, middle) if at % 2 else []
        return got + await heard(site, got[-1] if got else first, first + EVENTS)

    listening = [asyncio.create_task(one(at)) for at in range(CLIENTS)]
    for number in range(EVENTS):
        text = {"number": number}
        await asyncio.to_thread(
            site.house.audit.append, "job.noted", actor=OWNER.user, subject="j", text=text
        )
    return await asyncio.wait_for(asyncio.gather(*listening), 120)


def test_every_one_of_fifty_streams_gets_every_event_once_and_in_order(tmp_path: Path) -> None:
    with site_of(tmp_path / "home", with_bars=False) as site:
        first = site.house.audit.newest()
        for got in asyncio.run(all_of(site)):
            assert got == list(range(first + 1, first + EVENTS + 1))
