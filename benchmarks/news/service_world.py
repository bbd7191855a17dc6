"""The other side of the service level: regulators' feeds that change, and a mail server, in a process of their own."""

from __future__ import annotations

import asyncio
import random
import re
import time
from dataclasses import dataclass
from email.utils import formatdate
from multiprocessing.connection import Connection
from typing import Any

from aiosmtpd.smtp import SMTP

ITEM = re.compile(r"releases/(\d+)-(\d+)")
LOOK_S = 0.2


@dataclass
class Feed:
    """One regulator's feed and when its one release came, was first handed out, and arrived as mail; wall ms."""

    source: int
    changes: int
    served: int = 0
    accepted: int = 0

    def body(self, now: int) -> tuple[str, bytes]:
        """Return its tag and its answer at a moment."""
        number = 1 if now >= self.changes else 0
        entries = "".join(_entry(self.source, one, self.changes) for one in range(number, -1, -1))
        text = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Office {self.source}
</title><link>https://office{self.source}.example/</link><description>d</description>{entries}</channel></rss>"""
        return f'"{number}"', text.encode()


def _entry(source: int, number: int, changes: int) -> str:
    dice = random.Random(source)
    # Words of nobody, so that no two of them are one story: each must be mailed.
    words = ["".join(dice.choices("abcdefghijklmnoprstuvw", k=dice.randint(4, 9))) for _ in range(14)]
    title = f"Bitcoin {' '.join(words[:6])}" if number else f"Office {source} moves house"
    codes = " ".join(words[6:])
    when = formatdate((changes if number else changes - 86_400_000) / 1_000, usegmt=True)
    link = f"https://office{source}.example/releases/{source}-{number}"
    return (
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{when}</pubDate>"
        f"<description>{codes}</description></item>"
    )


@dataclass
class World:
    """Hands feeds out, takes mail, and notes when."""

    feeds: list[Feed]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests of one connection."""
        try:
            while line := await reader.readline():
                source, tag = int(line.split()[1].strip(b"/")), b""
                while (head := await reader.readline()).strip():
                    if head.lower().startswith(b"if-none-match:"):
                        tag = head.partition(b":")[2].strip()
                writer.write(self._said(self.feeds[source], tag.decode()))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def _said(self, feed: Feed, tag: str) -> bytes:
        now = time.time_ns() // 1_000_000
        etag, body = feed.body(now)
        if etag == '"1"' and not feed.served:
            feed.served = now
        if tag == etag:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        head = f"HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}"
        return f"{head}\r\n\r\n".encode() + body

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail."""
        for source, number in ITEM.findall(envelope.content.decode("utf-8", "replace")):
            if number == "1" and not self.feeds[int(source)].accepted:
                self.feeds[int(source)].accepted = time.time_ns() // 1_000_000
        return "250 kept"


def serve(pipe: Connection, changes: list[int]) -> None:
    """Serve until the other side says that it is over, then send what was noted."""
    asyncio.run(_serve(pipe, changes))


async def _serve(pipe: Connection, changes: list[int]) -> None:
    world = World([Feed(number, at) for number, at in enumerate(changes)])
    web = await asyncio.start_server(world.answer, "127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(lambda: SMTP(world, hostname="mail.example"), "127.0.0.1", 0)
    async with web, mail:
        pipe.send(tuple(one.sockets[0].getsockname()[1] for one in (web, mail)))
        while True:
            while not pipe.poll():
                await asyncio.sleep(LOOK_S)
            if pipe.recv() == "end":
                break
            pipe.send(sum(bool(one.accepted) for one in world.feeds))
        pipe.send([(one.changes, one.served, one.accepted) for one in world.feeds])
