"""Charts for the tests of drawings, and what can be read out of them."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from vigie.domain.time import HOUR_MS
from vigie.drawing.candles import CandleSeries
from vigie.drawing.frame import Frame
from vigie.drawing.raster import FONTS

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
    # The header stands first: width, height, then depth and kind of colour. Pillow calls deeper ones RGBA as well.
    assert tuple(png[24:26]) == (8, 6)
    with Image.open(BytesIO(png)) as image:
        assert (image.format, image.mode) == ("PNG", "RGBA")
        return np.asarray(image)


def shipped_fonts():
    """Return the folder of the pages' fonts; they are built with the pages' assets."""
    return Path(FONTS)
