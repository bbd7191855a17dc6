"""Charts for the tests of drawings, and what can be read out of them."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from vigie.domain.time import HOUR_MS
from vigie.views.drawing.candles import CandleSeries
from vigie.views.drawing.frame import Frame
from vigie.views.drawing.raster import FONTS

START = 1_704_067_200_000  # 2024-01-01 UTC
STEP = re.compile(r"([mlvhz])([^mlvhzMVHZ]*)")


def page(**more):
    """Return the frame of a chart in a page."""
    return Frame("chart-1", "Bitcoin", "Price in US dollars over a week", **more)


def export(**more):
    """Return the frame of an export."""
    return Frame(
        "chart-1", "Bitcoin", "Price in US dollars over a week", standalone=True, source="Example venue",
        ts=START, **more,
    )  # fmt: skip


def candles(n, seed=1):
    """Return random hourly candles."""
    rng = np.random.default_rng(seed)
    close = 60_000 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    opened = np.concatenate([close[:1], close[:-1]])
    high = np.maximum(opened, close) * (1 + rng.uniform(0, 0.01, n))
    low = np.minimum(opened, close) * (1 - rng.uniform(0, 0.01, n))
    ts = START + HOUR_MS * np.arange(n, dtype=np.int64)
    return CandleSeries(ts, opened, high, low, close, rng.uniform(1, 9, n), HOUR_MS)


def parsed(svg):
    """Return the SVG as a tree without namespaces; it must be well formed."""
    tree = ElementTree.fromstring(svg)
    for node in tree.iter():
        node.tag = node.tag.rpartition("}")[2]
    return tree


def texts(svg):
    """Return all visible texts."""
    return [node.text for node in parsed(svg).iter("text")]


def paths(svg, kind):
    """Return the data of paths of a class."""
    found = [node.get("d") for node in parsed(svg).iter("path") if kind in node.get("class", "").split()]
    return [d for d in found if d is not None]


def points(d):
    """Return the places a path of steps passes."""
    x = y = 0.0
    found = []
    for command, numbers in STEP.findall(d):
        if command in "ml":
            dx, dy = (float(part) for part in re.findall(r"-?[\d.]+", numbers))
            x, y = x + dx, y + dy
            found.append((command, x, y))
        elif command == "v":
            y += float(numbers)
            found.append((command, x, y))
        elif command == "h":
            x += float(numbers)
            found.append((command, x, y))
        elif command == "z":
            start = next(place for place in reversed(found) if place[0] == "m")
            x, y = start[1], start[2]
    return found


def pixels(png):
    """Return the pixels of a PNG of eight bits and four channels as an array of height, width, channel."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            wide, high, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 6)
            size = (high, wide)
        elif kind == b"IDAT":
            data += body
        at += 12 + length
    return unfiltered(np.frombuffer(zlib.decompress(data), np.uint8).reshape(size[0], size[1] * 4 + 1))


def unfiltered(rows):
    """Undo the filters of a PNG's rows."""
    out = np.zeros((len(rows), rows.shape[1] - 1), np.uint8)
    above = np.zeros(rows.shape[1] - 1, np.int64)
    for at, row in enumerate(rows):
        kind, line = int(row[0]), row[1:].astype(np.int64)
        if kind == 1:
            line = np.cumsum(line.reshape(-1, 4), axis=0).reshape(-1) % 256
        elif kind == 2:
            line = (line + above) % 256
        elif kind in (3, 4):
            line = predicted(line, above, kind)
        out[at] = line
        above = line
    return out.reshape(len(rows), -1, 4)


def predicted(line, above, kind):
    """Undo the filters that look left and up at once."""
    line = line.copy()
    for k in range(len(line)):
        left = line[k - 4] if k >= 4 else 0
        if kind == 3:
            guess = (left + above[k]) // 2
        else:
            corner = above[k - 4] if k >= 4 else 0
            near = left + above[k] - corner
            guess = min((left, above[k], corner), key=lambda value: abs(near - value))
        line[k] = (line[k] + guess) % 256
    return line


def shipped_fonts():
    """Return the folder of the pages' fonts; they are built with the pages' assets."""
    return Path(FONTS)
