"""Messages that were captured from real services, and how shapes are compared."""

from __future__ import annotations

import gzip
import json

from tests.shared import shared_dir


def messages(name):
    """Return the messages received in a capture."""
    path = shared_dir("data", "orderbook", name)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = [row["msg"] for row in rows if row["dir"] == "recv"]
    return [json.loads(one) if isinstance(one, str) and one.startswith(("{", "[")) else one for one in found]


def samples(*parts):
    """Return a file of samples by name."""
    return json.loads(shared_dir("data", *parts).read_text(encoding="utf-8"))


def shape(value):
    """Return what kind of value it is; numbers written as text are a kind of their own."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return "text"
        return "number as text"
    return "nothing"


def lacks(ours, theirs):
    """Return which keys of a captured object ours has not, or has as another kind."""
    mine = shape(ours)
    return {key: kind for key, kind in shape(theirs).items() if mine.get(key) != kind}
